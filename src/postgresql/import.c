/*
 * import.c
 *		session_import: bring in a session from another store.
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "guc.h"
#include "limit.h"
#include "session.h"

/* 1970-01-01 and 10000-01-01: what all engines can represent. */
#define FIRST_TIME (((TimestampTz) UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY)
#define END_OF_TIME INT64CONST(252455616000000000)

/* A time argument; "otherwise" for NULL. */
static TimestampTz
time_argument(FunctionCallInfo fcinfo, int n, TimestampTz otherwise)
{
	TimestampTz time;

	if (PG_ARGISNULL(n))
		return otherwise;
	time = PG_GETARG_TIMESTAMPTZ(n);
	if (time < FIRST_TIME || time >= END_OF_TIME)
		ereport(ERROR, cs_error(COVET_E_TIME_RANGE),
				errhint("Pass null for a time that is not known, or for no deadline of its own."));
	return time;
}

/* The arguments as a session. */
static void
read_session(FunctionCallInfo fcinfo, CsSession *session)
{
	TimestampTz at = GetCurrentTimestamp();
	char		handle[COVET_TOKEN_SIZE];
	Jsonb	   *data;
	text	   *user_id;
	TimestampTz last_accessed_at;

	(void) cs_arg_handle(fcinfo, 0, CS_ID_STRICT, handle);
	data = cs_arg_json(fcinfo, 1);
	if (data == NULL)
		ereport(ERROR, cs_error(COVET_E_DATA_NULL));
	user_id = cs_arg_user_id(fcinfo, 2);

	cs_session_start(session, handle, user_id, JsonbPGetDatum(data), 0,
					 cs_arg_ip(fcinfo, 6), cs_arg_text(fcinfo, 7), at);

	/* Another machine's clock may be ahead; a future use must not count. */
	last_accessed_at = Min(time_argument(fcinfo, 4, at), at);
	session->created_at = Min(time_argument(fcinfo, 3, last_accessed_at), at);
	session->timer.last_accessed_at = Max(last_accessed_at, session->created_at);
	session->timer.expires_at =
		time_argument(fcinfo, 5, cs_max_lifetime > 0 ?
					  covet_time_add(session->created_at, cs_max_lifetime) :
					  COVET_NEVER);
	session->sweep_at = covet_sweep_at(&session->timer, COVET_NEVER);
}

/* False if there is a session, or was until it was revoked. */
static bool
import(const CsSession *session)
{
	CsSession	existing;

	if (covet_is_expired(&session->timer, GetCurrentTimestamp()))
		return false;

	cs_limits_hold(session->user_id);

	for (int attempts = 0;; attempts++)
	{
		bool		found = cs_store_lock(session->handle, CS_HOLD, &existing);

		cs_session_check_attempts(attempts);
		if (found && !cs_is_expired(&existing, GetCurrentTimestamp()))
			return false;
		if (found)
			cs_session_check_written(cs_store_delete(session->handle));
		/* Stored first, so that nobody is evicted for one that is not new. */
		if (cs_session_insert(session))
		{
			cs_limits_admit(session->user_id, session->handle, false);
			return true;
		}
	}
}

PG_FUNCTION_INFO_V1(session_import);

Datum
session_import(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	bool		is_new;

	cs_call_begin(&call, CS_WRITES);
	read_session(fcinfo, &session);
	is_new = import(&session);
	if (is_new)
		cs_audit_write(COVET_AUDIT_SECURITY, "import", &session, NULL,
					   GetCurrentTimestamp());
	cs_call_end(&call);
	PG_RETURN_BOOL(is_new);
}
