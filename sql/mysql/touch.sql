/*
 * session_touch: the data of a live session, for every request.
 *
 * It waits for nobody: a use that cannot be recorded at once is recorded next
 * time.  But MySQL forgets SKIP LOCKED in a function, which waits there for a
 * transaction that has written the session; CALL does not.
 */
@create@ FUNCTION session_touch(p_id LONGBLOB)
RETURNS @json@
@writes@
COMMENT 'The data of a live session, otherwise NULL; the use is recorded.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive, v_is_due, v_is_recorded BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	@guard@;
	SELECT data, is_active, @alive@, @touch_due@ INTO v_data, v_is_active, v_is_alive, v_is_due
	FROM sessions WHERE id = v_handle;
	IF v_is_active AND v_is_alive THEN
		IF v_is_due THEN
			@record_use@;
		END IF;
		@count@ IF(v_is_recorded, 'gets hits touches', 'gets hits touches_skipped')) @counted@;
		RETURN v_data;
	END IF;
	@count@ @missed@) @counted@;
	RETURN NULL;
END//

/*
 * Records a use, if nobody holds the session; whether it did.  The alias is
 * explained in cleanup.sql.
 */
@create@ PROCEDURE session_record_use(IN p_handle @handle@, IN v_now DATETIME(6), OUT p_is_recorded BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	SET p_is_recorded = FALSE;
	@latest@ SELECT @live@ AND v_now > last_accessed_at INTO p_is_recorded
	FROM sessions free WHERE id = p_handle FOR UPDATE SKIP LOCKED;
	IF p_is_recorded THEN
		@latest@ UPDATE sessions SET last_accessed_at = v_now WHERE id = p_handle AND @live@;
	END IF;
END//

/* The same, waiting for whoever holds the session. */
@create@ PROCEDURE session_record_use_waiting(IN p_handle @handle@, IN v_now DATETIME(6), OUT p_is_recorded BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	UPDATE sessions SET last_accessed_at = v_now
	WHERE id = p_handle AND @live@ AND last_accessed_at < v_now;
	SET p_is_recorded = ROW_COUNT() > 0;
END//

/*
 * Not by the function, so that nothing is waited for, and that it reads on a
 * server that cannot write.
 */
@create@ PROCEDURE session_touch(p_id LONGBLOB)
@twin@
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive, v_is_due, v_is_recorded BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND, @read_only@ BEGIN END;

	SELECT data, is_active, @alive@, @touch_due@ INTO v_data, v_is_active, v_is_alive, v_is_due
	FROM sessions WHERE id = v_handle;
	IF v_is_active AND v_is_alive THEN
		IF v_is_due THEN
			CALL session_record_use(v_handle, v_now, v_is_recorded);
		END IF;
		@count@ IF(v_is_recorded, 'gets hits touches', 'gets hits touches_skipped')) @counted@;
		SELECT v_data AS session_touch;
	ELSE
		@count@ @missed@) @counted@;
		SELECT NULL AS session_touch;
	END IF;
END//
