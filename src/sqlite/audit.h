/*
 * audit.h
 *		The audit trail: what happened to sessions, in session_events.
 */
#ifndef CS_AUDIT_H
#define CS_AUDIT_H

#include "store.h"

/* Notes an event if the setting "audit" is at "level" or above. */
extern bool cs_audit_write(CsCall *call, CovetAudit level, const char *event,
						   const CsSession *session, const char *detail,
						   CovetTime at);

/* The same with the client of the request, not the session's. */
extern bool cs_audit_write_client(CsCall *call, CovetAudit level,
								  const char *event, const CsSession *session,
								  CsText ip, CsText user_agent,
								  const char *detail, CovetTime at);

#endif							/* CS_AUDIT_H */
