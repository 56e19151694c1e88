/*
 * session_get: the data of a live session.  It writes nothing, or a server that
 * is read-only would refuse it.
 */
@create@ FUNCTION session_get(p_id LONGBLOB)
RETURNS @json@
@reads@
COMMENT 'The data of a live session, otherwise NULL.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	SELECT data, is_active, @alive@ INTO v_data, v_is_active, v_is_alive
	FROM sessions WHERE id = v_handle;
	IF v_is_active AND v_is_alive THEN
		@count@ 'gets hits');
		RETURN v_data;
	END IF;
	@count@ @missed@);
	RETURN NULL;
END//

@create@ PROCEDURE session_get(p_id LONGBLOB)
READS SQL DATA SQL SECURITY DEFINER
BEGIN
	SELECT session_get(p_id) AS session_get;
END//
