/*
 * cleanup.h
 *		The steps of a sweep, for session_cleanup() and for the worker.
 *
 * To be called between cs_call_begin() and cs_call_end().
 */
#ifndef CS_CLEANUP_H
#define CS_CLEANUP_H

#include "postgres.h"

#include "store.h"

/*
 * One batch of sessions, of "rows" rows, counted.  "from" is where the sweep
 * has got to, DT_NOBEGIN at first, and is moved on.
 */
extern CsBatch cs_cleanup_sessions(TimestampTz *from, int64 rows);

/* Adds a batch to what a sweep has done so far, which is all zeroes at first. */
extern void cs_cleanup_add(CsBatch *sweep, const CsBatch *batch);

/*
 * One batch of events past their retention and of creations past the rate
 * limit's window.  True if there may be more.
 */
extern bool cs_cleanup_logs(void);

/*
 * Notes that a sweep that began at "started" has ended well, and when the
 * launcher need not come back before: very soon if it has not "finished".  Of
 * rows that were stuck it warns, unless the last sweep did for the same reason.
 */
extern void cs_cleanup_done(TimestampTz started, bool finished,
							const CsBatch *sweep);

#endif							/* CS_CLEANUP_H */
