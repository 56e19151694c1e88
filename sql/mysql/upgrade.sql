/*
 * What another version has left: a newer one stops the installation, an older
 * one's tables are brought up to date here.
 */
DROP PROCEDURE IF EXISTS session_upgrade//
CREATE PROCEDURE session_upgrade()
BEGIN
	DECLARE v_stored VARCHAR(16) CHARACTER SET ascii;

	SELECT schema_version INTO v_stored FROM session_settings WHERE only_row = 1;
	IF SUBSTRING_INDEX(v_stored, '.', 1) * 1000000 + SUBSTRING_INDEX(v_stored, '.', -1)
		> SUBSTRING_INDEX(@version@, '.', 1) * 1000000 + SUBSTRING_INDEX(@version@, '.', -1) THEN
		SIGNAL SQLSTATE '0A000' SET MESSAGE_TEXT = 'a newer version of covet_sessions is installed';
	END IF;

	IF v_stored IS NULL THEN
		INSERT INTO session_settings VALUES (1, @version@,
			covet_setting_default('idle_timeout'),
			covet_setting_default('anonymous_idle_timeout'),
			covet_setting_default('max_lifetime'),
			covet_setting_default('touch_interval'),
			covet_setting_default('tombstone_retention'),
			covet_setting_default('max_data_size'),
			covet_setting_default('strict_ids'),
			covet_setting_default('max_sessions_per_user'),
			covet_setting_default('max_sessions_policy'),
			covet_setting_default('create_rate_limit'),
			covet_setting_default('bind_ip'),
			covet_setting_default('bind_user_agent'),
			covet_setting_default('on_mismatch'),
			covet_setting_default('audit'),
			covet_setting_default('audit_retention'),
			covet_setting_default('cleanup_enabled'),
			covet_setting_default('cleanup_interval'),
			covet_setting_default('cleanup_batch'));
	ELSE
		UPDATE session_settings SET schema_version = @version@;
	END IF;
END//
CALL session_upgrade()//
DROP PROCEDURE session_upgrade//

/*
 * Who has been granted which routine; making it anew would forget them.  The table
 * stays if the installation breaks off, for the next one.
 */
CREATE TABLE IF NOT EXISTS session_grantees (
	user_name    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE @exact@ NOT NULL,
	host_name    VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	routine_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE @exact@ NOT NULL,
	routine_type VARCHAR(16) CHARACTER SET utf8mb4 COLLATE @exact@ NOT NULL,
	PRIMARY KEY (user_name, host_name, routine_name, routine_type)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC//
INSERT IGNORE INTO session_grantees
	SELECT p.User, p.Host, p.Routine_name, p.Routine_type
	FROM mysql.procs_priv p
	WHERE p.Db = DATABASE() AND p.Routine_name LIKE 'session\_%'
		AND FIND_IN_SET('Execute', p.Proc_priv)//
