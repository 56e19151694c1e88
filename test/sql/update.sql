-- session_update: replace the data of a live session, compare-and-set
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 1800, '192.0.2.1', 'one');

-- Without a version: unconditionally.
SELECT session_update('a', '{"n": 2}'), session_get('a');
SELECT session_update('a', '[3]', NULL), session_get('a');

-- With one: only if it is the session's.
SELECT pg_temp.content() AS content \gset
SELECT session_update('a', '4', 2), session_update('a', '4', 4), session_update('a', '4', 0),
	session_update('a', '4', -1), session_update('a', '4', 9223372036854775807);
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_update('a', '4', 3), session_get('a');
SELECT session_update('a', '5', version => 4), session_update('a', '6', 4), session_get('a');

-- The data, the version and the use change, and nothing else.
SELECT pg_temp.age('a', 100);
SELECT to_jsonb(s) - '{data,version,last_accessed_at}'::text[] AS rest FROM sessions s \gset
SELECT session_update('a', '{"n": 6}', 5);
SELECT to_jsonb(s) - '{data,version,last_accessed_at}'::text[] = :'rest' AS rest_unchanged,
	pg_temp.is_now(last_accessed_at) AS used, version, data FROM sessions s;
-- The last use does not move back.
UPDATE sessions SET last_accessed_at = clock_timestamp() + interval '1 hour';
SELECT last_accessed_at AS before FROM sessions \gset
SELECT session_update('a', '{"n": 7}');
SELECT last_accessed_at = :'before' AS unmoved FROM sessions;

-- Text, jsonb, names, and data as it was read.
SELECT session_update(version => 7, data => '{"n": 8}'::jsonb, id => 'a');
SELECT session_update('a', data || '{"m": 1}', version) FROM session_info('a');
SELECT session_get('a');
-- The same data again is a change as well.
SELECT session_update('a', data) FROM session_info('a');

-- It never creates and never revives.
SELECT session_set('expired', '{}', ttl => 10), session_set('revoked', '{}'), session_revoke('revoked');
SELECT pg_temp.age('expired', 10);
SELECT pg_temp.content() AS content \gset
SELECT session_update('missing', '{}'), session_update('expired', '{}'), session_update('revoked', '{}'),
	session_update('revoked', '{}', 1), session_update('expired', '{}', 1);
SELECT session_update('', '{}'), session_update('a b', '{}'), session_update('é', '{}'), session_update(repeat('x', 256), '{}');
SELECT pg_temp.content() = :'content' AS unchanged;

-- What only a programmer gets wrong, on a live session and on a missing one.
SELECT id, pg_temp.error_of(format('SELECT session_update(%L, %s)', id, data))
FROM (VALUES ('a'), ('missing'), (NULL)) i (id), (VALUES ('NULL'), ('NULL::jsonb'), ($$'{"a": "\u0000"}'$$)) d (data)
ORDER BY id, data COLLATE "C";
SELECT pg_temp.error_of($$SELECT session_update('a', 'not JSON')$$);
SET covet_sessions.max_data_size = 100;
SELECT pg_temp.error_of($$SELECT session_update('a', to_jsonb(repeat('x', 93)))$$);
SELECT session_update('a', to_jsonb(repeat('x', 92)));
SELECT pg_temp.error_of($$SELECT session_update('a', to_jsonb(repeat('x', 93)), 0)$$);
RESET covet_sessions.max_data_size;

-- The largest version there is.
UPDATE sessions SET version = 9223372036854775806 WHERE id = session_digest('a');
SELECT session_update('a', '{}', 9223372036854775806);
