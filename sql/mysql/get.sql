/*
 * session_get: the data of a live session.  It writes nothing, or a server that
 * is read-only would refuse it.
 */
@create@ FUNCTION session_get(p_id LONGBLOB)
RETURNS @json@
@reads@
COMMENT 'The data of a live session, otherwise NULL.'
BEGIN
	@read_first@
	RETURN @read@;
END//

/* Not by the function, which costs more. */
@create@ PROCEDURE session_get(p_id LONGBLOB)
READS SQL DATA SQL SECURITY DEFINER
BEGIN
	@read_first@
	BEGIN
		/* Not in the SELECT, whose text SHOW PROFILES shows. */
		DECLARE v_answer @json@ DEFAULT @read@;
		SELECT v_answer AS session_get;
	END;
END//
