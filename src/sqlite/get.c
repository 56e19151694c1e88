/*
 * get.c
 *		session_get: the data of a live session.
 */
#include "args.h"
#include "session.h"
#include "verbs.h"

static void
session_get(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;

	if (cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) &&
		cs_session_find(call, cs_store_read_data, handle, &session))
		cs_store_return_data(call);
}

int
cs_get_register(CsConnection *connection)
{
	return cs_register(connection, "session_get", 1, 1, CS_READS, session_get);
}
