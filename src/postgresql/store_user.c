/*
 * store_user.c
 *		Holding a user until the transaction ends.
 *
 * Locking: the locks are on objects that do not exist, with the table as their
 * class: unlike advisory locks, no caller can take them by other means.  Users
 * whose hashes collide wait for each other.
 *
 * Each lock takes room in the server's lock table, which a transaction that
 * imports a million sessions must not fill.  So, as with rows and tables
 * elsewhere, there is one lock above all users (Gray's granular locks): who
 * locks a user says so there with an intent, and who has locked many locks all,
 * if that can be had at once: to wait for it with an intent held would be a
 * deadlock in the making.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"

#include "compat.h"
#include "extension.h"
#include "store.h"

/* More users than that are not locked one by one. */
#define MANY_USERS 32

/* The kinds of object, as the tag's last field. */
#define ONE_USER 0
#define ALL_USERS 1

/*
 * Users that this transaction has locked so far, also where a savepoint gave
 * them back: that only makes it lock all the sooner.
 */
static LocalTransactionId counted_for = InvalidLocalTransactionId;
static int	locked_users = 0;

/* False if it was not to be waited for, and would have had to be. */
static bool
lock(uint32 object, uint16 kind, LOCKMODE mode, bool wait)
{
	LOCKTAG		tag;
	LockAcquireResult result;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, cs_sessions_relid(), object, kind);
	result = LockAcquire(&tag, mode, false, !wait);
	if (result == LOCKACQUIRE_OK && kind == ONE_USER)
		locked_users++;
	return result != LOCKACQUIRE_NOT_AVAIL;
}

void
cs_store_hold_user(const text *user_id, bool alone)
{
	uint32		user = hash_bytes((const unsigned char *) VARDATA_ANY(user_id),
								  VARSIZE_ANY_EXHDR(user_id));

	if (counted_for != MY_LXID)
	{
		counted_for = MY_LXID;
		locked_users = 0;
	}

	if (locked_users >= MANY_USERS &&
		lock(0, ALL_USERS, alone ? ExclusiveLock : ShareLock, false))
		return;

	(void) lock(0, ALL_USERS, alone ? RowExclusiveLock : RowShareLock, true);
	(void) lock(user, ONE_USER, alone ? ExclusiveLock : ShareLock, true);
}
