/*
 * rotate.c
 *		session_rotate: the same session under a fresh token.
 *
 * The old handle keeps a tombstone: a request still in flight with the old
 * token, or somebody who planted it before the login, must not start a session
 * under it (session fixation).
 */
#include "args.h"
#include "audit.h"
#include "limit.h"
#include "session.h"
#include "verbs.h"

static bool
rotate(CsCall *call, CsSession *session, CsText new_handle, CsText user_id,
	   CovetTime at)
{
	CsSession	tombstone = *session;

	if (user_id.start != NULL && !cs_text_equal(session->user_id, user_id))
	{
		if (!cs_limits_admit(call, user_id, session->id, false))
			return false;
		session->user_id = user_id;
	}
	session->id = new_handle;
	cs_session_use(session, at);
	cs_session_bury(call, &tombstone, at);
	if (call->failed ||
		!cs_store_update_all(call, session) ||
		!cs_store_insert(call, &tombstone))
		return false;
	cs_count(call, COVET_ROTATIONS);
	return cs_audit_write(call, COVET_AUDIT_SECURITY, "rotate", session,
						  tombstone.id.start, at);
}

static void
session_rotate(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	char		token[COVET_TOKEN_SIZE];
	char		new_handle[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		user_id;
	CsText		result;
	CovetTime	at;
	bool		known = cs_arg_handle(call, 0, CS_ID_NOT_NULL, memory, &handle);

	if (call->failed || !cs_arg_user_id(call, 1, &user_id) || !known ||
		!cs_session_lock(call, handle, &session, &at) ||
		!cs_fresh_token(call, token, new_handle))
		return;
	if (rotate(call, &session, cs_text(new_handle), user_id, at) &&
		cs_copy(call, cs_text(token), &result))
		cs_return_text(call, result);
}

int
cs_rotate_register(CsConnection *connection)
{
	return cs_register(connection, "session_rotate", 1, 2, CS_WRITES,
					   session_rotate);
}
