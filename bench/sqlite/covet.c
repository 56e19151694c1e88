/*
 * covet.c
 *		covet_sessions: every call a SELECT of its function.
 */
#include "rival.h"

enum
{
	GET, TOUCH, SET, START, UPDATE, PATCH
};

static const char *const statements[] = {
	[GET] = "SELECT session_get(?1)",
	[TOUCH] = "SELECT session_touch(?1)",
	[SET] = "SELECT session_set(?1, ?2)",
	[START] = "SELECT session_set(?1, ?2, ?3)",
	[UPDATE] = "SELECT session_update(?1, ?2)",
	[PATCH] = "SELECT session_patch(?1, ?2)",
	NULL
};

static int
text_call(sqlite3_stmt *statement, Text token)
{
	int			length;

	bind(statement, 1, token);
	expect(statement, SQLITE_ROW);
	length = take_text(statement, 0);
	sqlite3_reset(statement);
	return length;
}

/* Every function that writes returns something that is not 0. */
static int
writing_call(sqlite3_stmt *statement, Text token, Text data)
{
	bind(statement, 1, token);
	bind(statement, 2, data);
	expect(statement, SQLITE_ROW);
	if (sqlite3_column_int64(statement, 0) == 0)
		fail(sqlite3_db_handle(statement), sqlite3_sql(statement));
	sqlite3_reset(statement);
	return 0;
}

static int
get(Store *store, Text token)
{
	return text_call(store->statements[GET], token);
}

static int
touch(Store *store, Text token)
{
	return text_call(store->statements[TOUCH], token);
}

static int
set(Store *store, Text token, Text data)
{
	return writing_call(store->statements[SET], token, data);
}

static int
start(Store *store, Text token, Text data, Text user_id)
{
	bind(store->statements[START], 3, user_id);
	return writing_call(store->statements[START], token, data);
}

static int
update(Store *store, Text token, Text data)
{
	return writing_call(store->statements[UPDATE], token, data);
}

static int
patch(Store *store, Text token, Text patch)
{
	return writing_call(store->statements[PATCH], token, patch);
}

const Rival covet = {
	.name = "covet",
	.statements = statements,
	.backdate = "UPDATE sessions SET last_accessed_at ="
	" strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-120 seconds') WHERE rowid = ?1",
	.get = get,
	.touch = touch,
	.set = set,
	.start = start,
	.update = update,
	.patch = patch,
};
