/*
 * session_health: is the installation in order, and if not, what to do.
 *
 * As rows of a procedure and as a JSON array of a function.
 */
@create@ PROCEDURE session_health()
@reads@
COMMENT 'Checks of the installation and the sweep: what was checked, whether it is well, what was found, what to do.'
BEGIN
	SELECT j.`check`, j.ok, j.detail, j.hint
	FROM JSON_TABLE(session_health(), '$[*]' COLUMNS (
		`check` VARCHAR(16) PATH '$.check',
		ok BOOLEAN PATH '$.ok',
		detail VARCHAR(1024) PATH '$.detail',
		hint VARCHAR(1024) PATH '$.hint' NULL ON EMPTY)) j LIMIT 1000;
END//

@create@ FUNCTION session_health()
RETURNS @json@
@reads@
COMMENT 'What the procedure session_health returns, as a JSON array.'
BEGIN
	DECLARE v_all @json@ DEFAULT '[]';
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_schema @word@;
	DECLARE v_error VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@ DEFAULT covet_noted(@counter_key@, 'last_error');
	DECLARE v_last_sweep DATETIME(6) DEFAULT covet_noted(@counter_key@, 'last_sweep_at');
	DECLARE v_enabled @word@;
	DECLARE v_idle, v_lifetime, v_retention, v_interval, v_due INT;
	DECLARE v_event VARCHAR(32) CHARACTER SET utf8mb4 COLLATE @exact@;
	DECLARE v_age BIGINT DEFAULT 0;

	SELECT schema_version, cleanup_enabled, idle_timeout, max_lifetime, tombstone_retention, cleanup_interval
	INTO v_schema, v_enabled, v_idle, v_lifetime, v_retention, v_interval
	FROM session_settings WHERE only_row = 1;
	SET v_event = (SELECT STATUS FROM information_schema.EVENTS
		WHERE EVENT_SCHEMA = DATABASE() AND EVENT_NAME = 'session_sweep');
	SELECT COUNT(*), IFNULL(TIMESTAMPDIFF(SECOND, MIN(due.sweep_at), v_now), 0) INTO v_due, v_age
	FROM (SELECT sweep_at FROM sessions WHERE sweep_at <= v_now ORDER BY sweep_at LIMIT 100000) due;

	SET v_all = session_health_add(v_all, 'version', v_schema <=> CONVERT(covet_version() USING ascii),
		CONCAT('library ', CONVERT(covet_version() USING utf8mb4) COLLATE @exact@, ', schema ', v_schema),
		'Install the library and run sql/mysql/install, both of the same version.');
	SET v_all = session_health_add(v_all, 'scheduler',
		@@GLOBAL.event_scheduler = 'ON' AND v_event <=> 'ENABLED' OR @@GLOBAL.read_only,
		CONCAT('event_scheduler is ', @@GLOBAL.event_scheduler, ', the event session_sweep is ', IFNULL(v_event, 'missing')),
		IF(@@GLOBAL.event_scheduler = 'ON',
			'ALTER EVENT session_sweep ENABLE, on one server of those that share the sessions.',
			'Put event_scheduler=ON in the server''s configuration, and SET GLOBAL event_scheduler = ON.'));
	SET v_all = session_health_add(v_all, 'sweep',
		v_error IS NULL AND (v_age <= GREATEST(15 * v_interval, 60) OR @@GLOBAL.read_only),
		CASE WHEN v_error IS NOT NULL THEN CONCAT('failed: ', v_error)
			WHEN v_last_sweep IS NULL THEN 'none since the server was started'
			ELSE CONCAT('last ', TIMESTAMPDIFF(SECOND, v_last_sweep, v_now), ' s ago, took ',
				CONVERT(covet_noted(@counter_key@, 'last_sweep_ms') USING utf8mb4) COLLATE @exact@, ' ms') END,
		IF(v_error IS NOT NULL, 'Remove the cause; the sweep is tried again by itself.',
			'Rows wait for it too long. See the other checks, or call session_cleanup().'));
	SET v_all = session_health_add(v_all, 'backlog', v_due < 100000,
		IF(v_due = 0, 'no rows due', CONCAT(v_due, IF(v_due < 100000, '', ' or more'), ' due, the oldest since ', v_age, ' s')),
		'Sweep more often (cleanup_interval) or in larger batches (cleanup_batch).');
	SET v_all = session_health_add(v_all, 'binlog', NOT (@@GLOBAL.log_bin AND @@GLOBAL.binlog_format = 'STATEMENT'),
		IF(@@GLOBAL.log_bin, CONCAT('binlog_format is ', @@GLOBAL.binlog_format), 'no binary log'),
		'Set binlog_format to ROW: statements write other sessions on a replica, so that all that write are refused.');

	IF v_enabled = 'off' THEN
		SET v_all = session_health_add(v_all, 'settings', FALSE, 'cleanup_enabled is off',
			'Turn it on, or call session_cleanup() regularly.');
	END IF;
	IF v_idle = 0 AND v_lifetime = 0 THEN
		SET v_all = session_health_add(v_all, 'settings', FALSE,
			'sessions never end: idle_timeout and max_lifetime are 0', 'Set at least one of them.');
	END IF;
	IF v_retention = 0 THEN
		SET v_all = session_health_add(v_all, 'settings', FALSE, 'tombstone_retention is 0',
			'A request in flight can bring a revoked session back after the next sweep; allow for the longest request.');
	END IF;
	IF v_lifetime > 0 AND v_idle > v_lifetime THEN
		SET v_all = session_health_add(v_all, 'settings', FALSE, 'idle_timeout is longer than max_lifetime',
			'The idle timeout has no effect; shorten it.');
	END IF;
	IF v_enabled = 'on' AND (v_idle > 0 OR v_lifetime > 0) AND v_retention > 0
		AND NOT (v_lifetime > 0 AND v_idle > v_lifetime) THEN
		SET v_all = session_health_add(v_all, 'settings', TRUE, 'nothing looks wrong', NULL);
	END IF;
	RETURN v_all;
END//

/* A hint is for what is not well. */
@create@ FUNCTION session_health_add(p_all @json@, p_check @word@, p_ok BOOLEAN,
	p_detail @text@, p_hint @text@)
RETURNS @json@
DETERMINISTIC NO SQL SQL SECURITY DEFINER
BEGIN
	RETURN JSON_ARRAY_APPEND(p_all, '$', JSON_OBJECT('check', p_check,
		'ok', IF(p_ok, 1, 0), 'detail', p_detail, 'hint', IF(p_ok, NULL, p_hint)));
END//
