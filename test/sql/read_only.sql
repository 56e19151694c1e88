-- A read-only transaction: readers read, every verb that writes is refused
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann'), session_set('expired', '{}', 'ann', 10);
SELECT pg_temp.age('expired', 10), pg_temp.age('a', 100);
SELECT pg_temp.content() AS content \gset
START TRANSACTION READ ONLY;
SELECT session_get('a'), session_touch('a'), session_verify('a', '192.0.2.1', 'x'), session_get('expired'), session_touch('expired'), session_verify('expired');
SELECT user_id, data FROM session_info('a');
SELECT user_id, data FROM session_list('ann');
SELECT session_digest('a') IS NOT NULL AS digest, session_setting('idle_timeout') AS setting, session_version() IS NOT NULL AS version;
SELECT call, pg_temp.error_of('SELECT ' || call)
FROM (VALUES
	(1, $$session_create()$$), (2, $$session_create('ann', '{}')$$), (3, $$session_set('a', '{}')$$), (4, $$session_set('b', '{}'::jsonb)$$),
	(5, $$session_update('a', '{}')$$), (6, $$session_update('missing', '{}'::jsonb)$$), (7, $$session_patch('a', '{}')$$), (8, $$session_patch('a', '{}'::jsonb)$$),
	(9, $$session_rotate('a')$$), (10, $$session_expire('a', 1)$$), (11, $$session_delete('a')$$), (12, $$session_delete('missing')$$), (13, $$session_revoke('a')$$),
	(14, $$session_revoke_handle('ann', 'x')$$), (15, $$session_revoke_user('ann')$$), (16, $$session_cleanup()$$), (17, $$session_import('b', '{}')$$),
	(18, $$session_configure('audit', 'all')$$)) v (n, call)
ORDER BY n;
-- Malformed arguments do not change that.
SELECT left(pg_temp.error_of($$SELECT session_set(NULL, NULL)$$), 5), left(pg_temp.error_of($$SELECT session_delete(NULL)$$), 5);
COMMIT;
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_setting('audit');

-- So it is where the connection is read-only by default.
SET default_transaction_read_only = on;
SELECT session_touch('a'), pg_temp.error_of($$SELECT session_revoke('a')$$);
SET default_transaction_read_only = off;
SELECT session_revoke('a');
