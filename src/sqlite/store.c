/*
 * store.c
 *		All access to the extension's tables.
 */
#include "store.h"

#include <string.h>

#include "cs_time.h"

/* Columns and parameters of a whole row, in statement.c's order. */
enum
{
	ID,
	USER_ID,
	CREATED_AT,
	LAST_ACCESSED_AT,
	EXPIRES_AT,
	IDLE_TIMEOUT,
	IP_ADDRESS,
	USER_AGENT,
	IS_ACTIVE,
	VERSION,
	DATA,
	SWEEP_AT,
	BOUND_IP,
	BOUND_USER_AGENT,
	ROW,
	ROW_SIZE
};

#define COLUMN_COUNT ROW

/* The columns of CS_SQL_READ_DATA. */
enum
{
	ONLY_DATA,
	ONLY_LAST_ACCESSED_AT,
	ONLY_EXPIRES_AT,
	ONLY_IDLE_TIMEOUT
};

static CsValue
text_value(CsText text)
{
	return (CsValue) {.type = text.start == NULL ? CS_NULL : CS_TEXT,.text = text};
}

static CsValue
integer_value(sqlite3_int64 integer)
{
	return (CsValue) {.type = CS_INTEGER,.integer = integer};
}

/* ---- rows ---- */

/*
 * A time that somebody wrote by hand and cannot be read is long past: a session
 * must not live for ever by mistake.
 */
static CovetTime
stored_time(CsText text)
{
	CovetTime	time;

	if (text.start == NULL)
		return COVET_NEVER;
	return cs_time_parse(text.start, (size_t) text.length, &time) ? time : 0;
}

static CovetTime
time_column(CsCall *call, sqlite3_stmt *statement, int column)
{
	return stored_time(cs_column_text(call, statement, column));
}

static int32_t
stored_idle_timeout(sqlite3_int64 idle_timeout)
{
	return idle_timeout < INT32_MAX ? (int32_t) idle_timeout : INT32_MAX;
}

static int32_t
idle_timeout_column(sqlite3_stmt *statement, int column)
{
	return stored_idle_timeout(sqlite3_column_int64(statement, column));
}

CovetTimer
cs_stored_timer(CsCall *call, sqlite3_value **columns)
{
	return (CovetTimer) {
		.last_accessed_at = stored_time(cs_stored_text(call, columns[0])),
		.expires_at = stored_time(cs_stored_text(call, columns[1])),
		.idle_timeout = stored_idle_timeout(sqlite3_value_int64(columns[2])),
	};
}

/* Copies the texts of a row, into one piece of memory; NUL bytes end them. */
static bool
copy_texts(CsCall *call, CsSession *session)
{
	CsText	   *texts[] = {
		&session->id, &session->user_id, &session->ip, &session->user_agent,
		&session->data, &session->bound_ip, &session->bound_user_agent
	};
	size_t		size = 0;
	char	   *copy;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += (size_t) texts[i]->length + 1;
	copy = cs_alloc(call, size);
	if (copy == NULL)
		return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		if (texts[i]->start == NULL)
			continue;
		memcpy(copy, texts[i]->start, (size_t) texts[i]->length);
		texts[i]->start = copy;
		copy += texts[i]->length;
		*copy++ = '\0';
	}
	return true;
}

static bool
read_row(CsCall *call, sqlite3_stmt *statement, CsSession *session)
{
	*session = (CsSession) {
		.row = sqlite3_column_int64(statement, ROW),
		.id = cs_column_text(call, statement, ID),
		.user_id = cs_column_text(call, statement, USER_ID),
		.created_at = time_column(call, statement, CREATED_AT),
		.timer = {
			.last_accessed_at = time_column(call, statement, LAST_ACCESSED_AT),
			.expires_at = time_column(call, statement, EXPIRES_AT),
			.idle_timeout = idle_timeout_column(statement, IDLE_TIMEOUT),
		},
		.ip = cs_column_text(call, statement, IP_ADDRESS),
		.user_agent = cs_column_text(call, statement, USER_AGENT),
		.is_active = sqlite3_column_int(statement, IS_ACTIVE) != 0,
		.version = sqlite3_column_int64(statement, VERSION),
		.data = cs_column_text(call, statement, DATA),
		.sweep_at = time_column(call, statement, SWEEP_AT),
		.bound_ip = cs_column_text(call, statement, BOUND_IP),
		.bound_user_agent = cs_column_text(call, statement, BOUND_USER_AGENT),
	};
	return !call->failed && copy_texts(call, session);
}

/* Writes a whole row with a statement of its first "count" columns. */
static bool
write_row(CsCall *call, CsStatement which, const CsSession *session, int count)
{
	char		created_at[CS_TIME_SIZE];
	char		last_accessed_at[CS_TIME_SIZE];
	char		expires_at[CS_TIME_SIZE];
	char		sweep_at[CS_TIME_SIZE];
	const CsValue values[] = {
		[ID] = text_value(session->id),
		[USER_ID] = text_value(session->user_id),
		[CREATED_AT] = cs_time_value(session->created_at, created_at),
		[LAST_ACCESSED_AT] = cs_time_value(session->timer.last_accessed_at,
										   last_accessed_at),
		[EXPIRES_AT] = cs_time_value(session->timer.expires_at, expires_at),
		[IDLE_TIMEOUT] = session->timer.idle_timeout == 0 ?
		text_value((CsText) {NULL, 0}) :
		integer_value(session->timer.idle_timeout),
		[IP_ADDRESS] = text_value(session->ip),
		[USER_AGENT] = text_value(session->user_agent),
		[IS_ACTIVE] = integer_value(session->is_active),
		[VERSION] = integer_value(session->version),
		[DATA] = text_value(session->data),
		[SWEEP_AT] = cs_time_value(session->sweep_at, sweep_at),
		[BOUND_IP] = text_value(session->bound_ip),
		[BOUND_USER_AGENT] = text_value(session->bound_user_agent),
		[ROW] = integer_value(session->row),
	};

	return cs_change(call, which, values, count);
}

static bool
begin_read(CsCall *call, CsStatement which, CsText id)
{
	CsValue		value = text_value(id);

	cs_store_end_read(call);
	call->reads = which;
	return cs_run(call, which, &value, 1, &call->reading) &&
		cs_next_row(call, call->reading);
}

bool
cs_store_read(CsCall *call, CsText id, CsSession *session)
{
	return begin_read(call, CS_SQL_READ, id) &&
		read_row(call, call->reading, session);
}

bool
cs_store_read_data(CsCall *call, CsText id, CsSession *session)
{
	sqlite3_stmt *statement;

	if (!begin_read(call, CS_SQL_READ_DATA, id))
		return false;
	statement = call->reading;
	*session = (CsSession) {
		.id = id,
		.timer = {
			.last_accessed_at = time_column(call, statement, ONLY_LAST_ACCESSED_AT),
			.expires_at = time_column(call, statement, ONLY_EXPIRES_AT),
			.idle_timeout = idle_timeout_column(statement, ONLY_IDLE_TIMEOUT),
		},
		.is_active = true,
	};
	return !call->failed;
}

/* As SQLite has it, unless somebody has stored something else than text. */
void
cs_store_return_data(CsCall *call)
{
	sqlite3_value *data = sqlite3_column_value(call->reading, ONLY_DATA);

	if (sqlite3_value_type(data) == SQLITE_TEXT)
		cs_return_column(call, data);
	else
		cs_return_json(call, cs_column_text(call, call->reading, ONLY_DATA));
}

void
cs_store_end_read(CsCall *call)
{
	cs_statement_give(call->connection, call->reads, call->reading);
	call->reading = NULL;
}

bool
cs_store_insert(CsCall *call, const CsSession *session)
{
	return write_row(call, CS_SQL_INSERT, session, COLUMN_COUNT) &&
		sqlite3_changes(call->db) > 0;
}

bool
cs_store_update(CsCall *call, const CsSession *session)
{
	return write_row(call, CS_SQL_UPDATE, session, ROW_SIZE);
}

bool
cs_store_update_all(CsCall *call, const CsSession *session)
{
	return write_row(call, CS_SQL_UPDATE_ALL, session, ROW_SIZE);
}

int
cs_store_replace_data(CsCall *call, const CsSession *session, CovetTime at,
					  bool *replaced)
{
	char		now[CS_TIME_SIZE];
	const int32_t idle_timeout = session->timer.idle_timeout;
	const CsValue values[] = {
		text_value(session->id),
		text_value(session->data),
		cs_time_value(at, now),
		text_value(session->user_id),
		idle_timeout > 0 ? integer_value(idle_timeout) : (CsValue) {.type = CS_NULL},
		text_value(session->ip),
		text_value(session->user_agent),
	};
	const bool	is_plain = session->user_id.start == NULL && idle_timeout == 0 &&
		session->ip.start == NULL && session->user_agent.start == NULL;
	int			code;

	call->writes_at = at;
	code = is_plain ?
		cs_try_change(call, CS_SQL_REPLACE_DATA, values, 3) :
		cs_try_change(call, CS_SQL_REPLACE_DATA_IF, values,
					  sizeof(values) / sizeof(values[0]));
	*replaced = code == SQLITE_OK && sqlite3_changes(call->db) > 0;
	return code;
}

bool
cs_store_delete(CsCall *call, CsText id)
{
	CsValue		value = text_value(id);

	return cs_change(call, CS_SQL_DELETE, &value, 1);
}

bool
cs_store_remove(CsCall *call, CsText id, const char **kept)
{
	CsValue		value = text_value(id);
	int			code = cs_try_change(call, CS_SQL_DELETE, &value, 1);
	CsText		why;

	if (cs_primary(code) != SQLITE_CONSTRAINT)
		return code == SQLITE_OK || cs_fail_engine(call, code);
	if (*kept == NULL && cs_copy(call, cs_text(sqlite3_errmsg(call->db)), &why))
		*kept = why.start;
	return false;
}

/* What keeps a read from writing too is no failure of the read. */
static bool
write_beside_read(CsCall *call, CsStatement which, CovetTime at)
{
	char		time[CS_TIME_SIZE];
	int			last = sqlite3_column_count(call->reading) - 1;
	CsValue		values[2] = {
		integer_value(sqlite3_column_int64(call->reading, last)),
		cs_time_value(at, time)
	};
	int			code = cs_try_change(call, which, values, 2);

	switch (cs_primary(code))
	{
		case SQLITE_OK:
			return sqlite3_changes(call->db) > 0;
		case SQLITE_BUSY:
		case SQLITE_LOCKED:
		case SQLITE_READONLY:
		case SQLITE_CONSTRAINT:
			return false;
		default:
			return cs_fail_engine(call, code);
	}
}

bool
cs_store_touch(CsCall *call, CovetTime at)
{
	return write_beside_read(call, CS_SQL_TOUCH, at);
}

bool
cs_store_reap(CsCall *call, const CsSession *session)
{
	return write_beside_read(call, CS_SQL_REAP, session->timer.last_accessed_at);
}

/* All rows of a statement. */
static CsSessions
read_rows(CsCall *call, CsStatement which, const CsValue *values, int count)
{
	CsSessions	sessions = {NULL, 0};
	int			room = 0;
	sqlite3_stmt *statement;

	if (!cs_run(call, which, values, count, &statement))
		return sessions;
	while (cs_next_row(call, statement))
	{
		if (sessions.count == room)
		{
			CsSession  *more;

			room = room == 0 ? 8 : room * 2;
			more = cs_alloc(call, (size_t) room * sizeof(CsSession));
			if (more == NULL)
				break;
			if (sessions.count > 0)
				memcpy(more, sessions.rows,
					   (size_t) sessions.count * sizeof(CsSession));
			sessions.rows = more;
		}
		if (!read_row(call, statement, &sessions.rows[sessions.count]))
			break;
		sessions.count++;
	}
	cs_statement_give(call->connection, which, statement);
	if (call->failed)
		sessions.count = 0;
	return sessions;
}

CsSessions
cs_store_list(CsCall *call, CsStatement which, CsText user_id)
{
	CsValue		value = text_value(user_id);

	return read_rows(call, which, &value, 1);
}

CsSessions
cs_store_due(CsCall *call, CovetTime at, sqlite3_int64 limit)
{
	char		time[CS_TIME_SIZE];
	CsValue		values[2] = {cs_time_value(at, time), integer_value(limit)};

	return read_rows(call, CS_SQL_DUE, values, 2);
}

bool
cs_store_reschedule(CsCall *call, CsText id, CovetTime sweep_at)
{
	char		time[CS_TIME_SIZE];
	CsValue		values[2] = {text_value(id), cs_time_value(sweep_at, time)};

	return cs_change(call, CS_SQL_RESCHEDULE, values, 2);
}
