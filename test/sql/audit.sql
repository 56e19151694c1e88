-- The audit trail: session_events
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

CREATE TABLE tokens (name text, token text);
CREATE FUNCTION pg_temp.name_of(handle text) RETURNS text LANGUAGE sql AS
	'SELECT name FROM tokens WHERE session_digest(token) = handle';
CREATE FUNCTION pg_temp.events() RETURNS TABLE (event text, session text, user_id text, ip_address text, user_agent text, detail text) LANGUAGE sql AS $$
	SELECT event, pg_temp.name_of(handle), user_id, ip_address, user_agent, coalesce(pg_temp.name_of(detail), detail)
	FROM session_events ORDER BY at, ctid
$$;
-- A day in the life.
CREATE PROCEDURE pg_temp.day() LANGUAGE plpgsql AS $$
DECLARE
	token text;
	fresh text;
BEGIN
	TRUNCATE sessions, session_events, tokens;
	INSERT INTO tokens VALUES ('a', 'a'), ('b', 'b'), ('c', 'c'), ('d', 'd'), ('e', 'e'), ('f', 'f');
	token := session_create('ann', '{}', 1800, '192.0.2.1', 'one');
	INSERT INTO tokens VALUES ('created', token);
	PERFORM session_get(token), session_touch(token);
	PERFORM session_set('a', '{}', ip => '192.0.2.2', user_agent => 'two');
	PERFORM session_set('a', '{"n": 1}');
	PERFORM session_set('a', '{"n": 2}', 'bob');
	PERFORM session_update('a', '{"n": 3}'), session_update('a', '{"n": 4}', 9), session_update('missing', '{}');
	PERFORM session_patch('a', '{"n": 5}'), session_expire('a', 60), session_expire('missing', 60);
	fresh := session_rotate(token, 'carol');
	INSERT INTO tokens VALUES ('rotated', fresh);
	PERFORM session_import('b', '{}', 'dave', ip => '::1', user_agent => 'three'), session_import('b', '{}');
	PERFORM session_revoke('b'), session_revoke('b');
	PERFORM session_set('b', '{}', 'mallory', ip => '192.0.2.66', user_agent => 'stale');
	PERFORM session_revoke_handle('carol', session_digest(fresh));
	PERFORM session_revoke_user('bob');
	PERFORM session_set('c', '{}', 'erin', 10), session_delete('c'), session_delete('c');
	PERFORM set_config('covet_sessions.max_sessions_per_user', '1', true);
	PERFORM session_set('d', '{}', 'frank', 10), session_set('e', '{}', 'frank', ip => '192.0.2.3');
	PERFORM set_config('covet_sessions.bind_ip', 'exact', true);
	PERFORM session_verify('e', '192.0.2.4', 'thief');
	PERFORM set_config('covet_sessions.on_mismatch', 'revoke', true);
	PERFORM session_verify('e', NULL, 'thief');
	PERFORM session_set('f', '{}', 'grace', 10), pg_temp.age('f', 10), session_cleanup();
END $$;

SET covet_sessions.audit = off;
CALL pg_temp.day();
SELECT * FROM pg_temp.events();
SET covet_sessions.audit = security;
CALL pg_temp.day();
SELECT * FROM pg_temp.events();
SET covet_sessions.audit = 'all';
CALL pg_temp.day();
SELECT * FROM pg_temp.events();

-- Now is the clock, and there is never a token.
SELECT bool_and(pg_temp.is_now(at)) AS now, count(DISTINCT at) > 5 AS apart, bool_and(length(handle) = 43) AS handles FROM session_events;
SELECT count(*) FROM session_events e, tokens t WHERE length(token) > 1 AND strpos(e::text, token) > 0;

-- Written in the transaction of what it tells.
TRUNCATE session_events;
BEGIN;
SELECT session_set('g', '{}');
SELECT count(*) FROM session_events;
ROLLBACK;
SELECT count(*) FROM session_events;
-- What is refused with an error leaves nothing.
SELECT left(pg_temp.error_of($$SELECT session_set('g', 'x')$$), 5);
START TRANSACTION READ ONLY;
SELECT session_verify('a', '192.0.2.4');
COMMIT;
SELECT count(*) FROM session_events;
RESET covet_sessions.audit;
DROP TABLE tokens;
