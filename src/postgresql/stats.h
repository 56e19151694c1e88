/*
 * stats.h
 *		Counters of what happened since the server started, per database.
 */
#ifndef CS_STATS_H
#define CS_STATS_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "covet_counters.h"

/* Longest error text that is kept, with its NUL byte. */
#define CS_ERROR_SIZE 128

/* What a worker is doing. */
typedef enum CsSweepPhase
{
	CS_SWEEPING_SESSIONS,
	CS_SWEEPING_LOGS,
	CS_SWEEP_PAUSED				/* between two batches */
} CsSweepPhase;

typedef struct CsSweepProgress
{
	int			pid;			/* 0: no worker is there */
	CsSweepPhase phase;
	bool		late;			/* pauses are shorter, because rows wait */
	TimestampTz started_at;
	TimestampTz reached;		/* what was due before has been seen to */
	int64		batches;
	int64		removed;
	int64		rescheduled;
	int64		stuck;
} CsSweepProgress;

/* What is known of the sweep of one database. */
typedef struct CsSweepState
{
	TimestampTz last_sweep_at;	/* 0: never since the server started */
	int64		last_sweep_ms;
	int64		interval;		/* between its sweeps, in microseconds */
	TimestampTz next_sweep_at;	/* not before; 0: as soon as may be */
	TimestampTz next_due;		/* nothing is due before, as far as is known */
	bool		installed;		/* the extension was seen in the database */
	int			failures;		/* in a row */
	CsSweepProgress progress;
	char		last_error[CS_ERROR_SIZE];	/* of the last sweep; empty: none */
} CsSweepState;

/* Reserves shared memory if the library is being preloaded. */
extern void cs_stats_init(void);

/* Was the library loaded by the postmaster? */
extern bool cs_stats_is_preloaded(void);

extern void cs_count(CovetCounter counter);
extern void cs_count_many(CovetCounter counter, int64 amount);

/* Tells the launcher that something in this database is due at "sweep_at". */
extern void cs_stats_note_due(TimestampTz sweep_at);

/*
 * Has this database a slot?  Without one, each backend counts for itself, and
 * the launcher sends a worker only now and then.
 */
extern bool cs_stats_has_slot(void);

/* State of a database's sweep; false if the database has no slot. */
extern bool cs_stats_get_sweep(Oid database, CsSweepState *state);

/*
 * The course of a sweep of this database: from its beginning on, what becomes
 * due is noted anew; at its end the launcher learns when to come back.  "error"
 * says why rows were left, or is empty.
 */
extern void cs_stats_sweep_begin(void);
extern void cs_stats_sweep_done(TimestampTz at, int64 milliseconds,
								int64 interval, TimestampTz next_sweep_at,
								const char *error);

/* Says how far the sweep of this database is; all zeroes: nobody sweeps it. */
extern void cs_stats_set_progress(const CsSweepProgress *progress);

/* Notes that a sweep of a database was not begun, or was broken off. */
extern void cs_stats_sweep_put_off(Oid database, TimestampTz next_sweep_at);

/*
 * Notes that the extension is not installed in this database, which then needs
 * no slot; where it is, whatever is noted says so.
 */
extern void cs_stats_set_not_installed(void);

/* Records a failed sweep of a database, and when to try again. */
extern void cs_stats_set_error(Oid database, const char *error,
							   TimestampTz next_sweep_at);

/* Frees the slots of databases that are not in the list (of Oids). */
extern void cs_stats_retain(List *databases);

/* The launcher's process id, 0 if none runs. */
extern void cs_stats_set_launcher(int pid);
extern int	cs_stats_get_launcher(void);

#endif							/* CS_STATS_H */
