/*
 * commit.c
 *		Transactions that record uses and do nothing else commit without waiting
 *		for the disk.
 *
 * A use that is lost in a crash costs nothing: the next one records itself.  So
 * a transaction that has written nothing but uses commits as if
 * synchronous_commit were off.  That it has written nothing else is proved by
 * counting: each record that it adds to the write-ahead log must have been added
 * between cs_commit_use_begin() and cs_commit_use_end(), from its first to its
 * commit record.  Any other one, if only from tidying up a page that was read,
 * leaves the commit as it is, and so does a table on which a use may run code of
 * a user, whatever that calls itself: an immutable function can write too.  What is not logged (temporary and unlogged
 * tables, notifications) is not waited for by the server either.
 *
 * The count is taken when deferred triggers are done.  What the server or another
 * library logs after that is found when the transaction has committed: the log is
 * flushed then, still before the client hears of it, and standbys are waited for
 * as the client's setting says.  A transaction that is prepared is flushed by the
 * server in any case.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "executor/instrument.h"
#include "replication/origin.h"
#include "replication/syncrep.h"

#include "access_path.h"
#include "commit.h"
#include "compat.h"
#include "guc.h"

/* What the transaction has written so far. */
static enum
{
	NOT_WATCHED,				/* no session was read or used yet */
	USES_ALONE,					/* if the count is what it was */
	OTHER_WRITES
}			written = NOT_WATCHED;

/* The server's count of log records after the last use. */
static int64 records_after_use;

/* The setting that is put back after the commit; -1: it was left alone. */
static int	saved_synchronous_commit = -1;

void
cs_commit_use_begin(void)
{
	if (written == NOT_WATCHED)
	{
		written = XactLastRecEnd == InvalidXLogRecPtr &&
			!TransactionIdIsValid(GetTopTransactionIdIfAny()) ?
			USES_ALONE : OTHER_WRITES;
		records_after_use = pgWalUsage.wal_records;
	}
	else if (records_after_use != pgWalUsage.wal_records)
		written = OTHER_WRITES;
}

void
cs_commit_use_end(void)
{
	if (written == USES_ALONE && records_after_use != pgWalUsage.wal_records &&
		cs_path_writes_rows_alone())
		records_after_use = pgWalUsage.wal_records;
}

/* Switches synchronous_commit off for a commit that nobody need wait for. */
static void
before_commit(void)
{
	if (cs_touch_async_commit &&
		written == USES_ALONE && records_after_use == pgWalUsage.wal_records &&
		synchronous_commit > SYNCHRONOUS_COMMIT_OFF &&
		/* What is replayed from elsewhere keeps its place there durably. */
		replorigin_session_origin == InvalidRepOriginId)
	{
		saved_synchronous_commit = synchronous_commit;
		synchronous_commit = SYNCHRONOUS_COMMIT_OFF;
	}
}

/*
 * Puts the setting back.  The variable is changed behind the back of the server's
 * configuration, which knows the client's value all the time, but nothing reads
 * it in between other than the commit.
 */
static void
after_end(bool committed)
{
	bool		was_off = saved_synchronous_commit >= 0;

	if (was_off)
	{
		synchronous_commit = saved_synchronous_commit;
		saved_synchronous_commit = -1;
	}
	written = NOT_WATCHED;

	/* The one record more is the commit's. */
	if (was_off && committed && pgWalUsage.wal_records > records_after_use + 1)
	{
		XLogFlush(XactLastCommitEnd);
		SyncRepWaitForLSN(XactLastCommitEnd, true);
	}
}

static void
transaction_event(XactEvent event, void *arg)
{
	(void) arg;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			before_commit();
			break;
		case XACT_EVENT_COMMIT:
			after_end(true);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			after_end(false);
			break;
		default:
			break;
	}
}

void
cs_commit_init(void)
{
	RegisterXactCallback(transaction_event, NULL);
}
