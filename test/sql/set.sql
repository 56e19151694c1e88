-- session_set: write a session, starting it if need be
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- Missing: starts a session.
SELECT session_set('a', '{"n": 1}', 'ann', 1800, '192.0.2.1', 'one');
SELECT user_id, created_at = last_accessed_at AS unused, pg_temp.is_now(created_at),
	pg_temp.seconds(expires_at - created_at) AS lifetime, idle_timeout, ip_address,
	user_agent, is_active, version, data, id = session_digest('a') AS is_handle
FROM session_info('a');

-- Live: replaces the data, and a null argument keeps what is there.
SELECT pg_temp.age('a', 100);
SELECT created_at, last_accessed_at, expires_at FROM pg_temp.row_of('a') \gset
SELECT session_set('a', '[2]');
SELECT user_id, created_at = :'created_at' AS same_start, expires_at = :'expires_at' AS same_end,
	pg_temp.is_now(last_accessed_at) AS used, idle_timeout, ip_address, user_agent, version, data
FROM session_info('a');
SELECT session_set('a', '3', NULL, NULL, NULL, NULL);
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');

-- Each argument is replaced by itself.
SELECT session_set('a', '4', user_id => 'bob');
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');
SELECT session_set('a', '5', ttl => 900);
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');
SELECT session_set('a', '6', ip => '2001:db8::1');
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');
SELECT session_set('a', '7', user_agent => 'two');
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');
SELECT session_set('a', '8', user_id => '', user_agent => '');
SELECT user_id, idle_timeout, ip_address, user_agent, version, data FROM session_info('a');

-- The same data again is a change as well.
SELECT session_set('a', '8');
SELECT version FROM session_info('a');

-- A shorter ttl brings the sweep forward, a longer one leaves it.
SELECT session_set('a', '{}', ttl => 60);
SELECT sweep_at = last_accessed_at + interval '60 s' AS forward FROM pg_temp.row_of('a');
SELECT sweep_at FROM pg_temp.row_of('a') \gset
SELECT session_set('a', '{}', ttl => 6000);
SELECT sweep_at = :'sweep_at' AS unmoved FROM pg_temp.row_of('a');

-- Named arguments, text and jsonb, a parameter without a type.
SELECT session_set('b', '{}', ttl => 1800);
SELECT session_set(id => 'b', data => '{"t": 1}'::text);
SELECT session_set(data => '{"j": 1}'::jsonb, id => 'b');
SELECT session_set('b', jsonb_build_object('cart', jsonb_build_array(1)), user_agent => 'three');
SELECT version, data, idle_timeout, user_agent FROM session_info('b');
PREPARE write AS SELECT session_set($1, $2);
EXECUTE write('b', '{"p": 1}');
SELECT session_get('b');
DEALLOCATE write;

-- What it is made of may differ from what is given, but the value is the same.
SELECT session_set('b', ' { "z" : 1.50 , "a" : [ true,false,null ] , "é" : "\u00e9\n\ud83d\ude00" } ');
SELECT session_get('b') = '{"a": [true, false, null], "z": 1.5, "é": "é\n😀"}' AS same;
-- Of duplicate keys the last one counts.
SELECT session_set('b', '{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}');
SELECT session_get('b');

-- Expired: a new session, nothing of the old one but the id.
SELECT session_set('c', '{"old": 1}', 'ann', 100, '192.0.2.1', 'one');
SELECT session_set('c', '{"old": 2}', ip => '192.0.2.2');
SELECT pg_temp.age('c', 101);
SELECT session_get('c') IS NULL AS over, session_set('c', '{"new": 1}', ttl => 60);
SELECT user_id, idle_timeout, version, data FROM session_info('c');
SELECT session_set('d', '{"old": 1}', 'ann', 100, '192.0.2.1', 'one');
SELECT session_set('d', '{"old": 2}', ip => '192.0.2.2');
SELECT version, bound_ip FROM pg_temp.row_of('d');
SELECT pg_temp.age('d', 101);
SELECT session_set('d', '{"new": 1}');
SELECT user_id, pg_temp.is_now(created_at), idle_timeout, ip_address, user_agent, version, data
FROM session_info('d');
SELECT bound_ip, bound_user_agent FROM pg_temp.row_of('d');
-- By its absolute deadline too.
UPDATE sessions SET expires_at = clock_timestamp() - interval '1 us' WHERE id = session_digest('d');
SELECT session_set('d', '{"newer": 1}', 'bob');
SELECT user_id, version, data, expires_at > clock_timestamp() AS ahead FROM session_info('d');

-- Revoked: stores nothing, for as long as the tombstone is there.
SELECT session_revoke('d');
SELECT pg_temp.content() AS content \gset
SELECT session_set('d', '{"back": 1}', 'mallory', 60, '192.0.2.9', 'x');
SELECT session_set('d', '{"back": 1}'::jsonb);
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_get('d');
SELECT is_active, data, user_id FROM pg_temp.row_of('d');
-- Not when both deadlines have passed, either.
SELECT pg_temp.age('d', 10000000);
SELECT session_set('d', '{"back": 1}');
SELECT session_cleanup();
SELECT session_set('d', '{"new": 1}'), session_get('d');

-- An earlier clock does not move the last use back.
UPDATE sessions SET last_accessed_at = clock_timestamp() + interval '1 hour' WHERE id = session_digest('d');
SELECT last_accessed_at FROM pg_temp.row_of('d') \gset
SELECT session_set('d', '{"new": 2}');
SELECT last_accessed_at = :'last_accessed_at' AS unmoved, version FROM pg_temp.row_of('d');

-- What it was created with is kept beside what it was last given.
SELECT session_set('e', '1', ip => '192.0.2.1', user_agent => 'first');
SELECT session_set('e', '2', ip => '192.0.2.2');
SELECT session_set('e', '3', ip => '192.0.2.3', user_agent => 'second');
SELECT session_set('e', '4', ip => '192.0.2.1', user_agent => 'third');
SELECT ip_address, user_agent, bound_ip, bound_user_agent FROM pg_temp.row_of('e');

-- strict_ids: only the store makes ids.
SELECT session_create('ann', '{"made": 1}') AS made \gset
SELECT session_set('left', '1', ttl => 10), session_import('brought', '{"in": 1}');
SELECT pg_temp.age('left', 11);
SET covet_sessions.strict_ids = on;
SELECT session_set('unknown', '{}'), session_set('left', '2'), session_set(:'made', '{"made": 2}'),
	session_set('brought', '{"in": 2}');
SELECT session_rotate('brought') AS rotated \gset
SELECT session_set(:'rotated', '{"in": 3}'), session_set('brought', '{"in": 4}');
SELECT session_get('unknown'), session_get('left'), session_get(:'made'), session_get(:'rotated'), session_get('brought');
SELECT pg_temp.error_of($$SELECT session_set('', '{}')$$);
RESET covet_sessions.strict_ids;

-- Larger than max_data_size: an error, for a new session and for a live one.
SET covet_sessions.max_data_size = 100;
SELECT session_set('f', to_jsonb(repeat('x', 92))), session_set('g', to_jsonb(repeat('x', 92)));
SELECT pg_column_size('"x"'::jsonb) AS one, pg_column_size(to_jsonb(repeat('x', 92))) - 4 AS stored;
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of($$SELECT session_set('f', to_jsonb(repeat('x', 93)))$$);
SELECT pg_temp.error_of($$SELECT session_set('f', to_jsonb(repeat('x', 93))::text)$$);
SELECT pg_temp.error_of($$SELECT session_set('h', to_jsonb(repeat('x', 93)))$$);
SELECT pg_temp.content() = :'content' AS unchanged;
-- Compression does not make it smaller.
SET covet_sessions.max_data_size = 100000;
CREATE TEMP TABLE compressed AS SELECT to_jsonb(repeat('x', 200000)) AS data;
SELECT pg_column_size(data) < 100000 AS is_compressed FROM compressed;
SELECT pg_temp.error_of($$SELECT session_set('f', data) FROM compressed$$);
RESET covet_sessions.max_data_size;
SELECT session_set('f', data), session_get('f') = data AS same FROM compressed;
-- The default is a mebibyte.
SELECT session_set('f', to_jsonb(repeat('x', 1048576 - 8)));
SELECT pg_temp.error_of($$SELECT session_set('f', to_jsonb(repeat('x', 1048576 - 7)))$$);
SELECT length(session_get('f')::text) - 2 AS characters;
