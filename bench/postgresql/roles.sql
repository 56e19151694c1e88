/*
 * roles.sql
 *		The applications.  They have no rights on covet's tables; the settings
 *		that a benchmark is about are theirs.
 */
SELECT CASE WHEN to_regrole('app') IS NULL THEN
	'CREATE ROLE app LOGIN; CREATE ROLE app_recording LOGIN IN ROLE app;'
	'CREATE ROLE app_by_sql LOGIN IN ROLE app; CREATE ROLE app_async LOGIN IN ROLE app;'
	'CREATE ROLE app_async_recording LOGIN IN ROLE app;'
	'CREATE ROLE app_async_by_sql LOGIN IN ROLE app' END \gexec

ALTER ROLE app_by_sql SET covet_sessions.access_path = spi;
ALTER ROLE app_recording SET covet_sessions.touch_interval = 0;
ALTER ROLE app_async SET synchronous_commit = off;
ALTER ROLE app_async_by_sql SET synchronous_commit = off;
ALTER ROLE app_async_by_sql SET covet_sessions.access_path = spi;
ALTER ROLE app_async_recording SET synchronous_commit = off;
ALTER ROLE app_async_recording SET covet_sessions.touch_interval = 0;

SELECT session_grant('app');
GRANT USAGE ON SCHEMA hand, hand_c, connect_pg_simple, plpgsql, language_sql TO app;
GRANT ALL ON ALL TABLES IN SCHEMA hand, hand_c, connect_pg_simple TO app;
