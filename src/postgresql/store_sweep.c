/*
 * store_sweep.c
 *		The sweep's access to the tables.
 *
 * A row is due when its sweep_at has come.  That is never later than its end,
 * but may be earlier, because a use does not move it: so a row that is due is
 * locked, looked at again, and deleted only if it is over.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "call.h"
#include "compat.h"
#include "extension.h"
#include "guc.h"
#include "statement.h"
#include "store.h"

/* Columns of CS_SQL_DUE. */
enum
{
	DUE_ID = 1,
	DUE_LAST_ACCESSED_AT,
	DUE_EXPIRES_AT,
	DUE_IDLE_TIMEOUT,
	DUE_IS_ACTIVE,
	DUE_SWEEP_AT
};

/* A due row that SPI returned: its handle, and when it ends. */
static Datum
read_due(HeapTuple tuple, TimestampTz *ends_at)
{
	TupleDesc	descriptor = SPI_tuptable->tupdesc;
	CovetTimer	timer;
	bool		is_null;
	Datum		value;
	bool		is_active;

	timer.last_accessed_at =
		DatumGetTimestampTz(SPI_getbinval(tuple, descriptor,
										  DUE_LAST_ACCESSED_AT, &is_null));
	value = SPI_getbinval(tuple, descriptor, DUE_EXPIRES_AT, &is_null);
	timer.expires_at = is_null ? COVET_NEVER : DatumGetTimestampTz(value);
	value = SPI_getbinval(tuple, descriptor, DUE_IDLE_TIMEOUT, &is_null);
	timer.idle_timeout = is_null ? 0 : DatumGetInt32(value);
	is_active = DatumGetBool(SPI_getbinval(tuple, descriptor, DUE_IS_ACTIVE,
										   &is_null));

	/* A tombstone is due when its retention is over. */
	*ends_at = is_active ? covet_valid_until(&timer) : DT_NOBEGIN;
	return SPI_getbinval(tuple, descriptor, DUE_ID, &is_null);
}

/* A batch, and how it is gone about. */
typedef struct Sweep
{
	TimestampTz at;
	TimestampTz from;
	int64		rows;
	bool		log_events;
	bool		one_by_one;		/* what is deleted */
	CsBatch		batch;
} Sweep;

static CsStatement
deletion(const Sweep *sweep)
{
	return sweep->log_events ? CS_SQL_DELETE_MANY_LOGGED : CS_SQL_DELETE_MANY;
}

static Datum
array_of_handles(Datum *handles, int count)
{
	return PointerGetDatum(construct_array(handles, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

static void
keep_error(CsBatch *batch, const ErrorData *error)
{
	batch->stuck_sqlerrcode = error->sqlerrcode;
	strlcpy(batch->stuck_message, error->message, sizeof(batch->stuck_message));
	strlcpy(batch->stuck_detail, error->detail ? error->detail : "",
			sizeof(batch->stuck_detail));
}

/* Did the deletion meet what others hold, rather than what forbids it? */
static bool
is_held(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

/* One by one, what cannot be deleted stays alone. */
static void
delete_handles(Sweep *sweep, Datum *handles, int count)
{
	Datum		values[] = {0, TimestampTzGetDatum(sweep->at)};
	ErrorData  *error = NULL;
	uint64		deleted;

	if (!sweep->one_by_one)
	{
		values[0] = array_of_handles(handles, count);
		sweep->batch.deleted = cs_run(deletion(sweep),
									  CS_AS_THE_TRANSACTION_SEES, values, NULL);
		return;
	}
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[0] = array_of_handles(&handles[i], 1);
		if (cs_try_run(deletion(sweep), values, true, &deleted, &error))
			sweep->batch.deleted += deleted;
		else if (!is_held(error) && sweep->batch.stuck++ == 0)
			keep_error(&sweep->batch, error);
	}
}

/*
 * Deletes what is over.  Foreign keys and triggers may come to rows of other
 * tables that somebody holds for long, and whoever wants to use the batch's
 * sessions waits for it meanwhile: so it waits hardly at all, and the next sweep
 * tries again.
 */
static void
delete_over(Sweep *sweep, Datum *handles, int count)
{
	int			guc_level = NewGUCNestLevel();

	(void) set_config_option("lock_timeout", sweep->one_by_one ? "1ms" : "10ms",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	delete_handles(sweep, handles, count);
	AtEOXact_GUC(true, guc_level);
}

/* Gives what is not over its next moment; how many. */
static int64
reschedule(Datum *handles, Datum *moments, int count)
{
	Datum		values[] = {
		array_of_handles(handles, count),
		PointerGetDatum(construct_array(moments, count, TIMESTAMPTZOID,
										sizeof(TimestampTz), FLOAT8PASSBYVAL,
										TYPALIGN_DOUBLE)),
	};

	return cs_run(CS_SQL_RESCHEDULE_MANY, CS_AS_THE_TRANSACTION_SEES, values,
				  NULL);
}

/*
 * Rows that must stay and are due at the same moment would be all that a batch
 * ever sees.  So they wait for the next sweep, each for a moment of its own.
 */
static int64
put_off(Datum *handles, int count, TimestampTz at)
{
	TimestampTz next = at + cs_cleanup_interval * USECS_PER_SEC;
	Datum	   *moments = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
		moments[i] = TimestampTzGetDatum(next + i);
	return reschedule(handles, moments, count);
}

/* The batch's rows, which are in SPI_tuptable. */
static void
sweep_rows(Sweep *sweep, uint64 due)
{
	Datum	   *over = palloc(due * sizeof(Datum));
	Datum	   *handles = palloc(due * sizeof(Datum));
	Datum	   *moments = palloc(due * sizeof(Datum));
	int			over_count = 0;
	int			kept_count = 0;
	bool		full = due == (uint64) sweep->rows;
	TimestampTz began = sweep->from;
	CsBatch    *batch = &sweep->batch;
	bool		is_null;

	for (uint64 i = 0; i < due; i++)
	{
		TimestampTz ends_at;
		Datum		handle = read_due(SPI_tuptable->vals[i], &ends_at);

		if (ends_at <= sweep->at)
			over[over_count++] = handle;
		else
		{
			handles[kept_count] = handle;
			moments[kept_count++] = TimestampTzGetDatum(ends_at);
		}
	}
	sweep->from =
		DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[due - 1],
										  SPI_tuptable->tupdesc,
										  DUE_SWEEP_AT, &is_null));

	if (over_count > 0)
		delete_over(sweep, over, over_count);
	if (kept_count > 0)
		batch->rescheduled = reschedule(handles, moments, kept_count);
	/* Where a trigger undoes all that is done, another batch would do no more. */
	batch->more = batch->deleted > 0 || batch->rescheduled > 0 ||
		sweep->from > began;
	if (full && !batch->more)
		batch->more = put_off(over, over_count, sweep->at) > 0;
	batch->more = batch->more && full;
}

static void
sweep_due(void *argument)
{
	Sweep	   *sweep = argument;
	Datum		values[] = {
		TimestampTzGetDatum(sweep->at),
		Int64GetDatum(sweep->rows),
		TimestampTzGetDatum(sweep->from),
	};
	uint64		due = cs_run(CS_SQL_DUE, CS_AS_THE_TRANSACTION_SEES, values, NULL);
	SPITupleTable *rows = SPI_tuptable;

	if (due > 0)
		sweep_rows(sweep, due);
	SPI_freetuptable(rows);
}

static bool
has_triggers(void)
{
	Relation	table = table_open(cs_sessions_relid(), RowExclusiveLock);
	bool		has = table->trigdesc != NULL;

	table_close(table, NoLock);
	return has;
}

static void
check_at_once(void)
{
	ConstraintsSetStmt *all = makeNode(ConstraintsSetStmt);

	AfterTriggerSetState(all);
	pfree(all);
}

/*
 * Rows are locked and deleted by one (sub)transaction: two would leave a
 * MultiXact in each, which is dear, and dead versions with one are fetched from
 * the heap again by every scan of the index until it is vacuumed.  Only where
 * some rows cannot be deleted, each is deleted by itself.
 */
static void
sweep_batch(Sweep *sweep)
{
	const Sweep before = *sweep;
	ErrorData  *error = NULL;

	if (cs_try(sweep_due, sweep, true, &error))
		return;
	*sweep = before;
	if (error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE)
		return;
	sweep->one_by_one = true;
	if (!cs_try(sweep_due, sweep, false, NULL))
		*sweep = before;
}

/*
 * Frees what a batch needed: session_cleanup() does not end before the last
 * of very many.
 */
CsBatch
cs_store_sweep(TimestampTz at, TimestampTz *from, int64 batch, bool log_events)
{
	Sweep		sweep = {
		.at = at,.from = *from,.rows = batch,.log_events = log_events
	};
	MemoryContext context;
	MemoryContext previous;

	/*
	 * Checks that were put off to the commit would fail there, and undo the
	 * batch for the sake of one row.  What the transaction has put off before
	 * runs with them, and may be code of the caller.
	 */
	if (has_triggers())
		cs_call_as_caller(check_at_once);
	cs_call_connect();
	context = AllocSetContextCreate(CurrentMemoryContext, "covet_sessions sweep",
									ALLOCSET_DEFAULT_SIZES);
	previous = MemoryContextSwitchTo(context);
	sweep_batch(&sweep);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(context);

	*from = sweep.from;
	return sweep.batch;
}

static int64
prune(CsStatement statement, TimestampTz before, int64 batch)
{
	Datum		values[] = {TimestampTzGetDatum(before), Int64GetDatum(batch)};
	uint64		rows;

	return cs_try_run(statement, values, false, &rows, NULL) ? (int64) rows : 0;
}

int64
cs_store_prune_events(TimestampTz before, int64 batch)
{
	return prune(CS_SQL_PRUNE_EVENTS, before, batch);
}

int64
cs_store_prune_creations(TimestampTz before, int64 batch)
{
	return prune(CS_SQL_PRUNE_CREATIONS, before, batch);
}

TimestampTz
cs_store_next_due(void)
{
	Datum		moment;

	(void) cs_run(CS_SQL_NEXT_DUE, CS_AS_THE_TRANSACTION_SEES, NULL, NULL);
	return cs_single_value(&moment) ? DatumGetTimestampTz(moment) : COVET_NEVER;
}

int64
cs_store_oldest_unswept(TimestampTz at)
{
	Datum		values[] = {TimestampTzGetDatum(at)};
	Datum		moment;

	(void) cs_run(CS_SQL_OLDEST_DUE, CS_AS_THE_TRANSACTION_SEES, values, NULL);
	return cs_single_value(&moment) ?
		(at - DatumGetTimestampTz(moment)) / USECS_PER_SEC : 0;
}

int64
cs_store_count_due(TimestampTz at, int64 limit)
{
	Datum		values[] = {TimestampTzGetDatum(at), Int64GetDatum(limit)};
	Datum		count;

	(void) cs_run(CS_SQL_COUNT_DUE, CS_AS_THE_TRANSACTION_SEES, values, NULL);
	return cs_single_value(&count) ? DatumGetInt64(count) : 0;
}
