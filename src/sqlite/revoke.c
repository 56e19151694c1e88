/*
 * revoke.c
 *		session_revoke, session_revoke_handle, session_revoke_user: logout.
 *
 * All leave tombstones.
 */
#include "args.h"
#include "cs_time.h"
#include "session.h"
#include "verbs.h"

static bool
revoke(CsCall *call, CsSession *session, CovetTime at)
{
	return cs_session_end(call, session, "revoke", NULL, COVET_REVOCATIONS, at);
}

static void
session_revoke(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CovetTime	at;

	cs_return_bool(call, cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) &&
				   cs_session_lock(call, handle, &session, &at) &&
				   revoke(call, &session, at));
}

static void
session_revoke_handle(CsCall *call)
{
	CsSession	session;
	CsText		user_id;
	CsText		handle = cs_arg_text(call, 1);
	CovetTime	at;

	if (!cs_arg_known_user_id(call, 0, &user_id))
		return;
	if (handle.start == NULL)
	{
		(void) cs_fail(call, COVET_E_HANDLE_NULL);
		return;
	}
	cs_return_bool(call,
				   covet_handle_is_valid(handle.start, (size_t) handle.length) &&
				   cs_session_lock(call, handle, &session, &at) &&
				   cs_text_equal(session.user_id, user_id) &&
				   revoke(call, &session, at));
}

static void
session_revoke_user(CsCall *call)
{
	char		memory[COVET_TOKEN_SIZE];
	CsText		except;
	CsText		user_id;
	CsSessions	sessions;
	CovetTime	at;
	int			revoked = 0;

	if (!cs_arg_known_user_id(call, 0, &user_id))
		return;
	(void) cs_arg_handle(call, 1, CS_ID_LENIENT, memory, &except);

	sessions = cs_store_list(call, CS_SQL_LIST_BY_LAST_USE, user_id);
	at = cs_now();
	for (int i = 0; i < sessions.count; i++)
	{
		CsSession  *session = &sessions.rows[i];

		if (!cs_is_live(session, at) || cs_text_equal(session->id, except))
			continue;
		if (!revoke(call, session, at))
			return;
		revoked++;
	}
	cs_return_integer(call, revoked);
}

int
cs_revoke_register(CsConnection *connection)
{
	int			code = cs_register(connection, "session_revoke", 1, 1,
								   CS_WRITES, session_revoke);

	if (code == SQLITE_OK)
		code = cs_register(connection, "session_revoke_handle", 2, 2, CS_WRITES,
						   session_revoke_handle);
	if (code == SQLITE_OK)
		code = cs_register(connection, "session_revoke_user", 1, 2, CS_WRITES,
						   session_revoke_user);
	return code;
}
