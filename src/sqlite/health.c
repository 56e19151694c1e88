/*
 * health.c
 *		session_health: is the installation in order, and if not, what to do.
 */
#include <stdio.h>
#include <string.h>

#include "cs_time.h"
#include "install.h"
#include "stats.h"
#include "table.h"
#include "verbs.h"

/* So many rows due are a backlog, and no more than these are counted. */
#define BACKLOG_ROWS 100000

/* A row that is due has waited too long after so many seconds. */
#define LATE 86400

#define DETAIL_SIZE 256

/* Adds a row; "hint" only where it is not well. */
static void
emit(CsRows *rows, const char *check, bool ok, const char *detail,
	 const char *hint)
{
	CsValue    *row = cs_rows_add(rows);

	if (row == NULL)
		return;
	cs_set_text(rows, row, cs_text(check));
	cs_set_integer(row + 1, ok);
	cs_set_text(rows, row + 2, cs_text(detail));
	if (!ok)
		cs_set_text(rows, row + 3, cs_text(hint));
}

/* False if the tables are not such as the other checks know them. */
static bool
check_version(CsCall *call, CsRows *rows)
{
	CsText		installed = cs_installed_version(call);
	bool		fits = cs_text_equal(installed, cs_text(COVET_VERSION));
	char		detail[DETAIL_SIZE];

	snprintf(detail, sizeof(detail), "library %s, schema %s", COVET_VERSION,
			 installed.start != NULL ? installed.start : "not installed");
	emit(rows, "version", fits, detail, installed.start == NULL ?
		 "Call session_install(), or write a session." :
		 "Call session_install() to upgrade an older schema, or load the version of the extension that a newer one is of.");
	return fits || installed.start == NULL;
}

static void
check_sweep(CsCall *call, CsRows *rows, CovetTime at)
{
	const CsConnection *connection = call->connection;
	sqlite3_int64 age = cs_oldest_unswept(call, at);
	char		detail[DETAIL_SIZE];

	if (connection->last_error[0] != '\0')
	{
		snprintf(detail, sizeof(detail), "failed: %s", connection->last_error);
		emit(rows, "sweep", false, detail,
			 "Remove the cause; the sweep is tried again by itself.");
		return;
	}
	if (connection->last_sweep_at == 0)
		snprintf(detail, sizeof(detail), "none on this connection");
	else
		snprintf(detail, sizeof(detail), "last %lld s ago, took %lld ms",
				 (long long) ((at - connection->last_sweep_at) / COVET_SECOND),
				 (long long) connection->last_sweep_ms);
	emit(rows, "sweep", age <= LATE, detail,
		 "Rows wait for it too long. Call session_cleanup() regularly.");
}

static void
check_backlog(CsCall *call, CsRows *rows, CovetTime at)
{
	char		time[CS_TIME_SIZE];
	CsValue		values[2] = {
		cs_time_value(at, time), {.type = CS_INTEGER,.integer = BACKLOG_ROWS}
	};
	char		detail[DETAIL_SIZE];
	sqlite3_int64 due;

	(void) cs_store_value(call, CS_SQL_COUNT_DUE, values, 2, NULL, &due);
	snprintf(detail, sizeof(detail), "%lld%s rows due, the oldest since %lld s",
			 (long long) due, due < BACKLOG_ROWS ? "" : " or more",
			 (long long) cs_oldest_unswept(call, at));
	emit(rows, "backlog", due < BACKLOG_ROWS, detail,
		 "Call session_cleanup() regularly.");
}

/* Settings that work, and are hardly meant. */
static void
check_settings(CsCall *call, CsRows *rows)
{
	int			invalid = cs_settings_count_invalid(call);
	const CsSettings *settings = cs_settings(call);
	const struct
	{
		bool		applies;
		const char *detail;
		const char *hint;
	}			doubts[] = {
		{invalid > 0,
			"session_settings has rows that are no settings",
		"Delete them, and change settings with session_configure()."},
		{!settings->cleanup_enabled,
			"cleanup_enabled is off",
		"Turn it on, or call session_cleanup() regularly."},
		{settings->idle_timeout == 0 && settings->max_lifetime == 0,
			"sessions never end: idle_timeout and max_lifetime are 0",
		"Set at least one of them."},
		{settings->tombstone_retention == 0,
			"tombstone_retention is 0",
		"A request in flight can bring a revoked session back after the next sweep; allow for the longest request."},
		{settings->max_lifetime > 0 && settings->idle_timeout > settings->max_lifetime,
			"idle_timeout is longer than max_lifetime",
		"The idle timeout has no effect; shorten it."},
	};
	int			wrong = 0;

	for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
	{
		if (!doubts[i].applies)
			continue;
		emit(rows, "settings", false, doubts[i].detail, doubts[i].hint);
		wrong++;
	}
	if (wrong == 0)
		emit(rows, "settings", true, "nothing looks wrong", NULL);
}

static void
fill_health(CsCall *call, CsRows *rows)
{
	CovetTime	at = cs_now();

	if (!check_version(call, rows))
		return;
	check_sweep(call, rows, at);
	check_backlog(call, rows, at);
	check_settings(call, rows);
}

static const CsTable health = {
	.name = "session_health",
	.declaration = "CREATE TABLE session_health"
	" (\"check\" TEXT, ok INTEGER, detail TEXT, hint TEXT)",
	.columns = 4,
	.fill = fill_health,
};

int
cs_health_register(CsConnection *connection)
{
	return cs_table_register(connection, &health);
}
