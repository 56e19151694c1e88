/*
 * limit.h
 *		How many sessions a user may have and start.
 */
#ifndef CS_LIMIT_H
#define CS_LIMIT_H

#include "store.h"

/*
 * Makes room for one more session of the user, which will be "id" and may be
 * another user's so far.  A new one counts for the creation rate.  The write
 * lock is held, so that the limits are exact.
 */
extern bool cs_limits_admit(CsCall *call, CsText user_id, CsText id, bool is_new);

#endif							/* CS_LIMIT_H */
