/*
 * session_expire: move the absolute deadline of a live session.
 */
@create@ FUNCTION session_expire(p_id LONGBLOB, p_seconds BIGINT)
RETURNS BOOLEAN
@writes@
COMMENT 'Sets the deadline of a live session to now plus seconds, or back to max_lifetime; whether it was live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_created_at, v_expires_at DATETIME(6);
	DECLARE v_lifetime INT;
	DECLARE v_audit @word@;
	DECLARE EXIT HANDLER FOR NOT FOUND RETURN FALSE;

	@guard@;
	@known_id@;
	IF p_seconds NOT BETWEEN 0 AND 2147483647 THEN @fail:SECONDS_RANGE@; END IF;
	IF v_handle IS NULL THEN RETURN FALSE; END IF;
	@first@ SELECT max_lifetime, audit INTO v_lifetime, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;

	/* Changed and changed back, which locks it. */
	@first@ UPDATE sessions SET version = -1 - version WHERE id = v_handle AND @live@;
	IF ROW_COUNT() = 0 THEN RETURN FALSE; END IF;
	SELECT created_at INTO v_created_at FROM sessions WHERE id = v_handle;
	SET v_expires_at = CASE WHEN p_seconds IS NOT NULL THEN v_now + INTERVAL p_seconds SECOND
		WHEN v_lifetime > 0 THEN v_created_at + INTERVAL v_lifetime SECOND END;
	UPDATE sessions
	SET sweep_at = CASE WHEN sweep_at <= v_expires_at OR v_expires_at IS NULL AND sweep_at IS NOT NULL
			THEN sweep_at ELSE v_expires_at END,
		expires_at = v_expires_at, version = -1 - version
	WHERE id = v_handle;
	IF v_audit = 'all' THEN
		CALL session_note(v_now, 'expire', v_handle, NULL);
	END IF;
	RETURN TRUE;
END//

@create@ PROCEDURE session_expire(p_id LONGBLOB, p_seconds BIGINT)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_expire(p_id, p_seconds) AS session_expire;
END//
