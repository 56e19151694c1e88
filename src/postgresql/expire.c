/*
 * expire.c
 *		session_expire: move the absolute deadline of a live session.
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "guc.h"
#include "session.h"

/* Seconds from now, or -1 for the default deadline. */
static int64
seconds_argument(FunctionCallInfo fcinfo, int n)
{
	int64		seconds;

	if (PG_ARGISNULL(n))
		return -1;
	seconds = PG_GETARG_INT64(n);
	if (seconds < 0 || seconds > PG_INT32_MAX)
		ereport(ERROR, cs_error(COVET_E_SECONDS_RANGE),
				errdetail("It is " INT64_FORMAT ".", seconds));
	return seconds;
}

static TimestampTz
deadline(const CsSession *session, int64 seconds, TimestampTz at)
{
	if (seconds >= 0)
		return covet_time_add(at, seconds);
	return cs_max_lifetime > 0 && !TIMESTAMP_NOT_FINITE(session->created_at) ?
		covet_time_add(session->created_at, cs_max_lifetime) : COVET_NEVER;
}

PG_FUNCTION_INFO_V1(session_expire);

Datum
session_expire(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	bool		live;
	int64		seconds;
	TimestampTz at;

	cs_call_begin(&call, CS_WRITES);

	live = cs_arg_handle(fcinfo, 0, CS_ID_NOT_NULL, handle);
	seconds = seconds_argument(fcinfo, 1);

	live = live && cs_store_lock(handle, CS_HOLD, &session);
	at = GetCurrentTimestamp();
	live = live && cs_is_live(&session, at);
	if (live)
	{
		session.timer.expires_at = deadline(&session, seconds, at);
		session.sweep_at = covet_sweep_at(&session.timer, session.sweep_at);
		cs_session_save(&session);
		cs_audit_write(COVET_AUDIT_ALL, "expire", &session, NULL, at);
	}

	cs_call_end(&call);
	PG_RETURN_BOOL(live);
}
