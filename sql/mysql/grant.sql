/*
 * session_grant, session_revoke_grant: what an application or an operator may
 * call, and nothing else.  They run with the rights of who calls them, who must
 * be allowed to grant.
 */
@create@ PROCEDURE session_grant(p_account @text@, p_is_operator BOOLEAN)
SQL SECURITY INVOKER
COMMENT 'Gives USER@HOST or a role what an application needs, or an operator.'
BEGIN
	CALL session_grant_each('GRANT EXECUTE ON', 'TO', p_account, p_is_operator);
END//

@create@ PROCEDURE session_revoke_grant(p_account @text@, p_is_operator BOOLEAN)
SQL SECURITY INVOKER
COMMENT 'Takes back what session_grant has given.'
BEGIN
	CALL session_grant_each('REVOKE EXECUTE ON', 'FROM', p_account, p_is_operator);
END//

@create@ PROCEDURE session_grant_each(p_what @text@, p_whom @text@, p_account @text@, p_is_operator BOOLEAN)
SQL SECURITY INVOKER
BEGIN
	/* A user's name may have the sign too. */
	DECLARE v_host @text@ DEFAULT SUBSTRING_INDEX(p_account, '@', -1);
	DECLARE v_account @text@ DEFAULT IF(p_account LIKE '%@%',
		CONCAT(QUOTE(LEFT(p_account, CHAR_LENGTH(p_account) - CHAR_LENGTH(v_host) - 1)), '@', QUOTE(v_host)),
		QUOTE(p_account));
	DECLARE v_kind, v_name @owner@;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE routines CURSOR FOR
		SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES
		WHERE ROUTINE_SCHEMA = DATABASE() AND (
			ROUTINE_NAME IN ('session_create', 'session_set', 'session_get', 'session_touch',
				'session_info', 'session_verify', 'session_update', 'session_patch', 'session_rotate',
				'session_expire', 'session_delete', 'session_revoke', 'session_revoke_handle',
				'session_revoke_user', 'session_list', 'session_digest', 'session_setting',
				'session_version')
			OR p_is_operator AND ROUTINE_NAME IN ('session_import', 'session_cleanup',
				'session_configure', 'session_stats', 'session_stats_reset', 'session_health'))
		LIMIT 1000;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;
	/* What is to be taken back was not given. */
	DECLARE CONTINUE HANDLER FOR 1147, 1403 BEGIN END;

	IF p_account IS NULL THEN @fail:ROLE_NULL@; END IF;
	OPEN routines;
	FETCH routines INTO v_kind, v_name;
	WHILE NOT v_is_done DO
		SET @covet_statement = CONCAT_WS(' ', p_what, v_kind, v_name, p_whom, v_account);
		PREPARE statement FROM @covet_statement;
		EXECUTE statement;
		DEALLOCATE PREPARE statement;
		FETCH routines INTO v_kind, v_name;
	END WHILE;
	CLOSE routines;
	IF p_is_operator THEN
		SET @covet_statement = CONCAT(REPLACE(p_what, 'EXECUTE', 'SELECT'), ' session_events ', p_whom, ' ', v_account);
		PREPARE statement FROM @covet_statement;
		EXECUTE statement;
		DEALLOCATE PREPARE statement;
	END IF;
	SET @covet_statement = NULL;
END//
