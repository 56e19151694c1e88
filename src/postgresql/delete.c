/*
 * delete.c
 *		session_delete: remove a session without a trace.
 *
 * A tombstone stays: deleting it would let the session come back.
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "session.h"
#include "stats.h"

PG_FUNCTION_INFO_V1(session_delete);

Datum
session_delete(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	bool		live = false;

	cs_call_begin(&call, CS_WRITES);

	if (cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_store_lock_latest(handle, CS_HOLD_EXCLUSIVELY, &session) &&
		session.is_active)
	{
		TimestampTz at = GetCurrentTimestamp();

		live = cs_is_live(&session, at);
		cs_session_check_written(cs_store_delete_latest(handle));
		if (live)
		{
			cs_count(COVET_DELETES);
			cs_audit_write(COVET_AUDIT_ALL, "delete", &session, NULL, at);
		}
	}

	cs_call_end(&call);
	PG_RETURN_BOOL(live);
}
