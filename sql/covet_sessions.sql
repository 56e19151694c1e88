/*
 * covet_sessions.sql
 *		The living definition of the PostgreSQL extension: tables, functions,
 *		rights.  The Makefile makes covet_sessions--VERSION.sql of it.
 *
 * Objects are created with plain CREATE, never CREATE OR REPLACE, so that an
 * object that somebody put in the schema beforehand stops the installation
 * instead of becoming part of it.
 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION covet_sessions" to load this file. \quit

---------------------------------------------------------------------------
-- Tables
---------------------------------------------------------------------------

/*
 * Identifiers are compared as bytes (collation "C"): cheaper than the
 * database's collation, and exact in a database whose collation is not.
 * A touch writes last_accessed_at, which no index knows, and finds room for
 * the new row version in the page: fillfactor keeps it free.
 */
CREATE TABLE @extschema@.sessions (
	id               varchar(255) COLLATE pg_catalog."C" PRIMARY KEY,
	user_id          varchar(255) COLLATE pg_catalog."C" NOT NULL DEFAULT '',
	created_at       timestamptz NOT NULL,
	last_accessed_at timestamptz NOT NULL,
	expires_at       timestamptz,
	idle_timeout     integer CHECK (idle_timeout OPERATOR(pg_catalog.>) 0),
	ip_address       varchar(45),
	user_agent       text,
	is_active        boolean NOT NULL DEFAULT true,
	version          bigint NOT NULL DEFAULT 1,
	data             jsonb NOT NULL DEFAULT '{}',
	sweep_at         timestamptz DEFAULT '-infinity',
	bound_ip         varchar(45),
	bound_user_agent text
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

/*
 * ANALYZE keeps a snapshot for as long as it takes, and meanwhile no version
 * that touches have replaced can make room for the next.  So it reads few rows,
 * and no values that are wide and that no plan depends on.
 */
ALTER TABLE @extschema@.sessions
	ALTER id SET STATISTICS 0,
	ALTER user_id SET STATISTICS 10,
	ALTER created_at SET STATISTICS 10,
	ALTER last_accessed_at SET STATISTICS 10,
	ALTER expires_at SET STATISTICS 10,
	ALTER idle_timeout SET STATISTICS 10,
	ALTER ip_address SET STATISTICS 10,
	ALTER user_agent SET STATISTICS 0,
	ALTER is_active SET STATISTICS 10,
	ALTER version SET STATISTICS 10,
	ALTER data SET STATISTICS 0,
	ALTER sweep_at SET STATISTICS 10,
	ALTER bound_ip SET STATISTICS 10,
	ALTER bound_user_agent SET STATISTICS 0;

CREATE INDEX idx_sessions_user_id ON @extschema@.sessions (user_id)
	WHERE user_id OPERATOR(pg_catalog.<>) '';
CREATE INDEX idx_sessions_sweep_at ON @extschema@.sessions (sweep_at)
	WHERE sweep_at IS NOT NULL;

COMMENT ON TABLE @extschema@.sessions IS 'Web sessions, one row each. Use the session_* functions; the columns are public for reports.';
COMMENT ON COLUMN @extschema@.sessions.id IS 'Handle: base64url of SHA-256(token). The token itself is stored nowhere.';
COMMENT ON COLUMN @extschema@.sessions.user_id IS 'Owner; the empty string is anonymous.';
COMMENT ON COLUMN @extschema@.sessions.created_at IS 'Start of this session.';
COMMENT ON COLUMN @extschema@.sessions.last_accessed_at IS 'Last recorded use; never moves back.';
COMMENT ON COLUMN @extschema@.sessions.expires_at IS 'Absolute deadline; null means none.';
COMMENT ON COLUMN @extschema@.sessions.idle_timeout IS 'Seconds of disuse after which the session ends; null means none.';
COMMENT ON COLUMN @extschema@.sessions.ip_address IS 'Client address as last given.';
COMMENT ON COLUMN @extschema@.sessions.user_agent IS 'User-Agent as last given.';
COMMENT ON COLUMN @extschema@.sessions.is_active IS 'False for a revoked session, whose row is a tombstone.';
COMMENT ON COLUMN @extschema@.sessions.version IS '1 at creation, plus 1 at every change of data.';
COMMENT ON COLUMN @extschema@.sessions.data IS 'What the application keeps in the session.';
COMMENT ON COLUMN @extschema@.sessions.sweep_at IS 'When the sweep must next look at the row; never later than its first possible end. Null means never; by default the next sweep looks at once.';
COMMENT ON COLUMN @extschema@.sessions.bound_ip IS 'Address the session was created with, where session_set has replaced it since.';
COMMENT ON COLUMN @extschema@.sessions.bound_user_agent IS 'User-Agent the session was created with, where session_set has replaced it since.';
COMMENT ON INDEX @extschema@.sessions_pkey IS 'A session by its handle.';
COMMENT ON INDEX @extschema@.idx_sessions_user_id IS 'A user''s sessions. Anonymous sessions are not in it.';
COMMENT ON INDEX @extschema@.idx_sessions_sweep_at IS 'The sweep''s work in its order.';

CREATE TABLE @extschema@.session_events (
	at         timestamptz NOT NULL,
	event      text NOT NULL,
	handle     varchar(255) COLLATE pg_catalog."C",
	user_id    varchar(255) COLLATE pg_catalog."C",
	ip_address varchar(45),
	user_agent text,
	detail     text
);

CREATE INDEX idx_session_events_at ON @extschema@.session_events (at);
CREATE INDEX idx_session_events_user_id ON @extschema@.session_events (user_id, at);

COMMENT ON TABLE @extschema@.session_events IS 'What happened to sessions, as the setting covet_sessions.audit asks; kept for covet_sessions.audit_retention.';
COMMENT ON COLUMN @extschema@.session_events.at IS 'When it happened.';
COMMENT ON COLUMN @extschema@.session_events.event IS 'What happened: create, login, rotate, revoke, evict, mismatch, refuse, import, set, update, patch, expire, delete, expired.';
COMMENT ON COLUMN @extschema@.session_events.handle IS 'Handle of the session.';
COMMENT ON COLUMN @extschema@.session_events.user_id IS 'Owner of the session.';
COMMENT ON COLUMN @extschema@.session_events.ip_address IS 'Client address of the session, or of the refused request.';
COMMENT ON COLUMN @extschema@.session_events.user_agent IS 'User-Agent of the session, or of the refused request.';
COMMENT ON COLUMN @extschema@.session_events.detail IS 'More about the event, if there is more.';
COMMENT ON INDEX @extschema@.idx_session_events_at IS 'Events in the order in which they are removed.';
COMMENT ON INDEX @extschema@.idx_session_events_user_id IS 'A user''s events.';

/*
 * Sessions started in the last minute, per user.  The sessions themselves do
 * not tell: one that was started and deleted counts too.  Not worth WAL.
 */
CREATE UNLOGGED TABLE @extschema@.session_creations (
	user_id varchar(255) COLLATE pg_catalog."C" NOT NULL,
	at      timestamptz NOT NULL
);

CREATE INDEX idx_session_creations ON @extschema@.session_creations (user_id, at);
CREATE INDEX idx_session_creations_at ON @extschema@.session_creations (at);

COMMENT ON TABLE @extschema@.session_creations IS 'New sessions of the last minute, kept while covet_sessions.create_rate_limit is set.';
COMMENT ON COLUMN @extschema@.session_creations.user_id IS 'Owner of the new session.';
COMMENT ON COLUMN @extschema@.session_creations.at IS 'When it was started.';
COMMENT ON INDEX @extschema@.idx_session_creations IS 'A user''s new sessions.';
COMMENT ON INDEX @extschema@.idx_session_creations_at IS 'New sessions in the order in which they are forgotten.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.sessions', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.session_events', '');

---------------------------------------------------------------------------
-- The life of a session
---------------------------------------------------------------------------

/*
 * "data" comes as text or as jsonb.  Text is checked for what engines treat
 * differently (I-JSON) with the contract's own errors; a literal and an
 * untyped parameter are text.
 */
CREATE FUNCTION @extschema@.session_create(
	user_id text, data text, ttl bigint DEFAULT NULL,
	ip text DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS text AS 'MODULE_PATHNAME', 'session_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_create(
	user_id text DEFAULT NULL, data jsonb DEFAULT NULL, ttl bigint DEFAULT NULL,
	ip text DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS text AS 'MODULE_PATHNAME', 'session_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_set(
	id text, data text, user_id text DEFAULT NULL, ttl bigint DEFAULT NULL,
	ip text DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_set(
	id text, data jsonb, user_id text DEFAULT NULL, ttl bigint DEFAULT NULL,
	ip text DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_get(id text)
RETURNS jsonb AS 'MODULE_PATHNAME', 'session_get'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_touch(id text)
RETURNS jsonb AS 'MODULE_PATHNAME', 'session_touch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_info(
	id text,
	OUT id text, OUT user_id text, OUT created_at timestamptz,
	OUT last_accessed_at timestamptz, OUT expires_at timestamptz,
	OUT idle_timeout integer, OUT ip_address text, OUT user_agent text,
	OUT is_active boolean, OUT version bigint, OUT data jsonb,
	OUT valid_until timestamptz)
RETURNS SETOF record AS 'MODULE_PATHNAME', 'session_info'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;

CREATE FUNCTION @extschema@.session_verify(
	id text, ip text DEFAULT NULL, user_agent text DEFAULT NULL)
RETURNS jsonb AS 'MODULE_PATHNAME', 'session_verify'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_update(
	id text, data text, version bigint DEFAULT NULL)
RETURNS bigint AS 'MODULE_PATHNAME', 'session_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_update(
	id text, data jsonb, version bigint DEFAULT NULL)
RETURNS bigint AS 'MODULE_PATHNAME', 'session_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_patch(id text, patch text)
RETURNS bigint AS 'MODULE_PATHNAME', 'session_patch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_patch(id text, patch jsonb)
RETURNS bigint AS 'MODULE_PATHNAME', 'session_patch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_rotate(id text, user_id text DEFAULT NULL)
RETURNS text AS 'MODULE_PATHNAME', 'session_rotate'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_expire(id text, seconds bigint DEFAULT NULL)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_expire'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_delete(id text)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_delete'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_revoke(id text)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_revoke'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_revoke_handle(user_id text, handle text)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_revoke_handle'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_revoke_user(
	user_id text, except_id text DEFAULT NULL)
RETURNS integer AS 'MODULE_PATHNAME', 'session_revoke_user'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_list(
	user_id text,
	OUT id text, OUT user_id text, OUT created_at timestamptz,
	OUT last_accessed_at timestamptz, OUT expires_at timestamptz,
	OUT idle_timeout integer, OUT ip_address text, OUT user_agent text,
	OUT is_active boolean, OUT version bigint, OUT data jsonb,
	OUT valid_until timestamptz)
RETURNS SETOF record AS 'MODULE_PATHNAME', 'session_list'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10;

CREATE FUNCTION @extschema@.session_cleanup(max_rows bigint DEFAULT NULL)
RETURNS bigint AS 'MODULE_PATHNAME', 'session_cleanup'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_digest(id text)
RETURNS text AS 'MODULE_PATHNAME', 'session_digest'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.session_import(
	id text, data text, user_id text DEFAULT NULL,
	created_at timestamptz DEFAULT NULL, last_accessed_at timestamptz DEFAULT NULL,
	expires_at timestamptz DEFAULT NULL, ip text DEFAULT NULL,
	user_agent text DEFAULT NULL)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_import'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_import(
	id text, data jsonb, user_id text DEFAULT NULL,
	created_at timestamptz DEFAULT NULL, last_accessed_at timestamptz DEFAULT NULL,
	expires_at timestamptz DEFAULT NULL, ip text DEFAULT NULL,
	user_agent text DEFAULT NULL)
RETURNS boolean AS 'MODULE_PATHNAME', 'session_import'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

---------------------------------------------------------------------------
-- Operation
---------------------------------------------------------------------------

CREATE FUNCTION @extschema@.session_setting(name text)
RETURNS text AS 'MODULE_PATHNAME', 'session_setting'
LANGUAGE C STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.session_configure(name text, value text)
RETURNS text AS 'MODULE_PATHNAME', 'session_configure'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_stats(
	OUT gets bigint, OUT hits bigint, OUT misses bigint,
	OUT expired_reads bigint, OUT rejected bigint, OUT invalid_ids bigint,
	OUT touches bigint, OUT touches_skipped bigint, OUT creates bigint,
	OUT sets bigint, OUT updates bigint, OUT conflicts bigint,
	OUT refused_revoked bigint, OUT rotations bigint, OUT deletes bigint,
	OUT revocations bigint, OUT evictions bigint, OUT sweeps bigint,
	OUT swept bigint, OUT last_sweep_at timestamptz, OUT last_sweep_ms bigint,
	OUT last_error text, OUT oldest_unswept bigint)
RETURNS record AS 'MODULE_PATHNAME', 'session_stats'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE VIEW @extschema@.session_stats AS
	SELECT s.* FROM @extschema@.session_stats() s;

CREATE FUNCTION @extschema@.session_sweep_progress(
	OUT pid integer, OUT started_at timestamptz, OUT phase text,
	OUT batches bigint, OUT removed bigint, OUT rescheduled bigint,
	OUT stuck bigint, OUT reached timestamptz, OUT backlog bigint,
	OUT late boolean)
RETURNS SETOF record AS 'MODULE_PATHNAME', 'session_sweep_progress'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;

CREATE VIEW @extschema@.session_sweep_progress AS
	SELECT p.* FROM @extschema@.session_sweep_progress() p;

CREATE FUNCTION @extschema@.session_stats_reset()
RETURNS void AS 'MODULE_PATHNAME', 'session_stats_reset'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_health(
	OUT "check" text, OUT ok boolean, OUT detail text, OUT hint text)
RETURNS SETOF record AS 'MODULE_PATHNAME', 'session_health'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10;

CREATE FUNCTION @extschema@.session_version()
RETURNS text AS 'MODULE_PATHNAME', 'session_version'
LANGUAGE C STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.session_grant(role regrole, operator boolean DEFAULT false)
RETURNS void AS 'MODULE_PATHNAME', 'session_grant'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.session_revoke_grant(role regrole)
RETURNS void AS 'MODULE_PATHNAME', 'session_revoke_grant'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

---------------------------------------------------------------------------
-- Installation: a word to the one who installs, and nothing that stays
---------------------------------------------------------------------------

CREATE FUNCTION @extschema@.session_installed()
RETURNS void AS 'MODULE_PATHNAME', 'session_installed'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

SELECT @extschema@.session_installed();

DROP FUNCTION @extschema@.session_installed();

---------------------------------------------------------------------------
-- Rights: nothing for PUBLIC; session_grant gives a role its set
---------------------------------------------------------------------------

REVOKE ALL ON @extschema@.sessions, @extschema@.session_events,
	@extschema@.session_creations, @extschema@.session_stats,
	@extschema@.session_sweep_progress FROM PUBLIC;

REVOKE ALL ON FUNCTION
	@extschema@.session_create(text, text, bigint, text, text),
	@extschema@.session_create(text, jsonb, bigint, text, text),
	@extschema@.session_set(text, text, text, bigint, text, text),
	@extschema@.session_set(text, jsonb, text, bigint, text, text),
	@extschema@.session_get(text),
	@extschema@.session_touch(text),
	@extschema@.session_info(text),
	@extschema@.session_verify(text, text, text),
	@extschema@.session_update(text, text, bigint),
	@extschema@.session_update(text, jsonb, bigint),
	@extschema@.session_patch(text, text),
	@extschema@.session_patch(text, jsonb),
	@extschema@.session_rotate(text, text),
	@extschema@.session_expire(text, bigint),
	@extschema@.session_delete(text),
	@extschema@.session_revoke(text),
	@extschema@.session_revoke_handle(text, text),
	@extschema@.session_revoke_user(text, text),
	@extschema@.session_list(text),
	@extschema@.session_cleanup(bigint),
	@extschema@.session_digest(text),
	@extschema@.session_import(text, text, text, timestamptz, timestamptz, timestamptz, text, text),
	@extschema@.session_import(text, jsonb, text, timestamptz, timestamptz, timestamptz, text, text),
	@extschema@.session_setting(text),
	@extschema@.session_configure(text, text),
	@extschema@.session_stats(),
	@extschema@.session_stats_reset(),
	@extschema@.session_sweep_progress(),
	@extschema@.session_health(),
	@extschema@.session_version(),
	@extschema@.session_grant(regrole, boolean),
	@extschema@.session_revoke_grant(regrole)
FROM PUBLIC;

---------------------------------------------------------------------------
-- Documentation
---------------------------------------------------------------------------

COMMENT ON FUNCTION @extschema@.session_create(text, text, bigint, text, text) IS 'Starts a session under a fresh token of 256 random bits and returns the token, which is seen only here. user_id: owner, null for anonymous; data: JSON, null for {}; ttl: idle timeout in seconds, null for the setting; ip, user_agent: the client, or null. Errors: 22023 invalid argument, 54000 data too large, 53400 limit reached, 25006 read-only.';
COMMENT ON FUNCTION @extschema@.session_create(text, jsonb, bigint, text, text) IS 'Starts a session under a fresh token of 256 random bits and returns the token, which is seen only here. user_id: owner, null for anonymous; data: JSON, null for {}; ttl: idle timeout in seconds, null for the setting; ip, user_agent: the client, or null. Errors: 22023 invalid argument, 54000 data too large, 53400 limit reached, 25006 read-only.';
COMMENT ON FUNCTION @extschema@.session_set(text, text, text, bigint, text, text) IS 'Writes a session: starts it if it is missing or expired, replaces the data of a live one, refuses a revoked one. For a live session a null user_id, ttl (idle timeout, seconds), ip or user_agent keeps what is there. Returns false if nothing was stored. Errors: 22023, 54000, 53400, 25006.';
COMMENT ON FUNCTION @extschema@.session_set(text, jsonb, text, bigint, text, text) IS 'Writes a session: starts it if it is missing or expired, replaces the data of a live one, refuses a revoked one. For a live session a null user_id, ttl (idle timeout, seconds), ip or user_agent keeps what is there. Returns false if nothing was stored. Errors: 22023, 54000, 53400, 25006.';
COMMENT ON FUNCTION @extschema@.session_get(text) IS 'The data of a live session, or null. Does not count as a use.';
COMMENT ON FUNCTION @extschema@.session_touch(text) IS 'The data of a live session, or null; records the use, which restarts the idle timeout. The call for every request. Never waits, never creates, never revives; on a read-only server it only reads.';
COMMENT ON FUNCTION @extschema@.session_info(text) IS 'All columns of a live session and valid_until, the moment it ends unless it is used again; no row if it is not live. Does not count as a use.';
COMMENT ON FUNCTION @extschema@.session_verify(text, text, text) IS 'As session_touch, if the client''s ip and user_agent match what the session was created with as the settings bind_ip and bind_user_agent ask; else null, and with on_mismatch = revoke the session is revoked.';
COMMENT ON FUNCTION @extschema@.session_update(text, text, bigint) IS 'Replaces the data of a live session, if its version is the given one (null: whatever it is). Returns the new version, 0 if the version did not match, null if the session is not live. Errors: 22023, 54000, 25006.';
COMMENT ON FUNCTION @extschema@.session_update(text, jsonb, bigint) IS 'Replaces the data of a live session, if its version is the given one (null: whatever it is). Returns the new version, 0 if the version did not match, null if the session is not live. Errors: 22023, 54000, 25006.';
COMMENT ON FUNCTION @extschema@.session_patch(text, text) IS 'Merges an object into the data of a live session (JSON Merge Patch, RFC 7396) under the row lock, so that concurrent patches of different keys all survive. Returns the new version, null if the session is not live. Errors: 22023, 54000, 25006.';
COMMENT ON FUNCTION @extschema@.session_patch(text, jsonb) IS 'Merges an object into the data of a live session (JSON Merge Patch, RFC 7396) under the row lock, so that concurrent patches of different keys all survive. Returns the new version, null if the session is not live. Errors: 22023, 54000, 25006.';
COMMENT ON FUNCTION @extschema@.session_rotate(text, text) IS 'Gives a live session a fresh token, and user_id as owner unless null, in one atomic step; the old token is dead at once. Returns the new token, null if the session is not live. Errors: 22023, 53400, 25006.';
COMMENT ON FUNCTION @extschema@.session_expire(text, bigint) IS 'Sets the absolute deadline of a live session to now plus seconds (0: it ends now), or back to max_lifetime after its creation if null. True if it was live. Errors: 22023, 25006.';
COMMENT ON FUNCTION @extschema@.session_delete(text) IS 'Removes a live or expired session and leaves nothing behind; a revoked one keeps its tombstone. True if it was live. Error: 25006.';
COMMENT ON FUNCTION @extschema@.session_revoke(text) IS 'Logout: ends a session and leaves a tombstone, so that a request in flight cannot bring it back. True if it was live. Error: 25006.';
COMMENT ON FUNCTION @extschema@.session_revoke_handle(text, text) IS 'Revokes the session with this handle if it belongs to this user. True if it was live. Errors: 22023, 25006.';
COMMENT ON FUNCTION @extschema@.session_revoke_user(text, text) IS 'Revokes all sessions of a user but the one with the token except_id, waiting for logins in flight. Returns how many were live. Errors: 22023, 25006.';
COMMENT ON FUNCTION @extschema@.session_list(text) IS 'A user''s live sessions, latest use first; columns as session_info. Error: 22023 for the anonymous user.';
COMMENT ON FUNCTION @extschema@.session_cleanup(bigint) IS 'Deletes expired sessions and tombstones past retention, oldest first, at most max_rows (null: all), and events past retention. Skips rows that others hold. Returns how many sessions were deleted. Errors: 22023, 25006.';
COMMENT ON FUNCTION @extschema@.session_digest(text) IS 'The handle of a token: base64url without padding of its SHA-256. For joins and imports. Error: 22023 for what is no token.';
COMMENT ON FUNCTION @extschema@.session_import(text, text, text, timestamptz, timestamptz, timestamptz, text, text) IS 'Brings in a session from another store under its token. True if it is new; never overwrites, and does not store a session that is over. Null times: created and used now, deadline after max_lifetime. Errors: 22023, 54000, 53400, 25006.';
COMMENT ON FUNCTION @extschema@.session_import(text, jsonb, text, timestamptz, timestamptz, timestamptz, text, text) IS 'Brings in a session from another store under its token. True if it is new; never overwrites, and does not store a session that is over. Null times: created and used now, deadline after max_lifetime. Errors: 22023, 54000, 53400, 25006.';
COMMENT ON FUNCTION @extschema@.session_setting(text) IS 'The value of a setting, named without its prefix; durations in seconds. Error: 22023 for an unknown name.';
COMMENT ON FUNCTION @extschema@.session_configure(text, text) IS 'Changes a setting, named without its prefix, for this database and this connection; null takes it back from the database, and this connection returns to what it began with. Other connections see it when they are made. Returns the value in force. Error: 22023.';
COMMENT ON FUNCTION @extschema@.session_stats() IS 'Counters of this database since the server started or the last reset. last_sweep_ms is in milliseconds, oldest_unswept in seconds.';
COMMENT ON FUNCTION @extschema@.session_sweep_progress() IS 'What the background sweep is doing in this database; no row while it does not run.';
COMMENT ON VIEW @extschema@.session_sweep_progress IS 'The row of session_sweep_progress().';
COMMENT ON COLUMN @extschema@.session_sweep_progress.pid IS 'Process id of the worker.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.started_at IS 'When it began.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.phase IS 'sessions, logs, or paused between two batches.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.batches IS 'Batches of sessions so far.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.removed IS 'Sessions removed so far.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.rescheduled IS 'Sessions that were used meanwhile and got their next moment.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.stuck IS 'How often rows of other tables kept an ended session from being removed.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.reached IS 'What was due before this moment has been seen to; null before the first batch.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.backlog IS 'Rows due now, counted up to 100000.';
COMMENT ON COLUMN @extschema@.session_sweep_progress.late IS 'Whether batches are larger and pauses shorter because rows have waited for long.';
COMMENT ON FUNCTION @extschema@.session_stats_reset() IS 'Sets the counters of this database to zero.';
COMMENT ON FUNCTION @extschema@.session_health() IS 'Checks of the installation and the sweep: what was checked, whether it is well, what was found, what to do.';
COMMENT ON FUNCTION @extschema@.session_version() IS 'The version of the extension''s library.';
COMMENT ON FUNCTION @extschema@.session_grant(regrole, boolean) IS 'Gives a role what an application needs: USAGE on the schema and EXECUTE on the functions of a session''s life. operator: also cleanup, import, configuration, statistics, health and events.';
COMMENT ON FUNCTION @extschema@.session_revoke_grant(regrole) IS 'Takes back from a role all that session_grant gives, but USAGE on the schema.';
COMMENT ON VIEW @extschema@.session_stats IS 'The row of session_stats().';
COMMENT ON COLUMN @extschema@.session_stats.gets IS 'Calls of session_get, session_touch, session_verify and session_info.';
COMMENT ON COLUMN @extschema@.session_stats.hits IS 'Those that found a live session.';
COMMENT ON COLUMN @extschema@.session_stats.misses IS 'Those that did not.';
COMMENT ON COLUMN @extschema@.session_stats.expired_reads IS 'Misses that met a session past its end.';
COMMENT ON COLUMN @extschema@.session_stats.rejected IS 'Refusals of session_verify.';
COMMENT ON COLUMN @extschema@.session_stats.invalid_ids IS 'Calls with an id that no token can be.';
COMMENT ON COLUMN @extschema@.session_stats.touches IS 'Uses that were recorded.';
COMMENT ON COLUMN @extschema@.session_stats.touches_skipped IS 'Uses that were not: too soon after the last, or the row was held.';
COMMENT ON COLUMN @extschema@.session_stats.creates IS 'Sessions started.';
COMMENT ON COLUMN @extschema@.session_stats.sets IS 'Live sessions written by session_set.';
COMMENT ON COLUMN @extschema@.session_stats.updates IS 'Live sessions written by session_update and session_patch.';
COMMENT ON COLUMN @extschema@.session_stats.conflicts IS 'session_update calls whose version did not match.';
COMMENT ON COLUMN @extschema@.session_stats.refused_revoked IS 'session_set calls that met a tombstone.';
COMMENT ON COLUMN @extschema@.session_stats.rotations IS 'Sessions given a fresh token.';
COMMENT ON COLUMN @extschema@.session_stats.deletes IS 'Live sessions deleted.';
COMMENT ON COLUMN @extschema@.session_stats.revocations IS 'Sessions revoked.';
COMMENT ON COLUMN @extschema@.session_stats.evictions IS 'Sessions revoked because their user had too many.';
COMMENT ON COLUMN @extschema@.session_stats.sweeps IS 'Runs of the sweep.';
COMMENT ON COLUMN @extschema@.session_stats.swept IS 'Rows it removed.';
COMMENT ON COLUMN @extschema@.session_stats.last_sweep_at IS 'When the last run ended.';
COMMENT ON COLUMN @extschema@.session_stats.last_sweep_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN @extschema@.session_stats.last_error IS 'The last error of the sweep, null if the last run went well.';
COMMENT ON COLUMN @extschema@.session_stats.oldest_unswept IS 'Age in seconds of the oldest row due for sweeping, 0 if none is.';
