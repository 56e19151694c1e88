/*
 * covet_sessions.c
 *		Web sessions as a database primitive: the library's entry point.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "commit.h"
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
	cs_commit_init();
	cs_launcher_init();
}

PG_FUNCTION_INFO_V1(session_version);

Datum
session_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(COVET_VERSION));
}

PG_FUNCTION_INFO_V1(session_installed);

/*
 * Runs once, at the end of CREATE EXTENSION: tells the launcher of this
 * database, or the administrator that there is no launcher.
 */
Datum
session_installed(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	cs_stats_note_due(DT_NOBEGIN);
	if (!cs_stats_is_preloaded())
		ereport(WARNING,
				errmsg("covet_sessions is not preloaded, so ended sessions are not swept in the background"),
				errhint("Add covet_sessions to shared_preload_libraries in postgresql.conf and restart the server, or call session_cleanup() regularly."));
	PG_RETURN_VOID();
}
