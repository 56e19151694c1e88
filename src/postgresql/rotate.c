/*
 * rotate.c
 *		session_rotate: the same session under a fresh token.
 *
 * The old handle keeps a tombstone: a request still in flight with the old
 * token, or somebody who planted it before the login, must not start a session
 * under it (session fixation).
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "limit.h"
#include "session.h"
#include "stats.h"
#include "token.h"

static void
rotate(CsSession *session, const char *new_handle, text *user_id,
	   TimestampTz at)
{
	CsSession	tombstone = *session;

	if (user_id != NULL && !cs_text_equal(session->user_id, user_id))
	{
		cs_limits_admit(user_id, session->handle, false);
		session->user_id = user_id;
	}
	strlcpy(session->handle, new_handle, sizeof(session->handle));
	cs_session_use(session, at);
	cs_session_check_written(cs_store_update(tombstone.handle, session));

	cs_session_bury(&tombstone, at);
	if (!cs_store_insert(&tombstone))
		cs_session_refuse_suppressed();
	cs_stats_note_due(tombstone.sweep_at);

	cs_count(COVET_ROTATIONS);
	cs_audit_write(COVET_AUDIT_SECURITY, "rotate", session, tombstone.handle,
				   at);
}

PG_FUNCTION_INFO_V1(session_rotate);

Datum
session_rotate(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	bool		live;
	text	   *user_id;
	text	   *token = NULL;
	TimestampTz at;

	cs_call_begin(&call, CS_WRITES);

	live = cs_arg_handle(fcinfo, 0, CS_ID_NOT_NULL, handle);
	user_id = cs_arg_user_id(fcinfo, 1);

	if (live && user_id != NULL)
		cs_limits_hold(user_id);
	live = live && cs_store_lock(handle, CS_HOLD_EXCLUSIVELY, &session);
	at = GetCurrentTimestamp();
	live = live && cs_is_live(&session, at);
	if (live)
	{
		MemoryContext previous = MemoryContextSwitchTo(call.result_context);
		char		new_handle[COVET_TOKEN_SIZE];

		token = cs_fresh_token(new_handle);
		MemoryContextSwitchTo(previous);
		rotate(&session, new_handle, user_id, at);
	}

	cs_call_end(&call);
	if (!live)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(token);
}
