/*
 * statement.h
 *		The SQL of the store, and its cache of prepared statements.
 *
 * A statement is out of the cache while it runs, so that a trigger which calls
 * a function of the extension again finds none that is in use.
 *
 * The cache must be empty before SQLite looks whether a connection that is
 * being closed is still busy.  Functions are destroyed after that, but virtual
 * tables are disconnected before: the table session_stats empties the cache
 * then, and nothing is cached unless that table is connected ("armed").
 */
#ifndef CS_STATEMENT_H
#define CS_STATEMENT_H

#include <stdbool.h>

#include "api.h"

struct CsConnection;

typedef enum CsStatement
{
	CS_SQL_SAVEPOINT,
	CS_SQL_RELEASE,
	CS_SQL_ROLLBACK,
	CS_SQL_ROLLBACK_TO,
	CS_SQL_LOCK,
	CS_SQL_DATABASES,
	CS_SQL_VERSION,
	CS_SQL_READ,
	CS_SQL_READ_DATA,
	CS_SQL_INSERT,
	CS_SQL_UPDATE,
	CS_SQL_UPDATE_ALL,
	CS_SQL_REPLACE_DATA,
	CS_SQL_REPLACE_DATA_IF,
	CS_SQL_TOUCH,
	CS_SQL_REAP,
	CS_SQL_DELETE,
	CS_SQL_LIST,
	CS_SQL_LIST_BY_LAST_USE,
	CS_SQL_ANY_DUE,
	CS_SQL_DUE,
	CS_SQL_RESCHEDULE,
	CS_SQL_OLDEST_DUE,
	CS_SQL_COUNT_DUE,
	CS_SQL_COUNT_CREATIONS,
	CS_SQL_ADD_CREATION,
	CS_SQL_FIND_CREATIONS,
	CS_SQL_PRUNE_CREATIONS,
	CS_SQL_ADD_EVENT,
	CS_SQL_FIND_EVENTS,
	CS_SQL_PRUNE_EVENTS,
	CS_SQL_SETTINGS,
	CS_SQL_SET_SETTING,
	CS_SQL_RESET_SETTING,
	CS_STATEMENTS
} CsStatement;

/* Takes a statement out of the cache or prepares it; an SQLite result code. */
extern int	cs_statement_take(struct CsConnection *connection,
							  CsStatement which, sqlite3_stmt **statement);

/* Gives it back; NULL is allowed. */
extern void cs_statement_give(struct CsConnection *connection,
							  CsStatement which, sqlite3_stmt *statement);

/*
 * Makes sure that a statement is in the cache: one that SQLite has prepared since
 * the schema was last changed, if "anew".  An SQLite result code.
 */
extern int	cs_statement_reserve(struct CsConnection *connection,
								 CsStatement which, bool anew);

/* Empties the cache. */
extern void cs_statements_finalize(struct CsConnection *connection);

#endif							/* CS_STATEMENT_H */
