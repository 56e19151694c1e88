/*
 * verify.c
 *		session_verify: session_touch for the client that the session is bound
 *		to, and for nobody else.
 */
#include "postgres.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "guc.h"
#include "session.h"
#include "stats.h"

/*
 * What a session was created with, NULL if nothing, or an empty text: then
 * there is nothing to hold a request against.
 */
static const text *
bound_to(const text *bound, const text *last)
{
	const text *given = bound != NULL ? bound : last;

	return given != NULL && VARSIZE_ANY_EXHDR(given) > 0 ? given : NULL;
}

static bool
ip_matches(const CsSession *session, const text *ip)
{
	const text *bound = bound_to(session->bound_ip, session->ip);

	if (cs_bind_ip == COVET_BIND_IP_OFF || bound == NULL)
		return true;
	return ip != NULL &&
		covet_ip_matches((CovetBindIp) cs_bind_ip,
						 VARDATA_ANY(bound), VARSIZE_ANY_EXHDR(bound),
						 VARDATA_ANY(ip), VARSIZE_ANY_EXHDR(ip));
}

static bool
user_agent_matches(const CsSession *session, const text *user_agent)
{
	const text *bound = bound_to(session->bound_user_agent, session->user_agent);

	if (cs_bind_user_agent == COVET_BIND_USER_AGENT_OFF || bound == NULL)
		return true;
	return user_agent != NULL &&
		covet_user_agent_matches((CovetBindUserAgent) cs_bind_user_agent,
								 VARDATA_ANY(bound), VARSIZE_ANY_EXHDR(bound),
								 VARDATA_ANY(user_agent),
								 VARSIZE_ANY_EXHDR(user_agent));
}

static void
refuse(const CsSession *session, const text *ip, const text *user_agent,
	   const char *what)
{
	cs_count(COVET_REJECTED);
	if (!cs_can_write())
		return;
	cs_audit_write_client(COVET_AUDIT_SECURITY, "mismatch", session, ip,
						  user_agent, what, GetCurrentTimestamp());
	if (cs_on_mismatch == COVET_MISMATCH_REVOKE)
		(void) cs_session_revoke(session->handle, NULL, "revoke", "mismatch",
								 COVET_REVOCATIONS);
}

PG_FUNCTION_INFO_V1(session_verify);

Datum
session_verify(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	TimestampTz at;
	Datum		data = (Datum) 0;
	bool		verified = false;
	text	   *ip;
	text	   *user_agent;

	cs_call_begin(&call, CS_READS);
	ip = cs_arg_ip(fcinfo, 1);
	user_agent = cs_arg_text(fcinfo, 2);
	if (cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_session_find(handle, &session, &at))
	{
		if (!ip_matches(&session, ip))
			refuse(&session, ip, user_agent, "ip");
		else if (!user_agent_matches(&session, user_agent))
			refuse(&session, ip, user_agent, "user_agent");
		else
		{
			verified = true;
			data = cs_session_data(&call, &session);
			cs_session_touch(&session, at);
		}
	}
	cs_call_end(&call);

	if (!verified)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(data);
}
