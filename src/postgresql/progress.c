/*
 * progress.c
 *		session_sweep_progress: what the worker is doing in this database.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "call.h"
#include "compat.h"
#include "stats.h"
#include "store.h"

/* No more rows than these are counted. */
#define BACKLOG_ROWS 100000

static const char *const phases[] = {
	[CS_SWEEPING_SESSIONS] = "sessions",
	[CS_SWEEPING_LOGS] = "logs",
	[CS_SWEEP_PAUSED] = "paused",
};

PG_FUNCTION_INFO_V1(session_sweep_progress);

/* One row while a worker sweeps this database, none otherwise. */
Datum
session_sweep_progress(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CsSweepState state = {0};
	const CsSweepProgress *progress = &state.progress;
	CsCall		call;
	int64		backlog;

	InitMaterializedSRF(fcinfo, 0);
	if (!cs_stats_get_sweep(MyDatabaseId, &state) || progress->pid == 0)
		return (Datum) 0;

	cs_call_begin(&call, CS_READS);
	backlog = cs_store_count_due(GetCurrentTimestamp(), BACKLOG_ROWS);
	cs_call_end(&call);

	{
		Datum		values[] = {
			Int32GetDatum(progress->pid),
			TimestampTzGetDatum(progress->started_at),
			CStringGetTextDatum(phases[progress->phase]),
			Int64GetDatum(progress->batches),
			Int64GetDatum(progress->removed),
			Int64GetDatum(progress->rescheduled),
			Int64GetDatum(progress->stuck),
			TimestampTzGetDatum(progress->reached),
			Int64GetDatum(backlog),
			BoolGetDatum(progress->late),
		};
		bool		nulls[lengthof(values)] = {false};

		nulls[7] = progress->reached == DT_NOBEGIN;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
