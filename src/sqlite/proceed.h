/*
 * proceed.h
 *		What a statement asks before it writes.
 *
 * A write that is one statement needs no savepoint: outside a transaction it is
 * one of its own, which SQLite commits when the statement ends.  What has to be
 * known first, such a statement asks by calling the function
 * covet_sessions_proceed(): SQLite has taken the lock by then and has changed
 * nothing yet.
 */
#ifndef CS_PROCEED_H
#define CS_PROCEED_H

#include "call.h"

/*
 * May single statements write?  They go by the settings of an earlier call then,
 * and change nothing if these do not hold any more.
 */
extern bool cs_alone_begin(CsCall *call);

/* After them.  Unless one has written, the call can begin again. */
extern void cs_alone_end(CsCall *call, bool written);

extern int	cs_proceed_register(CsConnection *connection);

#endif							/* CS_PROCEED_H */
