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
#include "statement.h"

typedef enum CsCounter
{
	CS_GETS,
	CS_HITS,
	CS_MISSES,
	CS_EXPIRED_READS,
	CS_REJECTED,
	CS_INVALID_IDS,
	CS_TOUCHES,
	CS_TOUCHES_SKIPPED,
	CS_CREATES,
	CS_SETS,
	CS_UPDATES,
	CS_CONFLICTS,
	CS_REFUSED_REVOKED,
	CS_ROTATIONS,
	CS_DELETES,
	CS_REVOCATIONS,
	CS_EVICTIONS,
	CS_SWEEPS,
	CS_SWEPT,
	CS_COUNTERS
} CsCounter;

typedef struct CsConnection
{
	sqlite3    *db;
	int			references;		/* registered functions and tables */
	int			depth;			/* calls in progress */
	unsigned	writes;			/* of verbs, towards the next small sweep */
	bool		abandoned;		/* a savepoint is open that should not be */
	bool		armed;			/* someone will empty the cache in time */
	sqlite3_stmt *statements[CS_STATEMENTS];	/* the cache, idle ones only */
	sqlite3_int64 counters[CS_COUNTERS];
	CovetTime	last_sweep_at;	/* 0: none on this connection */
	sqlite3_int64 last_sweep_ms;
	char		last_error[128];	/* of the last sweep; empty: none */
} CsConnection;

/* A new state with one reference, NULL without memory. */
extern CsConnection *cs_connection_create(sqlite3 *db);

extern void cs_connection_hold(CsConnection *connection);
extern void cs_connection_release(CsConnection *connection);

#endif							/* CS_CONNECTION_H */
