/*
 * cleanup.c
 *		The sweep: in small steps beside writes, and session_cleanup.
 *
 * A row is due when its sweep_at has come.  That is never later than its end,
 * but may be earlier, because a use does not move it: what is due is looked at
 * again, and deleted only if it is over.
 */
#include "cleanup.h"

#include <stdio.h>

#include "args.h"
#include "audit.h"
#include "cs_time.h"
#include "store.h"

/* What create_rate_limit is done with. */
#define CREATION_RETENTION 60

/* When a row is tried again that something refers to, in seconds. */
#define RETRY 3600

typedef struct Batch
{
	sqlite3_int64 deleted;
	bool		more;			/* another batch may find something to do */
	const char *kept;			/* why a row could not be removed; NULL: none */
} Batch;

/*
 * A row that a foreign key or a trigger of the application keeps must not keep
 * the others.
 */
static void
remove_row(CsCall *call, const CsSession *session, CovetTime at, Batch *batch)
{
	if (cs_store_remove(call, session->id, &batch->kept))
	{
		batch->deleted++;
		cs_count(call, COVET_SWEPT);
		if (session->is_active)
			(void) cs_audit_write(call, COVET_AUDIT_ALL, "expired", session, NULL, at);
	}
	else if (!call->failed)
		(void) cs_store_reschedule(call, session->id, covet_time_add(at, RETRY));
}

/* Looks at up to "rows" rows that are due. */
static Batch
sweep_sessions(CsCall *call, CovetTime at, sqlite3_int64 rows)
{
	CsSessions	due = cs_store_due(call, at, rows);
	Batch		batch = {0, due.count == rows, NULL};

	for (int i = 0; i < due.count && !call->failed; i++)
	{
		const CsSession *session = &due.rows[i];

		if (session->is_active && !covet_is_expired(&session->timer, at))
			(void) cs_store_reschedule(call, session->id,
									   covet_valid_until(&session->timer));
		else
			remove_row(call, session, at, &batch);
	}
	return batch;
}

/* To look first costs a tenth, and mostly there is nothing. */
static sqlite3_int64
prune(CsCall *call, CsStatement find, CsStatement which, CovetTime at,
	  int retention, sqlite3_int64 rows)
{
	char		time[CS_TIME_SIZE];
	CsValue		values[2] = {
		cs_time_value(covet_time_add(at, -(int64_t) retention), time),
		{.type = CS_INTEGER,.integer = rows}
	};

	return cs_store_value(call, find, values, 1, NULL, NULL) &&
		cs_change(call, which, values, 2) ? sqlite3_changes(call->db) : 0;
}

/* Removes events and creations that are too old; true if some may be left. */
static bool
prune_logs(CsCall *call, CovetTime at, sqlite3_int64 rows)
{
	int			retention = cs_settings(call)->audit_retention;
	bool		more = prune(call, CS_SQL_FIND_CREATIONS,
							 CS_SQL_PRUNE_CREATIONS, at, CREATION_RETENTION,
							 rows) >= rows;

	if (retention > 0)
		more |= prune(call, CS_SQL_FIND_EVENTS, CS_SQL_PRUNE_EVENTS, at,
					  retention, rows) >= rows;
	return more;
}

/* "kept" says why rows could not be removed, or is NULL. */
static void
sweep_done(CsCall *call, CovetTime started, const char *kept)
{
	CsConnection *connection = call->connection;

	if (call->failed)
	{
		snprintf(connection->last_error, sizeof(connection->last_error), "%s",
				 call->message != NULL ? call->message : "out of memory");
		return;
	}
	snprintf(connection->last_error, sizeof(connection->last_error), "%s",
			 kept != NULL ? kept : "");
	connection->last_sweep_at = cs_now();
	connection->last_sweep_ms = (connection->last_sweep_at - started) / 1000;
	cs_count(call, COVET_SWEEPS);
}

/*
 * Rows end as often as they are made, so that steps must keep pace with writes;
 * where there are few, with time.
 */
static bool
is_time(const CsCall *written, CovetTime at)
{
	CsConnection *connection = written->connection;

	return ++connection->writes % CS_WRITES_PER_SWEEP == 0 ||
		(written->has_settings &&
		 at >= covet_time_add(connection->looked_at,
							  written->settings.cleanup_interval));
}

/* To look needs no lock, and mostly there is nothing. */
static bool
is_any_due(CsCall *call, CovetTime at)
{
	int			retention = cs_settings(call)->audit_retention;
	char		due[CS_TIME_SIZE];
	char		creations[CS_TIME_SIZE];
	char		events[CS_TIME_SIZE];
	const CsValue values[] = {
		cs_time_value(at, due),
		cs_time_value(covet_time_add(at, -CREATION_RETENTION), creations),
		cs_time_value(retention == 0 ? COVET_NEVER :
					  covet_time_add(at, -(int64_t) retention), events),
	};
	sqlite3_int64 any;

	return cs_store_value(call, CS_SQL_ANY_DUE, values, 3, NULL, &any) && any != 0;
}

/* That another connection writes is no failure of a step: it can come later. */
void
cs_cleanup_step(const CsCall *written)
{
	CsConnection *connection = written->connection;
	CovetTime	at = cs_now();
	Batch		batch = {0, false, NULL};
	CsCall		call;
	bool		enabled;
	bool		is_due;

	if (!is_time(written, at))
		return;
	connection->looked_at = at;
	cs_call_begin(&call, connection);
	call.may_wait = false;
	call.has_settings = written->has_settings;
	call.settings = written->settings;
	enabled = !call.failed && cs_settings(&call)->cleanup_enabled;
	is_due = enabled && is_any_due(&call, at);
	if (enabled && !call.failed && (!is_due || cs_write_begin(&call)))
	{
		/* Outside a savepoint a failure could not be undone. */
		if (call.in_savepoint)
		{
			batch = sweep_sessions(&call, at, CS_ROWS_PER_STEP);
			(void) prune_logs(&call, at, CS_ROWS_PER_STEP);
		}
		if (!is_due || cs_write_end(&call) ||
			cs_primary(call.code) != SQLITE_BUSY)
			sweep_done(&call, at, batch.kept);
	}
	cs_call_end(&call);
}

/* Each batch is a transaction of its own, unless the caller has one open. */
static void
session_cleanup(CsCall *call)
{
	CovetTime	started = cs_now();
	sqlite3_int64 left = cs_arg_is_null(call, 0) ? INT64_MAX :
		cs_arg_integer(call, 0, -1);
	sqlite3_int64 deleted = 0;
	const char *kept = NULL;
	bool		more = true;

	if (!cs_can_write(call))
	{
		(void) cs_fail(call, COVET_E_READ_ONLY);
		return;
	}
	if (left < 0)
	{
		(void) cs_fail(call, COVET_E_MAX_ROWS_NEGATIVE);
		return;
	}
	while (more && !call->failed && cs_write_begin(call))
	{
		int			rows = cs_settings(call)->cleanup_batch;
		Batch		batch = {0, false, NULL};

		if (left > 0)
			batch = sweep_sessions(call, started, left < rows ? left : rows);
		left -= batch.deleted;
		deleted += batch.deleted;
		if (batch.kept != NULL)
			kept = batch.kept;
		more = prune_logs(call, started, rows);
		more |= batch.more && left > 0;
		(void) cs_write_end(call);
	}
	sweep_done(call, started, kept);
	cs_return_integer(call, deleted);
}

int
cs_cleanup_register(CsConnection *connection)
{
	return cs_register(connection, "session_cleanup", 0, 1, CS_READS,
					   session_cleanup);
}
