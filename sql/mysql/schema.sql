/*
 * The tables.  Identifiers are compared exactly, trailing spaces included.
 * Times are UTC, whatever zone a connection is in.
 *
 * A touch writes last_accessed_at, which no index knows.  Nothing is numbered: what
 * AUTO_INCREMENT comes to next is what a client says with SET insert_id, and after
 * the last number there is none for anybody.
 */
CREATE TABLE IF NOT EXISTS sessions (
	id               @handle@ NOT NULL PRIMARY KEY COMMENT 'Handle: base64url of SHA-256(token). The token itself is stored nowhere.',
	user_id          @owner@ NOT NULL DEFAULT '' COMMENT 'Owner; the empty string is anonymous.',
	created_at       DATETIME(6) NOT NULL COMMENT 'Start of this session.',
	last_accessed_at DATETIME(6) NOT NULL COMMENT 'Last recorded use; never moves back.',
	expires_at       DATETIME(6) NULL COMMENT 'Absolute deadline; null means none.',
	idle_timeout     INT NULL COMMENT 'Seconds of disuse after which the session ends; null means none.',
	ip_address       @ip@ NULL COMMENT 'Client address as last given.',
	user_agent       @text@ NULL COMMENT 'User-Agent as last given.',
	is_active        BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'False for a revoked session, whose row is a tombstone.',
	version          BIGINT NOT NULL DEFAULT 1 COMMENT '1 at creation, plus 1 at every change of data.',
	data             @json@ NOT NULL COMMENT 'What the application keeps in the session.',
	sweep_at         DATETIME(6) NULL DEFAULT '1970-01-01 00:00:00' COMMENT 'When the sweep must next look at the row; never later than its first possible end. Null means never; by default the next sweep looks at once.',
	bound_ip         @ip@ NULL COMMENT 'Address the session was created with, where session_set has replaced it since; empty if there was none.',
	bound_user_agent @text@ NULL COMMENT 'User-Agent the session was created with, where session_set has replaced it since; empty if there was none.',
	rotated_to       @handle@ NULL COMMENT 'Of a tombstone that session_rotate left: the handle that the session has now.',
	KEY idx_sessions_user_id (user_id),
	KEY idx_sessions_sweep_at (sweep_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE @exact@
  COMMENT 'Web sessions, one row each. Use the session_* functions; the columns are public for reports.'//

CREATE TABLE IF NOT EXISTS session_events (
	at         DATETIME(6) NOT NULL COMMENT 'When it happened.',
	event      VARCHAR(16) CHARACTER SET utf8mb4 COLLATE @exact@ NOT NULL COMMENT 'What happened: create, login, rotate, revoke, evict, mismatch, refuse, import, set, update, patch, expire, delete, expired.',
	handle     @handle@ NULL COMMENT 'Handle of the session.',
	user_id    @owner@ NULL COMMENT 'Owner of the session.',
	ip_address @ip@ NULL COMMENT 'Client address of the session, or of the refused request.',
	user_agent @text@ NULL COMMENT 'User-Agent of the session, or of the refused request.',
	detail     @text@ NULL COMMENT 'More about the event, if there is more.',
	event_id   BINARY(8) NOT NULL DEFAULT (RANDOM_BYTES(8)) INVISIBLE COMMENT 'In which events of one moment differ.',
	PRIMARY KEY (at, event_id),
	KEY idx_session_events_user_id (user_id, at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE @exact@
  COMMENT 'What happened to sessions, as the setting audit asks; kept for audit_retention.'//

/* The sessions themselves do not tell: one that was started and deleted counts too. */
CREATE TABLE IF NOT EXISTS session_creations (
	user_id     @owner@ NOT NULL COMMENT 'Owner of the new session.',
	at          DATETIME(6) NOT NULL COMMENT 'When it was started.',
	creation_id BINARY(8) NOT NULL DEFAULT (RANDOM_BYTES(8)) INVISIBLE COMMENT 'In which those of one moment differ.',
	PRIMARY KEY (user_id, at, creation_id),
	KEY idx_session_creations_at (at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE @exact@
  COMMENT 'New sessions of the last minute, kept while create_rate_limit is set.'//

/* limit.sql tells what for. */
CREATE TABLE IF NOT EXISTS session_users (
	user_id    @owner@ NOT NULL PRIMARY KEY COMMENT 'Who has logged in.',
	changed_at DATETIME(6) NOT NULL COMMENT 'When the limits were last held against him.',
	KEY idx_session_users_changed_at (changed_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE @exact@
  COMMENT 'A row to lock for each user, while there are limits per user.'//

/* One row, so that a verb reads all its settings at once; setting.sql fills it. */
CREATE TABLE IF NOT EXISTS session_settings (
	only_row               TINYINT NOT NULL DEFAULT 1 PRIMARY KEY,
	schema_version         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	idle_timeout           INT NOT NULL,
	anonymous_idle_timeout INT NOT NULL,
	max_lifetime           INT NOT NULL,
	touch_interval         INT NOT NULL,
	tombstone_retention    INT NOT NULL,
	max_data_size          INT NOT NULL,
	strict_ids             @word@ NOT NULL,
	max_sessions_per_user  INT NOT NULL,
	max_sessions_policy    @word@ NOT NULL,
	create_rate_limit      INT NOT NULL,
	bind_ip                @word@ NOT NULL,
	bind_user_agent        @word@ NOT NULL,
	on_mismatch            @word@ NOT NULL,
	audit                  @word@ NOT NULL,
	audit_retention        INT NOT NULL,
	cleanup_enabled        @word@ NOT NULL,
	cleanup_interval       INT NOT NULL,
	cleanup_batch          INT NOT NULL,
	CHECK (only_row = 1)
) ENGINE = InnoDB COMMENT 'The settings; session_configure() changes them.'//

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO 'covet_sessions'@'localhost'//
GRANT SELECT, INSERT, DELETE ON session_events TO 'covet_sessions'@'localhost'//
GRANT SELECT, INSERT, DELETE ON session_creations TO 'covet_sessions'@'localhost'//
GRANT SELECT, INSERT, UPDATE, DELETE ON session_users TO 'covet_sessions'@'localhost'//
GRANT SELECT, UPDATE ON session_settings TO 'covet_sessions'@'localhost'//
GRANT EXECUTE, EVENT ON * TO 'covet_sessions'@'localhost'//
