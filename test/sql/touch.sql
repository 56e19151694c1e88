-- session_touch: the data of a live session, for every request
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 6000, '192.0.2.1', 'one');

-- The use is recorded, which restarts the idle timeout and changes nothing else.
SELECT pg_temp.age('a', 5900);
SELECT to_jsonb(s) - 'last_accessed_at' AS rest FROM sessions s \gset
SELECT session_touch('a');
SELECT pg_temp.is_now(last_accessed_at) AS recorded, to_jsonb(s) - 'last_accessed_at' = :'rest' AS rest_unchanged FROM sessions s;
SELECT pg_temp.seconds(valid_until - last_accessed_at) AS valid_for FROM session_info('a');

-- At most once in touch_interval (60 s) ...
SELECT pg_temp.age('a', 50);
SELECT last_accessed_at AS before FROM sessions \gset
SELECT session_touch('a');
SELECT last_accessed_at = :'before' AS skipped FROM sessions;
SELECT pg_temp.age('a', 10);
SELECT session_touch('a');
SELECT pg_temp.is_now(last_accessed_at) AS recorded FROM sessions;

-- ... and at most every ttl/20, whichever is shorter.
SELECT session_set('b', '{}', ttl => 200);
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '5 s' WHERE id = session_digest('b');
SELECT last_accessed_at AS before FROM pg_temp.row_of('b') \gset
SELECT session_touch('b');
SELECT last_accessed_at = :'before' AS skipped FROM pg_temp.row_of('b');
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '5 s' WHERE id = session_digest('b');
SELECT session_touch('b');
SELECT pg_temp.is_now(last_accessed_at) AND last_accessed_at > :'before' AS recorded FROM pg_temp.row_of('b');
-- A ttl that has no twentieth in whole seconds: every 500 ms.
SELECT session_set('c', '{}', ttl => 10);
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '500 ms' WHERE id = session_digest('c');
SELECT last_accessed_at AS before FROM pg_temp.row_of('c') \gset
SELECT session_touch('c');
SELECT last_accessed_at > :'before' AS recorded FROM pg_temp.row_of('c');
-- Without an idle timeout touch_interval alone counts.
SET covet_sessions.idle_timeout = 0;
SELECT session_set('d', '{}');
RESET covet_sessions.idle_timeout;
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '50 s' WHERE id = session_digest('d');
SELECT last_accessed_at AS before FROM pg_temp.row_of('d') \gset
SELECT session_touch('d');
SELECT last_accessed_at = :'before' AS skipped FROM pg_temp.row_of('d');
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '10 s' WHERE id = session_digest('d');
SELECT session_touch('d');
SELECT last_accessed_at > :'before' AS recorded FROM pg_temp.row_of('d');

-- touch_interval 0 records every use, a long one is bounded by ttl/20.
SET covet_sessions.touch_interval = 0;
SELECT last_accessed_at AS before FROM pg_temp.row_of('a') \gset
SELECT session_touch('a');
SELECT last_accessed_at > :'before' AS recorded FROM pg_temp.row_of('a');
SET covet_sessions.touch_interval = 100000;
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '300 s' WHERE id = session_digest('a');
SELECT session_touch('a');
SELECT pg_temp.is_now(last_accessed_at) AS recorded FROM pg_temp.row_of('a');
SET covet_sessions.touch_interval = 0;

-- The last use never moves back.
UPDATE sessions SET last_accessed_at = clock_timestamp() + interval '1 hour' WHERE id = session_digest('a');
SELECT last_accessed_at AS before FROM pg_temp.row_of('a') \gset
SELECT session_touch('a');
SELECT last_accessed_at = :'before' AS unmoved FROM pg_temp.row_of('a');

-- A use in a transaction that began long ago is now as well.
BEGIN;
SELECT pg_sleep(0.01);
SELECT session_touch('b');
SELECT last_accessed_at > now() AS now FROM pg_temp.row_of('b');
COMMIT;

-- Use keeps a session alive past its idle timeout, not past its deadline.
SELECT session_set('e', '{"e": 1}', ttl => 100);
SELECT bool_and(CASE WHEN pg_temp.age('e', 90) THEN session_touch('e') IS NOT NULL END) FROM generate_series(1, 5);
SELECT expires_at > clock_timestamp() + interval '29 d' AS unmoved FROM session_info('e');
UPDATE sessions SET expires_at = clock_timestamp() WHERE id = session_digest('e');
SELECT session_touch('e');

-- It never creates and never revives.
SELECT session_touch('missing');
SELECT session_set('f', '{}', ttl => 100), session_set('g', '{}');
SELECT pg_temp.age('f', 100);
SELECT session_revoke('g');
SELECT pg_temp.content() AS content \gset
START TRANSACTION READ ONLY;
SELECT session_touch('missing'), session_touch('f'), session_touch('g');
COMMIT;
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_touch('missing'), session_touch('f'), session_touch('g');
SELECT count(*) FROM pg_temp.row_of('missing');
SELECT count(*) FROM pg_temp.row_of('f');
SELECT is_active FROM pg_temp.row_of('g');

-- Where nothing may be written it reads.
SELECT last_accessed_at AS before FROM pg_temp.row_of('b') \gset
START TRANSACTION READ ONLY;
SELECT session_touch('b');
COMMIT;
SELECT last_accessed_at = :'before' AS unmoved FROM pg_temp.row_of('b');

-- A use does not move the moment of the sweep: no index changes, and the new
-- row version stays in its page.
CREATE TEMP TABLE before AS SELECT id, sweep_at, ctid AS place FROM sessions WHERE id = session_digest('b');
SELECT session_touch('b');
SELECT s.sweep_at = b.sweep_at AS same_sweep, (s.ctid::text::point)[0] = (b.place::text::point)[0] AS same_page,
	s.ctid <> b.place AS written
FROM sessions s JOIN before b USING (id);
RESET covet_sessions.touch_interval;

-- Malformed ids are sessions that do not exist.
SELECT session_touch(NULL), session_touch(''), session_touch('a b'), session_touch(E'\t'), session_touch('ü'), session_touch(repeat('x', 256));
