/*
 * session_touch: the data of a live session, for every request.
 *
 * It waits for nobody: a use that cannot be recorded at once is recorded next
 * time.
 */
@create@ FUNCTION session_touch(p_id LONGBLOB)
RETURNS @json@
@writes@
COMMENT 'The data of a live session, otherwise NULL; the use is recorded.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive, v_is_due, v_is_held BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	@guard@;
	SELECT data, is_active, @alive@, @touch_due@ INTO v_data, v_is_active, v_is_alive, v_is_due
	FROM sessions WHERE id = v_handle;
	IF v_is_active AND v_is_alive THEN
		IF v_is_due THEN
			CALL session_record_use(v_handle, v_now, v_is_held);
		END IF;
		@count@ IF(v_is_held, 'gets hits touches', 'gets hits touches_skipped'));
		RETURN v_data;
	END IF;
	@count@ @missed@);
	RETURN NULL;
END//

/* Records a use, if nobody holds the session; whether it did. */
@create@ PROCEDURE session_record_use(IN p_handle @handle@, IN v_now DATETIME(6), OUT p_done BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	SET p_done = FALSE;
	@latest@ SELECT @live@ AND v_now > last_accessed_at INTO p_done
	FROM sessions WHERE id = p_handle FOR UPDATE SKIP LOCKED;
	IF p_done THEN
		UPDATE sessions SET last_accessed_at = v_now WHERE id = p_handle;
	END IF;
END//

/* On a server that cannot write it reads, which the function cannot. */
@create@ PROCEDURE session_touch(p_id LONGBLOB)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ SELECT session_get(p_id) AS session_touch;
	SELECT session_touch(p_id) AS session_touch;
END//
