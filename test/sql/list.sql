-- session_list: a user's live sessions, for "your devices"
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('ann-' || n, to_jsonb(n), 'ann', 1800, '192.0.2.' || n, 'browser ' || n), session_set('bob-' || n, '{}', 'bob'), session_set('none-' || n, '{}')
FROM generate_series(1, 4) n;
SELECT session_set('expired', '{}', 'ann', 10), session_set('revoked', '{}', 'ann'), session_revoke('revoked');
SELECT pg_temp.age('expired', 10);

-- Latest use first, then by handle.
UPDATE sessions SET last_accessed_at = date_trunc('second', last_accessed_at) - interval '10 s' WHERE user_id = 'ann' AND is_active;
UPDATE sessions SET last_accessed_at = last_accessed_at + interval '1 s' WHERE id = session_digest('ann-3');
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '1 s' WHERE id = session_digest('ann-1');
SELECT data, ip_address, user_agent FROM session_list('ann');
SELECT id COLLATE "C" < lead(id) OVER () AS by_handle FROM session_list('ann') OFFSET 1 LIMIT 1;
SELECT session_touch('ann-1') FROM pg_temp.age('ann-1', 100);
SELECT data FROM session_list('ann') LIMIT 1;

-- The columns of session_info.
SELECT bool_and(l = i) AS same, count(*) FROM session_list('ann') l JOIN generate_series(1, 4) n ON l.id = session_digest('ann-' || n), session_info('ann-' || n) i;

-- It writes nothing, and an expired row stays.
SELECT pg_temp.content() AS content \gset
START TRANSACTION READ ONLY;
SELECT count(*) FROM session_list('ann');
COMMIT;
SELECT count(*) FROM session_list(user_id => 'bob');
SELECT pg_temp.content() = :'content' AS unchanged;

-- Nobody's, and not for the anonymous.
SELECT count(*) FROM session_list('nobody');
SELECT count(*) FROM session_list('ANN');
SELECT count(*) FROM session_list(repeat('ü', 255));
SELECT pg_temp.error_of(format('SELECT count(*) FROM session_list(%L)', user_id))
FROM (VALUES (1, NULL), (2, ''), (3, repeat('x', 256))) v (n, user_id) ORDER BY n;
