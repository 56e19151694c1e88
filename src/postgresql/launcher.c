/*
 * launcher.c
 *		The launcher: decides when which database is swept.
 *
 * It is connected to no database, so it stands in nobody's way, and runs one
 * worker at a time.  What it knows of a database comes from the database's
 * slot in shared memory (stats.c) and, for databases without one, from its own
 * notes.  See README.md in this folder.
 *
 * Locking: none is held while it waits.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_database.h"
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
#include "utils/timestamp.h"

#include "compat.h"
#include "guc.h"
#include "launcher.h"
#include "stats.h"

/* Seconds until the launcher is started again after it has failed. */
#define RESTART_TIME 5

/* A database that lacks the extension is looked at again after this. */
#define PROBE_INTERVAL USECS_PER_HOUR

/*
 * A database where nothing seems due is swept all the same after this many
 * intervals, or this time if that is sooner: rows may come from elsewhere.
 */
#define FORCED_INTERVALS 10
#define FORCED_AFTER USECS_PER_HOUR

/* What the launcher notes about a database. */
typedef struct Note
{
	Oid			database;
	TimestampTz not_before;
} Note;

static List *notes = NIL;

/* Said once, and again only after a worker could be started meanwhile. */
static bool said_no_slot = false;

void
cs_launcher_init(void)
{
	BackgroundWorker worker = {0};

	if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade)
		return;

	strlcpy(worker.bgw_name, "covet_sessions launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "covet_sessions launcher", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = RESTART_TIME;
	strlcpy(worker.bgw_library_name, "covet_sessions", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "cs_launcher_main", sizeof(worker.bgw_function_name));
	RegisterBackgroundWorker(&worker);
}

/* All databases, and those of them that can be connected to. */
static List *
list_databases(List **connectable)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *databases = NIL;
	Relation	catalog;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();

	catalog = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(catalog, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext previous = MemoryContextSwitchTo(context);

		databases = lappend_oid(databases, form->oid);
		/* A negative limit other than -1 marks what DROP DATABASE left. */
		if (form->datallowconn && form->datconnlimit >= -1)
			*connectable = lappend_oid(*connectable, form->oid);
		MemoryContextSwitchTo(previous);
	}
	table_endscan(scan);
	table_close(catalog, AccessShareLock);

	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return databases;
}

static Note *
find_note(Oid database)
{
	ListCell   *cell;

	foreach(cell, notes)
	{
		Note	   *note = lfirst(cell);

		if (note->database == database)
			return note;
	}
	return NULL;
}

static void
set_note(Oid database, TimestampTz not_before)
{
	Note	   *note = find_note(database);

	if (note == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);

		note = palloc(sizeof(Note));
		note->database = database;
		notes = lappend(notes, note);
		MemoryContextSwitchTo(previous);
	}
	note->not_before = not_before;
}

/* Forgets what was noted about databases that are gone. */
static void
drop_notes(List *databases)
{
	ListCell   *cell;

	foreach(cell, notes)
	{
		Note	   *note = lfirst(cell);

		if (!list_member_oid(databases, note->database))
		{
			notes = foreach_delete_current(notes, cell);
			pfree(note);
		}
	}
}

/* When a database wants a worker. */
static TimestampTz
due_at(Oid database)
{
	Note	   *note = find_note(database);
	TimestampTz forced;
	CsSweepState state;

	if (!cs_stats_get_sweep(database, &state) || !state.installed)
		return note != NULL ? note->not_before : 0;

	/* The clock was set back: what is noted may be far away now. */
	if (state.last_sweep_at > GetCurrentTimestamp())
		return 0;

	forced = state.last_sweep_at +
		Min(FORCED_INTERVALS * state.interval, FORCED_AFTER);
	return Max(state.next_sweep_at, Min(state.next_due, forced));
}

/*
 * When to look at a database again.  What is written meanwhile may be due
 * before what is known now, and its interval may be shorter than the server's.
 */
static TimestampTz
look_again_at(Oid database)
{
	CsSweepState state;

	if (!cs_stats_get_sweep(database, &state) || state.interval == 0)
		return due_at(database);
	return Min(due_at(database), GetCurrentTimestamp() + state.interval);
}

/*
 * Is nobody renaming, copying or dropping the database?  A worker could not
 * even start before he is done, and other databases would wait for it.
 */
static bool
is_free(Oid database)
{
	LOCKTAG		tag;
	bool		available;

	SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, database, 0);
	StartTransactionCommand();
	available = LockAcquire(&tag, RowExclusiveLock, false, true) !=
		LOCKACQUIRE_NOT_AVAIL;
	CommitTransactionCommand();
	return available;
}

/*
 * Runs a worker to its end.  False if there is no slot for it among the
 * server's worker processes.
 */
static bool
run_worker(Oid database)
{
	BackgroundWorker worker = {0};
	BackgroundWorkerHandle *handle;

	strlcpy(worker.bgw_name, "covet_sessions worker", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "covet_sessions worker", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;	/* the launcher does */
	strlcpy(worker.bgw_library_name, "covet_sessions", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "cs_worker_main", sizeof(worker.bgw_function_name));
	worker.bgw_main_arg = ObjectIdGetDatum(database);
	worker.bgw_notify_pid = MyProcPid;

	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		return false;
	if (WaitForBackgroundWorkerShutdown(handle) == BGWH_POSTMASTER_DIED)
		proc_exit(1);
	pfree(handle);
	return true;
}

static void
sweep_database(Oid database)
{
	TimestampTz interval = cs_cleanup_interval * USECS_PER_SEC;
	CsSweepState state;
	TimestampTz at = GetCurrentTimestamp();
	bool		ran;

	if (!is_free(database))
	{
		cs_stats_sweep_put_off(database, at + interval);
		set_note(database, at + interval);
		return;
	}

	ran = run_worker(database);
	at = GetCurrentTimestamp();
	if (!ran)
	{
		static const char message[] = "no background worker slot is free for a sweep";

		if (!said_no_slot)
			ereport(WARNING,
					errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					errmsg("%s", message),
					errhint("Raise max_worker_processes. Until then ended sessions stay in the table; they are invisible all the same."));
		said_no_slot = true;
		cs_stats_set_error(database, message, at + interval);
		set_note(database, at + interval);
		return;
	}

	said_no_slot = false;
	if (!cs_stats_get_sweep(database, &state) || !state.installed)
		set_note(database, at + PROBE_INTERVAL);
	else if (state.next_sweep_at <= at)
		cs_stats_sweep_put_off(database, at + interval);	/* it was stopped */
}

/* Sweeps what is due; returns when something will be due next. */
static TimestampTz
make_round(void)
{
	TimestampTz next = GetCurrentTimestamp() +
		cs_cleanup_interval * USECS_PER_SEC;
	List	   *connectable = NIL;
	List	   *databases = list_databases(&connectable);
	ListCell   *cell;

	cs_stats_retain(databases);
	drop_notes(databases);
	foreach(cell, connectable)
	{
		Oid			database = lfirst_oid(cell);

		CHECK_FOR_INTERRUPTS();
		if (due_at(database) <= GetCurrentTimestamp())
			sweep_database(database);
		next = Min(next, look_again_at(database));
	}
	return next;
}

static void
forget_launcher(int code, Datum argument)
{
	(void) code;
	(void) argument;
	cs_stats_set_launcher(0);
}

void
cs_launcher_main(Datum argument)
{
	MemoryContext round_context;

	(void) argument;
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);

	cs_stats_set_launcher(MyProcPid);
	on_shmem_exit(forget_launcher, (Datum) 0);
	round_context = AllocSetContextCreate(TopMemoryContext,
										  "covet_sessions launcher",
										  ALLOCSET_DEFAULT_SIZES);

	for (;;)
	{
		TimestampTz at = GetCurrentTimestamp();
		TimestampTz next = at + cs_cleanup_interval * USECS_PER_SEC;
		long		wait;

		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}

		/* A standby leaves the sweep to its primary, until it is promoted. */
		if (!RecoveryInProgress())
		{
			pgstat_report_activity(STATE_RUNNING, "covet_sessions: looking for databases to sweep");
			MemoryContextSwitchTo(round_context);
			next = make_round();
			MemoryContextSwitchTo(TopMemoryContext);
			MemoryContextReset(round_context);
		}
		pgstat_report_activity(STATE_IDLE, NULL);

		/* At least a second apart, so that nothing can keep it spinning. */
		wait = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Max(wait, 1000), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}
