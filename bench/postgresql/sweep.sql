/*
 * sweep.sql
 *		Adds :due sessions that have just ended, to covet's table, to that of the
 *		schema :hand, or to that of connect-pg-simple.
 */
SET synchronous_commit = off;

\if :{?hand}
INSERT INTO :"hand".sessions (id, user_id, expires_at, data)
SELECT md5(random()::text) || lpad(n::text, 11, '0'), 'user' || n / 2,
	now() - interval '1 s', replace(:'document', repeat('0', 32), md5(n::text))::jsonb
FROM generate_series(1, :due) AS n;
\elif :{?connect_pg_simple}
INSERT INTO connect_pg_simple.session (sid, sess, expire)
SELECT md5(random()::text) || lpad(n::text, 11, '0'),
	replace(:'document', repeat('0', 32), md5(n::text))::json, now() - interval '1 s'
FROM generate_series(1, :due) AS n;
\else
INSERT INTO public.sessions (id, user_id, created_at, last_accessed_at, expires_at,
	idle_timeout, data, sweep_at)
SELECT session_digest(md5(random()::text) || n), 'user' || n / 2,
	now() - interval '1 hour', now() - interval '1 hour', clock_timestamp(), 86400,
	replace(:'document', repeat('0', 32), md5(n::text))::jsonb, clock_timestamp()
FROM generate_series(1, :due) AS n;
\endif
