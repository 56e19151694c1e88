/*
 * stats.h
 *		What session_stats and session_health both tell.
 */
#ifndef CS_STATS_H
#define CS_STATS_H

#include "store.h"

/* Age in seconds of the oldest row that is due for the sweep, 0 if none is. */
extern sqlite3_int64 cs_oldest_unswept(CsCall *call, CovetTime at);

#endif							/* CS_STATS_H */
