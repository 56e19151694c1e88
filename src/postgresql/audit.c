/*
 * audit.c
 *		The audit trail: what happened to sessions, in session_events.
 */
#include "postgres.h"

#include "audit.h"
#include "compat.h"

void
cs_audit_write(CovetAudit level, const char *event, const CsSession *session,
			   const char *detail, TimestampTz at)
{
	cs_audit_write_client(level, event, session, session->ip,
						  session->user_agent, detail, at);
}

void
cs_audit_write_client(CovetAudit level, const char *event,
					  const CsSession *session, const text *ip,
					  const text *user_agent, const char *detail,
					  TimestampTz at)
{
	ereport(DEBUG1, errmsg_internal("%s %s", event, session->handle));
	if (cs_audit >= (int) level)
		cs_store_add_event(event, session->handle, session->user_id, ip,
						   user_agent, detail, at);
}
