/*
 * cleanup.h
 *		The sweep: in small steps beside writes, and session_cleanup.
 *
 * There is no thread that sweeps.  A step of bounded size follows every so many
 * writes of a connection, and the first one after cleanup_interval; where nothing
 * is due it costs one look into an index.
 */
#ifndef CS_CLEANUP_H
#define CS_CLEANUP_H

#include "call.h"

#define CS_WRITES_PER_SWEEP 32
#define CS_ROWS_PER_STEP 64

extern int	cs_cleanup_register(CsConnection *connection);

/*
 * Called after each write: sweeps a little, if it is time to.  A failure is
 * noted for session_stats and session_health and is not the write's.
 */
extern void cs_cleanup_step(const CsCall *written);

#endif							/* CS_CLEANUP_H */
