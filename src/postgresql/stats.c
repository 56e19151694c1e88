/*
 * stats.c
 *		Counters of what happened since the server started, per database.
 *
 * One array of slots in shared memory, reserved when the library is preloaded;
 * without preloading, the array is taken from what the server left over, and
 * if nothing is left, each backend counts for itself.
 *
 * Locking: counters are atomics and need no lock.  The owner of a slot and the
 * state of its sweep are protected by the one spinlock, which is held for a
 * copy of a few hundred bytes at most.  A backend keeps a pointer to the slot
 * of its database, and looks each time whether it still is: when the launcher
 * gives away the slots of databases that are gone, it may not know yet of one
 * that is new.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/builtins.h"

#include "call.h"
#include "compat.h"
#include "stats.h"
#include "store.h"

/* How many databases are counted apart. */
#define SLOTS 128

typedef struct Slot
{
	Oid			database;		/* InvalidOid: free */
	CsSweepState sweep;
	pg_atomic_uint64 counters[COVET_COUNTERS];
} Slot;

typedef struct Shared
{
	slock_t		mutex;
	int			launcher_pid;
	Slot		slots[SLOTS];
} Shared;

static Shared *shared = NULL;

/* This database's slot, once found. */
static Slot *my_slot = NULL;

/* Where a backend counts when there is no slot for its database. */
static Slot private_slot;

static bool preloaded = false;

static shmem_request_hook_type previous_shmem_request_hook = NULL;
static shmem_startup_hook_type previous_shmem_startup_hook = NULL;

static void
clear_slot(Slot *slot, Oid database)
{
	slot->database = database;
	memset(&slot->sweep, 0, sizeof(slot->sweep));
	slot->sweep.next_due = DT_NOBEGIN;
	for (int i = 0; i < COVET_COUNTERS; i++)
		pg_atomic_init_u64(&slot->counters[i], 0);
}

static void
attach(void)
{
	bool		found;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("covet_sessions", sizeof(Shared), &found);
	if (!found)
	{
		SpinLockInit(&shared->mutex);
		shared->launcher_pid = 0;
		for (int i = 0; i < SLOTS; i++)
			clear_slot(&shared->slots[i], InvalidOid);
	}
	LWLockRelease(AddinShmemInitLock);
}

static void
request_shmem(void)
{
	if (previous_shmem_request_hook)
		previous_shmem_request_hook();
	RequestAddinShmemSpace(sizeof(Shared));
}

static void
startup_shmem(void)
{
	if (previous_shmem_startup_hook)
		previous_shmem_startup_hook();
	attach();
}

void
cs_stats_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	preloaded = true;
	previous_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shmem;
	previous_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
}

bool
cs_stats_is_preloaded(void)
{
	return preloaded;
}

/* Attaches without preloading; the server may have no room left. */
static void
attach_late(void)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		attach();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		/* The error took away the holdoff that releasing the lock gives back. */
		HOLD_INTERRUPTS();
		LWLockRelease(AddinShmemInitLock);
		shared = NULL;
	}
	PG_END_TRY();
}

/* The slot of a database; the caller holds the mutex. */
static Slot *
find_slot(Oid database)
{
	for (int i = 0; i < SLOTS; i++)
		if (shared->slots[i].database == database)
			return &shared->slots[i];
	return NULL;
}

static Slot *
claim_slot(void)
{
	Slot	   *slot;

	if (shared == NULL)
		attach_late();
	if (shared == NULL)
		return &private_slot;

	SpinLockAcquire(&shared->mutex);
	slot = find_slot(MyDatabaseId);
	if (slot == NULL)
	{
		slot = find_slot(InvalidOid);
		if (slot != NULL)
			clear_slot(slot, MyDatabaseId);
	}
	SpinLockRelease(&shared->mutex);

	return slot != NULL ? slot : &private_slot;
}

static inline Slot *
this_slot(void)
{
	if (unlikely(my_slot == NULL ||
				 (my_slot->database != MyDatabaseId && my_slot != &private_slot)))
		my_slot = claim_slot();
	return my_slot;
}

void
cs_count(CovetCounter counter)
{
	pg_atomic_fetch_add_u64(&this_slot()->counters[counter], 1);
}

void
cs_count_many(CovetCounter counter, int64 amount)
{
	pg_atomic_fetch_add_u64(&this_slot()->counters[counter], amount);
}

void
cs_stats_note_due(TimestampTz sweep_at)
{
	Slot	   *slot = this_slot();

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot->sweep.installed = true;
	if (sweep_at < slot->sweep.next_due)
		slot->sweep.next_due = sweep_at;
	SpinLockRelease(&shared->mutex);
}

bool
cs_stats_has_slot(void)
{
	return this_slot() != &private_slot;
}

bool
cs_stats_get_sweep(Oid database, CsSweepState *state)
{
	Slot	   *slot;

	if (shared == NULL)
		(void) this_slot();
	if (shared == NULL)
		return false;
	SpinLockAcquire(&shared->mutex);
	slot = find_slot(database);
	if (slot != NULL)
		*state = slot->sweep;
	SpinLockRelease(&shared->mutex);
	return slot != NULL;
}

void
cs_stats_sweep_begin(void)
{
	Slot	   *slot = this_slot();

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot->sweep.installed = true;
	slot->sweep.next_due = COVET_NEVER;
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_sweep_done(TimestampTz at, int64 milliseconds, int64 interval,
					TimestampTz next_sweep_at, const char *error)
{
	Slot	   *slot = this_slot();
	int			length = pg_mbcliplen(error, strlen(error), CS_ERROR_SIZE - 1);

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot->sweep.last_sweep_at = at;
	slot->sweep.last_sweep_ms = milliseconds;
	slot->sweep.interval = interval;
	slot->sweep.next_sweep_at = next_sweep_at;
	slot->sweep.failures = 0;
	memcpy(slot->sweep.last_error, error, length);
	slot->sweep.last_error[length] = '\0';
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_set_progress(const CsSweepProgress *progress)
{
	Slot	   *slot = this_slot();

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot->sweep.progress = *progress;
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_sweep_put_off(Oid database, TimestampTz next_sweep_at)
{
	TimestampTz at = GetCurrentTimestamp();
	Slot	   *slot;

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot = find_slot(database);
	if (slot != NULL)
	{
		slot->sweep.next_sweep_at = next_sweep_at;
		slot->sweep.next_due = DT_NOBEGIN;
		/* A clock that was set back is known now. */
		slot->sweep.last_sweep_at = Min(slot->sweep.last_sweep_at, at);
	}
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_set_not_installed(void)
{
	Slot	   *slot;

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot = find_slot(MyDatabaseId);
	if (slot != NULL)
		slot->sweep.installed = false;
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_set_error(Oid database, const char *error, TimestampTz next_sweep_at)
{
	TimestampTz at = GetCurrentTimestamp();
	Slot	   *slot;

	int			length = pg_mbcliplen(error, strlen(error), CS_ERROR_SIZE - 1);

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	slot = find_slot(database);
	if (slot != NULL)
	{
		memcpy(slot->sweep.last_error, error, length);
		slot->sweep.last_error[length] = '\0';
		slot->sweep.failures++;
		slot->sweep.next_sweep_at = next_sweep_at;
		slot->sweep.next_due = DT_NOBEGIN;
		/* A clock that was set back is known now. */
		slot->sweep.last_sweep_at = Min(slot->sweep.last_sweep_at, at);
	}
	SpinLockRelease(&shared->mutex);
}

void
cs_stats_retain(List *databases)
{
	if (shared == NULL)
		return;
	for (int i = 0; i < SLOTS; i++)
	{
		Oid			database = shared->slots[i].database;

		if (!OidIsValid(database) || list_member_oid(databases, database))
			continue;
		SpinLockAcquire(&shared->mutex);
		clear_slot(&shared->slots[i], InvalidOid);
		SpinLockRelease(&shared->mutex);
	}
}

void
cs_stats_set_launcher(int pid)
{
	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	shared->launcher_pid = pid;
	SpinLockRelease(&shared->mutex);
}

int
cs_stats_get_launcher(void)
{
	int			pid;

	if (shared == NULL)
		return 0;
	SpinLockAcquire(&shared->mutex);
	pid = shared->launcher_pid;
	SpinLockRelease(&shared->mutex);
	return pid;
}

PG_FUNCTION_INFO_V1(session_stats);

/* The counters, in the order of CovetCounter, and the state of the sweep. */
Datum
session_stats(PG_FUNCTION_ARGS)
{
	Datum		values[COVET_COUNTERS + 4];
	bool		nulls[COVET_COUNTERS + 4] = {false};
	TupleDesc	descriptor;
	CsSweepState sweep = {0};
	CsCall		call;
	Slot	   *slot = this_slot();
	int			n = 0;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	for (; n < COVET_COUNTERS; n++)
		values[n] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->counters[n]));

	(void) cs_stats_get_sweep(MyDatabaseId, &sweep);
	nulls[n] = sweep.last_sweep_at == 0;
	values[n++] = TimestampTzGetDatum(sweep.last_sweep_at);
	nulls[n] = sweep.last_sweep_at == 0;
	values[n++] = Int64GetDatum(sweep.last_sweep_ms);
	nulls[n] = sweep.last_error[0] == '\0';
	values[n++] = CStringGetTextDatum(sweep.last_error);

	cs_call_begin(&call, CS_READS);
	values[n++] = Int64GetDatum(cs_store_oldest_unswept(GetCurrentTimestamp()));
	cs_call_end(&call);

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor),
													  values, nulls)));
}

PG_FUNCTION_INFO_V1(session_stats_reset);

Datum
session_stats_reset(PG_FUNCTION_ARGS)
{
	Slot	   *slot = this_slot();

	(void) fcinfo;
	for (int i = 0; i < COVET_COUNTERS; i++)
		pg_atomic_write_u64(&slot->counters[i], 0);
	PG_RETURN_VOID();
}
