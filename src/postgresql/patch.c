/*
 * patch.c
 *		session_patch: merge into the data of a live session.
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "merge.h"
#include "session.h"
#include "stats.h"

static bool
merge(CsSession *session, bool held, TimestampTz at, void *patch)
{
	Jsonb	   *data = DatumGetJsonbP(session->data);
	Jsonb	   *result;

	if (!JB_ROOT_IS_OBJECT(data))
	{
		if (!held)
			return false;
		ereport(ERROR, cs_error(COVET_E_DATA_NOT_OBJECT),
				errhint("Replace it with session_set or session_update first."));
	}
	result = cs_merge_patch(data, patch);
	if (!held && !cs_data_size_is_allowed(result))
		return false;
	cs_check_data_size(result);
	cs_session_replace_data(session, JsonbPGetDatum(result), at);
	return true;
}

PG_FUNCTION_INFO_V1(session_patch);

Datum
session_patch(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	bool		known;
	Jsonb	   *patch;
	TimestampTz at;
	CsChanged	changed = CS_NOT_LIVE;

	cs_call_begin(&call, CS_WRITES);

	known = cs_arg_handle(fcinfo, 0, CS_ID_NOT_NULL, handle);
	patch = cs_arg_json(fcinfo, 1);
	if (patch == NULL)
		ereport(ERROR, cs_error(COVET_E_PATCH_NULL));
	if (!JB_ROOT_IS_OBJECT(patch))
		ereport(ERROR, cs_error(COVET_E_PATCH_NOT_OBJECT));

	if (known)
		changed = cs_session_change(handle, merge, patch, &session, &at);
	if (changed == CS_CHANGED)
	{
		cs_count(COVET_UPDATES);
		cs_audit_write(COVET_AUDIT_ALL, "patch", &session, NULL, at);
	}

	cs_call_end(&call);
	if (changed != CS_CHANGED)
		PG_RETURN_NULL();
	PG_RETURN_INT64(session.version);
}
