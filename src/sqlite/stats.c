/*
 * stats.c
 *		session_stats: what happened on this connection since the extension was
 *		loaded into it.
 *
 * The table also empties the cache of statements in time, see statement.h.
 */
#include <string.h>

#include "cs_time.h"
#include "stats.h"
#include "table.h"
#include "verbs.h"

/* In the order of CovetCounter. */
#define COUNTER_COLUMNS \
	"gets INTEGER, hits INTEGER, misses INTEGER, expired_reads INTEGER," \
	" rejected INTEGER, invalid_ids INTEGER, touches INTEGER," \
	" touches_skipped INTEGER, creates INTEGER, sets INTEGER, updates INTEGER," \
	" conflicts INTEGER, refused_revoked INTEGER, rotations INTEGER," \
	" deletes INTEGER, revocations INTEGER, evictions INTEGER," \
	" sweeps INTEGER, swept INTEGER"

sqlite3_int64
cs_oldest_unswept(CsCall *call, CovetTime at)
{
	char		time[CS_TIME_SIZE];
	CsValue		now = cs_time_value(at, time);
	CsText		oldest;
	CovetTime	sweep_at;

	if (!cs_store_value(call, CS_SQL_OLDEST_DUE, &now, 1, &oldest, NULL) ||
		oldest.start == NULL ||
		!cs_time_parse(oldest.start, (size_t) oldest.length, &sweep_at))
		return 0;
	return (at - sweep_at) / COVET_SECOND;
}

static void
fill_stats(CsCall *call, CsRows *rows)
{
	const CsConnection *connection = call->connection;
	CsValue    *row = cs_rows_add(rows);

	if (row == NULL)
		return;
	for (int i = 0; i < COVET_COUNTERS; i++)
		cs_set_integer(row++, connection->counters[i]);
	if (connection->last_sweep_at != 0)
	{
		cs_set_time(rows, row, connection->last_sweep_at);
		cs_set_integer(row + 1, connection->last_sweep_ms);
	}
	row += 2;
	if (connection->last_error[0] != '\0')
		cs_set_text(rows, row, cs_text(connection->last_error));
	cs_set_integer(row + 1, cs_oldest_unswept(call, cs_now()));
}

static void
session_stats_reset(CsCall *call)
{
	memset(call->connection->counters, 0, sizeof(call->connection->counters));
}

static const CsTable stats = {
	.name = "session_stats",
	.declaration = "CREATE TABLE session_stats (" COUNTER_COLUMNS
	", last_sweep_at TEXT, last_sweep_ms INTEGER, last_error TEXT"
	", oldest_unswept INTEGER)",
	.columns = COVET_COUNTERS + 4,
	.fill = fill_stats,
	.empties_cache = true,
};

int
cs_stats_register(CsConnection *connection)
{
	int			code = cs_table_register(connection, &stats);

	return code == SQLITE_OK ?
		cs_register(connection, "session_stats_reset", 0, 0, CS_READS,
					session_stats_reset) : code;
}
