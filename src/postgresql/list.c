/*
 * list.c
 *		session_list: a user's live sessions, for "your devices".
 */
#include "postgres.h"

#include "funcapi.h"

#include "call.h"
#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_list);

Datum
session_list(PG_FUNCTION_ARGS)
{
	CsCall		call;
	TimestampTz at;
	List	   *sessions;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);

	cs_call_begin(&call, CS_READS);
	sessions = cs_store_list(cs_arg_known_user_id(fcinfo, 0));
	at = GetCurrentTimestamp();
	foreach(cell, sessions)
	{
		CsSession  *session = lfirst(cell);

		if (cs_is_live(session, at))
			cs_session_emit(fcinfo, session);
	}
	cs_call_end(&call);
	return (Datum) 0;
}
