-- session_stats: counters of a scripted day
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

CREATE FUNCTION pg_temp.counted() RETURNS TABLE (counter text, value text) LANGUAGE sql AS $$
	SELECT key, value FROM json_each_text(to_json(session_stats()))
	WHERE key NOT LIKE 'last\_%' AND key <> 'oldest_unswept' AND value <> '0'
$$;
SELECT session_cleanup();
SELECT session_stats_reset();
SELECT * FROM pg_temp.counted();
\x
SELECT gets, hits, misses, expired_reads, rejected, invalid_ids, touches, touches_skipped, creates, sets, updates, conflicts,
	refused_revoked, rotations, deletes, revocations, evictions, sweeps, swept, last_error, oldest_unswept FROM session_stats();
\x

-- Every counter by the calls that move it.
SELECT session_create('ann', '{}', 1800, '192.0.2.1') AS a \gset
SELECT session_set('b', '{}', 'ann'), session_import('c', '{}'), session_import('c', '{}');
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SELECT session_set('b', '{}'), session_set('b', '[]'), session_update('b', '{}'), session_patch('b', '{}'), session_update('b', '1', 9), session_update('missing', '1');
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SELECT session_get('b'), session_get('b'), session_get('missing'), session_get('a b'), session_get(NULL);
SELECT count(*) FROM session_info('b');
SELECT count(*) FROM session_info('missing');
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SELECT session_touch('b'), session_verify('b'), session_touch('missing'), session_verify('missing'), session_touch('');
SELECT pg_temp.age('b', 100);
SELECT session_touch('b');
SELECT pg_temp.age('b', 100);
SELECT session_verify('b');
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SET covet_sessions.bind_ip = exact;
SELECT session_verify(:'a', '192.0.2.2'), session_verify(:'a', '192.0.2.2'), session_verify(:'a', '192.0.2.1');
RESET covet_sessions.bind_ip;
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SELECT session_set('d', '{}', ttl => 10), session_set('e', '{}', ttl => 10), session_set('f', '{}', ttl => 10);
SELECT pg_temp.age('d', 10), pg_temp.age('e', 10), pg_temp.age('f', 10);
SELECT session_get('d'), session_get('d'), session_touch('e');
SELECT session_cleanup(), session_cleanup();
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SELECT session_rotate('c') AS c \gset
SELECT session_rotate('c'), session_delete(:'c'), session_delete(:'c'), session_revoke('b'), session_revoke('b'), session_set('b', '{}'), session_set('b', '{}');
SELECT session_set('g', '{}', 'ann'), session_revoke_user('ann');
SELECT session_set('h', '{}', 'bob'), session_revoke_handle('bob', session_digest('h'));
SELECT * FROM pg_temp.counted();
SELECT session_stats_reset();
SET covet_sessions.max_sessions_per_user = 1;
SELECT session_set('i', '{}', 'carol'), session_set('j', '{}', 'carol'), session_set('k', '{}', 'carol');
RESET covet_sessions.max_sessions_per_user;
SET covet_sessions.bind_ip = exact;
SET covet_sessions.on_mismatch = revoke;
SELECT session_set('l', '{}', ip => '::1'), session_verify('l');
RESET covet_sessions.bind_ip;
RESET covet_sessions.on_mismatch;
SELECT * FROM pg_temp.counted();

-- Calls are counted, whatever becomes of the transaction.
SELECT session_stats_reset();
BEGIN;
SELECT session_set('m', '{}');
ROLLBACK;
SELECT session_get('m');
START TRANSACTION READ ONLY;
SELECT session_get('m');
COMMIT;
SELECT * FROM pg_temp.counted();

-- The sweep, and what waits for it.
SELECT session_cleanup();
SELECT pg_temp.is_now(last_sweep_at), last_sweep_ms >= 0 AS took, last_error, oldest_unswept FROM session_stats();
SELECT session_set('n', '{}', ttl => 10);
SELECT pg_temp.age('n', 1010);
SELECT oldest_unswept BETWEEN 1000 AND 1030 AS for_1000_s FROM session_stats();
SELECT session_cleanup();
SELECT oldest_unswept FROM session_stats();

-- The view is the same row; a read-only transaction may read it.
START TRANSACTION READ ONLY;
SELECT v = s AS same FROM session_stats v, session_stats() s;
COMMIT;
-- The other connections' calls count as well.
\c
SELECT creates FROM session_stats;
