-- session_get: the data of a live session
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 100);
SELECT session_get('a'), session_get('A'), session_get('missing');

-- Not a use: nothing is written.
SELECT pg_temp.age('a', 90);
SELECT ctid, xmin, last_accessed_at FROM sessions \gset
SELECT session_get('a');
SELECT ctid = :'ctid' AND xmin = :'xmin' AND last_accessed_at = :'last_accessed_at' AS untouched
FROM sessions;
BEGIN;
SELECT session_get('a');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_write;
COMMIT;

-- Over to the moment: by disuse, by its deadline, by revocation.
SELECT pg_temp.age('a', 10);
SELECT session_get('a');
SELECT session_set('b', '{}'), session_expire('b', 0), session_get('b');
SELECT session_set('c', '{}'), session_revoke('c'), session_get('c');

-- Neither deadline alone keeps a session alive.
SELECT session_set('d', '{}', ttl => 1000), session_expire('d', 10);
SELECT pg_temp.age('d', 10);
SELECT session_get('d');
SELECT session_set('e', '{}', ttl => 10), session_expire('e', 1000);
SELECT pg_temp.age('e', 10);
SELECT session_get('e');
-- One without either lives on.
SELECT session_set('f', '{}');
UPDATE sessions SET idle_timeout = NULL, expires_at = NULL WHERE id = session_digest('f');
SELECT pg_temp.age('f', 1000000000);
SELECT session_get('f');

-- An expired row that is met is removed, a tombstone is not.
SELECT is_active FROM sessions ORDER BY is_active;
SELECT count(*) FROM sessions WHERE id IN (session_digest('a'), session_digest('b'), session_digest('d'), session_digest('e'));
-- Nor does it take a deadline to be removed.
SET covet_sessions.max_lifetime = 0;
SELECT session_set('idle', '{}', ttl => 10), pg_temp.age('idle', 10), session_get('idle');
RESET covet_sessions.max_lifetime;
SELECT count(*) FROM pg_temp.row_of('idle');

-- A read-only transaction reads, and removes nothing.
SELECT session_set('g', '{"g": 1}', ttl => 10), session_set('h', '{"h": 1}', ttl => 1000);
SELECT pg_temp.age('g', 10);
SELECT pg_temp.content() AS content \gset
START TRANSACTION READ ONLY;
SELECT session_get('g'), session_get('h');
COMMIT;
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_get('g');
SELECT count(*) FROM pg_temp.row_of('g');

-- Whatever a stranger's cookie says is a session that does not exist.
SELECT session_get(NULL), session_get(''), session_get('a b'), session_get(E'a\n'),
	session_get('é'), session_get(repeat('x', 256));
SELECT session_set(repeat('x', 255), '{"long": true}'), session_get(repeat('x', 255));

-- Large data comes back whole.
SELECT session_set('j', jsonb_build_object('j', (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 20000) n)));
SELECT session_get('j') ->> 'j' = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 20000) n) AS same;
-- It does not change with the session's time zone or date style.
SET timezone = 'Pacific/Auckland';
SET datestyle = 'SQL, DMY';
SELECT session_get('h');
