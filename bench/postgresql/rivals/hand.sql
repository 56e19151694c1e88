/*
 * hand.sql
 *		The table of sessions as it is usually written, in two collations.
 */
CREATE SCHEMA hand;
CREATE SCHEMA hand_c;

CREATE TABLE hand.sessions (
	id               varchar(255) PRIMARY KEY,
	user_id          varchar(255) NOT NULL DEFAULT '',
	created_at       timestamptz NOT NULL DEFAULT now(),
	last_accessed_at timestamptz NOT NULL DEFAULT now(),
	expires_at       timestamptz NOT NULL,
	ip_address       varchar(45),
	user_agent       text,
	is_active        boolean NOT NULL DEFAULT true,
	data             jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE hand_c.sessions (
	id               varchar(255) COLLATE "C" PRIMARY KEY,
	user_id          varchar(255) COLLATE "C" NOT NULL DEFAULT '',
	created_at       timestamptz NOT NULL DEFAULT now(),
	last_accessed_at timestamptz NOT NULL DEFAULT now(),
	expires_at       timestamptz NOT NULL,
	ip_address       varchar(45),
	user_agent       text,
	is_active        boolean NOT NULL DEFAULT true,
	data             jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX ON hand.sessions (user_id);
CREATE INDEX ON hand.sessions (expires_at);
CREATE INDEX ON hand.sessions (is_active);

CREATE INDEX ON hand_c.sessions (user_id);
CREATE INDEX ON hand_c.sessions (expires_at);
CREATE INDEX ON hand_c.sessions (is_active);
