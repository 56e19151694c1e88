-- session_revoke: logout
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('a', '{"n": 1}', 'ann', 1800, '192.0.2.1', 'one');
SELECT to_jsonb(s) - '{is_active,data,sweep_at}'::text[] AS rest FROM sessions s \gset
SELECT session_revoke('a'), session_get('a');

-- It leaves a tombstone: no data, and the sweep comes after tombstone_retention.
SELECT is_active, data, pg_temp.is_now(sweep_at - interval '300 s') AS kept_for_300_s,
	to_jsonb(s) - '{is_active,data,sweep_at}'::text[] = :'rest' AS rest_unchanged FROM sessions s;
SET covet_sessions.tombstone_retention = 60;
SELECT session_set('b', '{}'), session_revoke(id => 'b');
SELECT pg_temp.is_now(sweep_at - interval '60 s') AS kept_for_60_s FROM pg_temp.row_of('b');
RESET covet_sessions.tombstone_retention;

-- A tombstone is invisible to every function but the cleanup.
SELECT pg_temp.content() AS content \gset
SELECT session_get('a'), session_touch('a'), session_verify('a'), session_update('a', '{}'), session_patch('a', '{}'),
	session_rotate('a', 'bob'), session_expire('a', 60), session_delete('a'), session_revoke('a'),
	session_revoke_handle('ann', session_digest('a')), session_revoke_user('ann'), session_set('a', '{}'), session_import('a', '{}');
SELECT count(*) FROM session_info('a');
SELECT count(*) FROM session_list('ann');
SELECT session_cleanup();
SELECT pg_temp.content() = :'content' AS unchanged;

-- Past its deadlines it still stands.
UPDATE sessions SET expires_at = created_at, last_accessed_at = '2000-01-01';
SELECT session_set('a', '{}'), session_import('a', '{}'), session_get('a');
SELECT is_active FROM pg_temp.row_of('a');

-- Expired: was not live, and no tombstone.
SELECT session_set('expired', '{}', ttl => 10);
SELECT pg_temp.age('expired', 10);
SELECT session_revoke('expired'), session_set('expired', '{"new": 1}'), session_get('expired');

-- Whatever a stranger's cookie says: false, silently.
SELECT pg_temp.content() AS content \gset
SELECT session_revoke('missing'), session_revoke(NULL), session_revoke(''), session_revoke('a b'),
	session_revoke(E'\x1f'), session_revoke('é'), session_revoke(repeat('x', 256));
SELECT pg_temp.content() = :'content' AS unchanged;

-- Undone with its transaction.
BEGIN;
SELECT session_revoke('expired'), session_get('expired');
ROLLBACK;
SELECT session_get('expired');
