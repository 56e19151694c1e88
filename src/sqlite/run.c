/*
 * run.c
 *		Runs the store's statements.
 */
#include "store.h"

#include "cs_time.h"
#include "install.h"

static int
bind(sqlite3_stmt *statement, int parameter, const CsValue *value)
{
	switch (value->type)
	{
		case CS_INTEGER:
			return sqlite3_bind_int64(statement, parameter, value->integer);
		case CS_TEXT:
		case CS_JSON:
			return sqlite3_bind_text(statement, parameter, value->text.start,
									 value->text.length, SQLITE_STATIC);
		case CS_COLUMN:
			return sqlite3_bind_value(statement, parameter, value->column);
		case CS_NULL:
			break;
	}
	return SQLITE_OK;
}

static int
take(CsCall *call, CsStatement which, sqlite3_stmt **statement)
{
	int			code;

	do
	{
		code = cs_statement_take(call->connection, which, statement);
	} while (cs_primary(code) == SQLITE_BUSY && cs_wait(call));
	return code;
}

bool
cs_run(CsCall *call, CsStatement which, const CsValue *values, int count,
	   sqlite3_stmt **statement)
{
	int			code;

	code = take(call, which, statement);
	if (cs_primary(code) == SQLITE_ERROR)
	{
		if (!cs_is_installed(call) ||
			(which != CS_SQL_VERSION && !cs_schema_fits(call)))
			return false;
		code = take(call, which, statement);	/* it may just have come */
	}
	if (code == SQLITE_OK && !call->connection->schema_fits &&
		which != CS_SQL_VERSION && !cs_schema_fits(call))
	{
		cs_statement_give(call->connection, which, *statement);
		*statement = NULL;
		return false;
	}
	for (int i = 0; code == SQLITE_OK && i < count; i++)
		code = bind(*statement, i + 1, &values[i]);
	if (code == SQLITE_OK)
		return true;
	(void) cs_fail_engine(call, code);
	cs_statement_give(call->connection, which, *statement);
	*statement = NULL;
	return false;
}

bool
cs_next_row(CsCall *call, sqlite3_stmt *statement)
{
	int			code;

	while (cs_primary(code = sqlite3_step(statement)) == SQLITE_BUSY)
	{
		/* Only a statement that has not begun can begin again. */
		sqlite3_reset(statement);
		if (!cs_wait(call))
			break;
	}
	/* A statement outlives the tables, if what made them was rolled back. */
	if (cs_primary(code) == SQLITE_ERROR)
	{
		if (!cs_is_installed(call))
			return false;
		/* To ask has overwritten SQLite's words for the error: say them again. */
		sqlite3_reset(statement);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		(void) cs_fail_engine(call, code);
	return code == SQLITE_ROW;
}

/*
 * By way of the value, which SQLite looks up and locks once; it is not used by
 * anyone else, because every call happens inside a step of its connection.
 */
CsText
cs_column_text(CsCall *call, sqlite3_stmt *statement, int column)
{
	return cs_stored_text(call, sqlite3_column_value(statement, column));
}

CsText
cs_stored_text(CsCall *call, sqlite3_value *value)
{
	const char *start = (const char *) sqlite3_value_text(value);

	if (start != NULL)
		return (CsText) {start, sqlite3_value_bytes(value)};
	if (sqlite3_value_type(value) != SQLITE_NULL)
		(void) cs_fail_engine(call, SQLITE_NOMEM);
	return (CsText) {NULL, 0};
}

int
cs_try_change(CsCall *call, CsStatement which, const CsValue *values, int count)
{
	CsConnection *connection = call->connection;
	CsCall	   *outer = connection->writer;
	sqlite3_stmt *statement;
	int			code;

	if (!cs_run(call, which, values, count, &statement))
		return SQLITE_ERROR;
	connection->writer = call;
	call->writing = statement;
	call->as_expected = false;
	code = sqlite3_step(statement);
	connection->writer = outer;
	cs_statement_give(connection, which, statement);
	if (call->as_expected)
		cs_settings_keep(call);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

bool
cs_change(CsCall *call, CsStatement which, const CsValue *values, int count)
{
	int			code = cs_try_change(call, which, values, count);

	return code == SQLITE_OK || cs_fail_engine(call, code);
}

bool
cs_store_value(CsCall *call, CsStatement which, const CsValue *values,
			   int count, CsText *text, sqlite3_int64 *number)
{
	sqlite3_stmt *statement;
	bool		found;

	if (text != NULL)
		*text = (CsText) {NULL, 0};
	if (number != NULL)
		*number = 0;
	if (!cs_run(call, which, values, count, &statement))
		return false;
	found = cs_next_row(call, statement);
	if (found && text != NULL)
		found = cs_copy(call, cs_column_text(call, statement, 0), text);
	if (found && number != NULL)
		*number = sqlite3_column_int64(statement, 0);
	cs_statement_give(call->connection, which, statement);
	return found;
}

CsValue
cs_time_value(CovetTime time, char *text)
{
	if (time == COVET_NEVER)
		return (CsValue) {.type = CS_NULL};
	cs_time_format(time, text);
	return (CsValue) {.type = CS_TEXT,.text = {text, CS_TIME_SIZE - 1}};
}
