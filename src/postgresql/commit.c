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
 * leaves the commit as it is.  What is not logged (temporary and unlogged
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
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "executor/instrument.h"
#include "nodes/nodes.h"
#include "optimizer/optimizer.h"
#include "replication/origin.h"
#include "replication/syncrep.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "commit.h"
#include "compat.h"
#include "extension.h"
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

/* What is known of the table "sessions". */
static enum
{
	UNKNOWN,
	WRITES_ITSELF_ALONE,
	MAY_WRITE_ELSEWHERE
}			table = UNKNOWN;

static bool
is_volatile(const char *expression)
{
	return contain_volatile_functions(stringToNode(expression));
}

/*
 * May reading or updating a row of the table run a function that writes?  The
 * triggers behind foreign keys that point at it do nothing where the key stays.
 * Functions of indexes and generated columns are immutable, which the server
 * keeps from writing.
 */
static bool
may_write_elsewhere(Relation relation)
{
	const TriggerDesc *triggers = relation->trigdesc;
	const TupleConstr *constraints = RelationGetDescr(relation)->constr;

	if (relation->rd_rel->relkind != RELKIND_RELATION ||
		relation->rd_rel->relrowsecurity || relation->rd_rules != NULL)
		return true;
	/* The mark stays for a while when the last child table has gone. */
	if (relation->rd_rel->relhassubclass &&
		find_inheritance_children(RelationGetRelid(relation), NoLock) != NIL)
		return true;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (RI_FKey_trigger_type(triggers->triggers[i].tgfoid) != RI_TRIGGER_PK)
			return true;

	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
		if (is_volatile(constraints->check[i].ccbin))
			return true;
	return false;
}

/* Its lock is still held by what has just read or written it. */
static bool
table_writes_itself_alone(void)
{
	if (table == UNKNOWN)
	{
		Relation	relation = RelationIdGetRelation(cs_sessions_relid());

		if (!RelationIsValid(relation))
			return false;
		table = may_write_elsewhere(relation) ?
			MAY_WRITE_ELSEWHERE : WRITES_ITSELF_ALONE;
		RelationClose(relation);
	}
	return table == WRITES_ITSELF_ALONE;
}

static void
forget_table(Datum arg, Oid relid)
{
	(void) arg;
	(void) relid;
	table = UNKNOWN;
}

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
		table_writes_itself_alone())
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
	CacheRegisterRelcacheCallback(forget_table, (Datum) 0);
}
