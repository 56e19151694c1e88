-- session_health: is the installation in order
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SET covet_sessions.cleanup_enabled = on;
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_duration_sample = -1;
SET log_parameter_max_length = -1;
SET log_parameter_max_length_on_error = 0;
SELECT session_cleanup();

-- Every check has a row; a hint stands where it is not well.
SELECT "check", count(*) FROM session_health() GROUP BY 1 ORDER BY 1;
SELECT bool_and((hint IS NULL) = ok AND detail <> '') FROM session_health();
SELECT "check", ok FROM session_health() WHERE "check" NOT IN ('preload', 'launcher');
SELECT ok = (current_setting('shared_preload_libraries') ~ 'covet_sessions') AS as_preloaded FROM session_health() WHERE "check" = 'preload';
SELECT detail = format('library %s, schema %s', session_version(), extversion) AS version
FROM session_health(), pg_extension WHERE "check" = 'version' AND extname = 'covet_sessions';
SELECT detail ~ '^last [0-9]+ s ago, took [0-9]+ ms$' AS swept FROM session_health() WHERE "check" = 'sweep';

-- What waits for the sweep.
SELECT session_set('a', '{}', ttl => 10);
SELECT pg_temp.age('a', 1010);
SELECT detail ~ '^1 row due, the oldest since 10[0-9][0-9] s$' AS due, ok FROM session_health() WHERE "check" = 'backlog';
SELECT session_cleanup();
SELECT detail FROM session_health() WHERE "check" = 'backlog';

-- Settings that look wrong.
CREATE FUNCTION pg_temp.wrong(name text, value text) RETURNS TABLE (detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config(name, value, true);
	RETURN QUERY SELECT h.detail, h.hint FROM session_health() h WHERE h."check" = 'settings' AND NOT h.ok;
END $$;
\pset format unaligned
\t
SELECT * FROM pg_temp.wrong('covet_sessions.cleanup_enabled', 'off');
SELECT * FROM pg_temp.wrong('covet_sessions.tombstone_retention', '0');
SELECT * FROM pg_temp.wrong('covet_sessions.idle_timeout', '2592001');
SELECT * FROM pg_temp.wrong('track_counts', 'off');
SELECT * FROM pg_temp.wrong('log_statement', 'all');
SELECT * FROM pg_temp.wrong('log_min_duration_statement', '1000');
SELECT * FROM pg_temp.wrong('log_min_duration_sample', '1000');
SELECT * FROM pg_temp.wrong('log_parameter_max_length_on_error', '100');
BEGIN;
SET LOCAL covet_sessions.max_lifetime = 0;
SELECT * FROM pg_temp.wrong('covet_sessions.idle_timeout', '0');
COMMIT;
BEGIN;
SET LOCAL log_statement = 'all';
SELECT * FROM pg_temp.wrong('log_parameter_max_length', '0');
COMMIT;
\t
\pset format aligned
SELECT ok, detail FROM session_health() WHERE "check" = 'settings';

-- A read-only transaction may ask.
START TRANSACTION READ ONLY;
SELECT count(*) FROM session_health();
COMMIT;
SELECT session_version() = (SELECT default_version FROM pg_available_extensions WHERE name = 'covet_sessions') AS as_in_the_control_file;
