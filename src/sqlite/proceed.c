/*
 * proceed.c
 *		What a statement asks before it writes; see proceed.h.
 */
#include "proceed.h"

#include <string.h>

#include "store.h"
#include "transaction.h"

bool
cs_alone_begin(CsCall *call)
{
	CsConnection *connection = call->connection;

	/* Inside another statement that writes it would be part of that. */
	if (!connection->schema_fits || !connection->has_settings ||
		!sqlite3_get_autocommit(call->db) ||
		sqlite3_txn_state(call->db, NULL) == SQLITE_TXN_WRITE)
		return false;
	call->alone = true;
	call->settings = connection->settings;
	call->has_settings = true;
	call->keeps_settings = true;
	call->last_insert_rowid = sqlite3_last_insert_rowid(call->db);
	return true;
}

void
cs_alone_end(CsCall *call, bool written)
{
	call->alone = false;
	cs_restore_rowid(call);
	if (written)
		return;
	call->has_settings = call->keeps_settings = false;
	if (call->failed && cs_primary(call->code) == SQLITE_BUSY)
		(void) cs_wait(call);
	call->failed = false;
}

/*
 * Another connection may have changed the settings, or the schema, so that
 * SQLite has prepared the statement anew.
 */
static bool
is_as_expected(CsCall *call)
{
	const CsSettings expected = call->settings;

	call->has_settings = false;
	call->as_expected =
		sqlite3_stmt_status(call->writing, SQLITE_STMTSTATUS_REPREPARE, 0) == 0 &&
		memcmp(cs_settings(call), &expected, sizeof(expected)) == 0 &&
		!call->failed;
	return call->as_expected ||
		cs_fail_text(call, "something else has changed the settings or the schema");
}

/*
 * What a row's last_accessed_at, expires_at and idle_timeout say, if they are
 * given: it is live, and a use now moves it forward.
 */
static void
proceed(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	CsCall	   *call = ((CsConnection *) sqlite3_user_data(context))->writer;
	bool		yes = call != NULL;

	if (yes && argc > 0)
	{
		CovetTimer	timer = cs_stored_timer(call, argv);

		call->met = true;
		yes = timer.last_accessed_at <= call->writes_at &&
			!covet_is_expired(&timer, call->writes_at) && !call->failed;
	}
	if (yes && call->alone)
		yes = is_as_expected(call);
	sqlite3_result_int(context, yes);
}

static void
release(void *connection)
{
	cs_connection_release(connection);
}

int
cs_proceed_register(CsConnection *connection)
{
	int			code = SQLITE_OK;

	for (int argc = 0; argc <= 3 && code == SQLITE_OK; argc += 3)
	{
		cs_connection_hold(connection);
		code = sqlite3_create_function_v2(connection->db,
										  "covet_sessions_proceed", argc,
										  SQLITE_UTF8 | SQLITE_DIRECTONLY,
										  connection, proceed, NULL, NULL,
										  release);
	}
	return code;
}
