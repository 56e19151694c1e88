/*
 * info.c
 *		session_info: all that is known of a live session.
 */
#include "postgres.h"

#include "funcapi.h"

#include "call.h"
#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_info);

Datum
session_info(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	TimestampTz at;

	InitMaterializedSRF(fcinfo, 0);

	cs_call_begin(&call, CS_READS);
	if (cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_session_find(handle, &session, &at))
		cs_session_emit(fcinfo, &session);
	cs_call_end(&call);
	return (Datum) 0;
}
