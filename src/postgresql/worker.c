/*
 * worker.c
 *		The worker: sweeps one database and ends.
 *
 * It removes what has ended in small batches, a transaction each, with pauses
 * between them in proportion to the work, so that requests are served
 * meanwhile; when it has fallen behind, the batches are as large as
 * cleanup_batch lets them be and the pauses shorter.  It leaves at
 * once when somebody wants the database for himself (DROP, RENAME, TEMPLATE).
 *
 * Locking: rows that others hold are skipped, and no lock is waited for longer
 * than LOCK_TIMEOUT.  Nothing is held during a pause.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "call.h"
#include "cleanup.h"
#include "compat.h"
#include "guc.h"
#include "launcher.h"
#include "stats.h"

/* How long a lock on a table is waited for. */
#define LOCK_TIMEOUT "1s"

/*
 * How long a batch is meant to take, in microseconds.  A request that comes
 * meanwhile may find the processor taken, and waits for about as long.
 */
#define BATCH_TIME 250
#define SMALLEST_BATCH 10

/*
 * The pause after a batch, in multiples of the batch's time: usually, and when
 * rows have been waiting for more than LATE_INTERVALS.
 */
#define PAUSE_FACTOR 5
#define LATE_PAUSE_FACTOR 1
#define LATE_INTERVALS 5
#define LONGEST_PAUSE_MS 200

/* How long a worker goes on; then other databases have their turn. */
#define TURN (10 * USECS_PER_SEC)

/* The longest wait after a failure. */
#define LONGEST_RETRY (USECS_PER_HOUR)

/* A step of the sweep: one transaction, as the extension's owner. */
typedef struct Step
{
	CsCall		call;
	TimestampTz began;
} Step;

/* What session_sweep_progress shows of this worker. */
static CsSweepProgress progress;

/* Does the database take connections?  It may have ceased to. */
static bool
database_is_open(void)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID,
										ObjectIdGetDatum(MyDatabaseId));
	bool		open = false;

	if (HeapTupleIsValid(tuple))
	{
		open = ((Form_pg_database) GETSTRUCT(tuple))->datallowconn;
		ReleaseSysCache(tuple);
	}
	return open;
}

/*
 * False if there is no more work to do here: the extension is not installed,
 * the sweep is switched off, the database takes no connections, or somebody
 * wants it for himself.
 */
static bool
step_begin(Step *step)
{
	LOCKTAG		database;

	step->began = GetCurrentTimestamp();
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());

	SET_LOCKTAG_OBJECT(database, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
	if (cs_store_is_installed() && cs_cleanup_enabled && cs_can_write() &&
		database_is_open() &&
		LockAcquire(&database, RowExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL)
	{
		cs_call_begin(&step->call, CS_WRITES);
		return true;
	}

	PopActiveSnapshot();
	CommitTransactionCommand();
	return false;
}

/* Commits, and returns how long the step took, in microseconds. */
static int64
step_end(Step *step)
{
	cs_call_end(&step->call);
	PopActiveSnapshot();
	CommitTransactionCommand();
	/* Autovacuum learns from it what the sweep has done. */
	pgstat_report_stat(true);
	return GetCurrentTimestamp() - step->began;
}

static void
set_phase(CsSweepPhase phase)
{
	progress.phase = phase;
	cs_stats_set_progress(&progress);
}

/* Gives way to requests after so many microseconds of work. */
static void
pause_after(int64 worked)
{
	int64		wait = worked *
		(progress.late ? LATE_PAUSE_FACTOR : PAUSE_FACTOR) / 1000;

	set_phase(CS_SWEEP_PAUSED);
	wait = Max(wait, 1);
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 (long) Min(wait, LONGEST_PAUSE_MS), PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

/*
 * How many rows the next batch has, if one of so many took so many
 * microseconds.
 */
static int
rows_after(int rows, int64 worked)
{
	if (progress.late)
		return cs_cleanup_batch;
	if (worked > BATCH_TIME)
		rows = Max(rows / 2, SMALLEST_BATCH);
	else if (worked < BATCH_TIME / 2)
		rows = Min(rows, cs_cleanup_batch) * 2;
	return rows;
}

static void
report_sessions(void)
{
	char		activity[64];

	snprintf(activity, sizeof(activity),
			 "covet_sessions: sweeping, " INT64_FORMAT " rows removed",
			 progress.removed);
	pgstat_report_activity(STATE_RUNNING, activity);
	set_phase(CS_SWEEPING_SESSIONS);
}

static void
report_logs(void)
{
	pgstat_report_activity(STATE_RUNNING, "covet_sessions: removing old events");
	set_phase(CS_SWEEPING_LOGS);
}

/*
 * Are rows waiting for longer than they should, where the sweep has come to?
 * The oldest of all do not tell: they may be there because they have to stay.
 */
static bool
is_late(TimestampTz reached)
{
	/* Rows that were never looked at have no age. */
	return reached != DT_NOBEGIN && GetCurrentTimestamp() - reached >
		LATE_INTERVALS * cs_cleanup_interval * USECS_PER_SEC;
}

/*
 * False if the sweep was broken off.  "finished": it is over not because its
 * turn is.
 */
static bool
sweep_sessions(TimestampTz started, CsBatch *done, bool *finished)
{
	TimestampTz from = DT_NOBEGIN;
	int			rows = SMALLEST_BATCH;
	bool		more = true;

	*finished = false;
	while (more && GetCurrentTimestamp() - started < TURN)
	{
		Step		step;
		CsBatch		batch;
		int64		worked;

		report_sessions();
		if (!step_begin(&step))
			return false;
		if (progress.batches == 0)
			cs_stats_sweep_begin();
		batch = cs_cleanup_sessions(&from, Min(rows, cs_cleanup_batch));
		worked = step_end(&step);
		progress.late = is_late(from);
		rows = rows_after(rows, worked);

		cs_cleanup_add(done, &batch);
		progress.batches++;
		progress.removed = done->deleted;
		progress.rescheduled = done->rescheduled;
		progress.stuck = done->stuck;
		progress.reached = from;
		more = batch.more;
		if (more)
			pause_after(worked);
	}
	*finished = !more;
	return true;
}

static bool
sweep_logs(void)
{
	bool		more = true;

	while (more)
	{
		Step		step;
		int64		worked;

		report_logs();
		if (!step_begin(&step))
			return false;
		more = cs_cleanup_logs();
		worked = step_end(&step);
		if (more)
			pause_after(worked);
	}
	return true;
}

/* Tells the launcher about a database that was not, or not wholly, swept. */
static void
come_back_later(void)
{
	bool		installed;

	StartTransactionCommand();
	installed = cs_store_is_installed();
	CommitTransactionCommand();

	if (installed)
	{
		cs_stats_note_due(DT_NOBEGIN);
		cs_stats_sweep_put_off(MyDatabaseId, GetCurrentTimestamp() +
							   cs_cleanup_interval * USECS_PER_SEC);
	}
	else
		cs_stats_set_not_installed();
}

static void
report_result(int64 deleted, TimestampTz started)
{
	StartTransactionCommand();
	ereport(LOG,
			errmsg("removed " INT64_FORMAT " %s from database \"%s\" in %ld ms",
				   deleted, deleted == 1 ? "ended session" : "ended sessions",
				   get_database_name(MyDatabaseId),
				   TimestampDifferenceMilliseconds(started, GetCurrentTimestamp())));
	CommitTransactionCommand();
}

static void
sweep(void)
{
	TimestampTz started = GetCurrentTimestamp();
	CsBatch		done = {0};
	bool		finished;
	Step		step;

	if (!sweep_sessions(started, &done, &finished) || !sweep_logs() || !step_begin(&step))
		come_back_later();
	else
	{
		cs_cleanup_done(started, finished, &done);
		(void) step_end(&step);
	}

	if (done.deleted > 0)
		report_result(done.deleted, started);
}

/*
 * Notes a failure for session_stats() and session_health(), and says it in the
 * log unless the last sweep failed for the same reason.
 */
static void
record_failure(const ErrorData *error)
{
	CsSweepState state = {0};
	TimestampTz at = GetCurrentTimestamp();
	TimestampTz interval = cs_cleanup_interval * USECS_PER_SEC;
	bool		known;

	(void) cs_stats_get_sweep(MyDatabaseId, &state);
	for (int i = 0; i < state.failures && interval < LONGEST_RETRY; i++)
		interval *= 2;
	interval = Min(interval, Max(LONGEST_RETRY, cs_cleanup_interval * USECS_PER_SEC));

	known = strncmp(state.last_error, error->message, CS_ERROR_SIZE - 1) == 0;
	ereport(known ? DEBUG1 : WARNING,
			errcode(error->sqlerrcode),
			errmsg("sweep of ended sessions failed: %s", error->message),
			error->detail ? errdetail_internal("%s", error->detail) : 0,
			errhint("It is tried again in %d s. SELECT * FROM session_health() shows the state; ended sessions stay invisible meanwhile.",
					(int) (interval / USECS_PER_SEC)));
	cs_stats_set_error(MyDatabaseId, error->message, at + interval);
}

static void
forget_progress(int code, Datum argument)
{
	CsSweepProgress none = {0};

	(void) code;
	(void) argument;
	if (cs_stats_has_slot())
		cs_stats_set_progress(&none);
}

/* What a database or a role may have set, and a sweep must not be hurt by. */
static void
override_settings(void)
{
	static const char *const overrides[][2] = {
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"lock_timeout", LOCK_TIMEOUT},
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"transaction_timeout", "0"},
		/* A sweep that is lost in a crash is done again. */
		{"synchronous_commit", "off"},
	};

	/* Not every server version knows all of them. */
	for (size_t i = 0; i < lengthof(overrides); i++)
		if (GetConfigOption(overrides[i][0], true, false) != NULL)
			SetConfigOption(overrides[i][0], overrides[i][1], PGC_SUSET,
							PGC_S_OVERRIDE);
}

void
cs_worker_main(Datum argument)
{
	MemoryContext context = CurrentMemoryContext;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	/* A database that was closed a moment ago is left without an error. */
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(argument),
											  InvalidOid,
											  BGWORKER_BYPASS_ALLOWCONN);
	pgstat_report_appname("covet_sessions worker");
	override_settings();

	progress.pid = MyProcPid;
	progress.started_at = GetCurrentTimestamp();
	progress.reached = DT_NOBEGIN;
	before_shmem_exit(forget_progress, (Datum) 0);

	PG_TRY();
	{
		sweep();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		record_failure(error);
	}
	PG_END_TRY();
}
