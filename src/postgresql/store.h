/*
 * store.h
 *		All access to the extension's tables.
 *
 * The verbs hand over and receive whole sessions and know nothing of how they
 * are stored; the store knows nothing of what a verb means.  Its functions are
 * called between cs_call_begin() and cs_call_end(), but for the first two.
 * What they hand out lives until cs_call_end().
 */
#ifndef CS_STORE_H
#define CS_STORE_H

#include "postgres.h"

#include "access/htup.h"
#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "covet_core.h"

/*
 * Room for what the column "id" can hold, with a NUL byte: a handle, unless the
 * row was put there by hand.
 */
#define CS_ID_SIZE (255 * MAX_MULTIBYTE_CHAR_LEN + 1)

/* A row of the table "sessions". */
typedef struct CsSession
{
	char		handle[CS_ID_SIZE];
	text	   *user_id;
	TimestampTz created_at;
	CovetTimer	timer;			/* COVET_NEVER and 0 stand for null */
	text	   *ip;				/* may be NULL, as the others below */
	text	   *user_agent;
	text	   *bound_ip;
	text	   *bound_user_agent;
	bool		is_active;
	int64		version;
	Datum		data;			/* jsonb, perhaps toasted */
	TimestampTz sweep_at;		/* COVET_NEVER: never */
	HeapTuple	row;			/* for the store: what it read directly, or NULL */
} CsSession;

/* Live: neither revoked nor past its end. */
static inline bool
cs_is_live(const CsSession *session, TimestampTz at)
{
	return session->is_active && !covet_is_expired(&session->timer, at);
}

/* Past its end without having been revoked. */
static inline bool
cs_is_expired(const CsSession *session, TimestampTz at)
{
	return session->is_active && covet_is_expired(&session->timer, at);
}

/* Registers for invalidation; called once, when the library is loaded. */
extern void cs_store_init(void);

/* The extension's owner; raises an error if the extension is not installed. */
extern Oid	cs_store_owner(void);

/* Is the extension installed in this database? */
extern bool cs_store_is_installed(void);

/* The extension's schema, and the version of its objects. */
extern Oid	cs_store_schema(void);
extern char *cs_store_version(void);

/*
 * Why rows are not read and written directly but by SQL; NULL where they are
 * directly.
 */
extern void cs_store_path(const char **not_read, const char **not_written);

/*
 * How strongly a row is held.  A session that is to change its handle, or to
 * go, is held exclusively; else rows that point at it may come and go.
 */
typedef enum CsHold
{
	CS_HOLD,
	CS_HOLD_EXCLUSIVELY
} CsHold;

/* Reads a session as the transaction sees it, without any lock. */
extern bool cs_store_read(const char *handle, CsSession *session);

/*
 * How to change a session without locking it beforehand: it is read, and
 * written if it still is what was read and nobody holds it.  Each answers
 * false, with nothing done, where that cannot be had; then the session is to be
 * locked.  That is also the case if what was read is not to be changed, as it
 * may be about to become something else.
 */
extern bool cs_store_peek(const char *handle, CsSession *session);
extern bool cs_store_replace(const CsSession *session);

/* Waits for, locks and reads the latest version of a session. */
extern bool cs_store_lock(const char *handle, CsHold hold, CsSession *session);

/* False, with nothing done, if the handle is taken. */
extern bool cs_store_insert(const CsSession *session);

/*
 * Writes a session that this transaction holds; its handle may be a new one.
 * False if a trigger, a rule or row security kept it from being written.
 */
extern bool cs_store_update(const char *handle, const CsSession *session);

/* Deletes a session that this transaction holds; false as above. */
extern bool cs_store_delete(const char *handle);

/*
 * Records a use of a session that was read before, unless somebody holds it,
 * it has changed since, or the transaction's snapshot is too old for it.
 * Never waits for a row.  True if it was recorded.
 */
extern bool cs_store_touch(const CsSession *session, TimestampTz at);

/*
 * Deletes an expired session that was read before, under the same terms, and
 * not if a foreign key points at it, which may wait for rows or forbid it.
 */
extern bool cs_store_reap(const CsSession *session);

/* The sessions of a user that are not revoked, latest use first. */
extern List *cs_store_list(const text *user_id);

/*
 * The same as they are now, not as the transaction sees them, in the order
 * given, and locked if asked.  What is then written with
 * one of the _latest functions fails with a serialization error where the
 * transaction's snapshot is too old for it.
 */
typedef enum CsOrder
{
	CS_BY_HANDLE_LOCKED,
	CS_BY_LAST_USE				/* least recent first */
} CsOrder;

extern List *cs_store_list_latest(const text *user_id, CsOrder order);
extern bool cs_store_read_latest(const char *handle, CsSession *session);
extern bool cs_store_lock_latest(const char *handle, CsHold hold,
								 CsSession *session);
extern bool cs_store_update_latest(const char *handle, const CsSession *session);
extern bool cs_store_delete_latest(const char *handle);

/*
 * One batch of the sweep: looks at up to "batch" rows that are due, oldest
 * first, skipping those that others hold, deletes what is over and gives the
 * rest their next moment.  It begins at "from", and leaves there where the next
 * batch shall begin, which spares that one the row versions that are dead but
 * still in the index.
 */
typedef struct CsBatch
{
	int64		deleted;
	int64		rescheduled;
	int64		stuck;			/* over, but rows of other tables point at them */
	int			stuck_sqlerrcode;	/* why the first of those is */
	char		stuck_message[256];
	char		stuck_detail[256];
	bool		more;			/* another batch may find something to do */
} CsBatch;

extern CsBatch cs_store_sweep(TimestampTz at, TimestampTz *from,
							  int64 batch, bool log_events);

/* Deletes up to "batch" events older than "before"; how many. */
extern int64 cs_store_prune_events(TimestampTz before, int64 batch);

/* Deletes up to "batch" creations that the rate limit is done with; how many. */
extern int64 cs_store_prune_creations(TimestampTz before, int64 batch);

/* When the sweep has something to do next; COVET_NEVER: nothing is there. */
extern TimestampTz cs_store_next_due(void);

/* Age in seconds of the oldest row that is due, 0 if none is. */
extern int64 cs_store_oldest_unswept(TimestampTz at);

/* How many rows are due, counting no further than "limit". */
extern int64 cs_store_count_due(TimestampTz at, int64 limit);

/* Sessions that the user started after "since", and one more at "at". */
extern int64 cs_store_count_creations(const text *user_id, TimestampTz since);
extern void cs_store_add_creation(const text *user_id, TimestampTz at);

/* Writes an event; "event" and the texts as in the table. */
extern void cs_store_add_event(const char *event, const char *handle,
							   const text *user_id, const text *ip,
							   const text *user_agent, const char *detail,
							   TimestampTz at);

/*
 * Holds the user until the transaction ends: logins share him, and what must
 * see all his sessions has him alone.  Taken before any of his rows is locked.
 */
extern void cs_store_hold_user(const text *user_id, bool alone);

#endif							/* CS_STORE_H */
