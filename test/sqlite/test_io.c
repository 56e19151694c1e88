/*
 * test_io.c
 *		The extension on files that fail: each operation of each call, one after
 *		the other, is answered with an error.
 *
 * The call must then answer with an error or do its work, the database must be
 * as before the call or as after it, and the connection must go on.
 *
 * Reports TAP.  A name says how many times the call was made.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing_vfs.h"

extern int	sqlite3_covetsessions_init(sqlite3 *db, char **error,
									   const void *api);

#define STATE_SIZE 8192

static int	cases = 0;
static int	failures = 0;
static char directory[200];
static char template_file[256];
static char file[256];

static void
check(bool passed, const char *mode, const char *how, const char *what, long count)
{
	printf("%s %d - %s, %s: %.70s (%ld times)\n", passed ? "ok" : "not ok",
		   ++cases, mode, how, what, count);
	fflush(stdout);
	failures += !passed;
}

/* ---- the database ---- */

static const char *const made[] = {
	"SELECT session_configure('audit', 'all')",
	"SELECT session_configure('touch_interval', '0')",
	"SELECT session_configure('cleanup_enabled', 'off')",
	"SELECT session_configure('bind_ip', 'exact')",
	"SELECT session_configure('max_sessions_per_user', '3')",
	"SELECT session_set('a', '{\"a\": 1}', 'u', 3600, '192.0.2.1', 'x')",
	"SELECT session_set('b', '{\"b\": 1}', 'u', 3600)",
	"SELECT session_set('full', '{}', 'v'), session_set('full2', '{}', 'v'), session_set('full3', '{}', 'v')",
	"SELECT session_set('gone', '{}', 'w'), session_revoke('gone')",
	"SELECT session_set('over', '{}', 'w', 1), session_set('over2', '{}', 'w', 1)",
	"UPDATE sessions SET last_accessed_at = '2020-01-01T00:00:00.000000Z',"
	" sweep_at = '2020-01-01T00:00:01.000000Z' WHERE idle_timeout = 1",
	NULL
};

static const char *const calls[] = {
	"SELECT session_set('new', '{}', 'n')",
	"SELECT session_set('a', '{\"c\": 1}')",
	"SELECT session_set('a', '{\"c\": 1}', 'owner', 70, '192.0.2.2', 'y')",
	"SELECT session_set('gone', '{}')",
	"SELECT session_set('over', '{}')",
	"SELECT session_create('v')",
	"SELECT session_update('a', '{\"d\": {}}', 1)",
	"SELECT session_update('a', '{}', 7)",
	"SELECT session_patch('a', '{\"e\": null, \"f\": 2}')",
	"SELECT session_rotate('a', 'owner')",
	"SELECT session_expire('a', 10)",
	"SELECT session_delete('a')",
	"SELECT session_revoke('a')",
	"SELECT session_revoke_handle('u', session_digest('a'))",
	"SELECT session_revoke_user('v', 'full2')",
	"SELECT session_cleanup()",
	"SELECT session_import('i', '{}', 'u', '2020-01-01', '2025-01-01', '2990-01-01')",
	"SELECT session_configure('audit', 'off')",
	"SELECT session_get('a')",
	"SELECT session_get('over')",
	"SELECT session_touch('a')",
	"SELECT session_verify('a', '192.0.2.9')",
	"SELECT * FROM session_info('a')",
	"SELECT * FROM session_list('u')",
	"SELECT * FROM session_health",
	"BEGIN; SELECT session_set('a', '{\"t\": 1}'); SELECT session_rotate('b'); COMMIT",
};

/* What one statement does alone, on a connection that has written before. */
static const char written_before[] =
"SELECT session_configure('audit', 'off'), session_configure('max_sessions_per_user', '0');"
"SELECT session_set('b', '{}')";

/* The same where a new session is expected. */
static const char started_before[] =
"SELECT session_configure('audit', 'off'), session_configure('max_sessions_per_user', '0');"
"SELECT session_set('n1', '{}'), session_set('n2', '{}'), session_set('n3', '{}')";

static const char *const alone_calls[] = {
	"SELECT session_set('a', '{\"c\": 1}')",
	"SELECT session_set('a', '{\"c\": 1}', 'u', 3600, '192.0.2.1', 'x')",
	"SELECT session_set('new', '{}', 'n')",
	"SELECT session_set('over', '{}')",
};

#define ALONE_CALLS ((int) (sizeof(alone_calls) / sizeof(alone_calls[0])))

/* What a connection does before the call that is looked at. */
static const char *first = "";

#define CALLS ((int) (sizeof(calls) / sizeof(calls[0])))

/* What must be as before or as after: all but times and new tokens. */
static const char state_query[] =
"SELECT (SELECT group_concat(row, x'0a') FROM (SELECT CASE WHEN id IN"
" (session_digest('a'), session_digest('b'), session_digest('gone')) THEN id ELSE '' END"
" || user_id || ' ' || is_active || ' ' || version || data || coalesce(idle_timeout, '') AS row"
" FROM sessions ORDER BY row)) || (SELECT coalesce(group_concat(row, x'0a'), '') FROM"
" (SELECT event || user_id || coalesce(detail, '') AS row FROM session_events ORDER BY row))"
" || (SELECT group_concat(row) FROM (SELECT name || value AS row FROM session_settings ORDER BY row))";

static void
stop(const char *what, sqlite3 *db)
{
	printf("Bail out! %s: %s\n", what, db == NULL ? "" : sqlite3_errmsg(db));
	exit(2);
}

/* The only value of the only row. */
static bool
read_value(sqlite3 *db, const char *query, char value[STATE_SIZE])
{
	sqlite3_stmt *statement = NULL;
	const char *text = NULL;

	value[0] = '\0';
	if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		text = (const char *) sqlite3_column_text(statement, 0);
	if (text != NULL)
		snprintf(value, STATE_SIZE, "%s", text);
	sqlite3_finalize(statement);
	return text != NULL;
}

/* Asked through another connection, whose files do not fail. */
static bool
read_state(char state[STATE_SIZE])
{
	sqlite3    *db;
	char		integrity[STATE_SIZE];
	bool		read = sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, "unix") == SQLITE_OK &&
		read_value(db, state_query, state) &&
		read_value(db, "PRAGMA integrity_check", integrity) &&
		strcmp(integrity, "ok") == 0;

	if (!read)
		printf("# state: %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	return read;
}

static void
make_template(const char *mode)
{
	sqlite3    *db;
	char		pragma[60];

	unlink(template_file);
	snprintf(pragma, sizeof(pragma), "PRAGMA journal_mode = %s", mode);
	if (sqlite3_open_v2(template_file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
						"unix") != SQLITE_OK ||
		sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		stop("a database", db);
	for (int i = 0; made[i] != NULL; i++)
	{
		if (sqlite3_exec(db, made[i], NULL, NULL, NULL) != SQLITE_OK)
			stop(made[i], db);
	}
	if (sqlite3_close(db) != SQLITE_OK)
		stop("closing", db);
}

static void
copy_template(void)
{
	static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
	char		buffer[65536];
	FILE	   *from = fopen(template_file, "rb");
	FILE	   *to = fopen(file, "wb");
	size_t		size;

	for (int i = 0; i < 3; i++)
	{
		char		name[300];

		snprintf(name, sizeof(name), "%s%s", file, suffixes[i]);
		unlink(name);
	}
	while ((size = fread(buffer, 1, sizeof(buffer), from)) > 0)
		fwrite(buffer, 1, size, to);
	fclose(from);
	fclose(to);
}

/* ---- a call ---- */

static sqlite3 *
open_database(const char *vfs)
{
	sqlite3    *db;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, vfs) != SQLITE_OK ||
		sqlite3_exec(db, first, NULL, NULL, NULL) != SQLITE_OK)
		stop("opening", db);
	return db;
}

static bool
survives_at(const char *call, FailingKind kind, long n, const char *before,
			const char *after)
{
	sqlite3    *db;
	char		state[STATE_SIZE];
	int			code;
	bool		ok;

	/* Removing what is over waits for nobody. */
	bool		may_skip = strstr(call, "session_get") != NULL;

	copy_template();
	db = open_database("failing");
	failing_start(kind, n);
	code = sqlite3_exec(db, call, NULL, NULL, NULL);
	failing_stop();
	if (!sqlite3_get_autocommit(db) && strncmp(call, "BEGIN", 5) == 0)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);

	ok = sqlite3_get_autocommit(db) && read_state(state) &&
		(strcmp(state, after) == 0 ||
		 (strcmp(state, before) == 0 && (code != SQLITE_OK || may_skip))) &&
		(code & 0xFF) != SQLITE_CORRUPT &&
		sqlite3_exec(db, "SELECT session_set('still', '{}')", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		printf("# operation %ld: %d, %s\n# %s\n", n, code, sqlite3_errmsg(db), state);
	return sqlite3_close(db) == SQLITE_OK && ok;
}

/* Makes each operation fail, until the call meets none that does. */
static void
survives(const char *mode, const char *call)
{
	char		before[STATE_SIZE];
	char		after[STATE_SIZE];
	sqlite3    *db;

	copy_template();
	db = open_database("unix");
	if (!read_state(before) ||
		sqlite3_exec(db, call, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_close(db) != SQLITE_OK || !read_state(after))
		stop(call, db);

	for (FailingKind kind = FAILING_FIRST; kind < FAILING_KINDS; kind++)
	{
		bool		ok = true;
		long		n = 0;

		do
			ok = survives_at(call, kind, n++, before, after);
		while (ok && failing_count() > 0);
		/* A call that did no operation of the kind would have shown nothing. */
		check(ok, mode, failing_kinds[kind], call, n - 1);
	}
}

/* The first write of all makes the tables: all of them, or none. */
static void
installs(const char *mode)
{
	bool		ok = true;
	long		n = 0;

	for (FailingKind kind = FAILING_FIRST; kind < FAILING_KINDS; kind++)
	{
		n = 0;
		do
		{
			sqlite3    *db;
			char		value[STATE_SIZE];
			char		pragma[60];
			int			code;

			unlink(template_file);
			fclose(fopen(template_file, "wb"));
			copy_template();
			sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, "failing");
			snprintf(pragma, sizeof(pragma), "PRAGMA journal_mode = %s", mode);
			sqlite3_exec(db, pragma, NULL, NULL, NULL);
			failing_start(kind, n++);
			code = sqlite3_exec(db, "SELECT session_set('x', '{}')", NULL, NULL, NULL);
			failing_stop();
			ok = sqlite3_get_autocommit(db) &&
				read_value(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table'", value) &&
				(strcmp(value, "5") == 0 || (code != SQLITE_OK && strcmp(value, "0") == 0)) &&
				sqlite3_exec(db, "SELECT session_set('x', '{}')", NULL, NULL, NULL) == SQLITE_OK &&
				read_value(db, "PRAGMA integrity_check", value) && strcmp(value, "ok") == 0;
			if (!ok)
				printf("# operation %ld: %d, %s, %s\n", n - 1, code, sqlite3_errmsg(db), value);
			ok &= sqlite3_close(db) == SQLITE_OK;
		} while (ok && failing_count() > 0);
		check(ok, mode, failing_kinds[kind], "the first write", n - 1);
	}
}

int
main(void)
{
	static const char *const modes[] = {"delete", "wal"};
	const char *tmp = getenv("TMPDIR");

	snprintf(directory, sizeof(directory), "%s/covet-io-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(directory) == NULL)
		stop("a directory", NULL);
	snprintf(template_file, sizeof(template_file), "%s/template.db", directory);
	snprintf(file, sizeof(file), "%s/test.db", directory);
	if (failing_register() != SQLITE_OK)
		stop("a VFS", NULL);
	sqlite3_auto_extension((void (*) (void)) sqlite3_covetsessions_init);

	for (int i = 0; i < 2; i++)
	{
		make_template(modes[i]);
		for (int call = 0; call < CALLS; call++)
			survives(modes[i], calls[call]);
		for (int call = 0; call < 2 * ALONE_CALLS; call++)
		{
			first = call < ALONE_CALLS ? written_before : started_before;
			survives(modes[i], alone_calls[call % ALONE_CALLS]);
		}
		first = "";
		installs(modes[i]);
	}
	printf("1..%d\n", cases);

	copy_template();
	unlink(file);
	unlink(template_file);
	rmdir(directory);
	return failures > 0;
}
