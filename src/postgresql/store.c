/*
 * store.c
 *		Sessions as rows of the table "sessions".
 *
 * Locking: a user is held (cs_store_hold_user) before any of his rows is
 * locked, and rows of one user are locked in the order of their handles.  All
 * is held to the end of the transaction.  Nothing here waits for a row that a
 * touch or a sweep holds longer than that row's write takes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat.h"
#include "direct.h"
#include "extension.h"
#include "row.h"
#include "statement.h"
#include "store.h"

/* A row of a result. */
static void
fetch(HeapTuple tuple, CsSession *session)
{
	Datum		values[CS_COLUMNS];
	bool		nulls[CS_COLUMNS];

	heap_deform_tuple(tuple, SPI_tuptable->tupdesc, values, nulls);
	cs_row_read(values, nulls, session);
}

/* Parameters of a statement that writes a whole session. */
static void
bind_session(const CsSession *session, Datum *values, char *nulls)
{
	bool		is_null[CS_COLUMNS];

	cs_row_write(session, values, is_null);
	for (int i = 0; i < CS_COLUMNS; i++)
		nulls[i] = is_null[i] ? 'n' : ' ';
}

/* Runs a statement that selects one session by its handle. */
static bool
select_session(CsStatement statement, CsSnapshot snapshot, const char *handle,
			   CsSession *session)
{
	Datum		values[] = {CStringGetTextDatum(handle)};

	if (cs_run(statement, snapshot, values, NULL) == 0)
		return false;
	fetch(SPI_tuptable->vals[0], session);
	return true;
}

bool
cs_store_read(const char *handle, CsSession *session)
{
	bool		found;

	if (cs_direct_read(handle, session, &found))
		return found;
	return select_session(CS_SQL_READ, CS_AS_THE_TRANSACTION_SEES, handle,
						  session);
}

bool
cs_store_read_latest(const char *handle, CsSession *session)
{
	return select_session(CS_SQL_READ, CS_LATEST, handle, session);
}

static CsStatement
lock_statement(CsHold hold)
{
	return hold == CS_HOLD_EXCLUSIVELY ? CS_SQL_LOCK_EXCLUSIVELY : CS_SQL_LOCK;
}

bool
cs_store_lock(const char *handle, CsHold hold, CsSession *session)
{
	return select_session(lock_statement(hold), CS_AS_THE_TRANSACTION_SEES,
						  handle, session);
}

bool
cs_store_lock_latest(const char *handle, CsHold hold, CsSession *session)
{
	return select_session(lock_statement(hold), CS_LATEST, handle, session);
}

bool
cs_store_peek(const char *handle, CsSession *session)
{
	bool		found;

	return cs_direct_read_to_write(handle, session, &found) && found;
}

bool
cs_store_replace(const CsSession *session)
{
	return cs_direct_update(session) == CS_DIRECT_WRITTEN;
}

bool
cs_store_insert(const CsSession *session)
{
	Datum		values[CS_COLUMNS];
	char		nulls[CS_COLUMNS];

	bind_session(session, values, nulls);
	return cs_run(CS_SQL_INSERT, CS_AS_THE_TRANSACTION_SEES, values, nulls) > 0;
}

static bool
update(CsSnapshot snapshot, const char *handle, const CsSession *session)
{
	Datum		values[CS_COLUMNS + 1];
	char		nulls[CS_COLUMNS + 1];

	bind_session(session, values, nulls);
	values[CS_COLUMNS] = CStringGetTextDatum(handle);
	nulls[CS_COLUMNS] = ' ';
	return cs_run(CS_SQL_UPDATE, snapshot, values, nulls) > 0;
}

bool
cs_store_update(const char *handle, const CsSession *session)
{
	return update(CS_AS_THE_TRANSACTION_SEES, handle, session);
}

bool
cs_store_update_latest(const char *handle, const CsSession *session)
{
	return update(CS_LATEST, handle, session);
}

static bool
delete(CsSnapshot snapshot, const char *handle)
{
	Datum		values[] = {CStringGetTextDatum(handle)};

	return cs_run(CS_SQL_DELETE, snapshot, values, NULL) > 0;
}

bool
cs_store_delete(const char *handle)
{
	return delete(CS_AS_THE_TRANSACTION_SEES, handle);
}

bool
cs_store_delete_latest(const char *handle)
{
	return delete(CS_LATEST, handle);
}

/*
 * Takes the lock that a write needs on the table, unless that means to wait,
 * as it would for CREATE INDEX.
 */
static bool
can_write_without_waiting(void)
{
	return ConditionalLockRelationOid(cs_sessions_relid(), RowExclusiveLock);
}

bool
cs_store_touch(const CsSession *session, TimestampTz at)
{
	Datum		values[] = {
		CStringGetTextDatum(session->handle),
		TimestampTzGetDatum(session->timer.last_accessed_at),
		TimestampTzGetDatum(at),
	};
	uint64		rows;

	if (!can_write_without_waiting())
		return false;
	switch (cs_direct_touch(session, at))
	{
		case CS_DIRECT_WRITTEN:
			return true;
		case CS_DIRECT_CHANGED:
			return false;
		case CS_DIRECT_REFUSED:
			break;
	}
	return cs_try_run(CS_SQL_TOUCH, values, false, &rows, NULL) && rows > 0;
}

/*
 * Can a deletion neither wait for rows that point at this one nor fail at the
 * commit of the caller?
 */
static bool
deletion_is_plain(void)
{
	Relation	table = table_open(cs_sessions_relid(), NoLock);
	const TriggerDesc *triggers = table->trigdesc;
	bool		plain = true;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (TRIGGER_FOR_DELETE(trigger->tgtype) &&
			(trigger->tgdeferrable ||
			 RI_FKey_trigger_type(trigger->tgfoid) == RI_TRIGGER_PK))
			plain = false;
	}
	table_close(table, NoLock);
	return plain;
}

bool
cs_store_reap(const CsSession *session)
{
	Datum		values[] = {
		CStringGetTextDatum(session->handle),
		TimestampTzGetDatum(session->timer.last_accessed_at),
		TimestampTzGetDatum(session->timer.expires_at),
	};
	uint64		rows;

	return can_write_without_waiting() && deletion_is_plain() &&
		cs_try_run(CS_SQL_REAP, values, true, &rows, NULL) && rows > 0;
}

/* Runs a statement that selects a user's sessions. */
static List *
select_sessions(CsStatement statement, CsSnapshot snapshot, const text *user_id)
{
	Datum		values[] = {PointerGetDatum(user_id)};
	List	   *sessions = NIL;
	uint64		rows = cs_run(statement, snapshot, values, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		CsSession  *session = palloc(sizeof(CsSession));

		CHECK_FOR_INTERRUPTS();
		fetch(SPI_tuptable->vals[i], session);
		sessions = lappend(sessions, session);
	}
	return sessions;
}

List *
cs_store_list(const text *user_id)
{
	return select_sessions(CS_SQL_LIST, CS_AS_THE_TRANSACTION_SEES, user_id);
}

List *
cs_store_list_latest(const text *user_id, CsOrder order)
{
	return select_sessions(order == CS_BY_HANDLE_LOCKED ?
						   CS_SQL_LIST_LOCKED : CS_SQL_LIST_BY_LAST_USE,
						   CS_LATEST, user_id);
}

int64
cs_store_count_creations(const text *user_id, TimestampTz since)
{
	Datum		values[] = {PointerGetDatum(user_id), TimestampTzGetDatum(since)};
	Datum		count;

	(void) cs_run(CS_SQL_COUNT_CREATIONS, CS_LATEST, values, NULL);
	return cs_single_value(&count) ? DatumGetInt64(count) : 0;
}

void
cs_store_add_creation(const text *user_id, TimestampTz at)
{
	Datum		values[] = {PointerGetDatum(user_id), TimestampTzGetDatum(at)};

	(void) cs_run(CS_SQL_ADD_CREATION, CS_AS_THE_TRANSACTION_SEES, values, NULL);
}

void
cs_store_add_event(const char *event, const char *handle, const text *user_id,
				   const text *ip, const text *user_agent, const char *detail,
				   TimestampTz at)
{
	Datum		values[] = {
		TimestampTzGetDatum(at),
		CStringGetTextDatum(event),
		CStringGetTextDatum(handle),
		PointerGetDatum(user_id),
		PointerGetDatum(ip),
		PointerGetDatum(user_agent),
		detail != NULL ? CStringGetTextDatum(detail) : (Datum) 0,
	};
	char		nulls[] = {
		' ', ' ', ' ',
		user_id != NULL ? ' ' : 'n',
		ip != NULL ? ' ' : 'n',
		user_agent != NULL ? ' ' : 'n',
		detail != NULL ? ' ' : 'n',
	};

	(void) cs_run(CS_SQL_ADD_EVENT, CS_AS_THE_TRANSACTION_SEES, values, nulls);
}
