/*
 * cleanup.c
 *		The steps of a sweep, and session_cleanup for those who run it
 *		themselves.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "call.h"
#include "cleanup.h"
#include "compat.h"
#include "guc.h"
#include "stats.h"

/* Until a sweep that has not finished goes on. */
#define NEXT_TURN (5 * USECS_PER_SEC)

/* The window after which create_rate_limit is done with a creation. */
#define CREATION_RETENTION USECS_PER_MINUTE

CsBatch
cs_cleanup_sessions(TimestampTz *from, int64 rows)
{
	CsBatch		batch = cs_store_sweep(GetCurrentTimestamp(), from, rows,
									   cs_audit == COVET_AUDIT_ALL);

	cs_count_many(COVET_SWEPT, batch.deleted);
	return batch;
}

void
cs_cleanup_add(CsBatch *sweep, const CsBatch *batch)
{
	CsBatch		before = *sweep;

	if (before.stuck == 0)
		*sweep = *batch;
	sweep->deleted = before.deleted + batch->deleted;
	sweep->rescheduled = before.rescheduled + batch->rescheduled;
	sweep->stuck = before.stuck + batch->stuck;
	sweep->more = batch->more;
}

/* Warns of rows that could not be removed; once for the same reason. */
static void
report_stuck(const CsBatch *sweep)
{
	CsSweepState state = {0};

	(void) cs_stats_get_sweep(MyDatabaseId, &state);
	if (sweep->stuck == 0 ||
		strncmp(state.last_error, sweep->stuck_message, CS_ERROR_SIZE - 1) == 0)
		return;
	ereport(WARNING,
			errcode(sweep->stuck_sqlerrcode),
			errmsg("some ended sessions could not be removed: %s",
				   sweep->stuck_message),
			sweep->stuck_detail[0] != '\0' ?
			errdetail_internal("%s", sweep->stuck_detail) : 0,
			errhint("They stay invisible, and the others are removed. A foreign key to \"sessions\" should have ON DELETE CASCADE."));
}

bool
cs_cleanup_logs(void)
{
	TimestampTz at = GetCurrentTimestamp();
	int64		rows;

	rows = cs_store_prune_creations(at - CREATION_RETENTION, cs_cleanup_batch);
	if (cs_audit_retention > 0)
		rows = Max(rows,
				   cs_store_prune_events(at - cs_audit_retention * USECS_PER_SEC,
										 cs_cleanup_batch));
	return rows >= cs_cleanup_batch;
}

void
cs_cleanup_done(TimestampTz started, bool finished, const CsBatch *sweep)
{
	TimestampTz at = GetCurrentTimestamp();
	int64		interval = cs_cleanup_interval * USECS_PER_SEC;

	report_stuck(sweep);
	cs_count(COVET_SWEEPS);
	cs_stats_sweep_done(at, (at - started) / 1000, interval,
						at + (finished ? interval : NEXT_TURN),
						sweep->stuck > 0 ? sweep->stuck_message : "");
	cs_stats_note_due(cs_store_next_due());
}

PG_FUNCTION_INFO_V1(session_cleanup);

Datum
session_cleanup(PG_FUNCTION_ARGS)
{
	TimestampTz started = GetCurrentTimestamp();
	TimestampTz from = DT_NOBEGIN;
	CsCall		call;
	CsBatch		sweep = {0};
	CsBatch		batch;
	int64		left = PG_ARGISNULL(0) ? PG_INT64_MAX : PG_GETARG_INT64(0);

	cs_call_begin(&call, CS_WRITES);

	if (left < 0)
		ereport(ERROR, cs_error(COVET_E_MAX_ROWS_NEGATIVE),
				errdetail("It is " INT64_FORMAT ".", left));

	do
	{
		CHECK_FOR_INTERRUPTS();
		batch = cs_cleanup_sessions(&from, Min(left, cs_cleanup_batch));
		cs_cleanup_add(&sweep, &batch);
		left -= batch.deleted;
	} while (batch.more && left > 0);

	while (cs_cleanup_logs())
		CHECK_FOR_INTERRUPTS();
	cs_cleanup_done(started, true, &sweep);

	cs_call_end(&call);
	PG_RETURN_INT64(sweep.deleted);
}
