/*
 * session_delete: remove a session without a trace.
 *
 * A tombstone stays: deleting it would let the session come back.
 */
@create@ FUNCTION session_delete(p_id LONGBLOB)
RETURNS BOOLEAN
@writes@
COMMENT 'Removes a session; whether it was live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_audit @word@;
	DECLARE v_is_alive BOOLEAN;
	DECLARE EXIT HANDLER FOR NOT FOUND RETURN FALSE;

	@guard@;
	IF v_handle IS NULL THEN
		IF p_id IS NOT NULL THEN @count@ 'invalid_ids') @counted@; END IF;
		RETURN FALSE;
	END IF;
	@first@ SELECT audit INTO v_audit FROM session_settings WHERE only_row = 1 @steady@;
	/* A change locks it. */
	@first@ UPDATE sessions SET version = version + 1 WHERE id = v_handle AND is_active;
	IF ROW_COUNT() = 0 THEN RETURN FALSE; END IF;
	SELECT @alive@ INTO v_is_alive FROM sessions WHERE id = v_handle;
	IF v_is_alive AND v_audit = 'all' THEN
		CALL session_note(v_now, 'delete', v_handle, NULL);
	END IF;
	DELETE FROM sessions WHERE id = v_handle;
	IF v_is_alive THEN @count@ 'deletes') @counted@; END IF;
	RETURN v_is_alive;
END//

@create@ PROCEDURE session_delete(p_id LONGBLOB)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_delete(p_id) AS session_delete;
END//
