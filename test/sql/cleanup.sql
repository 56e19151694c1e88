-- session_cleanup: delete what is over
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

CREATE FUNCTION pg_temp.left_over() RETURNS text LANGUAGE sql AS
	$$SELECT string_agg(user_agent, ' ' ORDER BY user_agent COLLATE "C") FROM sessions$$;

SELECT session_cleanup();
SELECT count(session_set(name, '{}', ttl => 100, user_agent => name))
FROM (VALUES ('idle'), ('deadline'), ('live'), ('tombstone-new'), ('tombstone-old'), ('endless')) v (name);
UPDATE sessions SET idle_timeout = NULL, expires_at = NULL, sweep_at = NULL WHERE id = session_digest('endless');
SELECT pg_temp.age('idle', 100), pg_temp.age('endless', 1000000);
SELECT session_expire('deadline', 0), session_revoke('tombstone-new'), session_revoke('tombstone-old');
SELECT pg_temp.age('tombstone-new', 290), pg_temp.age('tombstone-old', 300);

-- What is expired, and tombstones past retention; once.
SELECT session_cleanup();
SELECT pg_temp.left_over();
SELECT session_cleanup();
SELECT pg_temp.age('tombstone-new', 10);
SELECT session_cleanup(NULL), pg_temp.left_over();
SELECT session_set('tombstone-new', '{}', user_agent => 'again'), session_get('tombstone-new');
TRUNCATE sessions;

-- At most max_rows, oldest first.
SELECT count(session_set('s' || n, '{}', ttl => 100, user_agent => 's' || n)) FROM generate_series(1, 9) n;
SELECT count(pg_temp.age('s' || n, 110 - n)) FROM generate_series(1, 9) n;
SELECT session_cleanup(0), pg_temp.left_over();
SELECT session_cleanup(max_rows => 2), pg_temp.left_over();
SELECT session_cleanup(1), pg_temp.left_over();
SELECT session_cleanup(9223372036854775807), pg_temp.left_over();

-- In batches of any size.
SET covet_sessions.cleanup_batch = 2;
SELECT count(session_set('s' || n, '{}', ttl => 100)) FROM generate_series(1, 9) n;
SELECT count(pg_temp.age('s' || n, 100)) FROM generate_series(1, 9) n;
SELECT session_cleanup(5), session_cleanup();
RESET covet_sessions.cleanup_batch;

-- A session that was used a moment before survives, and is looked at again when
-- it can end next.
SELECT session_set('used', '{}', ttl => 100), session_set('unused', '{}', ttl => 100);
SELECT pg_temp.age('used', 90), pg_temp.age('unused', 90);
SELECT session_touch('used');
SELECT pg_temp.age('used', 20), pg_temp.age('unused', 20);
SELECT sweep_at < clock_timestamp() AS due FROM sessions;
SELECT session_cleanup();
SELECT id = session_digest('used') AS used, sweep_at = last_accessed_at + interval '100 s' AS next FROM sessions;
-- Where it can not end any more, never.
UPDATE sessions SET idle_timeout = NULL, expires_at = NULL, sweep_at = '2000-01-01';
SELECT session_cleanup();
SELECT sweep_at FROM sessions;
-- Rows that are only to be looked at again do not count, and do not keep the
-- others from being deleted.
TRUNCATE sessions;
SELECT count(session_set('s' || n, '{}')), count(session_set('t' || n, '{}', ttl => 100)) FROM generate_series(1, 5) n;
UPDATE sessions SET sweep_at = '2000-01-01' WHERE idle_timeout = 3600;
SELECT count(pg_temp.age('t' || n, 100)) FROM generate_series(1, 5) n;
SELECT session_cleanup(1), session_cleanup(3), session_cleanup();
SELECT count(*), bool_and(sweep_at > clock_timestamp()) AS rescheduled FROM sessions;

-- A row that somebody wrote by hand is looked at at once.
TRUNCATE sessions;
INSERT INTO sessions (id, created_at, last_accessed_at, idle_timeout) VALUES
	('by hand, over', '2000-01-01', '2000-01-01', 60), ('by hand, live', clock_timestamp(), clock_timestamp(), 60);
SELECT session_cleanup();
SELECT id, sweep_at = last_accessed_at + interval '60 s' AS scheduled FROM sessions;

-- A deadline that is moved ahead is kept, one that is moved back is met.
TRUNCATE sessions;
SELECT session_set('a', '{}'), session_expire('a', 100), session_expire('a', 1000);
UPDATE sessions SET sweep_at = sweep_at - interval '200 s';
SELECT session_cleanup(), session_get('a');
SELECT session_expire('a', 0), session_cleanup();

-- Events go after audit_retention, creations after a minute.
INSERT INTO session_events (at, event) VALUES (clock_timestamp() - interval '7776001 s', 'old'), (clock_timestamp() - interval '7775000 s', 'new');
INSERT INTO session_creations VALUES ('ann', clock_timestamp() - interval '61 s'), ('bob', clock_timestamp() - interval '30 s');
SELECT session_cleanup();
SELECT event FROM session_events;
SELECT user_id FROM session_creations;
SET covet_sessions.audit_retention = 0;
UPDATE session_events SET at = '1970-01-01';
SELECT session_cleanup();
SELECT event FROM session_events;
RESET covet_sessions.audit_retention;
-- Whatever max_rows and cleanup_batch are.
INSERT INTO session_events (at, event) SELECT '2000-01-01', 'old' FROM generate_series(1, 10);
SET covet_sessions.cleanup_batch = 3;
SELECT session_cleanup(0);
SELECT count(*) FROM session_events;
RESET covet_sessions.cleanup_batch;

SELECT pg_temp.error_of('SELECT session_cleanup(-1)');
SELECT pg_temp.error_of('SELECT session_cleanup(-9223372036854775808)');
