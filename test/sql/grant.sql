-- session_grant, session_revoke_grant: who may do what
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

CREATE ROLE regress_covet_app;
CREATE ROLE regress_covet_operator;
CREATE ROLE "regress covet Other";
-- What a role may execute and read.
CREATE FUNCTION pg_temp.rights(who text) RETURNS TABLE (may text) LANGUAGE sql AS $$
	SELECT DISTINCT proname::text COLLATE "C" FROM pg_proc
	WHERE proname LIKE 'session\_%' AND pronamespace <> 'pg_catalog'::regnamespace AND has_function_privilege(who, oid, 'EXECUTE')
	UNION ALL
	SELECT DISTINCT 'SELECT ON ' || relname COLLATE "C" FROM pg_class
	WHERE relname LIKE 'session%' AND relkind IN ('r', 'v') AND has_table_privilege(who, oid, 'SELECT,INSERT,UPDATE,DELETE,TRUNCATE')
	ORDER BY 1
$$;

-- Nothing is granted to PUBLIC.
SELECT count(*) FROM pg_temp.rights('regress_covet_app');
SELECT session_grant('regress_covet_app');
SELECT * FROM pg_temp.rights('regress_covet_app');
SELECT session_grant('regress_covet_operator', operator => true);
SELECT * FROM pg_temp.rights('regress_covet_operator') EXCEPT SELECT * FROM pg_temp.rights('regress_covet_app') ORDER BY 1;
SELECT count(*) FROM (SELECT * FROM pg_temp.rights('regress_covet_app') EXCEPT SELECT * FROM pg_temp.rights('regress_covet_operator')) missing;
-- Both signatures of those that have two.
SELECT count(*) FILTER (WHERE has_function_privilege('regress_covet_app', oid, 'EXECUTE')) AS granted, count(*)
FROM pg_proc WHERE proname IN ('session_create', 'session_set', 'session_update', 'session_patch');

-- The application uses a session whose token it holds, and sees no other.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO regress_covet_app, regress_covet_operator;
SELECT session_set('bobs', '{"secret": 1}', 'bob');
SET ROLE regress_covet_app;
SELECT session_create('ann', '{"a": 1}', 1800, '192.0.2.1', 'one') AS a \gset
SELECT session_set('mine', '{}', 'ann'), session_get(:'a'), session_touch(:'a'), session_verify(:'a', '192.0.2.1', 'one'),
	session_update(:'a', '{"a": 2}'), session_patch(:'a', '{"b": 1}'), session_expire(:'a', 60);
SELECT user_id, data FROM session_info(:'a');
SELECT count(*) FROM session_list('ann');
SELECT session_rotate(:'a', 'ann') AS b \gset
SELECT session_delete('mine'), session_revoke(:'b'), session_revoke_handle('ann', session_digest(:'b')), session_revoke_user('ann'),
	session_setting('idle_timeout'), session_version() IS NOT NULL AS version;
SELECT statement, pg_temp.error_of(statement)
FROM (VALUES (1, 'SELECT FROM sessions'), (2, 'SELECT id FROM sessions LIMIT 1'), (3, 'UPDATE sessions SET is_active = true RETURNING 1'), (4, 'INSERT INTO sessions (id) VALUES (1) RETURNING 1'),
	(5, 'DELETE FROM sessions RETURNING 1'), (6, 'SELECT FROM session_events'), (7, 'SELECT FROM session_creations'), (8, 'SELECT FROM session_stats'), (9, 'SELECT session_cleanup()'),
	(10, 'SELECT session_import(''x'', ''{}'')'), (11, 'SELECT session_configure(''audit'', ''off'')'), (12, 'SELECT session_stats()'), (13, 'SELECT session_stats_reset()'),
	(14, 'SELECT session_health()'), (15, 'SELECT session_grant(''regress_covet_app'')'), (16, 'SELECT session_revoke_grant(''regress_covet_operator'')'),
	(17, 'TRUNCATE sessions'), (18, 'SET covet_sessions.audit = off')) v (n, statement) ORDER BY n;
SELECT current_user;
-- An error inside leaves the caller who he was.
SELECT pg_temp.error_of($$SELECT session_set('', '{}')$$), current_user;
RESET ROLE;

-- The operator runs the store, and configures it.
SET ROLE regress_covet_operator;
SELECT session_cleanup() IS NOT NULL AS cleanup, session_import('imported', '{}') AS import,
	session_configure('touch_interval', '30') AS configure, session_setting('touch_interval') AS setting;
SELECT session_configure('touch_interval', NULL);
SELECT count(*) FROM session_health();
SELECT session_stats_reset();
SELECT gets FROM session_stats;
SELECT count(*) FROM session_events;
SELECT pg_temp.error_of('SELECT FROM sessions'), pg_temp.error_of('SELECT session_grant(''regress_covet_app'')');
RESET ROLE;

-- Taken back.
SELECT session_revoke_grant('regress_covet_operator'), session_revoke_grant('regress_covet_app');
SELECT * FROM pg_temp.rights('regress_covet_operator');
SELECT * FROM pg_temp.rights('regress_covet_app');
-- Taking back the operator's leaves none of the application's.
SELECT session_grant('"regress covet Other"', true), session_grant('"regress covet Other"', false);
SELECT count(*) FROM pg_temp.rights('regress covet Other');
SELECT session_revoke_grant('"regress covet Other"');
SELECT count(*) FROM pg_temp.rights('regress covet Other');

-- A role there must be; operator is false where it is not known.
SELECT pg_temp.error_of('SELECT session_grant(NULL)'), pg_temp.error_of('SELECT session_revoke_grant(NULL)');
SELECT session_grant('regress_covet_app', NULL);
SELECT count(*) FROM pg_temp.rights('regress_covet_app');
SELECT left(pg_temp.error_of('SELECT session_grant(''regress_covet_nobody'')'), 5), left(pg_temp.error_of('SELECT session_grant(0)'), 5),
	left(pg_temp.error_of('SELECT session_revoke_grant(4294967295)'), 5);
DROP OWNED BY regress_covet_app, regress_covet_operator, "regress covet Other";
DROP ROLE regress_covet_app, regress_covet_operator, "regress covet Other";
