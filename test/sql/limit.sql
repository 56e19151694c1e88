-- max_sessions_per_user, max_sessions_policy, create_rate_limit
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

CREATE FUNCTION pg_temp.live(who text) RETURNS text LANGUAGE sql AS
	$$SELECT string_agg(user_agent, ' ' ORDER BY user_agent COLLATE "C") FROM session_list(who)$$;

-- evict: the least recently used goes, and leaves a tombstone.
SET covet_sessions.max_sessions_per_user = 2;
SELECT session_set('a', '{}', 'ann', user_agent => 'a'), session_set('b', '{}', 'ann', user_agent => 'b');
SELECT pg_temp.age('a', 10), pg_temp.age('b', 20);
SELECT session_set('c', '{}', 'ann', user_agent => 'c'), pg_temp.live('ann');
SELECT is_active, data FROM pg_temp.row_of('b');
SELECT session_set('b', '{}', 'ann');
-- Of equals, by handle.
SELECT session_digest('a') COLLATE "C" < session_digest('c') AS a_is_first;
UPDATE sessions SET last_accessed_at = '2200-01-01' WHERE is_active;
SELECT session_create('ann', '{}', user_agent => 'd') AS d \gset
SELECT pg_temp.live('ann');

-- All the excess, not one.
SET covet_sessions.max_sessions_per_user = 0;
TRUNCATE sessions;
SELECT count(session_set('e' || n, '{}', 'ann', user_agent => 'e' || n)), count(pg_temp.age('e' || n, n)) FROM generate_series(1, 9) n;
SET covet_sessions.max_sessions_per_user = 3;
SELECT session_set('f', '{}', 'ann', user_agent => 'f'), pg_temp.live('ann');

-- A session of his own is not one more, those that are over do not count, and
-- neither do other people's.
SELECT session_set('f', '{"again": 1}', 'ann'), session_set('g', '{}', 'bob', user_agent => 'g'), pg_temp.live('ann');
SELECT session_expire('e1', 0), session_revoke('e2'), session_set('h', '{}', 'ann', user_agent => 'h'), session_set('i', '{}', 'ann', user_agent => 'i'), pg_temp.live('ann');
-- Anonymous sessions are exempt.
SELECT count(session_create()), count(session_set('n' || n, '{}')), count(session_import('m' || n, '{}')) FROM generate_series(1, 9) n;
SELECT count(*) FROM sessions WHERE user_id = '' AND is_active;

-- A session that becomes his counts: by session_set, by rotation, by import.
SELECT session_set('n1', '{}', 'ann', user_agent => 'n1'), pg_temp.live('ann');
SELECT session_rotate('g', 'ann') AS g \gset
SELECT pg_temp.live('ann');
SELECT session_import('j', '{}', 'ann', user_agent => 'j'), pg_temp.live('ann');
-- The one that becomes his is not the one to go, however old its last use.
SELECT pg_temp.age('n2', 3000);
SELECT session_set('n2', '{}', 'ann', user_agent => 'n2'), pg_temp.live('ann');
-- A rotation within the user, and one that is not live, evict nobody.
SELECT session_rotate('n2', 'ann') AS n2, session_rotate('missing', 'ann') AS missing \gset
SELECT pg_temp.live('ann');

-- reject: 53400, and nothing changes.
SET covet_sessions.max_sessions_policy = reject;
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of($$SELECT session_create('ann')$$);
SELECT pg_temp.error_of($$SELECT session_set('new', '{}', 'ann')$$);
SELECT pg_temp.error_of($$SELECT session_set('n3', '{}', 'ann')$$);
SELECT pg_temp.error_of($$SELECT session_rotate('n3', 'ann')$$);
SELECT pg_temp.error_of($$SELECT session_import('new', '{}', 'ann')$$);
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_set(:'n2', '{"own": 1}', 'ann'), session_create() IS NOT NULL AS anonymous, session_create('bob') IS NOT NULL AS bob;
SELECT session_rotate(:'n2', 'ann') IS NOT NULL AS own;
-- Room is made by revoking, deleting, ending one, or by signing another in.
SELECT session_revoke('j'), session_set('k', '{}', 'ann', user_agent => 'k');
SELECT session_delete('k'), session_set('l', '{}', 'ann', user_agent => 'l');
SELECT session_expire('l', 0), session_set('o', '{}', 'ann', user_agent => 'o');
SELECT session_set('o', '{}', 'bob'), session_set('p', '{}', 'ann', user_agent => 'p'), pg_temp.live('ann');
-- An expired id of his own makes room for itself.
SELECT pg_temp.age('p', 3600);
SELECT session_set('p', '{}', 'ann', user_agent => 'p'), pg_temp.live('ann');
RESET covet_sessions.max_sessions_policy;
RESET covet_sessions.max_sessions_per_user;

-- create_rate_limit: new sessions per user and minute.
TRUNCATE sessions, session_creations;
SET covet_sessions.create_rate_limit = 3;
SELECT session_create('ann') IS NOT NULL AS created, session_set('a', '{}', 'ann'), session_set('b', '{}', 'ann');
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of($$SELECT session_create('ann')$$);
SELECT pg_temp.error_of($$SELECT session_set('c', '{}', 'ann')$$);
SELECT pg_temp.content() = :'content' AS unchanged;
-- Live sessions may be written, and signed in; others have their own count, and
-- the anonymous none.
SELECT session_set('a', '{"n": 2}', 'ann'), session_create('bob') IS NOT NULL AS bob, session_import('d', '{}', 'ann');
SELECT count(session_create()), count(session_set('n' || n, '{}')) FROM generate_series(1, 9) n;
SELECT session_rotate('n1', 'ann') IS NOT NULL AS rotated, session_set('n2', '{}', 'ann');
-- Deleting one gives no room.
SELECT session_delete('a'), pg_temp.error_of($$SELECT session_create('ann')$$);
-- The minute slides.
UPDATE session_creations SET at = at - interval '60 s' WHERE ctid = (SELECT ctid FROM session_creations WHERE user_id = 'ann' ORDER BY at LIMIT 1);
SELECT session_create('ann') IS NOT NULL AS created, pg_temp.error_of($$SELECT session_create('ann')$$);
-- What is rolled back was not started.
TRUNCATE session_creations;
BEGIN;
SELECT count(session_create('ann')) FROM generate_series(1, 3);
ROLLBACK;
SELECT count(session_create('ann')) FROM generate_series(1, 3);
-- Nothing is kept where there is no limit.
RESET covet_sessions.create_rate_limit;
TRUNCATE session_creations;
SELECT session_create('ann') IS NOT NULL AS created;
SELECT count(*) FROM session_creations;
