/*
 * update.c
 *		session_update: replace the data of a live session, if it is still what
 *		the caller has seen.
 */
#include "args.h"
#include "audit.h"
#include "session.h"
#include "verbs.h"

/* What session_update returns for a version that does not match. */
#define CONFLICT 0

static void
session_update(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		data;
	CovetTime	at;
	bool		known = cs_arg_handle(call, 0, CS_ID_NOT_NULL, memory, &handle);

	if (call->failed ||
		!cs_arg_json(call, 1, COVET_E_DATA_NULL, &data) ||
		!cs_check_data_size(call, data) || !known ||
		!cs_session_lock(call, handle, &session, &at))
		return;
	if (!cs_arg_is_null(call, 2) &&
		cs_arg_integer(call, 2, CONFLICT) != session.version)
	{
		cs_count(call, COVET_CONFLICTS);
		cs_return_integer(call, CONFLICT);
		return;
	}
	cs_session_replace_data(&session, data, at);
	if (cs_store_update(call, &session) &&
		cs_audit_write(call, COVET_AUDIT_ALL, "update", &session, NULL, at))
	{
		cs_count(call, COVET_UPDATES);
		cs_return_integer(call, session.version);
	}
}

int
cs_update_register(CsConnection *connection)
{
	return cs_register(connection, "session_update", 2, 3, CS_WRITES,
					   session_update);
}
