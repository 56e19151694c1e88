-- How rows are reached: directly, unless something on the table asks for SQL.
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SET covet_sessions.access_path = auto;
SET covet_sessions.touch_interval = 0;

-- What session_health says of it.
CREATE FUNCTION pg_temp.path() RETURNS text LANGUAGE sql AS
	$$ SELECT concat_ws(' | ', ok, detail, hint) FROM session_health() WHERE "check" = 'access_path' $$;

SELECT session_set('a', '{"n": 1}', 'alice', 3600, '192.0.2.1', 'Agent/1');
SELECT session_set('a', '{"n": 2}'), session_get('a'), session_touch('a'), session_verify('a');
SELECT session_update('a', '{"n": 3}', 2), session_update('a', '{"n": 4}', 2), session_patch('a', '{"m": 1}'), session_get('a');
SELECT pg_temp.path();

-- The setting.
SET covet_sessions.access_path = spi;
SELECT pg_temp.path(), session_get('a');
SET covet_sessions.access_path = direct;
SELECT pg_temp.path(), session_get('a');
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
SELECT pg_temp.path(), session_get('a');
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;
SELECT pg_temp.path(), session_get('a');
SET covet_sessions.access_path = auto;

-- A trigger fires, from the transaction on in which it was made.
CREATE TABLE fired (how text, old jsonb, new jsonb);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.fired VALUES (tg_op, old.data, new.data);
	RETURN new;
END $$;
BEGIN;
SELECT session_touch('a');
CREATE TRIGGER note AFTER UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION note();
SELECT session_touch('a'), session_set('a', '{"n": 5}'), session_update('a', '{"n": 6}'), session_patch('a', '{"m": 2}');
SELECT * FROM fired;
SELECT pg_temp.path();
ROLLBACK;
SELECT session_touch('a'), pg_temp.path();
SELECT count(*) FROM fired;

CREATE TRIGGER note BEFORE UPDATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT session_touch('a'), pg_temp.path();
SELECT count(*) FROM fired;
DROP TRIGGER note ON sessions;
SELECT session_touch('a'), pg_temp.path();
SELECT count(*) FROM fired;
DROP TABLE fired;
DROP FUNCTION note;

-- A check is obeyed.
ALTER TABLE sessions ADD CONSTRAINT small CHECK (length(data::text) < 20);
SELECT pg_temp.path(), session_get('a');
SELECT pg_temp.error_of($$SELECT session_set('a', '{"text": "too long a document"}')$$) ~ '^23514' AS refused,
	pg_temp.error_of($$SELECT session_patch('a', '{"text": "too long a document"}')$$) ~ '^23514' AS refused;
ALTER TABLE sessions DROP CONSTRAINT small;
SELECT pg_temp.path(), session_set('a', '{"text": "too long a document"}');

-- The extension's own is known by what it says, not by its name.
BEGIN;
ALTER TABLE sessions DROP CONSTRAINT sessions_idle_timeout_check;
SELECT pg_temp.path();
ALTER TABLE sessions ADD CONSTRAINT sessions_idle_timeout_check CHECK (idle_timeout > 5);
SELECT pg_temp.path();
ROLLBACK;

-- A policy hides rows.
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
SELECT pg_temp.path();
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;

-- A rule redirects.
CREATE RULE nothing AS ON UPDATE TO sessions WHERE new.data ? 'forbidden' DO INSTEAD NOTHING;
SELECT pg_temp.path();
SELECT pg_temp.error_of($$SELECT session_set('a', '{"forbidden": 1}')$$) ~ 'could not write' AS refused;
DROP RULE nothing ON sessions;
SELECT pg_temp.path();

-- A child table has rows of its own.
CREATE TABLE more () INHERITS (sessions);
SELECT pg_temp.path(), session_get('a');
DROP TABLE more;
-- (the server forgets that there was one when it analyzes the table)
ANALYZE sessions;
SELECT pg_temp.path();
CREATE TABLE parent (id varchar(255) COLLATE "C" NOT NULL);
ALTER TABLE sessions INHERIT parent;
SELECT pg_temp.path();
ALTER TABLE sessions NO INHERIT parent;
SELECT pg_temp.path();
DROP TABLE parent;

-- A foreign key of its own; one that points at it, which a change of data leaves alone.
CREATE TABLE users (id varchar(255) COLLATE "C" PRIMARY KEY);
INSERT INTO users VALUES ('alice');
BEGIN;
ALTER TABLE sessions ADD FOREIGN KEY (user_id) REFERENCES users;
SELECT pg_temp.path();
SELECT pg_temp.error_of($$SELECT session_set('a', '{}', 'nobody')$$) ~ '^23503' AS refused;
ROLLBACK;
CREATE TABLE basket (session varchar(255) COLLATE "C" REFERENCES sessions ON UPDATE CASCADE ON DELETE CASCADE, item text);
INSERT INTO basket VALUES (session_digest('a'), 'apple');
SELECT pg_temp.path(), session_set('a', '{"n": 7}'), session_touch('a'), session_update('a', '{"n": 8}');
SELECT session = session_digest('a') AS still, item FROM basket;
SELECT session_rotate('a') AS rotated \gset
SELECT session = session_digest(:'rotated') AS followed FROM basket;
SELECT session_delete(:'rotated');
SELECT count(*) FROM basket;
DROP TABLE basket, users;

-- Other columns.
SELECT session_set('c', '{"n": 1}', ip => '192.0.2.1', user_agent => 'Agent/1');
ALTER TABLE sessions ADD COLUMN note text NOT NULL DEFAULT 'old', ADD COLUMN n int;
UPDATE sessions SET n = 7 WHERE id = session_digest('c');
SELECT session_set('c', '{"n": 2}'), session_touch('c'), session_patch('c', '{"m": 1}'), pg_temp.path();
SELECT note, n, data FROM pg_temp.row_of('c');
ALTER TABLE sessions DROP COLUMN n;
SELECT session_set('c', '{"n": 3}'), session_touch('c'), pg_temp.path();
SELECT note, data FROM pg_temp.row_of('c');
ALTER TABLE sessions ADD COLUMN twice int GENERATED ALWAYS AS ((data ->> 'n')::int * 2) STORED;
SELECT session_set('c', '{"n": 4}'), pg_temp.path();
SELECT twice FROM sessions WHERE id = session_digest('c');
ALTER TABLE sessions DROP COLUMN twice, DROP COLUMN note;
SELECT session_set('c', '{"n": 5}'), session_get('c'), pg_temp.path();

-- A column of another type.
BEGIN;
ALTER TABLE sessions ALTER COLUMN ip_address TYPE varchar(9);
SELECT pg_temp.path();
SELECT pg_temp.error_of($$SELECT session_set('c', '{}', ip => '198.51.100.1')$$) ~ '^22001' AS refused;
ROLLBACK;
BEGIN;
ALTER TABLE sessions ALTER COLUMN user_agent TYPE varchar(10);
SELECT pg_temp.path(), session_get('c');
ROLLBACK;
SELECT pg_temp.path();

-- Indexes of the user's.
CREATE INDEX by_data ON sessions USING gin (data);
CREATE INDEX by_use ON sessions (last_accessed_at);
CREATE UNIQUE INDEX only_one ON sessions ((data ->> 'key')) WHERE data ? 'key';
SELECT session_set('c', '{"key": "k1", "blob": 1}'), session_set('b', '{"key": "k2"}');
SELECT session_set('b', '{"key": "k3"}'), session_touch('c'), pg_temp.path();
SELECT pg_temp.error_of($$SELECT session_set('b', '{"key": "k1"}')$$) ~ '^23505' AS refused;
SET enable_seqscan = off;
SELECT count(*) FROM sessions WHERE data @> '{"key": "k3"}';
SELECT count(*) FROM sessions WHERE data @> '{"key": "k2"}';
SELECT count(*) FROM sessions WHERE data ->> 'key' = 'k3' AND data ? 'key';
SELECT count(*) FROM sessions WHERE last_accessed_at > now() - interval '1 minute';
RESET enable_seqscan;
DROP INDEX by_data, by_use, only_one;

-- Functions of the user's in an index run under the pinned search path.
CREATE FUNCTION whereami(jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
	$$ BEGIN RETURN current_setting('search_path'); END $$;
CREATE INDEX whereabouts ON sessions (whereami(data));
SELECT pg_temp.path(), session_set('c', '{"n": 6}');
SET enable_seqscan = off;
SELECT count(*) FROM sessions WHERE whereami(data) = 'pg_catalog, pg_temp' AND id = session_digest('c');
RESET enable_seqscan;
DROP INDEX whereabouts;
DROP FUNCTION whereami;

-- Values out of line, and compressed.
SELECT session_set('c', format('{"text": "%s"}', repeat('abc', 20000)));
SELECT length(session_get('c') ->> 'text'), length(session_touch('c') ->> 'text'), length(session_verify('c') ->> 'text');
SELECT pg_column_size(data) < 10000 AS compressed FROM pg_temp.row_of('c');
SELECT session_patch('c', '{"n": 1}') > 0 AS patched, (session_get('c') - 'text') AS rest;
ALTER TABLE sessions ALTER COLUMN data SET STORAGE EXTERNAL;
SELECT session_set('c', format('{"text": "%s"}', repeat('abc', 20000)));
SELECT pg_column_size(data) > 60000 AS external FROM pg_temp.row_of('c');
SELECT session_touch('c') = session_get('c') AS same, length(session_get('c') ->> 'text');
ALTER TABLE sessions ALTER COLUMN data SET STORAGE EXTENDED;
SELECT session_set('c', '1'), session_get('c'), session_set('c', '{}'), session_get('c');
SELECT session_set('c', '{}', user_agent => repeat('Agent/1 ', 3000)), session_touch('c');
SELECT length(user_agent) FROM session_info('c');

-- What one statement, transaction or savepoint does, the next sees; and what it undoes.
SELECT session_set('c', '{"n": 1}'), session_get('c'), session_set('c', '{"n": 2}'), session_get('c');
BEGIN;
SELECT session_set('c', '{"n": 3}');
SAVEPOINT one;
SELECT session_set('c', '{"n": 4}'), session_touch('c');
ROLLBACK TO one;
SELECT session_get('c'), session_update('c', '{"n": 5}') > 0 AS updated;
ROLLBACK;
SELECT session_get('c');
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT session_set('c', '{"n": 6}'), session_get('c'), session_touch('c'), session_patch('c', '{"m": 1}') > 0 AS patched, session_get('c');
COMMIT;
BEGIN READ ONLY;
SELECT session_get('c'), session_touch('c');
COMMIT;

-- Statistics are those of SQL: one probe and one row each, counted for index and table, and HOT updates.
CREATE TABLE before AS SELECT 0::bigint AS idx_scan, 0::bigint AS fetched, 0::bigint AS upd, 0::bigint AS hot, 0::bigint AS seq;
CREATE FUNCTION pg_temp.counts() RETURNS TABLE (idx_scan bigint, fetched numeric, upd bigint, hot bigint, seq bigint)
LANGUAGE sql AS $$
	SELECT pg_stat_force_next_flush();
	SELECT i.idx_scan, (i.idx_tup_fetch + t.idx_tup_fetch)::numeric, t.n_tup_upd, t.n_tup_hot_upd, t.seq_scan
	FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
	WHERE t.relid = 'sessions'::regclass AND i.indexrelname = 'sessions_pkey'
$$;
VACUUM FULL sessions;
SELECT pg_stat_force_next_flush();
UPDATE before SET (idx_scan, fetched, upd, hot, seq) = (SELECT * FROM pg_temp.counts());
SELECT session_get('c') IS NOT NULL AS read FROM generate_series(1, 10);
SELECT pg_stat_force_next_flush();
SELECT c.idx_scan - b.idx_scan AS idx_scan, c.fetched - b.fetched AS fetched, c.upd - b.upd AS upd, c.seq - b.seq AS seq
FROM pg_temp.counts() c, before b;
UPDATE before SET (idx_scan, fetched, upd, hot, seq) = (SELECT * FROM pg_temp.counts());
SELECT session_set('c', '{"n": 7}'), session_patch('c', '{"n": 8}') > 0 AS patched, session_touch('c');
SELECT pg_stat_force_next_flush();
SELECT c.idx_scan - b.idx_scan AS idx_scan, c.upd - b.upd AS upd, c.hot - b.hot AS hot, c.seq - b.seq AS seq
FROM pg_temp.counts() c, before b;
DROP TABLE before;

-- The table rewritten, its indexes built anew, emptied.
VACUUM FULL sessions;
SELECT session_get('c'), session_set('c', '{"n": 9}');
CLUSTER sessions USING sessions_pkey;
REINDEX TABLE sessions;
SELECT session_get('c'), session_set('c', '{"n": 10}'), session_touch('c');
BEGIN;
TRUNCATE sessions;
SELECT session_get('c'), session_touch('c');
ROLLBACK;
SELECT session_get('c'), pg_temp.path();

-- Without the extension, and with a new one.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT session_get('c');
DROP EXTENSION covet_sessions CASCADE;
SAVEPOINT gone;
SELECT session_get('c');
ROLLBACK TO gone;
CREATE EXTENSION covet_sessions;
SELECT session_get('c'), session_set('c', '{"new": true}');
SELECT session_touch('c'), session_update('c', '{"n": 1}');
ROLLBACK;
SELECT session_get('c'), session_touch('c');

-- Leaves no trace in the columns.
SET client_min_messages = error;
DROP EXTENSION covet_sessions CASCADE;
CREATE EXTENSION covet_sessions;
