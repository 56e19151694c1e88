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

#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "extension.h"
#include "statement.h"
#include "store.h"

/* Columns of a CsSession, in the order of the statements. */
enum
{
	COLUMN_ID = 1,
	COLUMN_USER_ID,
	COLUMN_CREATED_AT,
	COLUMN_LAST_ACCESSED_AT,
	COLUMN_EXPIRES_AT,
	COLUMN_IDLE_TIMEOUT,
	COLUMN_IP_ADDRESS,
	COLUMN_USER_AGENT,
	COLUMN_IS_ACTIVE,
	COLUMN_VERSION,
	COLUMN_DATA,
	COLUMN_SWEEP_AT,
	COLUMN_BOUND_IP,
	COLUMN_BOUND_USER_AGENT,
	COLUMNS = COLUMN_BOUND_USER_AGENT
};

/* One column of a result row; "otherwise" where it is null. */
static Datum
column(HeapTuple tuple, int n, Datum otherwise)
{
	bool		is_null;
	Datum		value = SPI_getbinval(tuple, SPI_tuptable->tupdesc, n, &is_null);

	return is_null ? otherwise : value;
}

static text *
text_column(HeapTuple tuple, int n)
{
	Datum		value = column(tuple, n, (Datum) 0);

	return value == (Datum) 0 ? NULL : DatumGetTextPP(value);
}

static void
fetch(HeapTuple tuple, CsSession *session)
{
	text_to_cstring_buffer(DatumGetTextPP(column(tuple, COLUMN_ID, (Datum) 0)),
						   session->handle, sizeof(session->handle));
	session->user_id = text_column(tuple, COLUMN_USER_ID);
	session->created_at =
		DatumGetTimestampTz(column(tuple, COLUMN_CREATED_AT, (Datum) 0));
	session->timer.last_accessed_at =
		DatumGetTimestampTz(column(tuple, COLUMN_LAST_ACCESSED_AT, (Datum) 0));
	session->timer.expires_at =
		DatumGetTimestampTz(column(tuple, COLUMN_EXPIRES_AT,
								   TimestampTzGetDatum(COVET_NEVER)));
	session->timer.idle_timeout =
		DatumGetInt32(column(tuple, COLUMN_IDLE_TIMEOUT, Int32GetDatum(0)));
	session->ip = text_column(tuple, COLUMN_IP_ADDRESS);
	session->user_agent = text_column(tuple, COLUMN_USER_AGENT);
	session->is_active =
		DatumGetBool(column(tuple, COLUMN_IS_ACTIVE, (Datum) 0));
	session->version =
		DatumGetInt64(column(tuple, COLUMN_VERSION, (Datum) 0));
	session->data = column(tuple, COLUMN_DATA, (Datum) 0);
	session->sweep_at =
		DatumGetTimestampTz(column(tuple, COLUMN_SWEEP_AT,
								   TimestampTzGetDatum(COVET_NEVER)));
	session->bound_ip = text_column(tuple, COLUMN_BOUND_IP);
	session->bound_user_agent = text_column(tuple, COLUMN_BOUND_USER_AGENT);
}

/* The reverse: parameters of a statement that writes a whole session. */
static void
unfold(const CsSession *session, Datum *values, char *nulls)
{
	const text *texts[COLUMNS] = {
		[COLUMN_USER_ID - 1] = session->user_id,
		[COLUMN_IP_ADDRESS - 1] = session->ip,
		[COLUMN_USER_AGENT - 1] = session->user_agent,
		[COLUMN_BOUND_IP - 1] = session->bound_ip,
		[COLUMN_BOUND_USER_AGENT - 1] = session->bound_user_agent,
	};

	for (int i = 0; i < COLUMNS; i++)
	{
		values[i] = PointerGetDatum(texts[i]);
		nulls[i] = ' ';
	}

	values[COLUMN_ID - 1] = CStringGetTextDatum(session->handle);
	values[COLUMN_CREATED_AT - 1] = TimestampTzGetDatum(session->created_at);
	values[COLUMN_LAST_ACCESSED_AT - 1] =
		TimestampTzGetDatum(session->timer.last_accessed_at);
	values[COLUMN_EXPIRES_AT - 1] =
		TimestampTzGetDatum(session->timer.expires_at);
	values[COLUMN_IDLE_TIMEOUT - 1] =
		Int32GetDatum(session->timer.idle_timeout);
	values[COLUMN_IS_ACTIVE - 1] = BoolGetDatum(session->is_active);
	values[COLUMN_VERSION - 1] = Int64GetDatum(session->version);
	values[COLUMN_DATA - 1] = session->data;
	values[COLUMN_SWEEP_AT - 1] = TimestampTzGetDatum(session->sweep_at);

	if (session->timer.expires_at == COVET_NEVER)
		nulls[COLUMN_EXPIRES_AT - 1] = 'n';
	if (session->timer.idle_timeout == 0)
		nulls[COLUMN_IDLE_TIMEOUT - 1] = 'n';
	if (session->sweep_at == COVET_NEVER)
		nulls[COLUMN_SWEEP_AT - 1] = 'n';
	if (session->ip == NULL)
		nulls[COLUMN_IP_ADDRESS - 1] = 'n';
	if (session->user_agent == NULL)
		nulls[COLUMN_USER_AGENT - 1] = 'n';
	if (session->bound_ip == NULL)
		nulls[COLUMN_BOUND_IP - 1] = 'n';
	if (session->bound_user_agent == NULL)
		nulls[COLUMN_BOUND_USER_AGENT - 1] = 'n';
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
cs_store_insert(const CsSession *session)
{
	Datum		values[COLUMNS];
	char		nulls[COLUMNS];

	unfold(session, values, nulls);
	return cs_run(CS_SQL_INSERT, CS_AS_THE_TRANSACTION_SEES, values, nulls) > 0;
}

static bool
update(CsSnapshot snapshot, const char *handle, const CsSession *session)
{
	Datum		values[COLUMNS + 1];
	char		nulls[COLUMNS + 1];

	unfold(session, values, nulls);
	values[COLUMNS] = CStringGetTextDatum(handle);
	nulls[COLUMNS] = ' ';
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

	return can_write_without_waiting() &&
		cs_try_run(CS_SQL_TOUCH, values, false, &rows) && rows > 0;
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

	return can_write_without_waiting() &&
		cs_try_run(CS_SQL_REAP, values, true, &rows) && rows > 0;
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
