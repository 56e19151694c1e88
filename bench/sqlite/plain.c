/*
 * plain.c
 *		Stores that promise less: a plain table, and two stores for Node.js.
 *
 * The table "by hand, plain" is keyed by the token itself, ends sessions at a
 * deadline that every use moves, and checks no JSON.  The others run the
 * statements of connect-sqlite3 0.9 and better-sqlite3-session-store 0.1, the
 * SQL alone, without what their JavaScript costs.
 */
#include "rival.h"

#include "cs_time.h"

enum
{
	GET, TOUCH, SET
};

#define DAY (86400 * COVET_SECOND)

static int
finish_get(sqlite3_stmt *statement)
{
	int			length;

	expect(statement, SQLITE_ROW);
	length = take_text(statement, 0);
	sqlite3_reset(statement);
	return length;
}

static int
finish_change(sqlite3_stmt *statement)
{
	if (run(statement) != 1)
		fail(sqlite3_db_handle(statement), sqlite3_sql(statement));
	return 0;
}

static Text
time_text(CovetTime time, char text[CS_TIME_SIZE])
{
	cs_time_format(time, text);
	return (Text) {text, CS_TIME_SIZE - 1};
}

/* ---- times as numbers: by hand, plain, and connect-sqlite3 ---- */

static int
number_get(Store *store, Text token)
{
	sqlite3_stmt *statement = store->statements[GET];

	bind(statement, 1, token);
	sqlite3_bind_int64(statement, 2, cs_now() / 1000);
	return finish_get(statement);
}

static int
number_touch(Store *store, Text token)
{
	sqlite3_stmt *statement = store->statements[TOUCH];
	CovetTime	now = cs_now();
	int			length = number_get(store, token);

	bind(statement, 1, token);
	sqlite3_bind_int64(statement, 2, now / 1000);
	sqlite3_bind_int64(statement, 3, (now + DAY) / 1000);
	finish_change(statement);
	return length;
}

static int
number_start(Store *store, Text token, Text data, Text user_id)
{
	sqlite3_stmt *statement = store->statements[SET];

	bind(statement, 1, token);
	sqlite3_bind_int64(statement, 2, (cs_now() + DAY) / 1000);
	bind(statement, 3, data);
	if (sqlite3_bind_parameter_count(statement) > 3)
		bind(statement, 4, user_id);
	return finish_change(statement);
}

static int
number_set(Store *store, Text token, Text data)
{
	return number_start(store, token, data, (Text) {NULL, 0});
}

static const char *const plain_statements[] = {
	[GET] = "SELECT data FROM sessions WHERE id = ?1 AND expires_at > ?2",
	[TOUCH] = "UPDATE sessions SET expires_at = ?3 WHERE id = ?1 AND expires_at > ?2",
	[SET] =
	"INSERT INTO sessions (id, user_id, expires_at, data)"
	" VALUES (?1, coalesce(?4, ''), ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
	" user_id = coalesce(?4, user_id), expires_at = ?2, data = ?3",
	NULL
};

const Rival by_hand_plain = {
	.name = "by hand, plain",
	.schema =
	"CREATE TABLE sessions (id text NOT NULL PRIMARY KEY, user_id text NOT NULL,"
	" expires_at integer NOT NULL, data text NOT NULL);"
	"CREATE INDEX sessions_user_id ON sessions (user_id);"
	"CREATE INDEX sessions_expires_at ON sessions (expires_at);",
	.statements = plain_statements,
	.get = number_get,
	.touch = number_touch,
	.set = number_set,
	.start = number_start,
};

static const char *const connect_statements[] = {
	[GET] = "SELECT sess FROM sessions WHERE sid = ?1 AND ?2 <= expired",
	[TOUCH] = "UPDATE sessions SET expired = ?3 WHERE sid = ?1 AND ?2 <= expired",
	[SET] = "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, ?3)",
	NULL
};

const Rival connect_sqlite3 = {
	.name = "connect-sqlite3",
	.schema = "CREATE TABLE sessions (sid PRIMARY KEY, expired, sess)",
	.statements = connect_statements,
	.get = number_get,
	.touch = number_touch,
	.set = number_set,
	.start = number_start,
};

/* ---- times as text: better-sqlite3-session-store ---- */

static int
text_get(Store *store, Text token)
{
	bind(store->statements[GET], 1, token);
	return finish_get(store->statements[GET]);
}

static int
text_touch(Store *store, Text token)
{
	sqlite3_stmt *statement = store->statements[TOUCH];
	char		expire[CS_TIME_SIZE];
	int			length = text_get(store, token);

	bind(statement, 1, token);
	bind(statement, 2, time_text(cs_now() + DAY, expire));
	finish_change(statement);
	return length;
}

static int
text_set(Store *store, Text token, Text data)
{
	sqlite3_stmt *statement = store->statements[SET];
	char		expire[CS_TIME_SIZE];

	bind(statement, 1, token);
	bind(statement, 2, data);
	bind(statement, 3, time_text(cs_now() + DAY, expire));
	return finish_change(statement);
}

static int
text_start(Store *store, Text token, Text data, Text user_id)
{
	(void) user_id;
	return text_set(store, token, data);
}

static const char *const better_statements[] = {
	[GET] =
	"SELECT sess FROM sessions WHERE sid = ?1"
	" AND datetime('now') < datetime(expire)",
	[TOUCH] =
	"UPDATE sessions SET expire = ?2 WHERE sid = ?1"
	" AND datetime('now') < datetime(expire)",
	[SET] = "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, ?3)",
	NULL
};

const Rival better_sqlite3 = {
	.name = "better-sqlite3-session-store",
	.schema =
	"CREATE TABLE sessions (sid TEXT NOT NULL PRIMARY KEY, sess JSON NOT NULL,"
	" expire TEXT NOT NULL)",
	.statements = better_statements,
	.get = text_get,
	.touch = text_touch,
	.set = text_set,
	.start = text_start,
};
