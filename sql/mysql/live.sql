/*
 * session_live: the live sessions, for a service that is trusted with all of
 * them.  It counts nothing, and is by the statement's clock: with a function of
 * the library in it, it would be slower than session_get.
 */
CREATE OR REPLACE ALGORITHM = MERGE DEFINER = 'covet_sessions'@'localhost' SQL SECURITY DEFINER
VIEW session_live AS
SELECT @columns@ FROM sessions
WHERE is_active AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))
	AND (idle_timeout IS NULL OR last_accessed_at > UTC_TIMESTAMP(6) - INTERVAL idle_timeout SECOND)//
