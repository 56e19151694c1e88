-- What users attach to the table: triggers, foreign keys, row security, rules
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- Triggers fire, as they would for hand-written SQL.
CREATE TABLE log (n serial, event text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.log (event) VALUES (lower(TG_WHEN || ' ' || TG_OP) || ' ' || coalesce(NEW.user_agent, OLD.user_agent));
	RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER note_before BEFORE INSERT OR UPDATE OR DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER note_after AFTER INSERT OR UPDATE OR DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION note();
SELECT session_set('a', '{}', 'ann', 100, user_agent => 'set');
SELECT string_agg(event, ', ' ORDER BY n) FROM log;
TRUNCATE log;
SELECT session_set('a', '{}'), session_update('a', '{}'), session_patch('a', '{}'), session_expire('a', 1000);
SELECT count(*) FILTER (WHERE event = 'before update set') AS before, count(*) FILTER (WHERE event = 'after update set') AS after, count(*) FROM log;
TRUNCATE log;
ALTER TABLE sessions DISABLE TRIGGER USER;
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '50 s';
ALTER TABLE sessions ENABLE TRIGGER USER;
SELECT session_touch('a');
SELECT string_agg(event, ', ' ORDER BY n) FROM log;
TRUNCATE log;
SELECT session_rotate('a') AS a \gset
SELECT string_agg(event, ', ' ORDER BY n) FROM log;
TRUNCATE log;
SELECT session_revoke(:'a'), session_set('b', '{}', user_agent => 'b'), session_delete('b'), session_set('c', '{}', user_agent => 'c'), session_expire('c', 0), session_get('c');
SELECT string_agg(event, ', ' ORDER BY n) FROM log WHERE event LIKE 'after%';
TRUNCATE log;
SELECT session_set('d', '{}', ttl => 10, user_agent => 'd'), session_cleanup();
ALTER TABLE sessions DISABLE TRIGGER USER;
SELECT pg_temp.age('d', 10);
ALTER TABLE sessions ENABLE TRIGGER USER;
TRUNCATE log;
SELECT session_cleanup();
SELECT string_agg(event, ', ' ORDER BY n) FROM log;
DROP TRIGGER note_before ON sessions;
DROP TRIGGER note_after ON sessions;
-- What a trigger changes is what is stored.
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.user_agent := upper(NEW.user_agent);
	RETURN NEW;
END $$;
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION shout();
SELECT session_set('e', '{}', user_agent => 'quiet');
SELECT user_agent FROM session_info('e');
DROP TRIGGER shout ON sessions;
-- An error in one is the caller's, and nothing has changed.
CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not today'; END$$;
CREATE TRIGGER object BEFORE INSERT OR UPDATE OR DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION object();
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of($$SELECT session_set('e', '{}')$$), pg_temp.error_of($$SELECT session_create()$$), pg_temp.error_of($$SELECT session_delete('e')$$);
SELECT pg_temp.content() = :'content' AS unchanged;
DROP TRIGGER object ON sessions;

-- A trigger that suppresses rows: an error, no loop.
CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
CREATE TRIGGER suppress BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION suppress();
SELECT pg_temp.error_of('SELECT session_create()');
SELECT pg_temp.error_of($$SELECT session_set('new', '{}')$$);
SELECT pg_temp.error_of($$SELECT session_import('new', '{}')$$);
SELECT pg_temp.error_of($$SELECT session_rotate('e')$$);
SELECT session_get('e');
DROP TRIGGER suppress ON sessions;
SELECT session_set('f', '{}', ttl => 10), session_set('g', '{}', ttl => 10);
SELECT pg_temp.age('f', 10), pg_temp.age('g', 10);
CREATE TRIGGER suppress BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION suppress();
SELECT pg_temp.error_of($$SELECT session_set('f', '{}')$$);
SELECT pg_temp.error_of($$SELECT session_import('f', '{}')$$);
SELECT session_get('f'), session_cleanup();
SET covet_sessions.cleanup_batch = 1;
SELECT session_cleanup();
RESET covet_sessions.cleanup_batch;
SELECT pg_temp.error_of($$SELECT session_delete('e')$$);
SELECT session_get('e');
DROP TRIGGER suppress ON sessions;
-- Rows that fill a batch again and again wait for the next sweep.
UPDATE sessions SET sweep_at = DEFAULT WHERE is_active;
SELECT session_cleanup();
-- Nobody is to believe that something is written or revoked when it is not; a
-- use that is not recorded is no error.
CREATE TRIGGER suppress BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION suppress();
SELECT session_set('h', '{}', 'ann', ttl => 1000, ip => '::1');
SELECT pg_temp.content() AS content \gset
SELECT call, left(pg_temp.error_of('SELECT ' || call), 35)
FROM (VALUES (1, $$session_set('h', '1')$$), (2, $$session_update('h', '1')$$), (3, $$session_patch('h', '{}')$$), (4, $$session_rotate('h')$$), (5, $$session_expire('h', 0)$$),
	(6, $$session_revoke('h')$$), (7, $$session_revoke_handle('ann', session_digest('h'))$$), (8, $$session_revoke_user('ann')$$)) v (n, call) ORDER BY n;
SET covet_sessions.max_sessions_per_user = 1;
SELECT left(pg_temp.error_of($$SELECT session_create('ann')$$), 35);
RESET covet_sessions.max_sessions_per_user;
SET covet_sessions.bind_ip = exact;
SET covet_sessions.on_mismatch = revoke;
SELECT left(pg_temp.error_of($$SELECT session_verify('h', '::2')$$), 35);
RESET covet_sessions.bind_ip;
RESET covet_sessions.on_mismatch;
SET covet_sessions.touch_interval = 0;
SELECT session_touch('h');
RESET covet_sessions.touch_interval;
SELECT pg_temp.content() = :'content' AS unchanged;
DROP TRIGGER suppress ON sessions;

-- Foreign keys to sessions: they follow a rotation, and go with the session.
CREATE TABLE carts (session_id varchar(255) COLLATE "C" PRIMARY KEY REFERENCES sessions ON DELETE CASCADE ON UPDATE CASCADE, item text);
SELECT session_set('a1', '{}'), session_set('a2', '{}', ttl => 10), session_set('a3', '{}', ttl => 10), session_set('a4', '{}', ttl => 10), session_set('a5', '{}');
INSERT INTO carts SELECT session_digest('a' || n), 'cart ' || n FROM generate_series(1, 5) n;
SELECT session_rotate('a1') AS a1 \gset
SELECT item FROM carts WHERE session_id = session_digest(:'a1');
SELECT session_set(:'a1', '{}'), session_touch(:'a1'), session_revoke(:'a1');
SELECT count(*) FROM carts;
SELECT pg_temp.age('a2', 10), pg_temp.age('a3', 10), pg_temp.age('a4', 10);
-- The end of a session that is started again or swept is an end; one that is met is left to the sweep.
SELECT session_set('a2', '{}'), session_get('a3'), session_cleanup(), session_delete('a5');
SELECT item FROM carts;
-- A tombstone's go with the tombstone.
SELECT pg_temp.age(:'a1', 300);
SELECT session_cleanup();
SELECT item FROM carts;
DROP TABLE carts;
-- Without the cascades the server says no, and nothing has changed.
CREATE TABLE carts (session_id varchar(255) COLLATE "C" PRIMARY KEY REFERENCES sessions);
SELECT session_set('b1', '{}');
INSERT INTO carts SELECT session_digest('b1');
SELECT left(pg_temp.error_of($$SELECT session_delete('b1')$$), 5), left(pg_temp.error_of($$SELECT session_rotate('b1')$$), 5), session_get('b1');
-- Reading an expired one is no reason to fail.
SELECT pg_temp.age('b1', 3600);
SELECT session_get('b1'), session_touch('b1'), session_verify('b1'), left(pg_temp.error_of($$SELECT session_set('b1', '{}')$$), 5);
SELECT count(*) FROM session_info('b1');
SELECT count(*) FROM pg_temp.row_of('b1');
DROP TABLE carts;

-- A foreign key of its own: the owner must exist.
CREATE TABLE users (name varchar(255) COLLATE "C" PRIMARY KEY);
INSERT INTO users VALUES (''), ('ann');
TRUNCATE sessions;
ALTER TABLE sessions ADD CONSTRAINT owner FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
SELECT session_set('c1', '{}', 'ann'), session_set('c2', '{}'), left(pg_temp.error_of($$SELECT session_create('bob')$$), 5), left(pg_temp.error_of($$SELECT session_rotate('c2', 'bob')$$), 5);
DELETE FROM users WHERE name = 'ann';
SELECT session_get('c1'), session_get('c2');
ALTER TABLE sessions DROP CONSTRAINT owner;
DROP TABLE users;

-- A check of its own: the server's error.
ALTER TABLE sessions ADD CONSTRAINT objects CHECK (jsonb_typeof(data) = 'object');
SELECT session_set('d1', '{}'), left(pg_temp.error_of($$SELECT session_set('d1', '1')$$), 5), session_get('d1');
ALTER TABLE sessions DROP CONSTRAINT objects;

-- Rules rewrite what the functions do.
CREATE RULE remember AS ON DELETE TO sessions DO ALSO INSERT INTO log (event) VALUES ('rule: ' || OLD.user_agent);
SELECT session_set('e1', '{}', user_agent => 'e1'), session_delete('e1');
SELECT event FROM log WHERE event LIKE 'rule%';
DROP RULE remember ON sessions;
-- But the server has no ON CONFLICT where a rule rewrites INSERT or UPDATE.
CREATE RULE remember AS ON INSERT TO sessions DO ALSO INSERT INTO log (event) VALUES ('rule');
SELECT left(pg_temp.error_of($$SELECT session_set('e1', '{}')$$), 5), session_get('e1');
DROP RULE remember ON sessions;

-- More columns and indexes are nobody's business.
ALTER TABLE sessions ADD COLUMN note text DEFAULT 'x', ADD COLUMN keys int GENERATED ALWAYS AS (jsonb_array_length(jsonb_path_query_array(data, '$.*'))) STORED;
CREATE INDEX by_cart ON sessions ((data ->> 'cart'));
SELECT session_set('f1', '{"cart": "full", "n": 1}'), session_patch('f1', '{"cart": "empty"}'), session_rotate('f1') AS f2 \gset
SELECT note, keys FROM sessions WHERE data ->> 'cart' = 'empty';
ALTER TABLE sessions DROP COLUMN note, DROP COLUMN keys;
DROP INDEX by_cart;
SELECT session_get(:'f2'), session_set('f1', '{}');
DROP TABLE log;
DROP FUNCTION note, shout, object, suppress;
