/*
 * connection.h
 *		What the extension keeps for each database connection.
 *
 * The state is made when the extension is loaded into a connection and shared
 * by all functions and virtual tables that are registered there; the last of
 * them that goes takes it along.
 */
#ifndef CS_CONNECTION_H
#define CS_CONNECTION_H

#include <stdbool.h>

#include "api.h"

#include "covet_core.h"
#include "covet_counters.h"
#include "settings.h"
#include "statement.h"

typedef struct CsConnection
{
	sqlite3    *db;
	int			references;		/* registered functions and tables */
	int			depth;			/* calls in progress */
	int			starts;			/* so likely is it that session_set starts one */
	unsigned	writes;			/* of verbs, towards the next small sweep */
	CovetTime	looked_at;		/* when the last of those was, or the start */
	bool		schema_fits;	/* it is known to be of this version */
	bool		abandoned;		/* a savepoint is open that should not be */
	bool		armed;			/* someone will empty the cache in time */
	sqlite3_stmt *statements[CS_STATEMENTS];	/* the cache, idle ones only */
	struct CsCall *writer;		/* whose statement is writing, see proceed.h */
	CovetDigester *digester;
	bool		has_settings;
	CsSettings	settings;
	unsigned	settings_commits;	/* for which they hold, see settings.c */
	sqlite3_int64 counters[COVET_COUNTERS];
	CovetTime	last_sweep_at;	/* 0: none on this connection */
	sqlite3_int64 last_sweep_ms;
	char		last_error[128];	/* of the last sweep; empty: none */
} CsConnection;

/* A new state with one reference, NULL without memory. */
extern CsConnection *cs_connection_create(sqlite3 *db);

extern void cs_connection_hold(CsConnection *connection);
extern void cs_connection_release(CsConnection *connection);

#endif							/* CS_CONNECTION_H */
