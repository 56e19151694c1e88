/*
 * session_set: write a session, starting it if need be.
 *
 * Locks: the user's row, where there are limits and an owner is given; then the
 * session's, by the INSERT, which waits for whoever holds it.  A row that may be
 * missing is not looked for with a lock before it is inserted: that would lock
 * the gap under REPEATABLE READ, and two who start sessions in one gap would
 * wait for each other.
 *
 * A function opens all tables that it or what it calls may need; each statement,
 * each variable and each mention of a variable in a statement costs too, as the
 * servers write its value into a text of the statement.  So the data are mentioned
 * once, what is the usual case has a statement of its own, and what is rare is told
 * by one variable and stands apart with its own.
 */
@create@ FUNCTION session_set(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
RETURNS BOOLEAN
@writes@
COMMENT 'Writes a session, starting it if need be; false if it was revoked.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @text@ DEFAULT covet_json(p_data);
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_idle, v_lifetime, v_max_size INT;
	DECLARE v_is_special BOOLEAN;

	@guard@;
	IF v_handle IS NULL OR v_data IS NULL THEN
		IF v_handle IS NULL THEN
			IF p_id IS NULL THEN @fail:ID_NULL@; END IF;
			@count@ 'invalid_ids') @counted@;
			@fail:ID_INVALID@;
		END IF;
		IF p_data IS NULL THEN @fail:DATA_NULL@; END IF;
		CALL session_refuse_json(p_data);
	END IF;
	@first@ SELECT IF(p_user_id <> '' OR anonymous_idle_timeout = 0, idle_timeout, anonymous_idle_timeout),
		NULLIF(max_lifetime, 0), max_data_size,
		strict_ids = 'on' OR audit <> 'off' OR max_sessions_per_user > 0 OR create_rate_limit > 0
	INTO v_idle, v_lifetime, v_max_size, v_is_special
	FROM session_settings WHERE only_row = 1 @steady@;
	/* What is shorter in text is never larger: to ask MySQL for the size is to parse it. */
	IF LENGTH(v_data) > v_max_size DIV 8 AND @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;

	IF NOT v_is_special AND p_user_id IS NULL AND p_ttl IS NULL AND p_ip IS NULL AND p_user_agent IS NULL THEN
		@first@ @start@ ON DUPLICATE KEY UPDATE @replace@, is_active = is_active > 0;
		IF ROW_COUNT() = 2 THEN
			RETURN IFNULL(covet_count(@counter_key@, 'sets'), TRUE);
		END IF;
	END IF;

	BEGIN
		DECLARE v_owner @owner@;
		DECLARE v_max_sessions, v_rate, v_retention INT;
		DECLARE v_policy, v_event @word@;
		DECLARE v_audit @word@ DEFAULT 'off';
		DECLARE v_is_new, v_is_active, v_is_limited, v_is_strict, v_is_watched BOOLEAN DEFAULT FALSE;

		IF v_is_special OR p_user_id IS NOT NULL OR p_ttl IS NOT NULL OR p_ip IS NOT NULL OR p_user_agent IS NOT NULL THEN
			IF CHAR_LENGTH(p_user_id) > 255 THEN @fail:USER_ID_TOO_LONG@; END IF;
			IF p_ttl NOT BETWEEN 1 AND 2147483647 THEN @fail:TTL_RANGE@; END IF;
			IF NOT covet_ip_valid(p_ip) THEN @fail:IP_INVALID@; END IF;
			SET v_idle = IFNULL(p_ttl, v_idle);
			IF v_is_special THEN
				@first@ SELECT strict_ids = 'on', p_user_id <> '' AND (max_sessions_per_user > 0 OR create_rate_limit > 0), audit
				INTO v_is_strict, v_is_limited, v_audit
				FROM session_settings WHERE only_row = 1 @steady@;
				IF v_is_limited THEN
					@first@ CALL session_hold_user(p_user_id);
				END IF;
				/* A new owner is let in below, where somebody wants to know of him. */
				SET v_is_watched = p_user_id IS NOT NULL AND (v_is_limited OR v_audit <> 'off');
				IF v_is_strict THEN
					BEGIN
						DECLARE EXIT HANDLER FOR NOT FOUND RETURN FALSE;
						@first@ SELECT user_id INTO v_owner FROM sessions WHERE id = v_handle @held@;
					END;
				END IF;
				SET v_now = covet_now();
			END IF;

			@first@ @start@ ON DUPLICATE KEY UPDATE @replace@,
				user_id = IF(p_user_id IS NULL OR v_is_watched OR is_active < 2, user_id, p_user_id),
				bound_ip = IF(p_ip IS NULL OR bound_ip IS NOT NULL OR ip_address <=> p_ip OR is_active < 2,
					bound_ip, IFNULL(ip_address, '')),
				ip_address = IF(p_ip IS NULL OR is_active < 2, ip_address, p_ip),
				bound_user_agent = IF(p_user_agent IS NULL OR bound_user_agent IS NOT NULL
					OR user_agent <=> p_user_agent OR is_active < 2, bound_user_agent, IFNULL(user_agent, '')),
				user_agent = IF(p_user_agent IS NULL OR is_active < 2, user_agent, p_user_agent),
				sweep_at = IF(p_ttl IS NULL OR is_active < 2 OR sweep_at <= last_accessed_at + INTERVAL p_ttl SECOND,
					sweep_at, last_accessed_at + INTERVAL p_ttl SECOND),
				idle_timeout = IF(p_ttl IS NULL OR is_active < 2, idle_timeout, p_ttl),
				is_active = is_active > 0;
			IF ROW_COUNT() = 2 THEN
				@count@ 'sets') @counted@;
				IF v_audit = 'off' AND v_is_watched IS NOT TRUE THEN
					RETURN TRUE;
				END IF;
				SET v_event = 'set';
			END IF;
		END IF;

		IF v_event IS NULL THEN
			/* It was there, and not live, or it has been started. */
			@first@ UPDATE sessions SET version = version + 1 WHERE id = v_handle AND NOT (@live@);
			SET v_is_new = ROW_COUNT() = 0;
			SELECT is_active, user_id INTO v_is_active, v_owner FROM sessions WHERE id = v_handle;
			IF NOT v_is_active THEN
				@count@ 'refused_revoked') @counted@;
				IF v_audit <> 'off' THEN
					INSERT INTO @events@
					VALUES (v_now, 'refuse', v_handle, v_owner, p_ip, p_user_agent, 'set after revocation');
				END IF;
				RETURN FALSE;
			END IF;
			IF v_is_strict THEN
				/* Found before, and deleted meanwhile. */
				IF v_is_new THEN
					DELETE FROM sessions WHERE id = v_handle;
				END IF;
				RETURN FALSE;
			END IF;
			IF NOT v_is_new THEN
				/* A new row, so that what refers to the old session ends with it. */
				DELETE FROM sessions WHERE id = v_handle;
				@start@;
			END IF;
			SET v_event = 'create';
		ELSEIF v_is_watched THEN
			SELECT user_id INTO v_owner FROM sessions WHERE id = v_handle;
			IF v_owner <> p_user_id THEN
				SET v_event = 'login';
			END IF;
		END IF;

		IF v_is_limited AND v_event <> 'set' THEN
			@first@ SELECT tombstone_retention, max_sessions_per_user, create_rate_limit, max_sessions_policy
			INTO v_retention, v_max_sessions, v_rate, v_policy
			FROM session_settings WHERE only_row = 1 @steady@;
			@first@ CALL session_admit(p_user_id, v_handle, v_event = 'create', v_now,
				v_max_sessions, v_policy, v_rate, v_retention, v_audit);
		END IF;
		IF v_event = 'create' THEN
			@count@ 'creates') @counted@;
		ELSEIF v_event = 'login' THEN
			UPDATE sessions SET user_id = p_user_id WHERE id = v_handle;
		END IF;
		IF v_audit = 'all' OR v_audit <> 'off' AND v_event <> 'set' THEN
			INSERT INTO @events@
			SELECT v_now, v_event, id, user_id, ip_address, user_agent, NULL FROM sessions WHERE id = v_handle;
		END IF;
	END;
	RETURN TRUE;
END//

@create@ PROCEDURE session_set(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_set(p_id, p_data, p_user_id, p_ttl, p_ip, p_user_agent) AS session_set;
END//
