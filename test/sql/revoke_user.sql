-- session_revoke_user: "sign out everywhere (else)"
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('ann-' || n, '{}', 'ann'), session_set('bob-' || n, '{}', 'bob'), session_set('nobody-' || n, '{}')
FROM generate_series(1, 3) n;
SELECT session_set('ann-expired', '{}', 'ann', 10), session_set('ann-revoked', '{}', 'ann'), session_revoke('ann-revoked');
SELECT pg_temp.age('ann-expired', 10);

-- All but one; how many were live.
SELECT session_revoke_user('ann', 'ann-2');
SELECT session_get('ann-1'), session_get('ann-2'), session_get('ann-3'), session_get('bob-1'), session_get('nobody-1');
SELECT session_revoke_user('ann', 'ann-2');
-- What is excepted need not be there, nor his, nor be an id.
SELECT session_set('ann-4', '{}', 'ann'), session_set('ann-5', '{}', 'ann'), session_set('ann-6', '{}', 'ann');
SELECT session_revoke_user('ann', 'bob-1'), session_get('bob-1');
SELECT session_set('ann-7', '{}', 'ann'), session_revoke_user('ann', 'a b'), session_set('ann-8', '{}', 'ann'), session_revoke_user('ann', '');
SELECT session_set('ann-9', '{}', 'ann'), session_revoke_user('ann', session_digest('ann-9'));
-- All of them.
SELECT session_revoke_user(user_id => 'bob'), session_revoke_user('bob', NULL), session_revoke_user('nobody');
SELECT user_id, is_active, count(*) FROM sessions GROUP BY 1, 2 ORDER BY 1, 2;
SELECT bool_and(data = '{}' AND pg_temp.is_now(sweep_at - interval '300 s')) AS tombstones FROM sessions WHERE NOT is_active;
SELECT session_set('ann-1', '{}'), session_set('bob-1', '{}', 'bob');

-- The owner counts, not who started it.
SELECT session_set('moved', '{}', 'carol'), session_set('moved', '{}', 'dave'), session_rotate('nobody-1', 'dave') IS NOT NULL AS rotated;
SELECT session_revoke_user('carol'), session_revoke_user('dave');

-- Not for the anonymous.
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of(format('SELECT session_revoke_user(%L)', user_id))
FROM (VALUES (1, NULL), (2, ''), (3, repeat('x', 256))) v (n, user_id) ORDER BY n;
SELECT session_revoke_user(repeat('ü', 255)), session_revoke_user(' '), session_revoke_user('%');
SELECT pg_temp.content() = :'content' AS unchanged;

-- Many.
SELECT count(session_create('many')) FROM generate_series(1, 1000);
SELECT session_revoke_user('many');
