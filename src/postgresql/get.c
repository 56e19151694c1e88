/*
 * get.c
 *		session_get: the data of a live session.
 */
#include "postgres.h"

#include "call.h"
#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_get);

Datum
session_get(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	Datum		data = (Datum) 0;
	bool		found;

	cs_call_begin(&call, CS_READS);
	found = cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_session_find(handle, &session);
	if (found)
		data = cs_session_data(&call, &session);
	cs_call_end(&call);

	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(data);
}
