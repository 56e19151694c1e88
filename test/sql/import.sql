-- session_import: bring in a session from another store
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT date_trunc('second', clock_timestamp()) AS now \gset
SELECT session_import('a', '{"n": 1}', 'ann', :'now'::timestamptz - interval '1 day', :'now'::timestamptz - interval '10 min',
	:'now'::timestamptz + interval '1 day', '192.0.2.1', 'one');
SELECT user_id, created_at = :'now'::timestamptz - interval '1 day' AS created_at, last_accessed_at = :'now'::timestamptz - interval '10 min' AS last_accessed_at,
	expires_at = :'now'::timestamptz + interval '1 day' AS expires_at, idle_timeout, ip_address, user_agent, is_active, version, data
FROM session_info('a');
SELECT sweep_at = last_accessed_at + interval '3600 s' AS scheduled FROM sessions;
SELECT session_get('a'), session_touch('a');

-- Never overwrites, revives or adds to what is there.
SELECT session_set('live', '{"old": 1}', 'bob'), session_set('revoked', '{}'), session_revoke('revoked');
SELECT pg_temp.content() AS content \gset
SELECT session_import('a', '{"n": 2}'), session_import('live', '{"new": 1}', 'mallory'), session_import('revoked', '{"new": 1}'::jsonb);
SELECT pg_temp.content() = :'content' AS unchanged;
-- An expired row is not there.
SELECT session_set('expired', '{"old": 1}', 'bob', 10), session_update('expired', '{"old": 2}');
SELECT pg_temp.age('expired', 10);
SELECT session_import('expired', '{"new": 1}');
SELECT user_id, version, data FROM session_info('expired');

-- Null times: created and used now, deadline after max_lifetime.
SELECT session_import('b', '{}');
SELECT pg_temp.is_now(created_at), created_at = last_accessed_at AS unused, pg_temp.seconds(expires_at - created_at) AS lifetime, idle_timeout, user_id
FROM session_info('b');
SELECT session_import('c', '{}', NULL, :'now'::timestamptz - interval '100 s');
SELECT created_at = :'now'::timestamptz - interval '100 s' AS created_at, pg_temp.is_now(last_accessed_at), pg_temp.seconds(expires_at - created_at) AS lifetime FROM session_info('c');
-- Used, but created when? Then.
SELECT session_import(id => 'd', data => '[]'::jsonb, last_accessed_at => :'now'::timestamptz - interval '50 s');
SELECT created_at = last_accessed_at AS created_then, pg_temp.seconds(:'now'::timestamptz - last_accessed_at) AS ago FROM session_info('d');
-- A use before the creation was none, and a future one is now.
SELECT session_import('e', '{}', created_at => :'now'::timestamptz - interval '50 s', last_accessed_at => :'now'::timestamptz - interval '500 s');
SELECT created_at = last_accessed_at AS unused FROM session_info('e');
SELECT session_import('f', '{}', created_at => :'now'::timestamptz + interval '1 day', last_accessed_at => :'now'::timestamptz + interval '2 days');
SELECT pg_temp.is_now(created_at) AS created_now, pg_temp.is_now(last_accessed_at) AS used_now FROM session_info('f');
SET covet_sessions.max_lifetime = 0;
SET covet_sessions.idle_timeout = 0;
SELECT session_import('g', '{}', created_at => '1970-01-01 00:00:00+00', last_accessed_at => '1970-01-01 00:00:00+00');
SELECT created_at, last_accessed_at, expires_at, idle_timeout, valid_until FROM session_info('g');
SELECT session_import('h', '{}', expires_at => '9999-12-31 23:59:59.999999+00');
SELECT expires_at, valid_until FROM session_info('h');
RESET covet_sessions.idle_timeout;
RESET covet_sessions.max_lifetime;

-- One that is over already is not stored.
SELECT session_import('over', '{}', last_accessed_at => :'now'::timestamptz - interval '3600 s'),
	session_import('over', '{}', expires_at => :'now'::timestamptz),
	session_import('over', '{}', created_at => :'now'::timestamptz - interval '2592000 s');
SELECT count(*) FROM pg_temp.row_of('over');

-- The words of the arguments.
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of('SELECT session_import(' || arguments || ')') AS error
FROM (VALUES (1, $$NULL, '{}'$$), (2, $$'', '{}'$$), (3, $$'a b', '{}'$$), (4, $$repeat('x', 256), '{}'$$), (5, $$'x', NULL$$), (6, $$'x', NULL::jsonb$$),
	(7, $$'x', '{"a": "\u0000"}'$$), (8, $$'x', '{"a": "\udc00"}'$$), (9, $$'x', '{}', repeat('x', 256)$$),
	(10, $$'x', '{}', 'u', 'infinity'$$), (11, $$'x', '{}', 'u', '-infinity'$$), (12, $$'x', '{}', 'u', NULL, 'infinity'$$),
	(13, $$'x', '{}', 'u', NULL, '-infinity'$$), (14, $$'x', '{}', 'u', NULL, NULL, 'infinity'$$), (15, $$'x', '{}', 'u', NULL, NULL, '-infinity'$$),
	(16, $$'x', '{}', 'u', '1969-12-31 23:59:59.999999+00'$$), (17, $$'x', '{}', 'u', NULL, '10000-01-01 00:00+00'$$),
	(18, $$'x', '{}', 'u', NULL, NULL, '4714-11-24 00:00:00+00 BC'$$), (19, $$'x', '{}', ip => '192.0.2'$$), (20, $$'x', '{}', ip => ''$$)) v (n, arguments)
ORDER BY n;
SET covet_sessions.max_data_size = 100;
SELECT pg_temp.error_of($$SELECT session_import('x', to_jsonb(repeat('x', 100)))$$);
RESET covet_sessions.max_data_size;
SELECT pg_temp.content() = :'content' AS unchanged;
