/*
 * limit.h
 *		How many sessions a user may have and start.
 */
#ifndef CS_LIMIT_H
#define CS_LIMIT_H

#include "postgres.h"

#include "store.h"

/*
 * Announces a login of the user: called before any row is locked, unless the
 * user is anonymous.
 */
extern void cs_limits_hold(const text *user_id);

/*
 * Admits one more session, under "handle", to a user that is held: makes room
 * for it or raises an error.  "is_new": it is being started, and counts for the
 * rate.
 */
extern void cs_limits_admit(const text *user_id, const char *handle,
							bool is_new);

#endif							/* CS_LIMIT_H */
