-- session_expire: move the absolute deadline of a live session
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 1800);
SELECT pg_temp.age('a', 100);
SELECT to_jsonb(s) - '{expires_at,sweep_at}'::text[] AS rest, sweep_at FROM sessions s \gset

-- Now plus seconds; not a use, and nothing else changes.
SELECT session_expire('a', 3600);
SELECT pg_temp.is_now(expires_at - interval '3600 s') AS in_an_hour, sweep_at = :'sweep_at' AS same_sweep FROM sessions;
SELECT session_expire('a', 600);
SELECT pg_temp.is_now(expires_at - interval '600 s') AS sooner, sweep_at = expires_at AS swept_then,
	to_jsonb(s) - '{expires_at,sweep_at}'::text[] = :'rest' AS rest_unchanged FROM sessions s;
SELECT valid_until = expires_at AS valid FROM session_info('a');
-- Later again: the sweep that is due looks once more.
SELECT session_expire('a', 2147483647);
SELECT pg_temp.is_now(expires_at - interval '2147483647 s') AS far, sweep_at < expires_at AS swept_before FROM sessions;
SELECT session_expire(seconds => 60, id => 'a');
SELECT pg_temp.is_now(expires_at - interval '60 s') AS soon FROM sessions;

-- Null: back to max_lifetime from its creation.
SELECT session_expire('a', NULL);
SELECT pg_temp.seconds(expires_at - created_at) AS lifetime FROM sessions;
SET covet_sessions.max_lifetime = 5000;
SELECT session_expire('a');
SELECT pg_temp.seconds(expires_at - created_at) AS lifetime FROM sessions;
SET covet_sessions.max_lifetime = 0;
SELECT session_expire('a');
SELECT expires_at FROM sessions;
-- Which may have passed: then it ends.
SET covet_sessions.max_lifetime = 100;
SELECT session_expire('a');
SELECT session_get('a') IS NULL AS over;
RESET covet_sessions.max_lifetime;

-- 0: ends now.
SELECT session_set('b', '{"b": 1}');
SELECT session_expire('b', 0), session_get('b');
SELECT session_set('c', '{}'), session_expire('c', 0), session_expire('c', 100), session_expire('c');

-- Not live: false, silently.
SELECT session_set('expired', '{}', ttl => 10), session_set('revoked', '{}'), session_revoke('revoked'), session_set('live', '{}');
SELECT pg_temp.age('expired', 10);
SELECT pg_temp.content() AS content \gset
SELECT session_expire('missing', 10), session_expire('expired', 1000), session_expire('revoked', 1000), session_expire('revoked');
SELECT session_expire('', 10), session_expire('a b', 10), session_expire('é', 10), session_expire(repeat('x', 256), 10);

-- What only a programmer gets wrong, on a live session and on a missing one.
SELECT id, pg_temp.error_of(format('SELECT session_expire(%L, %s)', id, seconds))
FROM (VALUES ('live'), ('missing')) i (id), (VALUES ('-1'), ('2147483648'), ('9223372036854775807'), ('-9223372036854775808')) s (seconds)
ORDER BY id, seconds::numeric;
SELECT pg_temp.error_of('SELECT session_expire(NULL)'), pg_temp.error_of('SELECT session_expire(NULL, 1)');
SELECT pg_temp.content() = :'content' AS unchanged;
