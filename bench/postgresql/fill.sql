/*
 * fill.sql
 *		The same sessions for every rival.
 *
 * Variables: first and last (numbers of sessions), seed, document (see
 * bench/client).  The indexes are there from the beginning and the order is
 * random, as when sessions come one by one.
 */
SET synchronous_commit = off;

CREATE FUNCTION pg_temp.token(n bigint, seed text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT md5(seed || ':token:' || n) || lpad(n::text, 11, '0')
$$;

\if :{?covet}
INSERT INTO public.sessions (id, user_id, created_at, last_accessed_at, expires_at,
	idle_timeout, ip_address, user_agent, data, sweep_at)
SELECT session_digest(pg_temp.token(n, :'seed')), 'user' || n / 2,
	now() - interval '30 minutes', now(), now() + interval '30 days', 86400,
	'192.0.2.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
	replace(:'document', repeat('0', 32), md5(n::text))::jsonb,
	now() + interval '1 day'
FROM generate_series(:first::bigint, :last::bigint) AS n;
\endif

\if :{?hand}
INSERT INTO :"hand".sessions (id, user_id, created_at, last_accessed_at, expires_at,
	ip_address, user_agent, data)
SELECT pg_temp.token(n, :'seed'), 'user' || n / 2,
	now() - interval '30 minutes', now(), now() + interval '1 day' + n * interval '10 ms',
	'192.0.2.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
	replace(:'document', repeat('0', 32), md5(n::text))::jsonb
FROM generate_series(:first::bigint, :last::bigint) AS n;
\endif

\if :{?connect_pg_simple}
INSERT INTO connect_pg_simple.session (sid, sess, expire)
SELECT pg_temp.token(n, :'seed'),
	replace(:'document', repeat('0', 32), md5(n::text))::json,
	now() + interval '1 day' + n * interval '10 ms'
FROM generate_series(:first::bigint, :last::bigint) AS n;
\endif
