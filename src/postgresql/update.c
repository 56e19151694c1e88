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

typedef struct Arguments
{
	Jsonb	   *data;
	const int64 *version;		/* that the caller has seen; NULL: any */
} Arguments;

static bool
replace_data(CsSession *session, bool held, TimestampTz at, void *arg)
{
	const Arguments *arguments = arg;

	(void) held;
	if (arguments->version != NULL && *arguments->version != session->version)
		return false;
	cs_session_replace_data(session, JsonbPGetDatum(arguments->data), at);
	return true;
}

PG_FUNCTION_INFO_V1(session_update);

Datum
session_update(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	int64		version = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2);
	Arguments	arguments;
	bool		known;
	TimestampTz at;
	CsChanged	changed = CS_NOT_LIVE;

	cs_call_begin(&call, CS_WRITES);

	known = cs_arg_handle(fcinfo, 0, CS_ID_NOT_NULL, handle);
	arguments.data = cs_arg_json(fcinfo, 1);
	if (arguments.data == NULL)
		ereport(ERROR, cs_error(COVET_E_DATA_NULL));
	arguments.version = PG_ARGISNULL(2) ? NULL : &version;

	if (known)
		changed = cs_session_change(handle, replace_data, &arguments, &session,
									&at);
	if (changed == CS_UNCHANGED)
		cs_count(COVET_CONFLICTS);
	else if (changed == CS_CHANGED)
	{
		cs_count(COVET_UPDATES);
		cs_audit_write(COVET_AUDIT_ALL, "update", &session, NULL, at);
	}

	cs_call_end(&call);
	if (changed == CS_NOT_LIVE)
		PG_RETURN_NULL();
	PG_RETURN_INT64(changed == CS_CHANGED ? session.version : CONFLICT);
}
