/*
 * call.c
 *		What surrounds each call: its errors, its memory and its result.
 *
 * The transaction is in transaction.c.
 */
#include "call.h"

#include <string.h>

#include "cleanup.h"
#include "transaction.h"

/* A trigger that calls the function it belongs to must not fill the stack. */
#define MAX_DEPTH 16

/* Memory of a call; what was asked for follows, aligned as SQLite's own is. */
struct CsBlock
{
	CsBlock    *next;
	sqlite3_int64 data[];
};

/* A function as it is registered. */
typedef struct Binding
{
	CsConnection *connection;
	CsMode		mode;
	CsBody		body;
	int			references;		/* one for each arity */
} Binding;

void
cs_call_begin(CsCall *call, CsConnection *connection)
{
	memset(call, 0, sizeof(*call));
	call->connection = connection;
	call->db = connection->db;
	if (connection->abandoned)
		cs_end_abandoned(call);
	call->may_wait = true;
	if (++connection->depth > MAX_DEPTH)
		cs_fail_text(call, "covet_sessions functions call each other too deeply");
}

void
cs_call_end(CsCall *call)
{
	cs_statement_give(call->connection, call->reads, call->reading);
	call->reading = NULL;
	while (call->blocks != NULL)
	{
		CsBlock    *block = call->blocks;

		call->blocks = block->next;
		sqlite3_free(block);
	}
	call->connection->depth--;
}

/* ---- errors ---- */

static bool
fail(CsCall *call, int code, const char *message)
{
	if (!call->failed)
	{
		call->failed = true;
		call->code = code;
		call->message = message;
	}
	return false;
}

static int
error_code(CovetError error)
{
	switch (error)
	{
		case COVET_E_READ_ONLY:
			return SQLITE_READONLY;
		case COVET_E_DATA_TOO_LARGE:
			return SQLITE_TOOBIG;
		default:
			return SQLITE_ERROR;
	}
}

bool
cs_fail(CsCall *call, CovetError error)
{
	return fail(call, error_code(error), covet_error_message(error));
}

bool
cs_fail_text(CsCall *call, const char *message)
{
	return fail(call, SQLITE_ERROR, message);
}

bool
cs_fail_engine(CsCall *call, int code)
{
	bool		is_last = cs_primary(sqlite3_errcode(call->db)) == cs_primary(code);
	CsText		message;

	if (call->failed)
		return false;
	if (cs_primary(code) == SQLITE_READONLY)
		return cs_fail(call, COVET_E_READ_ONLY);
	if (code == SQLITE_NOMEM)
		return fail(call, code, NULL);
	if (!cs_copy(call, cs_text(is_last ? sqlite3_errmsg(call->db) :
							   sqlite3_errstr(code)), &message))
		return false;
	return fail(call, code, message.start);
}

/* ---- memory ---- */

void *
cs_alloc(CsCall *call, size_t size)
{
	CsBlock    *block = sqlite3_malloc64(sizeof(CsBlock) + size);

	if (block == NULL)
	{
		fail(call, SQLITE_NOMEM, NULL);
		return NULL;
	}
	block->next = call->blocks;
	call->blocks = block;
	return block->data;
}

bool
cs_copy(CsCall *call, CsText from, CsText *to)
{
	char	   *copy;

	*to = (CsText) {NULL, 0};
	if (from.start == NULL)
		return true;
	copy = cs_alloc(call, (size_t) from.length + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, from.start, (size_t) from.length);
	copy[from.length] = '\0';
	*to = (CsText) {copy, from.length};
	return true;
}

/* ---- results ---- */

void
cs_return_bool(CsCall *call, bool value)
{
	cs_return_integer(call, value);
}

void
cs_return_integer(CsCall *call, sqlite3_int64 value)
{
	call->result.type = CS_INTEGER;
	call->result.integer = value;
}

void
cs_return_text(CsCall *call, CsText value)
{
	call->result.type = value.start == NULL ? CS_NULL : CS_TEXT;
	call->result.text = value;
}

void
cs_return_json(CsCall *call, CsText value)
{
	call->result.type = CS_JSON;
	call->result.text = value;
}

void
cs_return_column(CsCall *call, sqlite3_value *column)
{
	call->result.type = CS_COLUMN;
	call->result.column = column;
}

void
cs_emit(sqlite3_context *context, const CsValue *value)
{
	switch (value->type)
	{
		case CS_NULL:
			sqlite3_result_null(context);
			break;
		case CS_INTEGER:
			sqlite3_result_int64(context, value->integer);
			break;
		case CS_TEXT:
		case CS_JSON:
			sqlite3_result_text(context, value->text.start, value->text.length,
								SQLITE_TRANSIENT);
			/* SQLite's own JSON functions take it as JSON, not as a string. */
			if (value->type == CS_JSON)
				sqlite3_result_subtype(context, 'J');
			break;
		case CS_COLUMN:
			sqlite3_result_value(context, value->column);
			sqlite3_result_subtype(context, 'J');
			break;
	}
}

static void
emit_error(sqlite3_context *context, const CsCall *call)
{
	if (call->code == SQLITE_NOMEM)
	{
		sqlite3_result_error_nomem(context);
		return;
	}
	sqlite3_result_error(context, call->message, -1);
	sqlite3_result_error_code(context, call->code);
}

/* ---- functions ---- */

/*
 * Has SQLite convert the arguments while nothing has begun: where it runs out of
 * memory later, it cannot undo a savepoint any more.
 */
static void
convert_arguments(int argc, sqlite3_value **argv)
{
	for (int i = 0; i < argc; i++)
		(void) cs_value_start(argv[i]);
}

/*
 * A sweep that fails does not fail the write it follows, unless SQLite has ended
 * the caller's transaction for it, as for a full disk.
 */
static void
sweep_some(CsCall *call)
{
	bool		autocommit = sqlite3_get_autocommit(call->db) != 0;

	cs_cleanup_step(call);
	if (!autocommit && sqlite3_get_autocommit(call->db))
		(void) cs_fail_engine(call, SQLITE_FULL);
}

static void
call_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const Binding *binding = sqlite3_user_data(context);
	CsCall		call;

	cs_call_begin(&call, binding->connection);
	call.argc = argc;
	call.argv = argv;
	if (binding->mode == CS_WRITES)
		convert_arguments(argc, argv);
	if (!call.failed && (binding->mode != CS_WRITES || cs_write_begin(&call)))
	{
		binding->body(&call);
		if (binding->mode == CS_WRITES)
			(void) cs_write_end(&call);
	}
	if (!call.failed && binding->mode != CS_READS)
		sweep_some(&call);
	if (call.failed)
		emit_error(context, &call);
	else
		cs_emit(context, &call.result);
	cs_call_end(&call);
}

static void
release_binding(void *pointer)
{
	Binding    *binding = pointer;

	if (--binding->references > 0)
		return;
	cs_connection_release(binding->connection);
	sqlite3_free(binding);
}

/* As old an SQLite as is supported knows none of them, and passes over it. */
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif

int
cs_register(CsConnection *connection, const char *name, int required,
			int maximum, CsMode mode, CsBody body)
{
	Binding    *binding = sqlite3_malloc(sizeof(*binding));
	int			code = SQLITE_OK;

	if (binding == NULL)
		return SQLITE_NOMEM;
	*binding = (Binding) {connection, mode, body, 1};
	cs_connection_hold(connection);

	for (int argc = required; argc <= maximum && code == SQLITE_OK; argc++)
	{
		/* SQLite gives the reference back if it fails, too. */
		binding->references++;
		code = sqlite3_create_function_v2(connection->db, name, argc,
										  SQLITE_UTF8 | SQLITE_DIRECTONLY |
										  SQLITE_RESULT_SUBTYPE,
										  binding, call_function, NULL, NULL,
										  release_binding);
	}
	release_binding(binding);
	return code;
}

/* ---- texts and counters ---- */

/* sqlite3_value_text() would copy it first, to end it with a NUL byte. */
const char *
cs_value_start(sqlite3_value *value)
{
#if SQLITE_VERSION_NUMBER >= 3040000
	if (sqlite3_libversion_number() >= 3040000 &&
		sqlite3_value_type(value) == SQLITE_TEXT &&
		sqlite3_value_encoding(value) == SQLITE_UTF8)
		return sqlite3_value_blob(value);
#endif
	return (const char *) sqlite3_value_text(value);
}

CsText
cs_text(const char *string)
{
	return (CsText) {string, string == NULL ? 0 : (int) strlen(string)};
}

bool
cs_text_equal(CsText a, CsText b)
{
	return a.length == b.length &&
		(a.length == 0 || memcmp(a.start, b.start, (size_t) a.length) == 0);
}

void
cs_count(CsCall *call, CovetCounter counter)
{
	call->connection->counters[counter]++;
}
