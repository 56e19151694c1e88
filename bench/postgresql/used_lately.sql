/*
 * used_lately.sql
 *		The last recorded uses of the sessions up to number :last lie somewhere
 *		in the last minute.
 */
SET synchronous_commit = off;

UPDATE public.sessions
SET last_accessed_at = clock_timestamp() - random() * interval '60 s'
WHERE id = ANY (ARRAY(
	SELECT session_digest(md5(:'seed' || ':token:' || n) || lpad(n::text, 11, '0'))
	FROM generate_series(0, :last) AS n));
