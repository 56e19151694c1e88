/*
 * get.c
 *		session_get: the data of a live session.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_get);

Datum
session_get(PG_FUNCTION_ARGS)
{
	return cs_session_read(fcinfo, false);
}
