/*
 * transaction.c
 *		A call's part in the caller's transaction; see call.h.
 */
#include "transaction.h"

#include "cs_time.h"
#include "install.h"

/* How long a call waits for other connections, and how often it looks. */
#define PATIENCE (5 * COVET_SECOND)
#define PAUSE_MS 2

bool
cs_is_idle(const CsCall *call)
{
	return sqlite3_get_autocommit(call->db) &&
		sqlite3_txn_state(call->db, NULL) == SQLITE_TXN_NONE;
}

bool
cs_can_write(const CsCall *call)
{
	return sqlite3_db_readonly(call->db, "main") == 0;
}

bool
cs_wait(CsCall *call)
{
	CovetTime	now = cs_now();

	/* In a savepoint of our own it has been looked at before. */
	if (!call->in_savepoint && !cs_is_idle(call))
		call->may_wait = false;
	if (!call->may_wait)
		return false;
	if (!call->waiting)
	{
		call->waiting = true;
		call->wait_until = now + PATIENCE;
	}
	if (now >= call->wait_until)
		return false;
	sqlite3_sleep(PAUSE_MS);
	return true;
}

int
cs_execute(CsCall *call, CsStatement which)
{
	sqlite3_stmt *statement = NULL;
	int			code = cs_statement_take(call->connection, which, &statement);

	if (code == SQLITE_OK)
	{
		code = sqlite3_step(statement);
		if (code == SQLITE_DONE || code == SQLITE_ROW)
			code = SQLITE_OK;
	}
	cs_statement_give(call->connection, which, statement);
	return code;
}

/*
 * Prepares what undo() will need: once SQLite is out of memory it prepares
 * nothing, not even a rollback, until the caller's statement has ended.  After a
 * change of the schema it prepares each statement anew, and these must be then.
 */
static int
reserve_undo(CsCall *call, bool anew)
{
	CsConnection *connection = call->connection;
	int			code;

	if (call->is_transaction)
		return cs_statement_reserve(connection, CS_SQL_ROLLBACK, anew);
	code = cs_statement_reserve(connection, CS_SQL_ROLLBACK_TO, anew);
	return code == SQLITE_OK ?
		cs_statement_reserve(connection, CS_SQL_RELEASE, anew) : code;
}

/*
 * Undoes what was done in the savepoint and leaves it.  Releasing would commit
 * where the savepoint is the transaction, and could fail for that.
 *
 * Without memory a statement may do its work and report an error all the same.
 */
static void
undo(CsCall *call)
{
	if (!call->in_savepoint)
		return;
	call->in_savepoint = false;
	/* An error may have ended the transaction, and the savepoint with it. */
	if (sqlite3_get_autocommit(call->db))
		return;
	if (call->is_transaction)
	{
		(void) cs_execute(call, CS_SQL_ROLLBACK);
		call->connection->abandoned = !sqlite3_get_autocommit(call->db);
	}
	else
		call->connection->abandoned =
			cs_execute(call, CS_SQL_ROLLBACK_TO) != SQLITE_OK ||
			cs_execute(call, CS_SQL_RELEASE) != SQLITE_OK;
}

/* By its name, for the caller may have ended it and begun another transaction. */
void
cs_end_abandoned(CsCall *call)
{
	if (cs_execute(call, CS_SQL_ROLLBACK_TO) == SQLITE_OK)
		(void) cs_execute(call, CS_SQL_RELEASE);
	call->connection->abandoned = false;
}

/* Is a database attached?  An SQLite result code. */
static int
has_attached(CsCall *call, bool *attached)
{
	sqlite3_stmt *statement;
	int			code = cs_statement_take(call->connection, CS_SQL_DATABASES,
										 &statement);

	*attached = false;
	if (code == SQLITE_OK)
	{
		/* 0 is main, and 1 temp. */
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			*attached |= sqlite3_column_int(statement, 0) > 1;
		if (code == SQLITE_DONE)
			code = SQLITE_OK;
	}
	cs_statement_give(call->connection, CS_SQL_DATABASES, statement);
	return code;
}

/*
 * Inside a statement that writes, the caller may be a CHECK constraint, where
 * SQLite up to 3.40 at least lets any function be called.  One of the main
 * database can do no more than whoever wrote it could to the tables themselves;
 * one of an attached file must not reach over.
 */
static bool
join_statement(CsCall *call)
{
	bool		attached;
	int			code = has_attached(call, &attached);

	if (code != SQLITE_OK)
		return cs_fail_engine(call, code);
	return !attached ||
		cs_fail_text(call, "sessions cannot be changed inside INSERT, UPDATE or DELETE while a database is attached");
}

/* Opens the savepoint, where SQLite allows one. */
static bool
enter(CsCall *call)
{
	int			code;

	call->is_transaction = sqlite3_get_autocommit(call->db) != 0;
	code = reserve_undo(call, false);
	if (code != SQLITE_OK)
		return cs_fail_engine(call, code);
	code = cs_execute(call, CS_SQL_SAVEPOINT);
	if (cs_primary(code) == SQLITE_BUSY)	/* inside a statement that writes */
		return join_statement(call);
	if (code == SQLITE_OK)
	{
		call->in_savepoint = true;
		if (!call->connection->schema_fits)
			code = reserve_undo(call, true);
	}
	return code == SQLITE_OK || cs_fail_engine(call, code);
}

static int
lock_only(CsCall *call, void *argument)
{
	(void) argument;
	return cs_execute(call, CS_SQL_LOCK);
}

/*
 * Takes the write lock; an SQLite result code.  A schema that is missed at
 * first may be there when looked for, because another connection made it.
 */
static int
lock(CsCall *call, CsFirst first, void *argument)
{
	int			code = call->connection->schema_fits ?
		first(call, argument) : lock_only(call, NULL);

	if (call->failed)
		return call->code;
	if (cs_primary(code) == SQLITE_ERROR)
		code = cs_is_installed(call) ?
			cs_execute(call, CS_SQL_LOCK) : cs_install(call);
	if (code == SQLITE_OK && !call->connection->schema_fits)
	{
		code = cs_upgrade(call);
		if (code == SQLITE_OK)
			code = reserve_undo(call, true);
		call->connection->schema_fits = code == SQLITE_OK;
	}
	return code;
}

bool
cs_write_begin(CsCall *call)
{
	return cs_write_begin_with(call, lock_only, NULL);
}

bool
cs_write_begin_with(CsCall *call, CsFirst first, void *argument)
{
	if (!cs_can_write(call))
		return cs_fail(call, COVET_E_READ_ONLY);

	if (!cs_is_idle(call))
		call->may_wait = false;
	call->last_insert_rowid = sqlite3_last_insert_rowid(call->db);
	for (;;)
	{
		int			code;

		if (!enter(call))
		{
			undo(call);
			return false;
		}
		code = lock(call, first, argument);
		if (code == SQLITE_OK)
			return true;
		if (cs_primary(code) != SQLITE_BUSY)
			(void) cs_fail_engine(call, code);
		undo(call);
		if (call->failed)
			return false;
		if (!cs_wait(call))
			return cs_fail_engine(call, code);
	}
}

void
cs_write_refused(CsCall *call)
{
	int			code = call->code;
	const char *message = call->message;

	call->failed = false;
	if (!cs_write_begin(call))
		return;
	call->failed = true;
	call->code = code;
	call->message = message;
	(void) cs_write_end(call);
}

void
cs_restore_rowid(const CsCall *call)
{
	if (sqlite3_last_insert_rowid(call->db) != call->last_insert_rowid)
		sqlite3_set_last_insert_rowid(call->db, call->last_insert_rowid);
}

bool
cs_write_end(CsCall *call)
{
	if (call->in_savepoint && !call->failed)
	{
		int			code;

		do
		{
			code = cs_execute(call, CS_SQL_RELEASE);
		} while (cs_primary(code) == SQLITE_BUSY && cs_wait(call));
		if (code == SQLITE_OK)
		{
			call->in_savepoint = false;
			cs_settings_keep(call);
		}
		else
			(void) cs_fail_engine(call, code);
	}
	undo(call);
	cs_restore_rowid(call);
	return !call->failed;
}
