/*
 * session.h
 *		The steps in a session's life that several verbs share.
 */
#ifndef CS_SESSION_H
#define CS_SESSION_H

#include "postgres.h"

#include "call.h"
#include "stats.h"
#include "store.h"

/*
 * Reads a session that is live "at" this moment without a lock, counts the
 * read, and removes the row if it is met past its end and may be removed
 * without waiting.
 */
extern bool cs_session_find(const char *handle, CsSession *session,
							TimestampTz *at);

/* Records the use of a session that was found, if it is time to. */
extern void cs_session_touch(const CsSession *session, TimestampTz at);

/*
 * session_get() and session_touch(): the data of the live session whose token is
 * argument 0, or null; "use" records the use.
 */
extern Datum cs_session_read(FunctionCallInfo fcinfo, bool use);

/*
 * Fills in a session that starts now.  Null texts stand for what is not known
 * (and the anonymous user), a ttl of 0 for the setting.
 */
extern void cs_session_start(CsSession *session, const char *handle,
							 text *user_id, Datum data, int32 ttl, text *ip,
							 text *user_agent, TimestampTz at);

/* Stores it.  False if the handle is taken meanwhile. */
extern bool cs_session_insert(const CsSession *session);

/* Raises the error for a row that is neither stored nor in anyone's way. */
extern void cs_session_refuse_suppressed(void);

/* Raises it where a row that is held was not written. */
extern void cs_session_check_written(bool written);

/* Raises it when starting a session has been tried too often. */
extern void cs_session_check_attempts(int attempts);

/* Notes that a session is used now. */
extern void cs_session_use(CsSession *session, TimestampTz at);

/* Gives a live session new data. */
extern void cs_session_replace_data(CsSession *session, Datum data,
									TimestampTz at);

/* Writes a session that is held. */
extern void cs_session_save(const CsSession *session);

/*
 * Changes a live session, which is done in one step where nobody else is at it.
 * "change" is given the session and may decline by returning false.  Unless the
 * session is held, others may be about to change it: so errors are raised, and
 * rows of others written, only if it is, and where "change" declines or the
 * session is no more what it was, it is held and given again.
 */
typedef bool (*CsChange) (CsSession *session, bool held, TimestampTz at,
						  void *arguments);

typedef enum CsChanged
{
	CS_NOT_LIVE,
	CS_UNCHANGED,				/* declined */
	CS_CHANGED
} CsChanged;

extern CsChanged cs_session_change(const char *handle, CsChange change,
								   void *arguments, CsSession *session,
								   TimestampTz *at);

/* The first half of it: false if the session is to be held. */
extern bool cs_session_try_change(const char *handle, CsChange change,
								  void *arguments, CsSession *session,
								  TimestampTz *at);

/* Turns a session into its tombstone; not yet written. */
extern void cs_session_bury(CsSession *session, TimestampTz at);

/*
 * Revokes a session that is held: leaves its tombstone, audits it as "event"
 * with "detail" (or NULL), and counts it.
 */
extern void cs_session_end(CsSession *session, const char *event,
						   const char *detail, CovetCounter counter,
						   TimestampTz at);

/*
 * The same for the session with this handle, as it is now, whatever the
 * transaction sees; false if it is not live or, unless NULL, not the user's.
 */
extern bool cs_session_revoke(const char *handle, const text *user_id,
							  const char *event, const char *detail,
							  CovetCounter counter);

/* An empty JSON object. */
extern Datum cs_empty_object(void);

/* The data as the result of a function. */
extern Datum cs_session_data(const CsCall *call, const CsSession *session);

/* Appends sessions to the result of a function with session_info's columns. */
extern void cs_session_emit(FunctionCallInfo fcinfo, const CsSession *session);

#endif							/* CS_SESSION_H */
