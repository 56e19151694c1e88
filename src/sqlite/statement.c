/*
 * statement.c
 *		The SQL of the store, and its cache of prepared statements.
 */
#include "statement.h"

#include "connection.h"

/* In the order of the columns and of the parameters, from 1 on. */
#define COLUMNS_WITH(data) \
	"id, user_id, created_at, last_accessed_at, expires_at, idle_timeout," \
	" ip_address, user_agent, is_active, version, " data ", sweep_at," \
	" bound_ip, bound_user_agent"
#define COLUMNS COLUMNS_WITH("data")

/* The rowid comes last: where a row was found it is found again without an index. */
#define ROW COLUMNS ", rowid"

/* Many rows at once that are to end need not be in memory with their data. */
#define ROW_WITHOUT_DATA COLUMNS_WITH("'{}'") ", rowid"

/*
 * SQLite writes an index entry anew whenever its column is set, changed or not,
 * so what is not indexed is set alone where that will do.
 */
#define SET_UNINDEXED \
	"last_accessed_at = ?4, expires_at = ?5, idle_timeout = ?6," \
	" ip_address = ?7, user_agent = ?8, is_active = ?9, version = ?10," \
	" data = ?11, bound_ip = ?13, bound_user_agent = ?14"

#define REPLACE_DATA \
	"UPDATE main.sessions" \
	" SET data = ?2, version = version + 1, last_accessed_at = ?3" \
	" WHERE id = ?1" \
	" AND covet_sessions_proceed(last_accessed_at, expires_at, idle_timeout)" \
	" AND is_active"

/* "user_id <> ''" is what makes the partial index fit. */
#define OF_USER \
	" FROM main.sessions WHERE user_id = ?1 AND user_id <> '' AND is_active"

static const char *const texts[CS_STATEMENTS] = {
	[CS_SQL_SAVEPOINT] = "SAVEPOINT covet_sessions",
	[CS_SQL_RELEASE] = "RELEASE covet_sessions",
	[CS_SQL_ROLLBACK] = "ROLLBACK",
	[CS_SQL_ROLLBACK_TO] = "ROLLBACK TO covet_sessions",

	/* Changes nothing, and waits for the right to. */
	[CS_SQL_LOCK] = "UPDATE main.session_schema SET version = version WHERE 0",

	/* Number, name and file. */
	[CS_SQL_DATABASES] = "PRAGMA database_list",

	[CS_SQL_VERSION] = "SELECT version FROM main.session_schema",

	[CS_SQL_READ] = "SELECT " ROW " FROM main.sessions WHERE id = ?1",
	[CS_SQL_READ_DATA] =
	"SELECT data, last_accessed_at, expires_at, idle_timeout, rowid"
	" FROM main.sessions WHERE id = ?1 AND is_active",
	[CS_SQL_INSERT] =
	"INSERT INTO main.sessions (" COLUMNS ")"
	" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14"
	" WHERE covet_sessions_proceed()"
	" ON CONFLICT (id) DO NOTHING",
	[CS_SQL_UPDATE] = "UPDATE main.sessions SET " SET_UNINDEXED " WHERE rowid = ?15",
	[CS_SQL_UPDATE_ALL] =
	"UPDATE main.sessions SET id = ?1, user_id = ?2, sweep_at = ?12, "
	SET_UNINDEXED " WHERE rowid = ?15",
	[CS_SQL_REPLACE_DATA] = REPLACE_DATA,
	[CS_SQL_REPLACE_DATA_IF] = REPLACE_DATA
	" AND (?4 IS NULL OR user_id = ?4) AND (?5 IS NULL OR idle_timeout = ?5)"
	" AND (?6 IS NULL OR ip_address = ?6) AND (?7 IS NULL OR user_agent = ?7)",
	[CS_SQL_TOUCH] =
	"UPDATE main.sessions SET last_accessed_at = ?2"
	" WHERE rowid = ?1 AND is_active AND last_accessed_at < ?2",
	[CS_SQL_REAP] =
	"DELETE FROM main.sessions"
	" WHERE rowid = ?1 AND is_active AND last_accessed_at = ?2",
	[CS_SQL_DELETE] = "DELETE FROM main.sessions WHERE id = ?1",
	[CS_SQL_LIST] =
	"SELECT " ROW OF_USER " ORDER BY last_accessed_at DESC, id",
	[CS_SQL_LIST_BY_LAST_USE] =
	"SELECT " ROW_WITHOUT_DATA OF_USER " ORDER BY last_accessed_at, id",

	[CS_SQL_ANY_DUE] =
	"SELECT EXISTS (SELECT 1 FROM main.sessions WHERE sweep_at <= ?1)"
	" OR EXISTS (SELECT 1 FROM main.session_creations WHERE at < ?2)"
	" OR EXISTS (SELECT 1 FROM main.session_events WHERE at < ?3)",
	[CS_SQL_DUE] =
	"SELECT " ROW_WITHOUT_DATA " FROM main.sessions WHERE sweep_at <= ?1"
	" ORDER BY sweep_at LIMIT ?2",
	[CS_SQL_RESCHEDULE] = "UPDATE main.sessions SET sweep_at = ?2 WHERE id = ?1",
	[CS_SQL_OLDEST_DUE] =
	"SELECT min(sweep_at) FROM main.sessions WHERE sweep_at <= ?1",
	[CS_SQL_COUNT_DUE] =
	"SELECT count(*) FROM"
	" (SELECT 1 FROM main.sessions WHERE sweep_at <= ?1 LIMIT ?2)",

	[CS_SQL_COUNT_CREATIONS] =
	"SELECT count(*) FROM main.session_creations WHERE user_id = ?1 AND at > ?2",
	[CS_SQL_ADD_CREATION] =
	"INSERT INTO main.session_creations (user_id, at) VALUES (?1, ?2)",
	[CS_SQL_FIND_CREATIONS] =
	"SELECT 1 FROM main.session_creations WHERE at < ?1 LIMIT 1",
	[CS_SQL_PRUNE_CREATIONS] =
	"DELETE FROM main.session_creations WHERE rowid IN"
	" (SELECT rowid FROM main.session_creations WHERE at < ?1 ORDER BY at LIMIT ?2)",
	[CS_SQL_ADD_EVENT] =
	"INSERT INTO main.session_events"
	" (at, event, handle, user_id, ip_address, user_agent, detail)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[CS_SQL_FIND_EVENTS] =
	"SELECT 1 FROM main.session_events WHERE at < ?1 LIMIT 1",
	[CS_SQL_PRUNE_EVENTS] =
	"DELETE FROM main.session_events WHERE rowid IN"
	" (SELECT rowid FROM main.session_events WHERE at < ?1 ORDER BY at LIMIT ?2)",

	[CS_SQL_SETTINGS] = "SELECT name, value FROM main.session_settings",
	[CS_SQL_SET_SETTING] =
	"INSERT INTO main.session_settings (name, value) VALUES (?1, ?2)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[CS_SQL_RESET_SETTING] = "DELETE FROM main.session_settings WHERE name = ?1",
};

/* Connects the table that will empty the cache. */
static void
arm(CsConnection *connection)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(connection->db, "SELECT 1 FROM session_stats", -1,
						   &statement, NULL) == SQLITE_OK)
		sqlite3_finalize(statement);
}

/*
 * What SQLite has to prepare, for the first time or because somebody has changed
 * the schema, may meet one of another version.
 */
int
cs_statement_take(CsConnection *connection, CsStatement which,
				  sqlite3_stmt **statement)
{
	*statement = connection->statements[which];
	connection->statements[which] = NULL;
	if (*statement != NULL)
		return SQLITE_OK;

	if (!connection->armed)
		arm(connection);
	connection->schema_fits = false;
	return sqlite3_prepare_v3(connection->db, texts[which], -1,
							  SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

void
cs_statement_give(CsConnection *connection, CsStatement which,
				  sqlite3_stmt *statement)
{
	if (statement == NULL)
		return;
	if (sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 1) > 0)
		connection->schema_fits = false;
	if (!connection->armed || connection->statements[which] != NULL)
	{
		sqlite3_finalize(statement);
		return;
	}
	sqlite3_reset(statement);
	/* A cached statement must not keep a caller's data. */
	if (sqlite3_bind_parameter_count(statement) > 0)
		sqlite3_clear_bindings(statement);
	connection->statements[which] = statement;
}

int
cs_statement_reserve(CsConnection *connection, CsStatement which, bool anew)
{
	sqlite3_stmt *old = connection->statements[which];
	sqlite3_stmt *statement;
	int			code;

	if (old != NULL && !anew)
		return SQLITE_OK;
	connection->statements[which] = NULL;
	code = cs_statement_take(connection, which, &statement);
	if (code == SQLITE_OK)
	{
		cs_statement_give(connection, which, statement);
		sqlite3_finalize(old);
	}
	else
		connection->statements[which] = old;
	return code;
}

void
cs_statements_finalize(CsConnection *connection)
{
	for (int i = 0; i < CS_STATEMENTS; i++)
	{
		sqlite3_finalize(connection->statements[i]);
		connection->statements[i] = NULL;
	}
}
