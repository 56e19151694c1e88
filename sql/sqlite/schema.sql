/*
 * The schema of covet_sessions in an SQLite database.  Times are text of fixed
 * width, UTC: 2025-01-31T12:00:00.000000Z, so that they sort as text.
 */
CREATE TABLE main.sessions (
	id               varchar(255) NOT NULL PRIMARY KEY,  -- handle, never the token
	user_id          varchar(255) NOT NULL DEFAULT '',   -- '' is anonymous
	created_at       text NOT NULL,
	last_accessed_at text NOT NULL,                      -- last recorded use
	expires_at       text,                               -- absolute deadline
	idle_timeout     integer,                            -- seconds
	ip_address       varchar(45),
	user_agent       text,
	is_active        boolean NOT NULL DEFAULT 1,         -- 0 is a tombstone
	version          bigint NOT NULL DEFAULT 1,          -- +1 per change of data
	data             text NOT NULL,                      -- JSON
	sweep_at         text,                               -- when the sweep must look next
	bound_ip         varchar(45),                        -- what the session was created with,
	bound_user_agent text                                -- where that was replaced since
);

CREATE INDEX main.idx_sessions_user_id ON sessions (user_id) WHERE user_id <> '';
CREATE INDEX main.idx_sessions_sweep_at ON sessions (sweep_at) WHERE sweep_at IS NOT NULL;

/* What happened to sessions, as the setting "audit" asks. */
CREATE TABLE main.session_events (
	at         text NOT NULL,
	event      text NOT NULL,
	handle     varchar(255),
	user_id    varchar(255),
	ip_address varchar(45),
	user_agent text,
	detail     text
);

CREATE INDEX main.idx_session_events_at ON session_events (at);
CREATE INDEX main.idx_session_events_user_id ON session_events (user_id, at);

/* New sessions of the last minute, kept while "create_rate_limit" is set. */
CREATE TABLE main.session_creations (
	user_id varchar(255) NOT NULL,
	at      text NOT NULL
);

CREATE INDEX main.idx_session_creations ON session_creations (user_id, at);
CREATE INDEX main.idx_session_creations_at ON session_creations (at);

/* Settings that differ from their defaults; session_configure() writes them. */
CREATE TABLE main.session_settings (
	name  text NOT NULL PRIMARY KEY,
	value text NOT NULL
);
