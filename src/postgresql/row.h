/*
 * row.h
 *		A session as the columns of a row.
 *
 * For the files of the store only.
 */
#ifndef CS_ROW_H
#define CS_ROW_H

#include "postgres.h"

#include "store.h"

/*
 * The columns of a CsSession, as the extension's table has them and in the
 * order in which the statements name them.
 */
enum
{
	CS_COLUMN_ID = 1,
	CS_COLUMN_USER_ID,
	CS_COLUMN_CREATED_AT,
	CS_COLUMN_LAST_ACCESSED_AT,
	CS_COLUMN_EXPIRES_AT,
	CS_COLUMN_IDLE_TIMEOUT,
	CS_COLUMN_IP_ADDRESS,
	CS_COLUMN_USER_AGENT,
	CS_COLUMN_IS_ACTIVE,
	CS_COLUMN_VERSION,
	CS_COLUMN_DATA,
	CS_COLUMN_SWEEP_AT,
	CS_COLUMN_BOUND_IP,
	CS_COLUMN_BOUND_USER_AGENT,
	CS_COLUMNS = CS_COLUMN_BOUND_USER_AGENT
};

/*
 * Fills in a session from the values of its columns, which it goes on to point
 * at.
 */
extern void cs_row_read(const Datum *values, const bool *nulls,
						CsSession *session);

/* The reverse. */
extern void cs_row_write(const CsSession *session, Datum *values, bool *nulls);

#endif							/* CS_ROW_H */
