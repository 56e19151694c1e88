/*
 * session.h
 *		The steps in a session's life that several verbs share.
 */
#ifndef CS_SESSION_H
#define CS_SESSION_H

#include "store.h"

/*
 * Reads a live session with one of the store's functions, counts the read, and
 * removes the row if it is met past its end and may be removed without waiting.
 */
extern bool cs_session_find(CsCall *call, CsRead read, CsText id,
							CsSession *session);

/* Records the use of the session that was found last, if it is time to. */
extern void cs_session_touch(CsCall *call, const CsSession *session);

/* Reads a session that will be written; true if it is live. */
extern bool cs_session_lock(CsCall *call, CsText id, CsSession *session,
							CovetTime *at);

/*
 * Fills in a session that starts now.  Null texts stand for what is not known
 * (and the anonymous user), a ttl of 0 for the setting.
 */
extern void cs_session_start(CsCall *call, CsSession *session, CsText id,
							 CsText user_id, CsText data, int32_t ttl,
							 CsText ip, CsText user_agent, CovetTime at);

/* Stores it. */
extern bool cs_session_insert(CsCall *call, const CsSession *session);

/* Notes that a session is used now. */
extern void cs_session_use(CsSession *session, CovetTime at);

/* Gives a live session new data. */
extern void cs_session_replace_data(CsSession *session, CsText data, CovetTime at);

/* Turns a session into its tombstone; not yet written. */
extern void cs_session_bury(CsCall *call, CsSession *session, CovetTime at);

/*
 * Revokes a live session, for whatever reason: "event" and "detail" are for the
 * audit trail.
 */
extern bool cs_session_end(CsCall *call, CsSession *session, const char *event,
						   const char *detail, CovetCounter counter, CovetTime at);

/* A fresh token and its handle. */
extern bool cs_fresh_token(CsCall *call, char token[COVET_TOKEN_SIZE],
						   char handle[COVET_TOKEN_SIZE]);

#endif							/* CS_SESSION_H */
