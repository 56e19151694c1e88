/*
 * table.c
 *		Functions that return rows, as virtual tables that exist by themselves.
 */
#include "table.h"

#include <string.h>

#include "cs_time.h"
#include "store.h"

/* What a table is registered with. */
typedef struct Module
{
	CsConnection *connection;
	const CsTable *table;
} Module;

typedef struct Instance
{
	sqlite3_vtab base;
	Module		module;
} Instance;

typedef struct Cursor
{
	sqlite3_vtab_cursor base;
	CsCall		call;			/* its memory holds the rows */
	CsRows		rows;
	int			row;
} Cursor;

/* ---- rows ---- */

CsValue *
cs_rows_add(CsRows *rows)
{
	size_t		row_size = (size_t) rows->columns * sizeof(CsValue);

	if (rows->call->failed)
		return NULL;
	if (rows->count == rows->room)
	{
		CsValue    *more;

		rows->room = rows->room == 0 ? 4 : rows->room * 2;
		more = cs_alloc(rows->call, (size_t) rows->room * row_size);
		if (more == NULL)
			return NULL;
		if (rows->count > 0)
			memcpy(more, rows->values, (size_t) rows->count * row_size);
		rows->values = more;
	}
	return memset(&rows->values[rows->count++ * rows->columns], 0, row_size);
}

void
cs_set_text(CsRows *rows, CsValue *value, CsText text)
{
	value->type = text.start == NULL ? CS_NULL : CS_TEXT;
	(void) cs_copy(rows->call, text, &value->text);
}

void
cs_set_integer(CsValue *value, sqlite3_int64 integer)
{
	value->type = CS_INTEGER;
	value->integer = integer;
}

void
cs_set_time(CsRows *rows, CsValue *value, CovetTime time)
{
	char		text[CS_TIME_SIZE];

	cs_set_text(rows, value, cs_time_value(time, text).text);
}

/* ---- the table ---- */

static int
connect_table(sqlite3 *db, void *pointer, int argc, const char *const *argv,
			  sqlite3_vtab **vtab, char **error)
{
	const Module *module = pointer;
	Instance   *instance;
	int			code = sqlite3_declare_vtab(db, module->table->declaration);

	(void) argc;
	(void) argv;
	(void) error;
	if (code == SQLITE_OK)
		code = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	if (code != SQLITE_OK)
		return code;
	instance = sqlite3_malloc(sizeof(*instance));
	if (instance == NULL)
		return SQLITE_NOMEM;
	memset(instance, 0, sizeof(*instance));
	instance->module = *module;
	cs_connection_hold(module->connection);
	if (module->table->empties_cache)
		module->connection->armed = true;
	*vtab = &instance->base;
	return SQLITE_OK;
}

static int
disconnect_table(sqlite3_vtab *vtab)
{
	Module		module = ((Instance *) vtab)->module;

	if (module.table->empties_cache)
	{
		module.connection->armed = false;
		cs_statements_finalize(module.connection);
	}
	sqlite3_free(vtab);
	cs_connection_release(module.connection);
	return SQLITE_OK;
}

/* The arguments are what the hidden columns are compared with. */
static int
best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	const CsTable *table = ((Instance *) vtab)->module.table;
	int			given = 0;		/* one bit for each argument */

	for (int i = 0; i < info->nConstraint; i++)
	{
		int			argument = info->aConstraint[i].iColumn - table->columns;

		if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = argument + 1;
		info->aConstraintUsage[i].omit = 1;
		given |= 1 << argument;
	}
	/* An argument that is missing leaves out those that follow it. */
	if ((given & (given + 1)) != 0)
		return SQLITE_CONSTRAINT;
	info->estimatedCost = 10;
	info->estimatedRows = 10;
	return SQLITE_OK;
}

/* ---- a cursor ---- */

static int
open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **result)
{
	Cursor	   *cursor = sqlite3_malloc(sizeof(*cursor));

	(void) vtab;
	if (cursor == NULL)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	*result = &cursor->base;
	return SQLITE_OK;
}

/* Frees the rows of the last filter, if there was one. */
static void
empty_cursor(Cursor *cursor)
{
	if (cursor->call.connection == NULL)
		return;
	/* Its call ended long ago but for the memory. */
	cursor->call.connection->depth++;
	cs_call_end(&cursor->call);
	cursor->call.connection = NULL;
	cursor->rows.count = 0;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	empty_cursor((Cursor *) base);
	sqlite3_free(base);
	return SQLITE_OK;
}

static int
report_error(sqlite3_vtab *vtab, const CsCall *call)
{
	if (call->code == SQLITE_NOMEM)
		return SQLITE_NOMEM;
	sqlite3_free(vtab->zErrMsg);
	vtab->zErrMsg = sqlite3_mprintf("%s", call->message);
	return call->code;
}

static int
filter_cursor(sqlite3_vtab_cursor *base, int index, const char *index_name,
			  int argc, sqlite3_value **argv)
{
	Cursor	   *cursor = (Cursor *) base;
	const Module *module = &((Instance *) base->pVtab)->module;
	CsCall	   *call = &cursor->call;

	(void) index;
	(void) index_name;
	empty_cursor(cursor);
	cs_call_begin(call, module->connection);
	call->argc = argc;
	call->argv = argv;
	cursor->row = 0;
	cursor->rows = (CsRows) {.call = call,.columns = module->table->columns};
	if (!call->failed)
		module->table->fill(call, &cursor->rows);
	cs_statement_give(call->connection, CS_SQL_READ, call->reading);
	call->reading = NULL;
	call->connection->depth--;
	return call->failed ? report_error(base->pVtab, call) : SQLITE_OK;
}

static int
next_row(sqlite3_vtab_cursor *base)
{
	((Cursor *) base)->row++;
	return SQLITE_OK;
}

static int
is_at_end(sqlite3_vtab_cursor *base)
{
	const Cursor *cursor = (Cursor *) base;

	return cursor->row >= cursor->rows.count;
}

static int
read_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const Cursor *cursor = (Cursor *) base;
	const CsRows *rows = &cursor->rows;

	/* The hidden columns are not read back: an argument may be a token. */
	if (column < rows->columns)
		cs_emit(context, &rows->values[cursor->row * rows->columns + column]);
	return SQLITE_OK;
}

static int
read_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
	*rowid = ((Cursor *) base)->row + 1;
	return SQLITE_OK;
}

/* Without xCreate the table exists by itself and cannot be created. */
static const sqlite3_module methods = {
	.iVersion = 0,
	.xConnect = connect_table,
	.xBestIndex = best_index,
	.xDisconnect = disconnect_table,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter_cursor,
	.xNext = next_row,
	.xEof = is_at_end,
	.xColumn = read_column,
	.xRowid = read_rowid,
};

static void
release_module(void *pointer)
{
	Module	   *module = pointer;

	cs_connection_release(module->connection);
	sqlite3_free(module);
}

int
cs_table_register(CsConnection *connection, const CsTable *table)
{
	Module	   *module = sqlite3_malloc(sizeof(*module));

	if (module == NULL)
		return SQLITE_NOMEM;
	*module = (Module) {connection, table};
	cs_connection_hold(connection);
	return sqlite3_create_module_v2(connection->db, table->name, &methods,
									module, release_module);
}
