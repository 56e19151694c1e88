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
	SELECT @read@ AS session_get;
END//
