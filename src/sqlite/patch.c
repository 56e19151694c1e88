/*
 * patch.c
 *		session_patch: merge into the data of a live session.
 */
#include "args.h"
#include "audit.h"
#include "json.h"
#include "session.h"
#include "verbs.h"

/* The patched data; what was stored by other means may be any text. */
static bool
patched(CsCall *call, CsText stored, CsText patch, CsText *result)
{
	CsText		data;

	if (!cs_json_normalise(call, stored, &data))
		return false;
	if (!cs_json_is_object(data))
		return cs_fail(call, COVET_E_DATA_NOT_OBJECT);
	return cs_json_merge(call, data, patch, result) &&
		cs_check_data_size(call, *result);
}

static void
session_patch(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		patch;
	CsText		data;
	CovetTime	at;
	bool		known = cs_arg_handle(call, 0, CS_ID_NOT_NULL, memory, &handle);

	if (call->failed || !cs_arg_json(call, 1, COVET_E_PATCH_NULL, &patch) ||
		!cs_check_data_size(call, patch))
		return;
	if (!cs_json_is_object(patch))
	{
		(void) cs_fail(call, COVET_E_PATCH_NOT_OBJECT);
		return;
	}
	if (!known || !cs_session_lock(call, handle, &session, &at) ||
		!patched(call, session.data, patch, &data))
		return;
	cs_session_replace_data(&session, data, at);
	if (cs_store_update(call, &session) &&
		cs_audit_write(call, COVET_AUDIT_ALL, "patch", &session, NULL, at))
	{
		cs_count(call, COVET_UPDATES);
		cs_return_integer(call, session.version);
	}
}

int
cs_patch_register(CsConnection *connection)
{
	return cs_register(connection, "session_patch", 2, 2, CS_WRITES,
					   session_patch);
}
