/*
 * info.c
 *		session_info and session_list: all that is known of live sessions.
 */
#include "args.h"
#include "cs_time.h"
#include "session.h"
#include "table.h"
#include "verbs.h"

#define COLUMNS \
	"id TEXT, user_id TEXT, created_at TEXT, last_accessed_at TEXT," \
	" expires_at TEXT, idle_timeout INTEGER, ip_address TEXT, user_agent TEXT," \
	" is_active INTEGER, version INTEGER, data TEXT, valid_until TEXT"
#define COLUMN_COUNT 12

static void
add_session(CsRows *rows, const CsSession *session)
{
	CsValue    *row = cs_rows_add(rows);

	if (row == NULL)
		return;
	cs_set_text(rows, row++, session->id);
	cs_set_text(rows, row++, session->user_id);
	cs_set_time(rows, row++, session->created_at);
	cs_set_time(rows, row++, session->timer.last_accessed_at);
	cs_set_time(rows, row++, session->timer.expires_at);
	if (session->timer.idle_timeout != 0)
		cs_set_integer(row, session->timer.idle_timeout);
	row++;
	cs_set_text(rows, row++, session->ip);
	cs_set_text(rows, row++, session->user_agent);
	cs_set_integer(row++, session->is_active);
	cs_set_integer(row++, session->version);
	cs_set_text(rows, row, session->data);
	row++->type = CS_JSON;
	cs_set_time(rows, row, covet_valid_until(&session->timer));
}

static void
fill_info(CsCall *call, CsRows *rows)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;

	if (cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) &&
		cs_session_find(call, cs_store_read, handle, &session))
		add_session(rows, &session);
}

static void
fill_list(CsCall *call, CsRows *rows)
{
	CsText		user_id;
	CsSessions	sessions;
	CovetTime	at;

	if (!cs_arg_known_user_id(call, 0, &user_id))
		return;
	sessions = cs_store_list(call, CS_SQL_LIST, user_id);
	at = cs_now();
	for (int i = 0; i < sessions.count && !call->failed; i++)
	{
		if (cs_is_live(&sessions.rows[i], at))
			add_session(rows, &sessions.rows[i]);
	}
}

static const CsTable info = {
	.name = "session_info",
	.declaration = "CREATE TABLE session_info (" COLUMNS ", token HIDDEN)",
	.columns = COLUMN_COUNT,
	.arguments = 1,
	.fill = fill_info,
};

/* The column user_id would be ambiguous as the name of the argument. */
static const CsTable list = {
	.name = "session_list",
	.declaration = "CREATE TABLE session_list (" COLUMNS ", owner HIDDEN)",
	.columns = COLUMN_COUNT,
	.arguments = 1,
	.fill = fill_list,
};

int
cs_info_register(CsConnection *connection)
{
	int			code = cs_table_register(connection, &info);

	return code == SQLITE_OK ? cs_table_register(connection, &list) : code;
}
