/*
 * audit.c
 *		The audit trail: what happened to sessions, in session_events.
 */
#include "audit.h"

#include "cs_time.h"

bool
cs_audit_write(CsCall *call, CovetAudit level, const char *event,
			   const CsSession *session, const char *detail, CovetTime at)
{
	return cs_audit_write_client(call, level, event, session, session->ip,
								 session->user_agent, detail, at);
}

bool
cs_audit_write_client(CsCall *call, CovetAudit level, const char *event,
					  const CsSession *session, CsText ip, CsText user_agent,
					  const char *detail, CovetTime at)
{
	char		time[CS_TIME_SIZE];
	CsText		texts[] = {cs_text(event), session->id, session->user_id, ip,
	user_agent, cs_text(detail)};
	CsValue		values[7] = {cs_time_value(at, time)};

	if (cs_settings(call)->audit < (int) level)
		return !call->failed;
	for (int i = 0; i < 6; i++)
	{
		values[i + 1].type = texts[i].start == NULL ? CS_NULL : CS_TEXT;
		values[i + 1].text = texts[i];
	}
	return cs_change(call, CS_SQL_ADD_EVENT, values, 7);
}
