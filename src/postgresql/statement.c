/*
 * statement.c
 *		The store's SQL statements as kept plans.
 *
 * The statements name the tables with their schema and are planned under the
 * pinned search path of cs_call_begin(), so that everything else in them is
 * found in pg_catalog.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/guc.h"
#include "utils/plancache.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "call.h"
#include "compat.h"
#include "extension.h"
#include "statement.h"

#define MAX_PARAMETERS 14

/* The columns of a CsSession; "@" stands for the schema and its dot. */
#define COLUMNS \
	"id, user_id, created_at, last_accessed_at, expires_at, idle_timeout, " \
	"ip_address, user_agent, is_active, version, data, sweep_at, " \
	"bound_ip, bound_user_agent"
#define SESSION_TYPES \
	TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, \
	TEXTOID, TEXTOID, BOOLOID, INT8OID, JSONBOID, TIMESTAMPTZOID, \
	TEXTOID, TEXTOID

typedef struct Definition
{
	const char *sql;
	Oid			types[MAX_PARAMETERS + 2];	/* ends with InvalidOid */
} Definition;

static const Definition definitions[CS_STATEMENTS] = {
	[CS_SQL_READ] = {
		"SELECT " COLUMNS " FROM @sessions WHERE id = $1",
	{TEXTOID}},

	[CS_SQL_LOCK] = {
		"SELECT " COLUMNS " FROM @sessions WHERE id = $1 FOR NO KEY UPDATE",
	{TEXTOID}},

	[CS_SQL_LOCK_EXCLUSIVELY] = {
		"SELECT " COLUMNS " FROM @sessions WHERE id = $1 FOR UPDATE",
	{TEXTOID}},

	[CS_SQL_INSERT] = {
		"INSERT INTO @sessions (" COLUMNS ")"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
		" ON CONFLICT (id) DO NOTHING",
	{SESSION_TYPES}},

	[CS_SQL_UPDATE] = {
		"UPDATE @sessions SET (" COLUMNS ") ="
		" ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
		" WHERE id = $15",
	{SESSION_TYPES, TEXTOID}},

	[CS_SQL_DELETE] = {
		"DELETE FROM @sessions WHERE id = $1",
	{TEXTOID}},

	/*
	 * The row is what was read if it was last used when it was: all that
	 * changes a live session is a use.
	 */
	[CS_SQL_TOUCH] = {
		"UPDATE @sessions SET last_accessed_at = $3 WHERE id ="
		" (SELECT id FROM @sessions WHERE id = $1 AND is_active"
		"   AND last_accessed_at = $2 FOR NO KEY UPDATE SKIP LOCKED)",
	{TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}},

	/* session_expire() changes an expired row without using it. */
	[CS_SQL_REAP] = {
		"DELETE FROM @sessions WHERE id ="
		" (SELECT id FROM @sessions WHERE id = $1 AND is_active"
		"   AND last_accessed_at = $2 AND coalesce(expires_at, 'infinity') = $3"
		"   FOR UPDATE SKIP LOCKED)",
	{TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}},

	/* user_id <> '' is what the index is limited to. */
	[CS_SQL_LIST] = {
		"SELECT " COLUMNS " FROM @sessions"
		" WHERE user_id = $1 AND user_id <> '' AND is_active"
		" ORDER BY last_accessed_at DESC, id",
	{TEXTOID}},

	[CS_SQL_LIST_BY_LAST_USE] = {
		"SELECT " COLUMNS " FROM @sessions"
		" WHERE user_id = $1 AND user_id <> '' AND is_active"
		" ORDER BY last_accessed_at, id",
	{TEXTOID}},

	/* In one order for all, so that two of them cannot deadlock. */
	[CS_SQL_LIST_LOCKED] = {
		"SELECT " COLUMNS " FROM @sessions"
		" WHERE user_id = $1 AND user_id <> '' AND is_active"
		" ORDER BY id FOR NO KEY UPDATE",
	{TEXTOID}},

	[CS_SQL_DUE] = {
		"SELECT id, last_accessed_at, expires_at, idle_timeout, is_active, sweep_at"
		" FROM @sessions WHERE sweep_at BETWEEN $3 AND $1"
		" ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED",
	{TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID}},

	[CS_SQL_DELETE_MANY] = {
		"DELETE FROM @sessions WHERE id = ANY ($1)",
	{TEXTARRAYOID}},

	[CS_SQL_RESCHEDULE_MANY] = {
		"UPDATE @sessions s SET sweep_at = nullif(n.sweep_at, 'infinity')"
		" FROM unnest($1, $2) n (id, sweep_at) WHERE s.id = n.id",
	{TEXTARRAYOID, TIMESTAMPTZARRAYOID}},

	/* One statement, so that a row that cannot go leaves no event. */
	[CS_SQL_DELETE_MANY_LOGGED] = {
		"WITH gone AS (DELETE FROM @sessions WHERE id = ANY ($1)"
		"   RETURNING id, user_id, ip_address, user_agent, is_active),"
		" logged AS (INSERT INTO @session_events"
		"   (at, event, handle, user_id, ip_address, user_agent)"
		"   SELECT $2, 'expired', id, user_id, ip_address, user_agent"
		"   FROM gone WHERE is_active)"
		" SELECT FROM gone",
	{TEXTARRAYOID, TIMESTAMPTZOID}},

	[CS_SQL_PRUNE_EVENTS] = {
		"DELETE FROM @session_events WHERE ctid = ANY (ARRAY"
		" (SELECT ctid FROM @session_events WHERE at < $1"
		"   ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))",
	{TIMESTAMPTZOID, INT8OID}},

	[CS_SQL_PRUNE_CREATIONS] = {
		"DELETE FROM @session_creations WHERE ctid = ANY (ARRAY"
		" (SELECT ctid FROM @session_creations WHERE at < $1"
		"   ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))",
	{TIMESTAMPTZOID, INT8OID}},

	[CS_SQL_NEXT_DUE] = {
		"SELECT min(sweep_at) FROM @sessions",
	{InvalidOid}},

	/* Rows that were never looked at have no age. */
	[CS_SQL_OLDEST_DUE] = {
		"SELECT min(sweep_at) FROM @sessions"
		" WHERE sweep_at > '-infinity' AND sweep_at <= $1",
	{TIMESTAMPTZOID}},

	[CS_SQL_COUNT_DUE] = {
		"SELECT count(*) FROM"
		" (SELECT FROM @sessions WHERE sweep_at <= $1 LIMIT $2) due",
	{TIMESTAMPTZOID, INT8OID}},

	/*
	 * Where the clock was set back, what is far ahead of it would lock the
	 * user out until that time comes again.
	 */
	[CS_SQL_COUNT_CREATIONS] = {
		"SELECT count(*) FROM @session_creations WHERE user_id = $1"
		" AND at > $2 AND at < $2 + '2 minutes'::interval",
	{TEXTOID, TIMESTAMPTZOID}},

	[CS_SQL_ADD_CREATION] = {
		"INSERT INTO @session_creations (user_id, at) VALUES ($1, $2)",
	{TEXTOID, TIMESTAMPTZOID}},

	[CS_SQL_ADD_EVENT] = {
		"INSERT INTO @session_events"
		" (at, event, handle, user_id, ip_address, user_agent, detail)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	{TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}},
};

/* The plans, and what they were made for. */
static SPIPlanPtr plans[CS_STATEMENTS];
static uint64 plans_generation = 0;

/* Frees the plans if they were made for something else. */
static void
check_plans(void)
{
	uint64		generation = cs_extension_generation();

	if (generation == plans_generation)
		return;
	for (int i = 0; i < CS_STATEMENTS; i++)
	{
		if (plans[i] != NULL)
			SPI_freeplan(plans[i]);
		plans[i] = NULL;
	}
	plans_generation = generation;
}

/* The text of a statement, with the schema in place. */
static char *
statement_text(CsStatement statement)
{
	StringInfoData text;
	const char *prefix = cs_schema_prefix();

	initStringInfo(&text);
	for (const char *c = definitions[statement].sql; *c != '\0'; c++)
	{
		if (*c == '@')
			appendStringInfoString(&text, prefix);
		else
			appendStringInfoChar(&text, *c);
	}
	return text.data;
}

static int
count_parameters(CsStatement statement)
{
	int			n = 0;

	while (OidIsValid(definitions[statement].types[n]))
		n++;
	return n;
}

/*
 * A kept plan, planned.  A table that is small now may be large before the
 * server notices, so plans are made as if it were large already: without
 * sequential scans.  That also keeps the predicate locks of serializable
 * transactions narrow.  Where somebody has switched off index scans, the sweep
 * would read and sort all that is due for each of its batches.
 */
static SPIPlanPtr
get_plan(CsStatement statement)
{
	CachedPlan *cached;
	int			guc_level;

	cs_call_connect();
	check_plans();
	if (plans[statement] != NULL && SPI_plan_is_valid(plans[statement]))
		return plans[statement];

	guc_level = NewGUCNestLevel();
	(void) set_config_option("enable_seqscan", "off", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("enable_indexscan", "on", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (plans[statement] == NULL)
	{
		SPIPlanPtr	plan;

		plan = SPI_prepare_cursor(statement_text(statement),
								  count_parameters(statement),
								  unconstify(Oid *, (const Oid *) definitions[statement].types),
								  CURSOR_OPT_GENERIC_PLAN);
		if (plan == NULL)
			elog(ERROR, "could not prepare statement: %s",
				 SPI_result_code_string(SPI_result));
		if (SPI_keepplan(plan) != 0)
			elog(ERROR, "could not keep a prepared statement");
		plans[statement] = plan;
	}
	cached = SPI_plan_get_cached_plan(plans[statement]);
	if (cached != NULL)
		ReleaseCachedPlan(cached, CurrentResourceOwner);
	AtEOXact_GUC(true, guc_level);

	return plans[statement];
}

uint64
cs_run(CsStatement statement, CsSnapshot snapshot, Datum *values,
	   const char *nulls)
{
	SPIPlanPtr	plan = get_plan(statement);
	int			result;

	/*
	 * Below REPEATABLE READ every statement sees the latest anyway.  Above,
	 * what the transaction's own snapshot does not see may be read, but must
	 * not be written.
	 */
	if (snapshot == CS_LATEST && IsolationUsesXactSnapshot())
	{
		CommandCounterIncrement();
		result = SPI_execute_snapshot(plan, values, nulls, GetLatestSnapshot(),
									  GetTransactionSnapshot(), false, true, 0);
	}
	else
		result = SPI_execute_plan(plan, values, nulls, false, 0);

	if (result < 0)
		elog(ERROR, "could not run statement: %s",
			 SPI_result_code_string(result));
	return SPI_processed;
}

/* Is this an error for which cs_try() gives up? */
static bool
may_give_up(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION;
}

bool
cs_try(void (*run) (void *argument), void *argument, bool constraints,
	   ErrorData **error)
{
	MemoryContext context;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool done = false;

	/* Not within the subtransaction, which would end the connection too. */
	cs_call_connect();
	context = CurrentMemoryContext;

	if (!constraints && !IsolationUsesXactSnapshot())
	{
		run(argument);
		return true;
	}

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		run(argument);
		ReleaseCurrentSubTransaction();
		done = true;
	}
	PG_CATCH();
	{
		ErrorData  *raised;

		MemoryContextSwitchTo(context);
		raised = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!may_give_up(raised->sqlerrcode))
		{
			MemoryContextSwitchTo(context);
			CurrentResourceOwner = owner;
			ReThrowError(raised);
		}
		if (error != NULL)
			*error = raised;
		else
			FreeErrorData(raised);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return done;
}

typedef struct Trial
{
	CsStatement statement;
	Datum	   *values;
	uint64		rows;
} Trial;

static void
run_trial(void *argument)
{
	Trial	   *trial = argument;

	trial->rows = cs_run(trial->statement, CS_AS_THE_TRANSACTION_SEES,
						 trial->values, NULL);
}

bool
cs_try_run(CsStatement statement, Datum *values, bool constraints, uint64 *rows,
		   ErrorData **error)
{
	Trial		trial = {statement, values, 0};
	bool		done = cs_try(run_trial, &trial, constraints, error);

	*rows = trial.rows;
	return done;
}

bool
cs_single_value(Datum *value)
{
	bool		is_null;

	if (SPI_processed == 0)
		return false;
	*value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						   &is_null);
	return !is_null;
}
