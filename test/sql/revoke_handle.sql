-- session_revoke_handle: "sign out that device"
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{}', 'ann'), session_set('b', '{}', 'ann'), session_set('c', '{}', 'bob'),
	session_set('d', '{}'), session_set('e', '{}', 'ann', 10), session_set('f', '{}', 'ANN');
SELECT pg_temp.age('e', 10);
SELECT session_digest('a') AS a, session_digest('b') AS b, session_digest('c') AS c, session_digest('d') AS d,
	session_digest('e') AS e, session_digest('f') AS f \gset

-- Only if the handle belongs to that user.
SELECT pg_temp.content() AS content \gset
SELECT session_revoke_handle('ann', :'c'), session_revoke_handle('bob', :'a'), session_revoke_handle('ann', :'d'),
	session_revoke_handle('ann', :'f'), session_revoke_handle('an', :'a'), session_revoke_handle('ann ', :'a');
-- Only a live one.
SELECT session_revoke_handle('ann', :'e');
-- A token is no handle.
SELECT session_revoke_handle('ann', 'a');
SELECT session_create('ann') AS token \gset
SELECT session_revoke_handle('ann', :'token'), session_delete(:'token');
SELECT session_revoke_handle('ann', ''), session_revoke_handle('ann', 'missing'), session_revoke_handle('ann', repeat('x', 43)),
	session_revoke_handle('ann', :'a' || '='), session_revoke_handle('ann', repeat('x', 1000)), session_revoke_handle('ann', repeat('é', 43));
SELECT pg_temp.content() = :'content' AS unchanged;

-- His own.
SELECT session_revoke_handle(handle => :'a', user_id => 'ann'), session_get('a'), session_get('b');
SELECT session_revoke_handle('ann', :'a'), session_set('a', '{}');
-- From the list.
SELECT session_revoke_handle('ann', id) FROM session_list('ann');
SELECT user_id, is_active, count(*) FROM sessions GROUP BY 1, 2 ORDER BY 1, 2;

SELECT pg_temp.error_of(format('SELECT session_revoke_handle(%L, %L)', user_id, handle))
FROM (VALUES (1, NULL, 'x'), (2, '', 'x'), (3, repeat('x', 256), 'x'), (4, 'ann', NULL), (5, NULL, NULL)) v (n, user_id, handle) ORDER BY n;
SELECT session_revoke_handle(repeat('ü', 255), :'a');
