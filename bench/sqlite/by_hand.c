/*
 * by_hand.c
 *		The same by hand, in the table of covet_sessions: what a careful
 *		programmer writes with SQLite's C interface to get the same guarantees.
 *
 * The key is the SHA-256 of the token (libcrypto's one call for it, with an
 * algorithm that was fetched before), JSON is checked and written in its normal
 * form, sessions that have ended are not found, and a use is recorded once per
 * TOUCH_INTERVAL.  SQL does what SQL can do in one statement.  Times are written
 * and read by the same code as in covet_sessions, so that the difference is the
 * access and not the calendar.
 */
#include "rival.h"

#include <string.h>

#include "covet_core.h"
#include "cs_time.h"

enum
{
	GET, TOUCH, SET, UPDATE, PATCH
};

/* ?2 is now, as text. */
#define IS_LIVE \
	" is_active AND (expires_at IS NULL OR expires_at > ?2)" \
	" AND (idle_timeout IS NULL OR" \
	" unixepoch(last_accessed_at) + idle_timeout > unixepoch(?2))"

static const char *const statements[] = {
	[GET] =
	"SELECT data, is_active, last_accessed_at, expires_at, idle_timeout"
	" FROM sessions WHERE id = ?1",
	[TOUCH] =
	"UPDATE sessions SET last_accessed_at = ?2"
	" WHERE id = ?1 AND is_active AND last_accessed_at < ?2",
	[SET] =
	"INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at,"
	" idle_timeout, is_active, version, data, sweep_at)"
	" VALUES (?1, coalesce(?3, ''), ?2, ?2, ?4, ?5, 1, 1, json(?6), ?7)"
	" ON CONFLICT (id) DO UPDATE SET user_id = coalesce(?3, user_id),"
	" last_accessed_at = max(last_accessed_at, ?2), version = version + 1,"
	" data = excluded.data, sweep_at = min(sweep_at, ?7) WHERE" IS_LIVE,
	[UPDATE] =
	"UPDATE sessions SET data = json(?3), version = version + 1,"
	" last_accessed_at = max(last_accessed_at, ?2)"
	" WHERE id = ?1 AND" IS_LIVE " RETURNING version",
	[PATCH] =
	"UPDATE sessions SET data = json_patch(data, ?3), version = version + 1,"
	" last_accessed_at = max(last_accessed_at, ?2)"
	" WHERE id = ?1 AND" IS_LIVE " RETURNING version",
	NULL
};

static void
bind_key(sqlite3_stmt *statement, Text token, char handle[COVET_TOKEN_SIZE])
{
	if (!covet_digest(token.start, (size_t) token.length, handle))
		fail(NULL, "SHA-256");
	bind(statement, 1, (Text) {handle, COVET_TOKEN_LENGTH});
}

static Text
time_text(CovetTime time, char text[CS_TIME_SIZE])
{
	cs_time_format(time, text);
	return (Text) {text, CS_TIME_SIZE - 1};
}

static CovetTime
time_column(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *) sqlite3_column_text(statement, column);
	CovetTime	time;

	if (text == NULL)
		return COVET_NEVER;
	if (!cs_time_parse(text, (size_t) sqlite3_column_bytes(statement, column), &time))
		fail(NULL, "time");
	return time;
}

/* Finds a live session, whose row stays open. */
static int
find(sqlite3_stmt *statement, Text token, char handle[COVET_TOKEN_SIZE],
	 CovetTime now, CovetTimer *timer)
{
	bind_key(statement, token, handle);
	expect(statement, SQLITE_ROW);
	timer->last_accessed_at = time_column(statement, 2);
	timer->expires_at = time_column(statement, 3);
	timer->idle_timeout = sqlite3_column_int(statement, 4);
	if (!sqlite3_column_int(statement, 1) || covet_is_expired(timer, now))
		fail(NULL, "live session");
	return take_text(statement, 0);
}

static int
get(Store *store, Text token)
{
	char		handle[COVET_TOKEN_SIZE];
	CovetTimer	timer;
	int			length = find(store->statements[GET], token, handle, cs_now(), &timer);

	sqlite3_reset(store->statements[GET]);
	return length;
}

static int
touch(Store *store, Text token)
{
	char		handle[COVET_TOKEN_SIZE];
	char		now_text[CS_TIME_SIZE];
	CovetTime	now = cs_now();
	CovetTimer	timer;
	int			length = find(store->statements[GET], token, handle, now, &timer);

	sqlite3_reset(store->statements[GET]);
	if (covet_touch_is_due(&timer, TOUCH_INTERVAL, now))
	{
		bind(store->statements[TOUCH], 1, (Text) {handle, COVET_TOKEN_LENGTH});
		bind(store->statements[TOUCH], 2, time_text(now, now_text));
		if (run(store->statements[TOUCH]) != 1)
			fail(store->db, "touch");
	}
	return length;
}

static int
start(Store *store, Text token, Text data, Text user_id)
{
	sqlite3_stmt *statement = store->statements[SET];
	char		handle[COVET_TOKEN_SIZE];
	char		now_text[CS_TIME_SIZE];
	char		expires_at[CS_TIME_SIZE];
	char		sweep_at[CS_TIME_SIZE];
	CovetTime	now = cs_now();

	bind_key(statement, token, handle);
	bind(statement, 2, time_text(now, now_text));
	bind(statement, 3, user_id);
	bind(statement, 4, time_text(covet_time_add(now, MAX_LIFETIME), expires_at));
	sqlite3_bind_int(statement, 5, IDLE_TIMEOUT);
	bind(statement, 6, data);
	bind(statement, 7, time_text(covet_time_add(now, IDLE_TIMEOUT), sweep_at));
	/* Nothing changed: ended, which the second attempt would look into. */
	if (run(statement) != 1)
		fail(store->db, "set");
	return 0;
}

static int
set(Store *store, Text token, Text data)
{
	return start(store, token, data, (Text) {NULL, 0});
}

static int
change(sqlite3_stmt *statement, Text token, Text json)
{
	char		handle[COVET_TOKEN_SIZE];
	char		now_text[CS_TIME_SIZE];

	bind_key(statement, token, handle);
	bind(statement, 2, time_text(cs_now(), now_text));
	bind(statement, 3, json);
	expect(statement, SQLITE_ROW);
	(void) sqlite3_column_int64(statement, 0);
	expect(statement, SQLITE_DONE);
	sqlite3_reset(statement);
	return 0;
}

static int
update(Store *store, Text token, Text data)
{
	return change(store->statements[UPDATE], token, data);
}

static int
patch(Store *store, Text token, Text patch)
{
	return change(store->statements[PATCH], token, patch);
}

/* In a table that covet_sessions has made. */
const Rival by_hand = {
	.name = "by hand",
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
