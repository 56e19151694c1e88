/*
 * session_rotate: the same session under a fresh token.
 *
 * The old handle keeps a tombstone: a request still in flight with the old
 * token, or somebody who planted it before the login, must not start a session
 * under it (session fixation).
 */
@create@ FUNCTION session_rotate(p_id LONGBLOB, p_user_id @text@)
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
@writes@
COMMENT 'Gives a live session a fresh token, and an owner unless NULL: the token, NULL if it is not live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_token, v_new_handle @handle@;
	DECLARE v_owner @text@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_retention, v_max_sessions, v_rate INT;
	DECLARE v_policy, v_audit @word@;
	DECLARE v_is_limited BOOLEAN;
	DECLARE EXIT HANDLER FOR NOT FOUND RETURN NULL;

	@guard@;
	@known_id@;
	IF CHAR_LENGTH(p_user_id) > 255 THEN @fail:USER_ID_TOO_LONG@; END IF;
	IF v_handle IS NULL THEN RETURN NULL; END IF;
	@first@ SELECT tombstone_retention, max_sessions_per_user, create_rate_limit, max_sessions_policy, audit
	INTO v_retention, v_max_sessions, v_rate, v_policy, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;

	SET v_is_limited = p_user_id <> '' AND v_max_sessions > 0;
	IF v_is_limited THEN
		@first@ CALL session_hold_user(p_user_id);
	END IF;
	SET v_token = covet_token();
	SET v_new_handle = covet_handle(v_token);
	IF v_new_handle IS NULL THEN
		SIGNAL SQLSTATE 'HY000' SET MESSAGE_TEXT = 'could not generate a session token';
	END IF;
	/* What refers to the row goes with it to the new handle. */
	@first@ UPDATE sessions
	SET id = v_new_handle, last_accessed_at = GREATEST(last_accessed_at, v_now)
	WHERE id = v_handle AND @live@;
	IF ROW_COUNT() = 0 THEN RETURN NULL; END IF;
	SELECT user_id INTO v_owner FROM sessions WHERE id = v_new_handle;
	IF v_owner <> p_user_id THEN
		IF v_is_limited THEN
			@first@ CALL session_admit(p_user_id, v_new_handle, FALSE, v_now,
				v_max_sessions, v_policy, v_rate, v_retention, v_audit);
		END IF;
		UPDATE sessions SET user_id = p_user_id WHERE id = v_new_handle;
	END IF;
	INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout, ip_address,
		user_agent, is_active, version, data, sweep_at, bound_ip, bound_user_agent, rotated_to)
	SELECT v_handle, v_owner, created_at, last_accessed_at, expires_at, idle_timeout, ip_address,
		user_agent, FALSE, version, '{}', v_now + INTERVAL v_retention SECOND, bound_ip, bound_user_agent, v_new_handle
	FROM sessions WHERE id = v_new_handle;
	@count@ 'rotations') @counted@;
	IF v_audit <> 'off' THEN
		CALL session_note(v_now, 'rotate', v_new_handle, v_handle);
	END IF;
	RETURN v_token;
END//

@create@ PROCEDURE session_rotate(p_id LONGBLOB, p_user_id @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_rotate(p_id, p_user_id) AS session_rotate;
END//
