/*
 * revoke.c
 *		session_revoke, session_revoke_handle, session_revoke_user: logout.
 *
 * All leave tombstones, and look for the session as it is now: a transaction
 * whose snapshot is too old to end it gets an error, not the news that there is
 * no such session.  Signing a user out everywhere holds the user alone,
 * so that it sees, and revokes, the sessions of logins that were in flight.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "call.h"
#include "compat.h"
#include "session.h"

PG_FUNCTION_INFO_V1(session_revoke);

Datum
session_revoke(PG_FUNCTION_ARGS)
{
	CsCall		call;
	char		handle[COVET_TOKEN_SIZE];
	bool		live;

	cs_call_begin(&call, CS_WRITES);
	live = cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_session_revoke(handle, NULL, "revoke", NULL, COVET_REVOCATIONS);
	cs_call_end(&call);
	PG_RETURN_BOOL(live);
}

/* The handle argument; false if it cannot be one. */
static bool
handle_argument(FunctionCallInfo fcinfo, int n, char handle[COVET_TOKEN_SIZE])
{
	text	   *given = cs_arg_text(fcinfo, n);

	if (given == NULL)
		ereport(ERROR, cs_error(COVET_E_HANDLE_NULL));
	if (!covet_handle_is_valid(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)))
		return false;
	text_to_cstring_buffer(given, handle, COVET_TOKEN_SIZE);
	return true;
}

PG_FUNCTION_INFO_V1(session_revoke_handle);

Datum
session_revoke_handle(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	text	   *user_id;
	bool		live;

	cs_call_begin(&call, CS_WRITES);
	user_id = cs_arg_known_user_id(fcinfo, 0);

	/* Look before locking: another user's session is not even held up. */
	live = handle_argument(fcinfo, 1, handle) &&
		cs_store_read_latest(handle, &session) &&
		cs_text_equal(session.user_id, user_id) &&
		cs_session_revoke(handle, user_id, "revoke", NULL, COVET_REVOCATIONS);

	cs_call_end(&call);
	PG_RETURN_BOOL(live);
}

PG_FUNCTION_INFO_V1(session_revoke_user);

Datum
session_revoke_user(PG_FUNCTION_ARGS)
{
	CsCall		call;
	char		except[COVET_TOKEN_SIZE] = "";
	text	   *user_id;
	List	   *sessions;
	ListCell   *cell;
	TimestampTz at;
	int32		revoked = 0;

	cs_call_begin(&call, CS_WRITES);
	user_id = cs_arg_known_user_id(fcinfo, 0);
	(void) cs_arg_handle(fcinfo, 1, CS_ID_LENIENT, except);

	cs_store_hold_user(user_id, true);
	sessions = cs_store_list_latest(user_id, CS_BY_HANDLE_LOCKED);
	at = GetCurrentTimestamp();
	foreach(cell, sessions)
	{
		CsSession  *session = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (!cs_is_live(session, at) || strcmp(session->handle, except) == 0)
			continue;
		cs_session_end(session, "revoke", NULL, COVET_REVOCATIONS, at);
		revoked++;
	}

	cs_call_end(&call);
	PG_RETURN_INT32(revoked);
}
