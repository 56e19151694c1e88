/*
 * late_writer.c
 *		A library that writes, or fails, when a transaction is about to commit,
 *		for 007_commit.pl.
 *
 * Preloaded before covet_sessions, so that the server calls it later.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* "": nothing, "write": a row of the table "late", "fail": an error. */
static char *act;

static void
write_row(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT ||
		SPI_execute("INSERT INTO late DEFAULT VALUES", false, 0) != SPI_OK_INSERT ||
		SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "could not write late");
	PopActiveSnapshot();
}

static void
before_commit(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_PRE_COMMIT)
		return;
	if (strcmp(act, "write") == 0)
		write_row();
	if (strcmp(act, "fail") == 0)
		elog(ERROR, "late failure");
}

void
_PG_init(void)
{
	DefineCustomStringVariable("late_writer.act", "What to do before a commit.",
							   NULL, &act, "", PGC_USERSET, 0, NULL, NULL, NULL);
	RegisterXactCallback(before_commit, NULL);
}
