/*
 * install.c
 *		The schema: session_install() and the first write make it.
 *
 * Loading the extension creates nothing.  The table session_schema tells that
 * the other tables are the extension's own, and which version made them.
 */
#include "install.h"

#include "schema.h"
#include "store.h"

/* Takes the write lock too, as all that follows needs. */
#define CREATE_MARK \
	"CREATE TABLE IF NOT EXISTS main.session_schema (version text NOT NULL)"

#define IS_INSTALLED \
	"SELECT 1 FROM main.sqlite_master" \
	" WHERE type = 'table' AND name = 'session_schema'"
#define IS_MARKED "SELECT 1 FROM main.session_schema"
#define IS_OCCUPIED \
	"SELECT 1 FROM main.sqlite_master WHERE name COLLATE NOCASE IN" \
	" ('sessions', 'session_events', 'session_creations', 'session_settings')"
#define MARK \
	"INSERT INTO main.session_schema (version) VALUES ('" COVET_VERSION "')"

/* Does the query have a row?  An SQLite result code. */
static int
has_row(sqlite3 *db, const char *query, bool *found)
{
	sqlite3_stmt *statement = NULL;
	int			code = sqlite3_prepare_v2(db, query, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	*found = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		code = SQLITE_OK;
	sqlite3_finalize(statement);
	return code;
}

bool
cs_is_installed(CsCall *call)
{
	bool		found = false;
	int			code;

	do
	{
		code = has_row(call->db, IS_INSTALLED, &found);
	} while (cs_primary(code) == SQLITE_BUSY && cs_wait(call));
	/* If that cannot be told, the error of what was tried stands. */
	return found || code != SQLITE_OK;
}

int
cs_install(CsCall *call)
{
	bool		found = false;
	int			code = sqlite3_exec(call->db, CREATE_MARK, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = has_row(call->db, IS_MARKED, &found);
	if (code != SQLITE_OK || found)
		return code;

	code = has_row(call->db, IS_OCCUPIED, &found);
	if (code == SQLITE_OK && found)
	{
		cs_fail_text(call, "a table or view that is not covet_sessions' own has the name of one of its tables");
		return SQLITE_ERROR;
	}
	if (code == SQLITE_OK)
		code = sqlite3_exec(call->db, schema_sql, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(call->db, MARK, NULL, NULL, NULL);
	return code;
}

CsText
cs_installed_version(CsCall *call)
{
	CsText		version = {NULL, 0};

	(void) cs_store_value(call, CS_SQL_VERSION, NULL, 0, &version, NULL);
	return version;
}

/* The savepoint that surrounds the call has made what was missing. */
static void
session_install(CsCall *call)
{
	cs_return_text(call, cs_installed_version(call));
}

static void
session_version(CsCall *call)
{
	cs_return_text(call, cs_text(COVET_VERSION));
}

int
cs_install_register(CsConnection *connection)
{
	int			code = cs_register(connection, "session_version", 0, 0,
								   CS_READS, session_version);

	if (code == SQLITE_OK)
		code = cs_register(connection, "session_install", 0, 0, CS_WRITES,
						   session_install);
	return code;
}
