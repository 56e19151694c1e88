/*
 * digest.c
 *		session_digest: the handle of a token.
 */
#include "args.h"
#include "verbs.h"

static void
session_digest(CsCall *call)
{
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		result;

	if (cs_arg_handle(call, 0, CS_ID_STRICT, memory, &handle) &&
		cs_copy(call, handle, &result))
		cs_return_text(call, result);
}

int
cs_digest_register(CsConnection *connection)
{
	return cs_register(connection, "session_digest", 1, 1, CS_READS,
					   session_digest);
}
