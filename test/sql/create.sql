-- session_create: a new session under a fresh token
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- 256 random bits in base64url, different every time.
SELECT session_create() AS token \gset
SELECT :'token' ~ '^[A-Za-z0-9_-]{43}$' AS is_base64url;
SELECT count(DISTINCT session_create()) FROM generate_series(1, 100);
TRUNCATE sessions;

-- The table knows the handle, base64url(SHA-256(token)), and nowhere the token.
SELECT session_create('ann', '{"cart": [1, 2]}', 1800, '192.0.2.7', 'curl/8.1') AS token \gset
SELECT id = translate(encode(sha256(:'token'), 'base64'), '+/=', '-_') AS is_digest,
	strpos(s::text, :'token') AS token_at
FROM sessions s;
SELECT user_id, created_at = last_accessed_at AS unused,
	pg_temp.is_now(created_at), pg_temp.seconds(expires_at - created_at) AS lifetime,
	idle_timeout, ip_address, user_agent, is_active, version, data,
	pg_temp.seconds(sweep_at - created_at) AS swept_after, bound_ip, bound_user_agent
FROM sessions;
SELECT session_get(:'token');

-- The handle is never taken for the token.
SELECT id AS handle FROM sessions \gset
SELECT session_get(:'handle'), session_touch(:'handle'), session_verify(:'handle'),
	session_update(:'handle', '1'), session_patch(:'handle', '{}'),
	session_rotate(:'handle'), session_expire(:'handle', 0),
	session_delete(:'handle'), session_revoke(:'handle'),
	session_revoke_user('ann', except_id => :'token');
SELECT count(*) FROM session_info(:'handle');
SELECT session_set(:'handle', '{}', 'mallory');
SELECT user_id, data FROM session_info(:'token');
SELECT user_id FROM sessions ORDER BY user_id;

-- Trailing arguments may be left out, and all may be null.
TRUNCATE sessions;
SELECT session_create() AS a, session_create('b') AS b,
	session_create('c', '{"c": 1}') AS c, session_create('d', '4', 44) AS d,
	session_create('e', '5', 55, '2001:db8::5') AS e,
	session_create(NULL, NULL, NULL, NULL, NULL) AS f \gset
SELECT name, user_id, data, idle_timeout, ip_address, user_agent
FROM (VALUES ('a', :'a'), ('b', :'b'), ('c', :'c'), ('d', :'d'), ('e', :'e'), ('f', :'f')) v (name, token),
	session_info(token) ORDER BY name;

-- By name, as text and as jsonb.
SELECT session_create(ttl => 60, user_agent => 'x', ip => '::1', data => '{"a": 1}'::jsonb, user_id => 'g') AS g,
	session_create(user_id => 'h', data => '{"a": 1}'::text) AS h,
	session_create(data => '[]'::jsonb) AS i \gset
SELECT user_id, data, idle_timeout, ip_address, user_agent FROM session_info(:'g');
SELECT user_id, data, idle_timeout, ip_address, user_agent FROM session_info(:'h');
SELECT user_id, data, idle_timeout, ip_address, user_agent FROM session_info(:'i');

-- Any JSON value will do.
SELECT count(*), bool_and(session_get(session_create('j', data)) = data::jsonb) AS same
FROM (VALUES ('null'), ('true'), ('0'), ('-1.5e3'), ('""'), ('"é\u00e9\ud83d\ude00"'), ('[]'), ('{}'), ('[{"a": [null]}]')) v (data);

-- The settings give what the call does not.
SET covet_sessions.idle_timeout = 100;
SET covet_sessions.max_lifetime = 1000;
SELECT session_create('k') AS named, session_create() AS anonymous \gset
SET covet_sessions.anonymous_idle_timeout = 50;
SELECT session_create('k') AS named_2, session_create('') AS anonymous_2, session_create('', '{}', 70) AS anonymous_3 \gset
SET covet_sessions.idle_timeout = 0;
SET covet_sessions.anonymous_idle_timeout = 0;
SET covet_sessions.max_lifetime = 0;
SELECT session_create('k') AS endless, session_create('k', '{}', 2147483647) AS longest \gset
SELECT name, idle_timeout, pg_temp.seconds(expires_at - created_at) AS lifetime,
	pg_temp.seconds(valid_until - created_at) AS valid
FROM (VALUES (1, 'named', :'named'), (2, 'anonymous', :'anonymous'), (3, 'named_2', :'named_2'),
	(4, 'anonymous_2', :'anonymous_2'), (5, 'anonymous_3', :'anonymous_3'),
	(6, 'endless', :'endless'), (7, 'longest', :'longest')) v (n, name, token),
	session_info(token) ORDER BY n;
SELECT sweep_at IS NULL AS never_swept FROM pg_temp.row_of(:'endless');
RESET covet_sessions.idle_timeout;
RESET covet_sessions.anonymous_idle_timeout;
RESET covet_sessions.max_lifetime;

-- Now is the clock, not the start of the transaction, in any time zone.
BEGIN;
SELECT pg_sleep(0.01);
SELECT session_create() AS token \gset
SELECT created_at > now() AS later, pg_temp.is_now(created_at) FROM session_info(:'token');
COMMIT;
SET timezone = 'Asia/Tokyo';
SELECT session_create() AS token \gset
SELECT pg_temp.is_now(created_at) FROM session_info(:'token');
SELECT session_get(:'token');
