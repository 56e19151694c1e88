/*
 * digest.c
 *		session_digest: the handle of a token.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "call.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(session_digest);

Datum
session_digest(PG_FUNCTION_ARGS)
{
	char		handle[COVET_TOKEN_SIZE];

	(void) cs_arg_handle(fcinfo, 0, CS_ID_STRICT, handle);
	PG_RETURN_TEXT_P(cstring_to_text(handle));
}
