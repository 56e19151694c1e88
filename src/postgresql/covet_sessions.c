/*
 * covet_sessions.c
 *		Web sessions as a database primitive: the library's entry point.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "guc.h"
#include "launcher.h"
#include "stats.h"
#include "store.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	cs_guc_init();
	cs_stats_init();
	cs_store_init();
	cs_launcher_init();
}

PG_FUNCTION_INFO_V1(session_version);

Datum
session_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(COVET_VERSION));
}
