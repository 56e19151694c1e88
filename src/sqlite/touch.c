/*
 * touch.c
 *		session_touch: the data of a live session, for every request.
 */
#include "args.h"
#include "session.h"
#include "verbs.h"

static void
session_touch(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;

	if (!cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) ||
		!cs_session_find(call, cs_store_read_data, handle, &session))
		return;
	cs_session_touch(call, &session);
	cs_store_return_data(call);
}

int
cs_touch_register(CsConnection *connection)
{
	return cs_register(connection, "session_touch", 1, 1, CS_READS,
					   session_touch);
}
