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
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_data @json@ DEFAULT (SELECT data FROM sessions WHERE id = v_handle AND @live@);

	IF v_data IS NOT NULL THEN
		RETURN IF(@counted@ 'gets hits'), v_data, NULL);
	END IF;
	@count@ IF(v_handle IS NOT NULL,
		IF((SELECT is_active FROM sessions WHERE id = v_handle AND NOT (@alive@)), 'gets misses expired_reads', 'gets misses'),
		IF(p_id IS NOT NULL, 'invalid_ids', '')));
	RETURN NULL;
END//

@create@ PROCEDURE session_get(p_id LONGBLOB)
READS SQL DATA SQL SECURITY DEFINER
BEGIN
	SELECT session_get(p_id) AS session_get;
END//
