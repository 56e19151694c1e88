-- session_info: all that is known of a live session
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 1800, '192.0.2.1', 'curl/8.1');
SELECT * FROM session_info('a') \gset
SELECT :'id' = session_digest('a') AS id, :'user_id' AS user_id, :'idle_timeout' AS idle_timeout,
	:'ip_address' AS ip_address, :'user_agent' AS user_agent, :'is_active' AS is_active,
	:'version' AS version, :'data' AS data;
-- It is what the table holds, in the same order, and when the session ends.
SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = 'sessions'::regclass AND attnum > 0 ORDER BY attnum;
CREATE TEMP TABLE info AS SELECT * FROM session_info('a');
SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = 'info'::regclass AND attnum > 0 ORDER BY attnum;
SELECT to_jsonb(i) - 'valid_until' = to_jsonb(s) - 'sweep_at' - 'bound_ip' - 'bound_user_agent' AS same
FROM info i, sessions s;

-- valid_until is the earlier of the two deadlines, or null.
SELECT valid_until = last_accessed_at + interval '1800 s' AS by_disuse FROM session_info('a');
SELECT session_expire('a', 600);
SELECT valid_until = expires_at AS by_deadline FROM session_info('a');
UPDATE sessions SET expires_at = NULL;
SELECT valid_until = last_accessed_at + interval '1800 s' AS by_disuse, expires_at FROM session_info('a');
UPDATE sessions SET idle_timeout = NULL;
SELECT valid_until, idle_timeout FROM session_info('a');

-- No touch.
SELECT pg_temp.age('a', 1000);
SELECT pg_temp.content() AS content \gset
SELECT count(*) FROM session_info('a');
SELECT pg_temp.content() = :'content' AS unchanged;

-- A row, or none; it is null-safe to join.
SELECT user_id, data FROM session_info('missing');
SELECT (session_info('a')).user_id;
SELECT token, user_id FROM (VALUES ('a'), ('missing'), (NULL), ('')) v (token) LEFT JOIN session_info(token) ON true
ORDER BY token;
SELECT count(*) FROM session_info('a b');
SELECT count(*) FROM session_info(repeat('x', 256));
SELECT count(*) FROM session_info('é');

-- Expired and revoked ones are not there; the former are removed on the way.
SELECT session_set('b', '{}', ttl => 10), session_set('c', '{}'), session_revoke('c');
SELECT pg_temp.age('b', 10);
SELECT count(*) FROM session_info('b');
SELECT count(*) FROM session_info('c');
SELECT count(*) FROM pg_temp.row_of('b');
SELECT count(*) FROM pg_temp.row_of('c');

-- In a read-only transaction it reads.
SELECT session_set('d', '{}', ttl => 10);
SELECT pg_temp.age('d', 10);
START TRANSACTION READ ONLY;
SELECT user_id FROM session_info('a');
SELECT user_id FROM session_info('d');
COMMIT;
SELECT count(*) FROM pg_temp.row_of('d');
