-- session_delete: remove a session without a trace
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{}', 'ann'), session_set('b', '{}', 'ann');
SELECT session_delete('a'), session_get('a');
SELECT count(*) FROM pg_temp.row_of('a');
SELECT session_delete('a');
-- No tombstone: the id may be used again.
SELECT session_set('a', '{"again": 1}');
SELECT version, data, user_id FROM session_info('a');

-- An expired row goes too, but was not live.
SELECT session_set('expired', '{}', ttl => 10);
SELECT pg_temp.age('expired', 10);
SELECT session_delete('expired');
SELECT count(*) FROM pg_temp.row_of('expired');

-- A tombstone stays, or the session could come back.
SELECT session_revoke('b'), session_delete('b'), session_set('b', '{}');
SELECT is_active FROM pg_temp.row_of('b');

-- Whatever a stranger's cookie says: false, silently.
SELECT pg_temp.content() AS content \gset
SELECT session_delete('missing'), session_delete(NULL), session_delete(''), session_delete('a b'),
	session_delete(E'\x7f'), session_delete('é'), session_delete(repeat('x', 256));
SELECT pg_temp.content() = :'content' AS unchanged;

-- Undone with its transaction.
BEGIN;
SELECT session_delete(id => 'a'), session_get('a');
ROLLBACK;
SELECT session_get('a');
