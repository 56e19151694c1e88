-- session_rotate: the same session under a fresh token
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"cart": [1]}', '', 1800, '192.0.2.1', 'one');
SELECT session_set('a', '{"cart": [2]}', ip => '192.0.2.2');
SELECT pg_temp.age('a', 100);
SELECT to_jsonb(s) - '{id,last_accessed_at}'::text[] AS rest FROM sessions s \gset
SELECT session_rotate('a') AS b \gset
SELECT :'b' ~ '^[A-Za-z0-9_-]{43}$' AS is_token;

-- The session is the same but for its handle and the use.
SELECT to_jsonb(s) - '{id,last_accessed_at}'::text[] = :'rest' AS rest_unchanged,
	pg_temp.is_now(last_accessed_at) AS used FROM pg_temp.row_of(:'b') s;
SELECT session_get(:'b'), version FROM session_info(:'b');

-- The old token is dead at once, for everything, and stays so.
SELECT session_get('a'), session_touch('a'), session_verify('a'), session_update('a', '1'), session_patch('a', '{}'),
	session_rotate('a'), session_expire('a', 10), session_delete('a'), session_revoke('a'), session_set('a', '{}'), session_import('a', '{}');
SELECT is_active, data, pg_temp.seconds(sweep_at - (SELECT last_accessed_at FROM pg_temp.row_of(:'b'))) AS kept_for
FROM pg_temp.row_of('a');
SELECT count(*) FROM sessions;

-- With an owner: login.
SELECT session_rotate(:'b', 'ann') AS c \gset
SELECT user_id, data, version, idle_timeout, ip_address FROM session_info(:'c');
SELECT session_get(:'b') IS NULL AS dead;
SELECT user_id, data FROM session_list('ann');
-- Null keeps the owner; the empty string is the anonymous user.
SELECT session_rotate(:'c', NULL) AS d \gset
SELECT user_id FROM session_info(:'d');
SELECT session_rotate(id => :'d', user_id => '') AS e \gset
SELECT user_id FROM session_info(:'e');
SELECT count(*) FROM session_list('ann');
SELECT :'b' <> :'c' AND :'c' <> :'d' AND :'d' <> :'e' AS fresh;

-- The last use does not move back.
UPDATE sessions SET last_accessed_at = clock_timestamp() + interval '1 hour' WHERE is_active;
SELECT last_accessed_at AS before FROM sessions WHERE is_active \gset
SELECT session_rotate(:'e') AS f \gset
SELECT last_accessed_at = :'before' AS unmoved FROM pg_temp.row_of(:'f');

-- Not live: null, and nothing changes.
SELECT session_set('expired', '{}', ttl => 10), session_set('revoked', '{}'), session_revoke('revoked');
SELECT pg_temp.age('expired', 10);
SELECT pg_temp.content() AS content \gset
SELECT session_rotate('missing'), session_rotate('expired'), session_rotate('revoked'), session_rotate('expired', 'ann');
SELECT session_rotate(''), session_rotate('a b'), session_rotate('é'), session_rotate(repeat('x', 256));
SELECT pg_temp.error_of($$SELECT session_rotate(NULL)$$);
SELECT pg_temp.error_of($$SELECT session_rotate(NULL, 'ann')$$);
SELECT pg_temp.error_of(format('SELECT session_rotate(%L, repeat(%L, 256))', :'f', 'ü'));
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_rotate(:'f', repeat('ü', 255)) AS g \gset
SELECT user_id = repeat('ü', 255) AS longest FROM session_info(:'g');

-- Undone with its transaction.
BEGIN;
SELECT session_rotate(:'g') IS NOT NULL AS rotated;
SELECT session_get(:'g') IS NULL AS dead;
ROLLBACK;
SELECT session_get(:'g');

-- Twice in one statement: the second finds a dead token.
SELECT count(token), count(*) FROM (SELECT session_rotate(:'g') FROM generate_series(1, 2)) t (token);
