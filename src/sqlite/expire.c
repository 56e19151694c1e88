/*
 * expire.c
 *		session_expire: move the absolute deadline of a live session.
 */
#include "args.h"
#include "audit.h"
#include "session.h"
#include "verbs.h"

/* Seconds from now, or -1 for the default deadline. */
static bool
seconds_argument(CsCall *call, int n, sqlite3_int64 *seconds)
{
	*seconds = -1;
	if (cs_arg_is_null(call, n))
		return true;
	*seconds = cs_arg_integer(call, n, -1);
	return (*seconds >= 0 && *seconds <= INT32_MAX) ||
		cs_fail(call, COVET_E_SECONDS_RANGE);
}

static CovetTime
deadline(CsCall *call, const CsSession *session, sqlite3_int64 seconds,
		 CovetTime at)
{
	int			max_lifetime = cs_settings(call)->max_lifetime;

	if (seconds >= 0)
		return covet_time_add(at, seconds);
	return max_lifetime > 0 ?
		covet_time_add(session->created_at, max_lifetime) : COVET_NEVER;
}

static void
session_expire(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	sqlite3_int64 seconds;
	CovetTime	at;
	bool		known = cs_arg_handle(call, 0, CS_ID_NOT_NULL, memory, &handle);
	bool		live;

	if (call->failed || !seconds_argument(call, 1, &seconds))
		return;
	live = known && cs_session_lock(call, handle, &session, &at);
	if (live)
	{
		session.timer.expires_at = deadline(call, &session, seconds, at);
		session.sweep_at = covet_sweep_at(&session.timer, session.sweep_at);
		if (call->failed || !cs_store_update_all(call, &session) ||
			!cs_audit_write(call, COVET_AUDIT_ALL, "expire", &session, NULL, at))
			return;
	}
	cs_return_bool(call, live);
}

int
cs_expire_register(CsConnection *connection)
{
	return cs_register(connection, "session_expire", 1, 2, CS_WRITES,
					   session_expire);
}
