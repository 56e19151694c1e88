/*
 * limit.c
 *		How many sessions a user may have and start.
 *
 * Locking: a login holds its user to the end of the transaction, before any row
 * of his is locked: alone where a limit is set, so that it sees every session
 * that counts and none is added behind its back; together with other logins
 * where none is, so that only session_revoke_user(), which holds the user
 * alone, waits for it.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "call.h"
#include "compat.h"
#include "guc.h"
#include "limit.h"
#include "session.h"

/* The window of create_rate_limit. */
#define RATE_WINDOW USECS_PER_MINUTE

void
cs_limits_hold(const text *user_id)
{
	if (!cs_is_anonymous(user_id))
		cs_store_hold_user(user_id, cs_max_sessions_per_user > 0 ||
						   cs_create_rate_limit > 0);
}

static void
check_rate(const text *user_id, TimestampTz at)
{
	if (cs_store_count_creations(user_id, at - RATE_WINDOW) >=
		cs_create_rate_limit)
		ereport(ERROR, cs_error(COVET_E_RATE_LIMIT),
				errdetail("A user may start %d sessions per minute (covet_sessions.create_rate_limit).",
						  cs_create_rate_limit),
				errhint("Try again in a minute."));
	cs_store_add_creation(user_id, at);
}

/* The user's live sessions but one, least recently used first. */
static List *
other_live_sessions(const text *user_id, const char *handle, TimestampTz at)
{
	List	   *live = NIL;
	ListCell   *cell;

	foreach(cell, cs_store_list_latest(user_id, CS_BY_LAST_USE))
	{
		CsSession  *session = lfirst(cell);

		if (cs_is_live(session, at) && strcmp(session->handle, handle) != 0)
			live = lappend(live, session);
	}
	return live;
}

/* Evicts until one more session fits, looking again where one slipped away. */
static void
make_room(const text *user_id, const char *handle)
{
	for (int attempts = 0;; attempts++)
	{
		List	   *live = other_live_sessions(user_id, handle,
											   GetCurrentTimestamp());
		int			excess = list_length(live) - (cs_max_sessions_per_user - 1);
		bool		all_evicted = true;
		ListCell   *cell;

		cs_session_check_attempts(attempts);
		if (excess <= 0)
			return;
		if (cs_max_sessions_policy == COVET_LIMIT_REJECT)
			ereport(ERROR, cs_error(COVET_E_USER_LIMIT),
					errdetail("A user may have %d live sessions (covet_sessions.max_sessions_per_user).",
							  cs_max_sessions_per_user),
					errhint("Revoke a session of the user first."));

		foreach(cell, live)
		{
			if (excess-- <= 0)
				break;
			/* Not there: it has gone, or changed its handle, meanwhile. */
			all_evicted &= cs_session_revoke(((CsSession *) lfirst(cell))->handle,
											 NULL, "evict", NULL, COVET_EVICTIONS);
		}
		if (all_evicted)
			return;
	}
}

void
cs_limits_admit(const text *user_id, const char *handle, bool is_new)
{
	if (cs_is_anonymous(user_id))
		return;

	if (is_new && cs_create_rate_limit > 0)
		check_rate(user_id, GetCurrentTimestamp());
	if (cs_max_sessions_per_user > 0)
		make_room(user_id, handle);
}
