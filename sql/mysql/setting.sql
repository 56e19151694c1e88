/*
 * session_setting, session_configure: the settings by their names.
 */
@create@ FUNCTION session_setting(p_name @text@)
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
@reads@
COMMENT 'The value of a setting; durations in seconds.'
BEGIN
	IF p_name IS NULL THEN @fail:SETTING_NULL@; END IF;
	IF covet_setting_default(p_name) IS NULL THEN @fail:SETTING_UNKNOWN@; END IF;
	RETURN (SELECT CASE p_name
			WHEN 'idle_timeout' THEN idle_timeout
			WHEN 'anonymous_idle_timeout' THEN anonymous_idle_timeout
			WHEN 'max_lifetime' THEN max_lifetime
			WHEN 'touch_interval' THEN touch_interval
			WHEN 'tombstone_retention' THEN tombstone_retention
			WHEN 'max_data_size' THEN max_data_size
			WHEN 'strict_ids' THEN strict_ids
			WHEN 'max_sessions_per_user' THEN max_sessions_per_user
			WHEN 'max_sessions_policy' THEN max_sessions_policy
			WHEN 'create_rate_limit' THEN create_rate_limit
			WHEN 'bind_ip' THEN bind_ip
			WHEN 'bind_user_agent' THEN bind_user_agent
			WHEN 'on_mismatch' THEN on_mismatch
			WHEN 'audit' THEN audit
			WHEN 'audit_retention' THEN audit_retention
			WHEN 'cleanup_enabled' THEN cleanup_enabled
			WHEN 'cleanup_interval' THEN cleanup_interval
			WHEN 'cleanup_batch' THEN cleanup_batch
		END FROM session_settings WHERE only_row = 1);
END//

@create@ FUNCTION session_configure(p_name @text@, p_value @text@)
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
@writes@
COMMENT 'Changes a setting; NULL gives it its default. Returns the value in force.'
BEGIN
	DECLARE v_value @word@;

	@guard@;
	IF p_name IS NULL THEN @fail:SETTING_NULL@; END IF;
	IF covet_setting_default(p_name) IS NULL THEN @fail:SETTING_UNKNOWN@; END IF;
	SET v_value = IF(p_value IS NULL, covet_setting_default(p_name), covet_setting_value(p_name, p_value));
	IF v_value IS NULL THEN @fail:SETTING_INVALID@; END IF;
	UPDATE session_settings SET
		idle_timeout = IF(p_name = 'idle_timeout', v_value, idle_timeout),
		anonymous_idle_timeout = IF(p_name = 'anonymous_idle_timeout', v_value, anonymous_idle_timeout),
		max_lifetime = IF(p_name = 'max_lifetime', v_value, max_lifetime),
		touch_interval = IF(p_name = 'touch_interval', v_value, touch_interval),
		tombstone_retention = IF(p_name = 'tombstone_retention', v_value, tombstone_retention),
		max_data_size = IF(p_name = 'max_data_size', v_value, max_data_size),
		strict_ids = IF(p_name = 'strict_ids', v_value, strict_ids),
		max_sessions_per_user = IF(p_name = 'max_sessions_per_user', v_value, max_sessions_per_user),
		max_sessions_policy = IF(p_name = 'max_sessions_policy', v_value, max_sessions_policy),
		create_rate_limit = IF(p_name = 'create_rate_limit', v_value, create_rate_limit),
		bind_ip = IF(p_name = 'bind_ip', v_value, bind_ip),
		bind_user_agent = IF(p_name = 'bind_user_agent', v_value, bind_user_agent),
		on_mismatch = IF(p_name = 'on_mismatch', v_value, on_mismatch),
		audit = IF(p_name = 'audit', v_value, audit),
		audit_retention = IF(p_name = 'audit_retention', v_value, audit_retention),
		cleanup_enabled = IF(p_name = 'cleanup_enabled', v_value, cleanup_enabled),
		cleanup_interval = IF(p_name = 'cleanup_interval', v_value, cleanup_interval),
		cleanup_batch = IF(p_name = 'cleanup_batch', v_value, cleanup_batch)
	WHERE only_row = 1;
	RETURN v_value;
END//

@create@ PROCEDURE session_setting(p_name @text@)
READS SQL DATA SQL SECURITY DEFINER
BEGIN
	SELECT session_setting(p_name) AS session_setting;
END//

@create@ PROCEDURE session_configure(p_name @text@, p_value @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_configure(p_name, p_value) AS session_configure;
END//
