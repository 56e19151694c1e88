/*
 * session_import: bring in a session from another store.
 */
@create@ FUNCTION session_import(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_created_at @text@,
	p_last_accessed_at @text@, p_expires_at @text@, p_ip @text@, p_user_agent @text@)
RETURNS BOOLEAN
@writes@
COMMENT 'Brings in a session from another store; whether it is new. Times are UTC.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_user_id @text@ DEFAULT IFNULL(p_user_id, '');
	DECLARE v_text @text@ DEFAULT covet_json(p_data);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_created_at, v_last_accessed_at, v_expires_at, v_valid_until DATETIME(6);
	DECLARE v_idle, v_idle_anonymous, v_lifetime, v_retention, v_max_size, v_max_sessions INT;
	DECLARE v_policy, v_audit @word@;
	DECLARE v_is_limited, v_is_expired BOOLEAN;

	@guard@;
	IF v_handle IS NULL THEN
		IF p_id IS NULL THEN @fail:ID_NULL@; END IF;
		@count@ 'invalid_ids') @counted@;
		@fail:ID_INVALID@;
	END IF;
	IF v_text IS NULL THEN
		IF p_data IS NULL THEN @fail:DATA_NULL@; END IF;
		CALL session_refuse_json(p_data);
	END IF;
	@first@ SELECT idle_timeout, anonymous_idle_timeout, max_lifetime, tombstone_retention,
		max_data_size, max_sessions_per_user, max_sessions_policy, audit
	INTO v_idle, v_idle_anonymous, v_lifetime, v_retention,
		v_max_size, v_max_sessions, v_policy, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	SET v_data = v_text;
	IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;
	IF CHAR_LENGTH(v_user_id) > 255 THEN @fail:USER_ID_TOO_LONG@; END IF;
	IF NOT covet_ip_valid(p_ip) THEN @fail:IP_INVALID@; END IF;
	SET v_created_at = session_time(p_created_at),
		v_last_accessed_at = session_time(p_last_accessed_at),
		v_expires_at = session_time(p_expires_at);

	/* Another machine's clock may be ahead; a future use must not count. */
	SET v_last_accessed_at = LEAST(IFNULL(v_last_accessed_at, v_now), v_now);
	SET v_created_at = LEAST(IFNULL(v_created_at, v_last_accessed_at), v_now);
	SET v_last_accessed_at = GREATEST(v_last_accessed_at, v_created_at);
	SET v_expires_at = IFNULL(v_expires_at, IF(v_lifetime > 0, v_created_at + INTERVAL v_lifetime SECOND, NULL));
	SET v_idle = IF(v_user_id = '' AND v_idle_anonymous > 0, v_idle_anonymous, v_idle);
	SET v_idle = IF(v_idle > 0, v_idle, NULL);
	SET v_valid_until = CASE WHEN v_idle IS NULL THEN v_expires_at
		WHEN v_expires_at IS NULL THEN v_last_accessed_at + INTERVAL v_idle SECOND
		ELSE LEAST(v_expires_at, v_last_accessed_at + INTERVAL v_idle SECOND) END;
	IF v_valid_until <= v_now THEN RETURN FALSE; END IF;

	SET v_is_limited = v_user_id <> '' AND v_max_sessions > 0;
	IF v_is_limited THEN
		@first@ CALL session_hold_user(v_user_id);
	END IF;
	/*
	 * What is there is marked by its version, for that a row was changed is what
	 * every client sees as two rows.
	 */
	@first@ INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout,
		ip_address, user_agent, data, sweep_at)
	VALUES (v_handle, v_user_id, v_created_at, v_last_accessed_at, v_expires_at, v_idle,
		p_ip, p_user_agent, v_data, v_valid_until)
	ON DUPLICATE KEY UPDATE version = -1 - version;
	IF ROW_COUNT() = 2 THEN
		SELECT is_active AND NOT (@alive@) INTO v_is_expired
		FROM sessions WHERE id = v_handle;
		IF NOT v_is_expired THEN
			UPDATE sessions SET version = -1 - version WHERE id = v_handle;
			RETURN FALSE;
		END IF;
		/* A new row, so that what refers to the old session ends with it. */
		DELETE FROM sessions WHERE id = v_handle;
		INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout,
			ip_address, user_agent, data, sweep_at)
		VALUES (v_handle, v_user_id, v_created_at, v_last_accessed_at, v_expires_at, v_idle,
			p_ip, p_user_agent, v_data, v_valid_until);
	END IF;
	IF v_is_limited THEN
		@first@ CALL session_admit(v_user_id, v_handle, FALSE, v_now,
			v_max_sessions, v_policy, 0, v_retention, v_audit);
	END IF;
	@count@ 'creates') @counted@;
	IF v_audit <> 'off' THEN
		CALL session_note(v_now, 'import', v_handle, NULL);
	END IF;
	RETURN TRUE;
END//

@create@ PROCEDURE session_import(
	p_id LONGBLOB, p_data @text@, p_user_id @text@, p_created_at @text@,
	p_last_accessed_at @text@, p_expires_at @text@, p_ip @text@, p_user_agent @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_import(p_id, p_data, p_user_id, p_created_at, p_last_accessed_at, p_expires_at,
		p_ip, p_user_agent) AS session_import;
END//

/*
 * A time in UTC, which the servers write with a space and others with T and Z.
 * A zone is refused: the servers would take it as the connection's, or not see
 * it.
 */
@create@ FUNCTION session_time(p_time @text@)
RETURNS DATETIME(6)
DETERMINISTIC NO SQL SQL SECURITY DEFINER
BEGIN
	DECLARE v_time DATETIME(6) DEFAULT CAST(IF(
		p_time REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?Z?$',
		TRIM(TRAILING 'Z' FROM p_time), NULL) AS DATETIME(6));

	IF p_time IS NOT NULL AND (v_time IS NULL OR YEAR(v_time) < 1970) THEN @fail:TIME_RANGE@; END IF;
	RETURN v_time;
END//
