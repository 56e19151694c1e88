-- The settings: covet_sessions.*, session_setting, session_configure
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_configure('cleanup_enabled', NULL) AS default \gset
\pset format unaligned
SELECT substr(name, 16) AS name, vartype, coalesce(unit, '-') AS unit, context, boot_val, min_val, max_val, enumvals
FROM pg_settings WHERE name LIKE 'covet\_sessions.%' ORDER BY name COLLATE "C";
\pset format aligned
-- Each says what it is for, in sentences.
SELECT name FROM pg_settings WHERE name LIKE 'covet\_sessions.%'
	AND NOT coalesce(short_desc LIKE '%_.' AND extra_desc LIKE '%_.' AND category = 'Customized Options', false);
-- What is not one of them is refused.
SET covet_sessions.no_such_setting = 1;
SELECT pg_temp.error_of('SHOW covet_sessions.no_such_setting');

-- Units, and what is out of range.
SET covet_sessions.idle_timeout = '30min';
SET covet_sessions.max_data_size = '64kB';
SELECT session_setting('idle_timeout'), session_setting('max_data_size');
SHOW covet_sessions.idle_timeout;
RESET covet_sessions.idle_timeout;
RESET covet_sessions.max_data_size;
SELECT name, value, left(pg_temp.error_of(format('SELECT set_config(%L, %L, false)', 'covet_sessions.' || name, value)), 5)
FROM (VALUES ('idle_timeout', '-1'), ('idle_timeout', '2147483648'), ('anonymous_idle_timeout', '-1'), ('max_lifetime', '-1'),
	('touch_interval', '-1'), ('tombstone_retention', '-1'), ('max_data_size', '0'), ('max_data_size', '1073741824'),
	('strict_ids', 'perhaps'), ('max_sessions_per_user', '-1'), ('max_sessions_policy', 'ignore'), ('create_rate_limit', '-1'),
	('bind_ip', 'on'), ('bind_user_agent', 'subnet'), ('on_mismatch', 'off'), ('audit', 'none'), ('audit_retention', '-1'),
	('cleanup_interval', '0'), ('cleanup_interval', '86401'), ('cleanup_batch', '0'), ('cleanup_batch', '100001')) v (name, value)
ORDER BY name, value;

-- Not by the application's role.
CREATE ROLE regress_covet_guc;
SET ROLE regress_covet_guc;
SELECT pg_temp.error_of('SET covet_sessions.strict_ids = on');
SELECT current_setting('covet_sessions.strict_ids');
RESET ROLE;
DROP ROLE regress_covet_guc;

-- session_setting: every name of the contract, durations in seconds.
SELECT count(*), bool_and(session_setting(substr(name, 16)) = setting) AS same
FROM pg_settings WHERE name LIKE 'covet\_sessions.%' AND name NOT IN ('covet_sessions.access_path', 'covet_sessions.touch_async_commit');
SELECT session_setting('max_sessions_policy'), session_setting('strict_ids'), session_setting(name => 'max_lifetime');
SELECT pg_temp.error_of('SELECT session_setting(NULL)');
SELECT pg_temp.error_of(format('SELECT session_setting(%L)', name))
FROM (VALUES (1, ''), (2, 'port'), (3, 'IDLE_TIMEOUT'), (4, 'covet_sessions.idle_timeout'), (5, 'idle_timeout ')) v (n, name) ORDER BY n;
SELECT left(pg_temp.error_of('SELECT session_setting(repeat(''x'', 10000))'), 23);

-- session_configure: for this connection, and for those to come.
CREATE VIEW kept AS SELECT config FROM pg_db_role_setting, unnest(setconfig) config
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0 AND config LIKE 'covet%' ORDER BY config;
SELECT session_configure('idle_timeout', '1800'), session_setting('idle_timeout');
SELECT session_configure('max_lifetime', '2h'), session_configure('bind_ip', 'SUBNET'), session_configure('strict_ids', 'yes');
SELECT * FROM kept;
\c
SELECT session_setting('idle_timeout'), session_setting('max_lifetime'), session_setting('bind_ip'), session_setting('strict_ids');
-- Null: back to the default.
SELECT session_configure('touch_interval', '30'), session_configure('touch_interval', NULL);
SELECT count(session_configure(name, NULL)) FROM unnest('{idle_timeout, max_lifetime, bind_ip, strict_ids}'::text[]) name;
SELECT * FROM kept;
\c
SELECT session_setting('idle_timeout'), session_setting('max_lifetime'), session_setting('bind_ip'), session_setting('strict_ids');
-- Undone with its transaction.
BEGIN;
SELECT session_configure('idle_timeout', '1800');
ROLLBACK;
SELECT session_setting('idle_timeout');
SELECT * FROM kept;
\set ECHO none
\i :helpers
\set ECHO all
SELECT session_configure('cleanup_enabled', NULL) AS default \gset
-- What is refused changes nothing.
SELECT pg_temp.error_of(format('SELECT session_configure(%L, %L)', name, value))
FROM (VALUES (1, NULL, '1'), (2, 'port', '1'), (3, 'idle_timeout', 'soon'), (4, 'idle_timeout', '-1'), (5, 'idle_timeout', '2147483648'), (6, 'idle_timeout', ''),
	(7, 'bind_ip', 'on'), (8, 'audit', ''), (9, 'cleanup_batch', '0'), (10, 'strict_ids', 'maybe'), (11, 'idle_timeout', '1; DROP TABLE sessions'),
	(12, 'idle_timeout''', '1')) v (n, name, value) ORDER BY n;
SELECT * FROM kept;
SELECT session_setting('idle_timeout');
DROP VIEW kept;
