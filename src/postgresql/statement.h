/*
 * statement.h
 *		The store's SQL statements as kept plans.
 *
 * For the files of the store only.
 */
#ifndef CS_STATEMENT_H
#define CS_STATEMENT_H

#include "postgres.h"

#include "executor/spi.h"

typedef enum CsStatement
{
	CS_SQL_READ,
	CS_SQL_LOCK,
	CS_SQL_LOCK_EXCLUSIVELY,
	CS_SQL_INSERT,
	CS_SQL_UPDATE,
	CS_SQL_DELETE,
	CS_SQL_TOUCH,
	CS_SQL_REAP,
	CS_SQL_LIST,
	CS_SQL_LIST_BY_LAST_USE,
	CS_SQL_LIST_LOCKED,
	CS_SQL_DUE,
	CS_SQL_DELETE_MANY,
	CS_SQL_RESCHEDULE_MANY,
	CS_SQL_DELETE_MANY_LOGGED,
	CS_SQL_PRUNE_EVENTS,
	CS_SQL_PRUNE_CREATIONS,
	CS_SQL_NEXT_DUE,
	CS_SQL_OLDEST_DUE,
	CS_SQL_COUNT_DUE,
	CS_SQL_COUNT_CREATIONS,
	CS_SQL_ADD_CREATION,
	CS_SQL_ADD_EVENT,
	CS_STATEMENTS
} CsStatement;

typedef enum CsSnapshot
{
	CS_AS_THE_TRANSACTION_SEES,
	CS_LATEST					/* whatever the isolation level */
} CsSnapshot;

/*
 * Runs a statement; "nulls" as SPI wants it, or NULL.  Returns the number of
 * rows, which are in SPI_tuptable.
 */
extern uint64 cs_run(CsStatement statement, CsSnapshot snapshot,
					 Datum *values, const char *nulls);

/*
 * Runs what may be given up: false, with nothing done, if the transaction's
 * snapshot is too old for it, or if rows of other tables stand in its way or
 * are held (which is looked for only with "constraints").  What stood in its way is left
 * in "error", unless that is NULL.
 */
extern bool cs_try(void (*run) (void *argument), void *argument,
				   bool constraints, ErrorData **error);

/* The same for a statement. */
extern bool cs_try_run(CsStatement statement, Datum *values, bool constraints,
					   uint64 *rows, ErrorData **error);

/* The only value of the only row; false if there is no row or it is null. */
extern bool cs_single_value(Datum *value);

#endif							/* CS_STATEMENT_H */
