/*
 * set.c
 *		session_set: write a session, starting it if need be.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "guc.h"
#include "limit.h"
#include "session.h"
#include "stats.h"

typedef struct Arguments
{
	char		handle[COVET_TOKEN_SIZE];
	Jsonb	   *data;
	text	   *user_id;		/* may be NULL, as the others below */
	int32		ttl;			/* 0: not given */
	text	   *ip;
	text	   *user_agent;
} Arguments;

static void
read_arguments(FunctionCallInfo fcinfo, Arguments *arguments)
{
	(void) cs_arg_handle(fcinfo, 0, CS_ID_STRICT, arguments->handle);
	arguments->data = cs_arg_json(fcinfo, 1);
	if (arguments->data == NULL)
		ereport(ERROR, cs_error(COVET_E_DATA_NULL));
	arguments->user_id = cs_arg_user_id(fcinfo, 2);
	arguments->ttl = cs_arg_ttl(fcinfo, 3);
	arguments->ip = cs_arg_ip(fcinfo, 4);
	arguments->user_agent = cs_arg_text(fcinfo, 5);
}

/* Starts the session; false if somebody else did so meanwhile. */
static bool
start(const Arguments *arguments)
{
	TimestampTz at = GetCurrentTimestamp();
	CsSession	session;

	cs_session_start(&session, arguments->handle, arguments->user_id,
					 JsonbPGetDatum(arguments->data), arguments->ttl,
					 arguments->ip, arguments->user_agent, at);
	if (!cs_session_insert(&session))
		return false;
	cs_audit_write(COVET_AUDIT_SECURITY, "create", &session, NULL, at);
	return true;
}

/*
 * Replaces what the session was last given, and keeps what it was created
 * with, which session_verify() asks for; empty text stands for nothing.
 */
static void
replace_client(text *given, text **last, text **bound)
{
	if (given == NULL)
		return;
	if (*bound == NULL && *last == NULL)
		*bound = cstring_to_text("");
	else if (*bound == NULL && !cs_text_equal(given, *last))
		*bound = *last;
	*last = given;
}

/* Does the call give the session another owner?  That is a login. */
static bool
is_login(const Arguments *arguments, const CsSession *session)
{
	return arguments->user_id != NULL &&
		!cs_text_equal(session->user_id, arguments->user_id);
}

/* What the call makes of a session that is live, and not a login's. */
static bool
change(CsSession *session, bool held, TimestampTz at, void *arg)
{
	Arguments  *arguments = arg;

	if (!held && is_login(arguments, session))
		return false;
	cs_session_replace_data(session, JsonbPGetDatum(arguments->data), at);
	if (arguments->ttl > 0)
		session->timer.idle_timeout = arguments->ttl;
	session->sweep_at = covet_sweep_at(&session->timer, session->sweep_at);
	replace_client(arguments->ip, &session->ip, &session->bound_ip);
	replace_client(arguments->user_agent, &session->user_agent,
				   &session->bound_user_agent);
	return true;
}

static void
note_set(const CsSession *session, bool login, TimestampTz at)
{
	cs_count(COVET_SETS);
	if (login)
		cs_audit_write(COVET_AUDIT_SECURITY, "login", session, NULL, at);
	else
		cs_audit_write(COVET_AUDIT_ALL, "set", session, NULL, at);
}

/* Writes a live session that is held. */
static void
write_live(Arguments *arguments, CsSession *session, TimestampTz at)
{
	bool		login = is_login(arguments, session);

	if (login)
	{
		cs_limits_admit(arguments->user_id, session->handle, false);
		session->user_id = arguments->user_id;
	}
	(void) change(session, true, at, arguments);
	cs_session_save(session);
	note_set(session, login, at);
}

/*
 * Mostly the session is live and the user's already.  Else he is held before
 * the row is: whether it is his will be known only under the row's lock.
 * Starting is tried again where another transaction was faster.
 */
static bool
set(Arguments *arguments)
{
	CsSession	session;
	TimestampTz at;
	bool		admitted = false;

	if (cs_session_try_change(arguments->handle, change, arguments, &session,
							  &at))
	{
		note_set(&session, false, at);
		return true;
	}
	if (arguments->user_id != NULL)
		cs_limits_hold(arguments->user_id);

	for (int attempts = 0;; attempts++)
	{
		bool		found = cs_store_lock(arguments->handle, CS_HOLD, &session);

		at = GetCurrentTimestamp();
		cs_session_check_attempts(attempts);

		if (found && cs_is_live(&session, at))
		{
			write_live(arguments, &session, at);
			return true;
		}
		if (found && !session.is_active)
		{
			cs_count(COVET_REFUSED_REVOKED);
			cs_audit_write_client(COVET_AUDIT_SECURITY, "refuse", &session,
								  arguments->ip, arguments->user_agent,
								  "set after revocation", at);
			return false;
		}
		if (cs_strict_ids)
			return false;

		if (found)
			cs_session_check_written(cs_store_delete(arguments->handle));
		if (arguments->user_id != NULL && !admitted)
		{
			cs_limits_admit(arguments->user_id, arguments->handle, true);
			admitted = true;
		}
		if (start(arguments))
			return true;
	}
}

PG_FUNCTION_INFO_V1(session_set);

Datum
session_set(PG_FUNCTION_ARGS)
{
	CsCall		call;
	Arguments	arguments;
	bool		stored;

	cs_call_begin(&call, CS_WRITES);
	read_arguments(fcinfo, &arguments);
	stored = set(&arguments);
	cs_call_end(&call);
	PG_RETURN_BOOL(stored);
}
