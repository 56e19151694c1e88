/*
 * test_static.c
 *		The extension linked into a program, run under ASan and UBSan: the life
 *		of sessions, closing, and every allocation failing once.
 *
 * Reports TAP.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int	sqlite3_covetsessions_init(sqlite3 *db, char **error,
									   const void *api);

static int	cases = 0;
static int	failures = 0;

static void
check(bool passed, const char *name)
{
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++cases, name);
	fflush(stdout);
	failures += !passed;
}

/* ---- an allocator that fails at the n-th allocation ---- */

static sqlite3_mem_methods real;
static long countdown = -1;		/* -1: never */
static bool has_failed = false;

static bool
fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	/* From then on nothing fails, so that what follows can be looked at. */
	has_failed = true;
	return true;
}

static void *
failing_malloc(int size)
{
	return fails() ? NULL : real.xMalloc(size);
}

static void *
failing_realloc(void *pointer, int size)
{
	return fails() ? NULL : real.xRealloc(pointer, size);
}

static void
install_allocator(void)
{
	sqlite3_mem_methods failing;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
	failing = real;
	failing.xMalloc = failing_malloc;
	failing.xRealloc = failing_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
	/* Lookaside memory would hide small allocations. */
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

/* ---- calls ---- */

static const char *const calls[] = {
	"SELECT session_set('p', '{}')",
	"SELECT session_set('p', '{\"p\": 1}')",
	"SELECT session_set('q', '{}'), session_set('r', '{}', 'x', 60, '::1', 'y')",
	"SELECT session_set('s', '{}')",
	"SELECT session_set('s', '[]', 'x', 60, '::1', 'y')",
	"SELECT session_configure('audit', 'all')",
	"SELECT session_configure('max_sessions_per_user', '2')",
	"SELECT session_configure('create_rate_limit', '100')",
	"SELECT session_configure('touch_interval', '0')",
	"SELECT session_set('a', '{\"a\": [1, 2, {\"b\": null}], \"\\u0061\": 3}', 'u', 60, '::1', 'x')",
	"SELECT session_set('a', '{\"c\": 1}', 'v', 70, '::2', 'y')",
	"SELECT session_get('a'), session_touch('a'), session_verify('a', '::1', 'x')",
	"SELECT session_update('a', '{}', 2), session_update('a', '{\"d\": {}}')",
	"SELECT session_patch('a', '{\"d\": {\"e\": {\"f\": null}}, \"c\": null}')",
	"UPDATE sessions SET version = 9223372036854775807; SELECT session_patch('a', '{}')",
	"SELECT session_create('u', '[]', 60, '::1', 'x')",
	"SELECT session_create('u'), session_create('u')",
	"SELECT session_rotate('a', 'u')",
	"SELECT session_set('a', '{}')",
	"SELECT session_import('i', '{}', 'u', '2020-01-01', '2020-01-01', '2990-01-01', '::1', 'x')",
	"SELECT session_expire('i', 10), session_expire('i')",
	"SELECT * FROM session_info('i')",
	"SELECT * FROM session_list('u')",
	"SELECT session_revoke_handle('u', session_digest('i'))",
	"SELECT session_revoke_user('u', 'x')",
	"SELECT session_set('e', '{}', 'w', 1)",
	"UPDATE sessions SET last_accessed_at = '2020-01-01T00:00:00.000000Z', sweep_at = '2020-01-01T00:00:00.000000Z' WHERE user_id = 'w'",
	"SELECT session_get('e'), session_delete('e'), session_revoke('e')",
	"SELECT session_cleanup(1), session_cleanup()",
	"SELECT * FROM session_stats",
	"SELECT * FROM session_health",
	"SELECT session_setting('audit'), session_version(), session_stats_reset()",
	"SELECT session_set('', '{}')",
	"SELECT session_set('a', '{')",
	"SELECT * FROM session_list('')",
};

#define CALLS ((int) (sizeof(calls) / sizeof(calls[0])))

static int
open_and_call(int count, sqlite3 **db)
{
	int			code = sqlite3_open(":memory:", db);

	for (int i = 0; code == SQLITE_OK && i < count; i++)
	{
		int			result = sqlite3_exec(*db, calls[i], NULL, NULL, NULL);

		if (result != SQLITE_OK && result != SQLITE_ERROR)
			code = result;
	}
	return code;
}

static bool
is_intact(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	bool		ok = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
										&statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW &&
		strcmp((const char *) sqlite3_column_text(statement, 0), "ok") == 0;

	sqlite3_finalize(statement);
	return ok && sqlite3_get_autocommit(db);
}

/*
 * Makes each allocation of one call fail, one after the other, until the call
 * goes through; false if it ever answers otherwise than with an error or a
 * result, the next call finds a transaction open, or the connection cannot be
 * closed.
 */
static bool
survives(int call)
{
	for (long n = 0;; n++)
	{
		sqlite3    *db;
		int			code;
		bool		ok;

		if (open_and_call(call, &db) != SQLITE_OK)
			return false;
		has_failed = false;
		countdown = n;
		code = sqlite3_exec(db, calls[call], NULL, NULL, NULL);
		countdown = -1;
		ok = (code == SQLITE_OK || code == SQLITE_ERROR || code == SQLITE_NOMEM ||
			  code == SQLITE_IOERR_NOMEM) &&
			(sqlite3_get_autocommit(db) || call == 0) &&
			sqlite3_exec(db, "SELECT session_set('still', '{}')", NULL, NULL, NULL) == SQLITE_OK &&
			is_intact(db) &&
			sqlite3_close(db) == SQLITE_OK;
		if (!ok)
		{
			printf("# call %d, allocation %ld: %d, %s\n", call, n, code,
				   sqlite3_errmsg(db));
			return false;
		}
		if (!has_failed)
			return true;
	}
}

/* Makes each allocation fail while the extension is registered. */
static bool
registers(void)
{
	for (long n = 0;; n++)
	{
		sqlite3    *db;
		bool		ok;

		has_failed = false;
		countdown = n;
		ok = sqlite3_open(":memory:", &db) == SQLITE_OK;
		countdown = -1;
		if (sqlite3_close(db) != SQLITE_OK)
			return false;
		if (!has_failed)
			return ok;
	}
}

int
main(void)
{
	sqlite3    *db;

	install_allocator();
	sqlite3_initialize();
	sqlite3_auto_extension((void (*) (void)) sqlite3_covetsessions_init);

	check(open_and_call(CALLS, &db) == SQLITE_OK, "all calls");
	check(is_intact(db), "the database is intact");
	check(sqlite3_covetsessions_init(db, NULL, NULL) == SQLITE_OK &&
		  sqlite3_errcode(db) == SQLITE_OK, "a second time on one connection");
	check(sqlite3_close(db) == SQLITE_OK, "closed, with statements in the cache");

	check(open_and_call(5, &db) == SQLITE_OK, "another connection");
	{
		sqlite3_stmt *statement;

		sqlite3_prepare_v2(db, "SELECT 1", -1, &statement, NULL);
		check(sqlite3_close(db) == SQLITE_BUSY, "closing fails while a statement is open");
		check(sqlite3_exec(db, "SELECT session_set('x', '{}')", NULL, NULL, NULL) == SQLITE_OK,
			  "... and the connection still works");
		sqlite3_finalize(statement);
		check(sqlite3_close(db) == SQLITE_OK, "... and can then be closed");
	}

	check(registers(), "registration without memory");
	for (int i = 0; i < CALLS; i++)
	{
		char		name[100];

		snprintf(name, sizeof(name), "without memory: %.60s", calls[i]);
		check(survives(i), name);
	}
	sqlite3_reset_auto_extension();
	check(sqlite3_memory_used() == 0, "nothing is left allocated");
	printf("1..%d\n", cases);
	return failures > 0;
}
