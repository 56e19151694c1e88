/*
 * connect_pg_simple.sql
 *		The table that connect-pg-simple works on.
 */
CREATE SCHEMA connect_pg_simple;

CREATE TABLE connect_pg_simple.session (
	sid    varchar PRIMARY KEY,
	sess   json NOT NULL,
	expire timestamp(6) NOT NULL
);

CREATE INDEX ON connect_pg_simple.session (expire);
