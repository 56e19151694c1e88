/*
 * verify.c
 *		session_verify: session_touch for the client that the session is bound
 *		to, and for nobody else.
 */
#include "args.h"
#include "audit.h"
#include "cs_time.h"
#include "session.h"
#include "verbs.h"

/*
 * What a session was created with, null if nothing: then there is nothing to
 * hold a request against.
 */
static CsText
bound_to(CsText bound, CsText last)
{
	if (bound.start == NULL)
		return last;
	return bound.length > 0 ? bound : (CsText) {NULL, 0};
}

static bool
ip_matches(CsCall *call, const CsSession *session, CsText ip)
{
	CsText		bound = bound_to(session->bound_ip, session->ip);
	CovetBindIp policy = (CovetBindIp) cs_settings(call)->bind_ip;

	if (policy == COVET_BIND_IP_OFF || bound.start == NULL)
		return true;
	return ip.start != NULL &&
		covet_ip_matches(policy, bound.start, (size_t) bound.length,
						 ip.start, (size_t) ip.length);
}

static bool
user_agent_matches(CsCall *call, const CsSession *session, CsText user_agent)
{
	CsText		bound = bound_to(session->bound_user_agent, session->user_agent);
	CovetBindUserAgent policy =
		(CovetBindUserAgent) cs_settings(call)->bind_user_agent;

	if (policy == COVET_BIND_USER_AGENT_OFF || bound.start == NULL)
		return true;
	return user_agent.start != NULL &&
		covet_user_agent_matches(policy, bound.start, (size_t) bound.length,
								 user_agent.start, (size_t) user_agent.length);
}

static void
revoke_session(CsCall *call, CsText id)
{
	CsSession	session;
	CovetTime	at;

	if (cs_session_lock(call, id, &session, &at))
		(void) cs_session_end(call, &session, "revoke", "mismatch",
							  COVET_REVOCATIONS, at);
}

/* Notes what must be noted; the read has ended, so that this may wait. */
static void
refuse(CsCall *call, const CsSession *session, CsText ip, CsText user_agent,
	   const char *what)
{
	const CsSettings *settings = cs_settings(call);

	cs_count(call, COVET_REJECTED);
	cs_store_end_read(call);
	if (!cs_can_write(call) ||
		(settings->audit == COVET_AUDIT_OFF &&
		 settings->on_mismatch == COVET_MISMATCH_REJECT))
		return;
	if (!cs_write_begin(call))
	{
		/* PRAGMA query_only: as on a read-only database. */
		if (call->code == SQLITE_READONLY)
			call->failed = false;
		return;
	}
	(void) cs_audit_write_client(call, COVET_AUDIT_SECURITY, "mismatch",
								 session, ip, user_agent, what, cs_now());
	if (settings->on_mismatch == COVET_MISMATCH_REVOKE)
		revoke_session(call, session->id);
	(void) cs_write_end(call);
}

static void
session_verify(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CsText		handle;
	CsText		ip;
	CsText		user_agent = cs_arg_text(call, 2);

	if (!cs_arg_ip(call, 1, &ip) ||
		!cs_arg_handle(call, 0, CS_ID_LENIENT, memory, &handle) ||
		!cs_session_find(call, cs_store_read, handle, &session))
		return;
	if (!ip_matches(call, &session, ip))
		refuse(call, &session, ip, user_agent, "ip");
	else if (!user_agent_matches(call, &session, user_agent))
		refuse(call, &session, ip, user_agent, "user_agent");
	else
	{
		cs_session_touch(call, &session);
		cs_return_json(call, session.data);
	}
}

int
cs_verify_register(CsConnection *connection)
{
	return cs_register(connection, "session_verify", 1, 3, CS_READS,
					   session_verify);
}
