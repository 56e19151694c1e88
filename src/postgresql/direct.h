/*
 * direct.h
 *		Rows of "sessions" through their index and heap, without SQL.
 *
 * For the files of the store only.
 */
#ifndef CS_DIRECT_H
#define CS_DIRECT_H

#include "postgres.h"

#include "store.h"

/*
 * Reads a session as the transaction sees it; "found" is whether there is one.
 * False where it takes SQL.  With "to_write" the row can then be written with
 * one of the functions below, and false is also where that takes SQL.
 */
extern bool cs_direct_read(const char *handle, CsSession *session,
						   bool *found);
extern bool cs_direct_read_to_write(const char *handle, CsSession *session,
									bool *found);

typedef enum CsDirect
{
	CS_DIRECT_WRITTEN,
	CS_DIRECT_CHANGED,			/* somebody has changed the row since */
	CS_DIRECT_REFUSED			/* somebody holds it, or it takes SQL */
} CsDirect;

/*
 * Writes a session that was read, if nobody has changed it since or holds it.
 * Neither waits for a row or raises an error for it.
 */
extern CsDirect cs_direct_update(const CsSession *session);

/* The same, but that only last_accessed_at is written, and is "at". */
extern CsDirect cs_direct_touch(const CsSession *session, TimestampTz at);

#endif							/* CS_DIRECT_H */
