/*
 * touch.c
 *		session_touch: the data of a live session, for every request.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_touch);

Datum
session_touch(PG_FUNCTION_ARGS)
{
	return cs_session_read(fcinfo, true);
}
