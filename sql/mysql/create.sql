/*
 * session_create: a new session under a fresh token.
 */
@create@ FUNCTION session_create(
	p_user_id @text@, p_data @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
@writes@
COMMENT 'Makes a new session and returns its token, the only time it is seen.'
BEGIN
	DECLARE v_token, v_handle @handle@;
	DECLARE v_user_id @text@ DEFAULT IFNULL(p_user_id, '');
	DECLARE v_text @text@;
	DECLARE v_data @json@;
	DECLARE v_now, v_expires_at, v_sweep_at DATETIME(6);
	DECLARE v_idle, v_idle_anonymous, v_lifetime, v_retention, v_max_size, v_max_sessions, v_rate INT;
	DECLARE v_policy, v_audit @word@;

	@guard@;
	@first@ SELECT idle_timeout, anonymous_idle_timeout, max_lifetime, tombstone_retention,
		max_data_size, max_sessions_per_user, create_rate_limit, max_sessions_policy, audit
	INTO v_idle, v_idle_anonymous, v_lifetime, v_retention,
		v_max_size, v_max_sessions, v_rate, v_policy, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;

	IF CHAR_LENGTH(v_user_id) > 255 THEN @fail:USER_ID_TOO_LONG@; END IF;
	IF p_data IS NULL THEN
		SET v_data = '{}';
	ELSE
		SET v_text = covet_json(p_data);
		IF v_text IS NULL THEN CALL session_refuse_json(p_data); END IF;
		SET v_data = v_text;
		IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;
	END IF;
	IF p_ttl NOT BETWEEN 1 AND 2147483647 THEN @fail:TTL_RANGE@; END IF;
	IF NOT covet_ip_valid(p_ip) THEN @fail:IP_INVALID@; END IF;

	SET v_token = covet_token();
	SET v_handle = covet_handle(v_token);
	IF v_handle IS NULL THEN
		SIGNAL SQLSTATE 'HY000' SET MESSAGE_TEXT = 'could not generate a session token';
	END IF;

	SET v_now = covet_now();
	IF v_user_id <> '' AND (v_max_sessions > 0 OR v_rate > 0) THEN
		@first@ CALL session_hold_user(v_user_id);
		SET v_now = covet_now();
		@first@ CALL session_admit(v_user_id, v_handle, TRUE, v_now,
			v_max_sessions, v_policy, v_rate, v_retention, v_audit);
	END IF;

	SET v_idle = IFNULL(p_ttl, IF(v_user_id = '' AND v_idle_anonymous > 0, v_idle_anonymous, v_idle));
	SET v_idle = IF(v_idle > 0, v_idle, NULL);
	SET v_expires_at = IF(v_lifetime > 0, v_now + INTERVAL v_lifetime SECOND, NULL);
	SET v_sweep_at = IF(v_idle IS NULL OR v_idle > v_lifetime AND v_lifetime > 0, v_expires_at,
		v_now + INTERVAL v_idle SECOND);
	INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, idle_timeout,
		ip_address, user_agent, data, sweep_at)
	VALUES (v_handle, v_user_id, v_now, v_now, v_expires_at, v_idle,
		p_ip, p_user_agent, v_data, v_sweep_at);
	@count@ 'creates') @counted@;
	IF v_audit <> 'off' THEN
		CALL session_note(v_now, 'create', v_handle, NULL);
	END IF;
	RETURN v_token;
END//

@create@ PROCEDURE session_create(
	p_user_id @text@, p_data @text@, p_ttl BIGINT, p_ip @text@, p_user_agent @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_create(p_user_id, p_data, p_ttl, p_ip, p_user_agent) AS session_create;
END//
