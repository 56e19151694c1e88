/* The grants that the routines had before. */
DROP PROCEDURE IF EXISTS session_grant_again//
CREATE PROCEDURE session_grant_again()
BEGIN
	DECLARE v_grant TEXT CHARACTER SET utf8mb4;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE grants CURSOR FOR
		SELECT CONCAT('GRANT EXECUTE ON ', g.routine_type, ' `', REPLACE(DATABASE(), '`', '``'), '`.`',
			r.ROUTINE_NAME, '` TO ', QUOTE(g.user_name), IF(g.host_name = '', '', CONCAT('@', QUOTE(g.host_name))))
		FROM session_grantees g
		JOIN information_schema.ROUTINES r ON r.ROUTINE_SCHEMA = DATABASE()
			AND CONVERT(r.ROUTINE_NAME USING utf8mb4) COLLATE @exact@ = g.routine_name
			AND CONVERT(r.ROUTINE_TYPE USING utf8mb4) COLLATE @exact@ = g.routine_type
		LIMIT 18446744073709551615;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;
	/* Who is no account any more. */
	DECLARE CONTINUE HANDLER FOR 1133, 1410 BEGIN END;

	OPEN grants;
	FETCH grants INTO v_grant;
	WHILE NOT v_is_done DO
		SET @covet_grant = v_grant;
		PREPARE statement FROM @covet_grant;
		EXECUTE statement;
		DEALLOCATE PREPARE statement;
		FETCH grants INTO v_grant;
	END WHILE;
	CLOSE grants;
END//
CALL session_grant_again()//
DROP PROCEDURE session_grant_again//
DROP TABLE session_grantees//

DELIMITER ;
SET SESSION sql_mode = @covet_sql_mode;
