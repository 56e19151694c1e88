/*
 * store.h
 *		All access to the extension's tables.
 *
 * The verbs hand over and receive whole sessions and know nothing of how they
 * are stored; the store knows nothing of what a verb means.  A database without
 * the schema is read as one without sessions.
 */
#ifndef CS_STORE_H
#define CS_STORE_H

#include "call.h"

/* A row of the table "sessions". */
typedef struct CsSession
{
	sqlite3_int64 row;			/* where it was read, if it was read whole */
	CsText		id;				/* the handle */
	CsText		user_id;
	CovetTime	created_at;
	CovetTimer	timer;			/* COVET_NEVER and 0 stand for null */
	CsText		ip;				/* may be null, as the others below */
	CsText		user_agent;
	CsText		bound_ip;
	CsText		bound_user_agent;
	bool		is_active;
	sqlite3_int64 version;
	CsText		data;
	CovetTime	sweep_at;		/* COVET_NEVER: never */
} CsSession;

/* Some of them, in memory of the call. */
typedef struct CsSessions
{
	CsSession  *rows;
	int			count;
} CsSessions;

/* Live: neither revoked nor past its end. */
static inline bool
cs_is_live(const CsSession *session, CovetTime at)
{
	return session->is_active && !covet_is_expired(&session->timer, at);
}

/* Past its end without having been revoked. */
static inline bool
cs_is_expired(const CsSession *session, CovetTime at)
{
	return session->is_active && covet_is_expired(&session->timer, at);
}

/* What a row's last_accessed_at, expires_at and idle_timeout mean. */
extern CovetTimer cs_stored_timer(CsCall *call, sqlite3_value **columns);

/* ---- sessions; false if there is none, or the call has failed ---- */

/* Reads a session.  The read stays open, see cs_store_touch(). */
extern bool cs_store_read(CsCall *call, CsText id, CsSession *session);

/*
 * The same for the timer of a session that is not revoked, and its data to be
 * returned: this is what most requests need, and costs half as much.
 */
extern bool cs_store_read_data(CsCall *call, CsText id, CsSession *session);
extern void cs_store_return_data(CsCall *call);

typedef bool (*CsRead) (CsCall *call, CsText id, CsSession *session);

/* Ends it, so that a write may wait for others. */
extern void cs_store_end_read(CsCall *call);

/* Also false if there is one of its handle. */
extern bool cs_store_insert(CsCall *call, const CsSession *session);

/* Writes a session that was read, but not its handle, owner and sweep_at. */
extern bool cs_store_update(CsCall *call, const CsSession *session);

/* Writes all of it. */
extern bool cs_store_update_all(CsCall *call, const CsSession *session);

/*
 * Gives a live session new data, if all that is to be changed is that: of the
 * owner, idle timeout, address and user agent, each is none or what the session
 * has.  "replaced" tells.  An SQLite result code.
 */
extern int	cs_store_replace_data(CsCall *call, const CsSession *session,
								  CovetTime at, bool *replaced);

extern bool cs_store_delete(CsCall *call, CsText id);

/*
 * The same where a constraint that refers to the row may keep it, which is no
 * failure: false then, and "kept" says why unless it says something already.
 */
extern bool cs_store_remove(CsCall *call, CsText id, const char **kept);

/*
 * Records a use of the session that was read last, or removes it, if nobody
 * else writes or has written since: with the read still open, SQLite refuses
 * at once to write what is not up to date.  False if that did not happen,
 * which is no failure.
 */
extern bool cs_store_touch(CsCall *call, CovetTime at);
extern bool cs_store_reap(CsCall *call, const CsSession *session);

/*
 * A user's sessions that are not revoked.  "which" is CS_SQL_LIST, or
 * CS_SQL_LIST_BY_LAST_USE, the least recent first and without their data.
 */
extern CsSessions cs_store_list(CsCall *call, CsStatement which, CsText user_id);

/* Up to "limit" rows that are due, oldest first, without their data. */
extern CsSessions cs_store_due(CsCall *call, CovetTime at, sqlite3_int64 limit);

extern bool cs_store_reschedule(CsCall *call, CsText id, CovetTime sweep_at);

/* ---- run.c: statements ---- */

/*
 * Binds the values, from parameter 1 on, to a statement; it is given back by
 * the caller.  False without a failure where there is no schema.
 */
extern bool cs_run(CsCall *call, CsStatement which, const CsValue *values,
				   int count, sqlite3_stmt **statement);

/* Is there another row? */
extern bool cs_next_row(CsCall *call, sqlite3_stmt *statement);

/* A column; valid until the next row.  Null too, and a failure, without memory. */
extern CsText cs_column_text(CsCall *call, sqlite3_stmt *statement, int column);

/* The same of a value. */
extern CsText cs_stored_text(CsCall *call, sqlite3_value *value);

/* Runs a statement that changes rows. */
extern bool cs_change(CsCall *call, CsStatement which, const CsValue *values,
					  int count);

/* The same for who looks into its SQLite result code. */
extern int	cs_try_change(CsCall *call, CsStatement which,
						  const CsValue *values, int count);

/* The only column of the only row, as text or as a number; null and 0 if none. */
extern bool cs_store_value(CsCall *call, CsStatement which,
						   const CsValue *values, int count, CsText *text,
						   sqlite3_int64 *number);

/* A time as a value, which is kept in "text". */
extern CsValue cs_time_value(CovetTime time, char *text);

#endif							/* CS_STORE_H */
