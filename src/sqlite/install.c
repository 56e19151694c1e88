/*
 * install.c
 *		The schema: session_install() and the first write make it.
 *
 * Loading the extension creates nothing.  The table session_schema tells that
 * the other tables are the extension's own, and of which version they are.  An
 * older version is upgraded by the next write, step by step; what a newer one
 * has made is left alone.
 */
#include "install.h"

#include <stdlib.h>
#include <string.h>

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

/* From one version to the next, ended by one without a name. */
static const struct Upgrade
{
	const char *from;
	const char *to;
	const char *sql;
}			upgrades[] = {
	SCHEMA_UPGRADES
	{NULL, NULL, NULL}
};

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

/* ---- its version ---- */

/* Is a version, such as "0.10", later than another one, such as "0.9"? */
static bool
is_later(const char *version, const char *other)
{
	for (;;)
	{
		char	   *rest;
		char	   *other_rest;
		long		number = strtol(version, &rest, 10);
		long		other_number = strtol(other, &other_rest, 10);

		if (number != other_number)
			return number > other_number;
		if (*rest != '.' || *other_rest != '.')
			return *rest == '.';
		version = rest + 1;
		other = other_rest + 1;
	}
}

static bool
fail_version(CsCall *call, const char *version)
{
	char	   *message = NULL;
	CsText		copy;

	if (call->failed)
		return false;
	if (version == NULL)
		return cs_fail_text(call, "the table session_schema does not tell the version of the sessions' tables");
	if (is_later(version, COVET_VERSION))
		message = sqlite3_mprintf("the sessions' tables are of covet_sessions %.20s, this is "
								  COVET_VERSION ": load the version that they are of, or a later one", version);
	else
		message = sqlite3_mprintf("the sessions' tables are of covet_sessions %.20s, this is "
								  COVET_VERSION ": call session_install() to upgrade them", version);
	if (message == NULL)
		return cs_fail_engine(call, SQLITE_NOMEM);
	if (cs_copy(call, cs_text(message), &copy))
		(void) cs_fail_text(call, copy.start);
	sqlite3_free(message);
	return false;
}

static const struct Upgrade *
find_upgrade(const char *from)
{
	const struct Upgrade *upgrade = upgrades;

	while (upgrade->from != NULL && strcmp(upgrade->from, from) != 0)
		upgrade++;
	return upgrade->from != NULL ? upgrade : NULL;
}

static int
write_version(CsCall *call, const char *version)
{
	char	   *sql = sqlite3_mprintf("UPDATE main.session_schema SET version = %Q",
									  version);
	int			code = sql == NULL ? SQLITE_NOMEM :
		sqlite3_exec(call->db, sql, NULL, NULL, NULL);

	sqlite3_free(sql);
	return code;
}

int
cs_upgrade(CsCall *call)
{
	const char *version = cs_installed_version(call).start;
	int			code = SQLITE_OK;

	while (!call->failed && code == SQLITE_OK &&
		   (version == NULL || strcmp(version, COVET_VERSION) != 0))
	{
		const struct Upgrade *upgrade = version == NULL ? NULL :
			find_upgrade(version);

		if (upgrade == NULL)
		{
			(void) fail_version(call, version);
			return SQLITE_ERROR;
		}
		code = sqlite3_exec(call->db, upgrade->sql, NULL, NULL, NULL);
		if (code == SQLITE_OK)
			code = write_version(call, upgrade->to);
		version = upgrade->to;
	}
	return call->failed ? SQLITE_ERROR : code;
}

bool
cs_schema_fits(CsCall *call)
{
	CsText		version = cs_installed_version(call);

	call->connection->schema_fits =
		cs_text_equal(version, cs_text(COVET_VERSION));
	return call->connection->schema_fits || fail_version(call, version.start);
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
