/*
 * delete.c
 *		session_delete: remove a session without a trace.
 *
 * A tombstone stays: deleting it would let the session come back.
 */
#include "args.h"
#include "audit.h"
#include "session.h"
#include "verbs.h"

static void
session_delete(CsCall *call)
{
	CsSession	session = {.is_active = false};
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CovetTime	at;
	bool		live = cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) &&
		cs_session_lock(call, handle, &session, &at);

	if (call->failed)
		return;
	if (session.is_active && !cs_store_delete(call, session.id))
		return;
	if (live)
	{
		cs_count(call, COVET_DELETES);
		if (!cs_audit_write(call, COVET_AUDIT_ALL, "delete", &session, NULL, at))
			return;
	}
	cs_return_bool(call, live);
}

int
cs_delete_register(CsConnection *connection)
{
	return cs_register(connection, "session_delete", 1, 1, CS_WRITES,
					   session_delete);
}
