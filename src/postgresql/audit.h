/*
 * audit.h
 *		The audit trail.
 */
#ifndef CS_AUDIT_H
#define CS_AUDIT_H

#include "postgres.h"

#include "guc.h"
#include "store.h"

/*
 * Writes an event about a session in the caller's transaction, if the setting
 * "audit" asks for events of this level.  "detail" may be NULL.
 */
extern void cs_audit_write(CovetAudit level, const char *event,
						   const CsSession *session, const char *detail,
						   TimestampTz at);

/* The same, with the client of the request instead of the session's. */
extern void cs_audit_write_client(CovetAudit level, const char *event,
								  const CsSession *session, const text *ip,
								  const text *user_agent, const char *detail,
								  TimestampTz at);

#endif							/* CS_AUDIT_H */
