/*
 * transaction.h
 *		A call's part in the caller's transaction, inside call and transaction.
 */
#ifndef CS_TRANSACTION_H
#define CS_TRANSACTION_H

#include "call.h"

/* No transaction is open on the connection, by whatever means. */
extern bool cs_is_idle(const CsCall *call);

/*
 * Ends a savepoint that could not be undone: once SQLite is out of memory it
 * prepares nothing, not even a rollback, until the caller's statement has ended.
 */
extern void cs_end_abandoned(CsCall *call);

/* SQLite's last rowid is the caller's: as it was when the call began to write. */
extern void cs_restore_rowid(const CsCall *call);

/* Runs a statement that returns nothing; an SQLite result code. */
extern int	cs_execute(CsCall *call, CsStatement which);

#endif							/* CS_TRANSACTION_H */
