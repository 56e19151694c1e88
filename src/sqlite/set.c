/*
 * set.c
 *		session_set: write a session, starting it if need be.
 */
#include "args.h"
#include "audit.h"
#include "cs_time.h"
#include "limit.h"
#include "proceed.h"
#include "session.h"
#include "verbs.h"

typedef struct Arguments
{
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		data;
	CsText		user_id;		/* may be null, as the others below */
	int32_t		ttl;			/* 0: not given */
	CsText		ip;
	CsText		user_agent;
	bool		tried;			/* to replace the data of a session in use */
	bool		replaced;		/* which is done */
} Arguments;

static bool
read_arguments(CsCall *call, Arguments *arguments)
{
	arguments->user_agent = cs_arg_text(call, 5);
	return cs_arg_handle(call, 0, CS_ID_STRICT, arguments->memory,
						 &arguments->handle) &&
		cs_arg_json(call, 1, COVET_E_DATA_NULL, &arguments->data) &&
		cs_arg_user_id(call, 2, &arguments->user_id) &&
		cs_arg_ttl(call, 3, &arguments->ttl) &&
		cs_arg_ip(call, 4, &arguments->ip);
}

static bool
start(CsCall *call, const Arguments *arguments, CovetTime at)
{
	CsSession	session;

	if (!cs_limits_admit(call, arguments->user_id, arguments->handle, true))
		return false;
	cs_session_start(call, &session, arguments->handle, arguments->user_id,
					 arguments->data, arguments->ttl, arguments->ip,
					 arguments->user_agent, at);
	return cs_session_insert(call, &session) &&
		cs_audit_write(call, COVET_AUDIT_SECURITY, "create", &session, NULL, at);
}

/*
 * Replaces what the session was last given, and keeps what it was created
 * with, which session_verify asks for; empty text stands for nothing.
 */
static void
replace_client(CsText given, CsText *last, CsText *bound)
{
	if (given.start == NULL)
		return;
	if (bound->start == NULL && last->start == NULL)
		*bound = cs_text("");
	else if (bound->start == NULL && !cs_text_equal(given, *last))
		*bound = *last;
	*last = given;
}

static bool
write_live(CsCall *call, const Arguments *arguments, CsSession *session,
		   CovetTime at)
{
	bool		new_owner = arguments->user_id.start != NULL &&
		!cs_text_equal(session->user_id, arguments->user_id);
	CovetTime	sweep_at = session->sweep_at;
	bool		is_indexed;

	if (new_owner)
	{
		if (!cs_limits_admit(call, arguments->user_id, session->id, false))
			return false;
		session->user_id = arguments->user_id;
	}
	cs_session_replace_data(session, arguments->data, at);
	if (arguments->ttl > 0)
		session->timer.idle_timeout = arguments->ttl;
	session->sweep_at = covet_sweep_at(&session->timer, sweep_at);
	replace_client(arguments->ip, &session->ip, &session->bound_ip);
	replace_client(arguments->user_agent, &session->user_agent,
				   &session->bound_user_agent);

	is_indexed = new_owner || session->sweep_at != sweep_at;
	if (!(is_indexed ? cs_store_update_all(call, session) :
		  cs_store_update(call, session)))
		return false;
	cs_count(call, COVET_SETS);
	if (new_owner)
		return cs_audit_write(call, COVET_AUDIT_SECURITY, "login", session, NULL, at);
	return cs_audit_write(call, COVET_AUDIT_ALL, "set", session, NULL, at);
}

static bool
refuse(CsCall *call, const Arguments *arguments, const CsSession *session,
	   CovetTime at)
{
	cs_count(call, COVET_REFUSED_REVOKED);
	(void) cs_audit_write_client(call, COVET_AUDIT_SECURITY, "refuse", session,
								 arguments->ip, arguments->user_agent,
								 "set after revocation", at);
	return false;
}

/*
 * Most calls change the data of a session that is in use and nothing else.  One
 * statement does that, before anything is read.
 */
static int
replace_data(CsCall *call, void *pointer)
{
	Arguments  *arguments = pointer;
	const CsSession session = {
		.id = arguments->handle,
		.user_id = arguments->user_id,
		.timer.idle_timeout = arguments->ttl,
		.ip = arguments->ip,
		.user_agent = arguments->user_agent,
		.data = arguments->data,
	};

	int			code = cs_store_replace_data(call, &session, cs_now(),
										 &arguments->replaced);

	arguments->tried = code == SQLITE_OK;
	return code;
}

/*
 * Whether there is no session yet is learnt from storing one, where nothing that
 * must come before depends on it.
 */
static bool
starts_freely(CsCall *call)
{
	const CsSettings *settings = cs_settings(call);

	return !call->failed && !call->met && !settings->strict_ids &&
		settings->max_sessions_per_user == 0 && settings->create_rate_limit == 0;
}

static bool
note_replaced(CsCall *call, const Arguments *arguments)
{
	CsSession	session;
	CovetTime	at;

	cs_count(call, COVET_SETS);
	return cs_settings(call)->audit < COVET_AUDIT_ALL ||
		(cs_session_lock(call, arguments->handle, &session, &at) &&
		 cs_audit_write(call, COVET_AUDIT_ALL, "set", &session, NULL, at));
}

/* Without an event, which would be another row. */
static bool
start_alone(CsCall *call, const Arguments *arguments)
{
	return starts_freely(call) && cs_settings(call)->audit == COVET_AUDIT_OFF &&
		start(call, arguments, cs_now());
}

static bool
replace_alone(CsCall *call, Arguments *arguments)
{
	int			code;

	if (call->failed)
		return false;
	code = replace_data(call, arguments);
	if (code != SQLITE_OK)
		return cs_fail_engine(call, code);
	if (arguments->replaced)
		cs_count(call, COVET_SETS);
	return arguments->replaced;
}

/*
 * Where no more than one row is to be written, a statement can do it alone.  A
 * connection that has mostly started sessions of late tries that first, by a
 * counter of two bits, as processors predict branches.  False if nothing was
 * written, for whatever reason: the other way is tried then.
 */
static bool
set_alone(CsCall *call, Arguments *arguments)
{
	int		   *starts = &call->connection->starts;
	const CsSettings *settings = &call->settings;
	bool		done = false;

	if (!cs_alone_begin(call))
		return false;
	if (settings->audit < COVET_AUDIT_ALL &&
		arguments->data.length <= settings->max_data_size)
	{
		bool		expects_new = *starts > 1;
		bool		is_new = expects_new && start_alone(call, arguments);

		done = is_new || replace_alone(call, arguments);
		if (!done && !expects_new)
			done = is_new = start_alone(call, arguments);
		if (is_new)
			*starts += *starts < 3;
		else if (done)
			*starts -= *starts > 0;
	}
	cs_alone_end(call, done);
	return done;
}

static bool
set(CsCall *call, const Arguments *arguments)
{
	CsSession	session = {.is_active = true};
	CovetTime	at;

	if (!cs_check_data_size(call, arguments->data))
		return false;
	if (arguments->replaced)
		return note_replaced(call, arguments);
	if (arguments->tried && starts_freely(call) && start(call, arguments, cs_now()))
		return true;
	if (cs_session_lock(call, arguments->handle, &session, &at))
		return write_live(call, arguments, &session, at);
	if (call->failed)
		return false;
	if (!session.is_active)
		return refuse(call, arguments, &session, at);
	if (cs_settings(call)->strict_ids)
		return false;
	/* A new row, so that what refers to the old session ends with it. */
	if (session.id.start != NULL && !cs_store_delete(call, session.id))
		return false;
	return start(call, arguments, at);
}

static void
session_set(CsCall *call)
{
	Arguments	arguments = {.tried = false};

	if (!read_arguments(call, &arguments))
		cs_write_refused(call);
	else if (set_alone(call, &arguments))
		cs_return_bool(call, true);
	else if (arguments.tried ? cs_write_begin(call) :
			 cs_write_begin_with(call, replace_data, &arguments))
	{
		cs_return_bool(call, set(call, &arguments));
		(void) cs_write_end(call);
	}
}

int
cs_set_register(CsConnection *connection)
{
	return cs_register(connection, "session_set", 2, 6, CS_WRITES_BY_ITSELF,
					   session_set);
}
