/*
 * update.c
 *		session_update: replace the data of a live session, if it is still what
 *		the caller has seen.
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "session.h"
#include "stats.h"

/* What session_update() returns for a version that does not match. */
#define CONFLICT 0

PG_FUNCTION_INFO_V1(session_update);

Datum
session_update(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	bool		known;
	Jsonb	   *data;
	TimestampTz at;
	bool		live;
	int64		version = CONFLICT;

	cs_call_begin(&call, CS_WRITES);

	known = cs_arg_handle(fcinfo, 0, CS_ID_NOT_NULL, handle);
	data = cs_arg_json(fcinfo, 1);
	if (data == NULL)
		ereport(ERROR, cs_error(COVET_E_DATA_NULL));

	live = known && cs_store_lock(handle, CS_HOLD, &session);
	at = GetCurrentTimestamp();
	live = live && cs_is_live(&session, at);
	if (live && !PG_ARGISNULL(2) && PG_GETARG_INT64(2) != session.version)
		cs_count(COVET_CONFLICTS);
	else if (live)
	{
		cs_session_replace_data(&session, JsonbPGetDatum(data), at);
		cs_session_save(&session);
		cs_count(COVET_UPDATES);
		cs_audit_write(COVET_AUDIT_ALL, "update", &session, NULL, at);
		version = session.version;
	}

	cs_call_end(&call);
	if (!live)
		PG_RETURN_NULL();
	PG_RETURN_INT64(version);
}
