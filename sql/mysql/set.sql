/*
 * session_set: write a session, starting it if need be.
 *
 * Locks: the user's row, where there are limits and an owner is given; then the
 * session's, by the INSERT, which waits for whoever holds it.  A row that may be
 * missing is not looked for with a lock before it is inserted: that would lock
 * the gap under REPEATABLE READ, and two who start sessions in one gap would
 * wait for each other.
 */
@create@ FUNCTION session_set(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
RETURNS BOOLEAN
@writes@
COMMENT 'Writes a session, starting it if need be; false if it was revoked.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_owner @text@;
	DECLARE v_text @text@ DEFAULT covet_json(p_data);
	DECLARE v_data @json@;
	DECLARE v_now, v_expires_at, v_sweep_at DATETIME(6);
	DECLARE v_idle, v_idle_anonymous, v_lifetime, v_retention, v_max_size, v_max_sessions, v_rate INT;
	DECLARE v_strict, v_policy, v_audit @word@;
	DECLARE v_is_limited, v_is_watched, v_is_active, v_is_started BOOLEAN;

	@guard@;
	IF v_handle IS NULL THEN
		IF p_id IS NULL THEN @fail:ID_NULL@; END IF;
		@count@ 'invalid_ids');
		@fail:ID_INVALID@;
	END IF;
	IF v_text IS NULL THEN
		IF p_data IS NULL THEN @fail:DATA_NULL@; END IF;
		CALL session_refuse_json(p_data);
	END IF;
	@first@ SELECT idle_timeout, anonymous_idle_timeout, max_lifetime, tombstone_retention, strict_ids,
		max_data_size, max_sessions_per_user, create_rate_limit, max_sessions_policy, audit
	INTO v_idle, v_idle_anonymous, v_lifetime, v_retention, v_strict,
		v_max_size, v_max_sessions, v_rate, v_policy, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	SET v_data = v_text;
	IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;
	IF CHAR_LENGTH(p_user_id) > 255 THEN @fail:USER_ID_TOO_LONG@; END IF;
	IF p_ttl NOT BETWEEN 1 AND 2147483647 THEN @fail:TTL_RANGE@; END IF;
	IF NOT covet_ip_valid(p_ip) THEN @fail:IP_INVALID@; END IF;

	SET v_is_limited = p_user_id <> '' AND (v_max_sessions > 0 OR v_rate > 0);
	IF v_is_limited THEN
		CALL session_hold_user(p_user_id);
	END IF;
	IF v_strict = 'on' THEN
		BEGIN
			DECLARE EXIT HANDLER FOR NOT FOUND RETURN FALSE;
			@first@ SELECT user_id INTO v_owner FROM sessions WHERE id = v_handle @held@;
		END;
	END IF;

	SET v_now = covet_now();
	SET v_idle = IFNULL(p_ttl, IF(IFNULL(p_user_id, '') = '' AND v_idle_anonymous > 0, v_idle_anonymous, v_idle));
	SET v_idle = IF(v_idle > 0, v_idle, NULL);
	SET v_expires_at = IF(v_lifetime > 0, v_now + INTERVAL v_lifetime SECOND, NULL);
	SET v_sweep_at = IF(v_idle IS NULL OR v_idle > v_lifetime AND v_lifetime > 0, v_expires_at,
		v_now + INTERVAL v_idle SECOND);
	/* A new owner is let in below, where somebody wants to know of him. */
	SET v_is_watched = p_user_id IS NOT NULL AND (v_is_limited OR v_audit <> 'off');

	/*
	 * What is live is replaced and counts as two rows.  Assignments are done in
	 * their order, so that what tells whether it is live comes last: once it
	 * has been used now it stays so, whatever its timeout becomes.
	 */
	@first@ INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout,
		ip_address, user_agent, data, sweep_at)
	VALUES (v_handle, IFNULL(p_user_id, ''), v_now, v_now, v_expires_at, v_idle,
		p_ip, p_user_agent, v_data, v_sweep_at)
	ON DUPLICATE KEY UPDATE
		data = IF(@live@, v_data, data),
		version = IF(@live@, version + 1, version),
		user_id = IF(p_user_id IS NULL OR v_is_watched OR NOT (@live@), user_id, p_user_id),
		bound_ip = IF(p_ip IS NULL OR bound_ip IS NOT NULL OR ip_address <=> p_ip OR NOT (@live@),
			bound_ip, IFNULL(ip_address, '')),
		ip_address = IF(p_ip IS NULL OR NOT (@live@), ip_address, p_ip),
		bound_user_agent = IF(p_user_agent IS NULL OR bound_user_agent IS NOT NULL
			OR user_agent <=> p_user_agent OR NOT (@live@), bound_user_agent, IFNULL(user_agent, '')),
		user_agent = IF(p_user_agent IS NULL OR NOT (@live@), user_agent, p_user_agent),
		sweep_at = IF(p_ttl IS NULL OR NOT (@live@)
			OR sweep_at <= GREATEST(last_accessed_at, v_now) + INTERVAL p_ttl SECOND,
			sweep_at, GREATEST(last_accessed_at, v_now) + INTERVAL p_ttl SECOND),
		last_accessed_at = IF(@live@, GREATEST(last_accessed_at, v_now), last_accessed_at),
		idle_timeout = IF(p_ttl IS NULL OR NOT (@live@), idle_timeout, p_ttl);

	IF ROW_COUNT() = 2 THEN
		@count@ 'sets');
		IF v_is_watched THEN
			SELECT user_id INTO v_owner FROM sessions WHERE id = v_handle;
			IF v_owner <> p_user_id THEN
				IF v_is_limited THEN
					CALL session_admit(p_user_id, v_handle, FALSE, v_now,
						v_max_sessions, v_policy, v_rate, v_retention, v_audit);
				END IF;
				UPDATE sessions SET user_id = p_user_id WHERE id = v_handle;
				IF v_audit <> 'off' THEN
					CALL session_note(v_now, 'login', v_handle, NULL);
				END IF;
				RETURN TRUE;
			END IF;
		END IF;
		IF v_audit = 'all' THEN
			CALL session_note(v_now, 'set', v_handle, NULL);
		END IF;
		RETURN TRUE;
	END IF;

	/* It was there, and not live, or it has been started. */
	@first@ UPDATE sessions SET version = version + 1 WHERE id = v_handle AND NOT (@live@);
	SET v_is_started = ROW_COUNT() = 0;
	SELECT is_active, user_id INTO v_is_active, v_owner FROM sessions WHERE id = v_handle;
	IF NOT v_is_active THEN
		@count@ 'refused_revoked');
		IF v_audit <> 'off' THEN
			CALL session_note_client(v_now, 'refuse', v_handle, v_owner, p_ip, p_user_agent, 'set after revocation');
		END IF;
		RETURN FALSE;
	END IF;
	IF v_strict = 'on' THEN
		/* Found before, and deleted meanwhile. */
		IF v_is_started THEN
			DELETE FROM sessions WHERE id = v_handle;
		END IF;
		RETURN FALSE;
	END IF;
	IF NOT v_is_started THEN
		/* A new row, so that what refers to the old session ends with it. */
		DELETE FROM sessions WHERE id = v_handle;
		INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout,
			ip_address, user_agent, data, sweep_at)
		VALUES (v_handle, IFNULL(p_user_id, ''), v_now, v_now, v_expires_at, v_idle,
			p_ip, p_user_agent, v_data, v_sweep_at);
	END IF;

	IF v_is_limited THEN
		CALL session_admit(p_user_id, v_handle, TRUE, v_now,
			v_max_sessions, v_policy, v_rate, v_retention, v_audit);
	END IF;
	@count@ 'creates');
	IF v_audit <> 'off' THEN
		CALL session_note(v_now, 'create', v_handle, NULL);
	END IF;
	RETURN TRUE;
END//

@create@ PROCEDURE session_set(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_set(p_id, p_data, p_user_id, p_ttl, p_ip, p_user_agent) AS session_set;
END//
