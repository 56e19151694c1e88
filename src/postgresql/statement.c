/*
 * statement.c
 *		The store's SQL statements as kept plans.
 *
 * Where the extension is installed is looked up once and again after an
 * invalidation message about its table or about schemas.  The statements name
 * the tables with their schema and are planned under the pinned search path of
 * cs_call_begin(), so that everything else in them is found in pg_catalog.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"
#include "statement.h"
#include "store.h"

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

	[CS_SQL_EXPIRED_EVENTS] = {
		"INSERT INTO @session_events (at, event, handle, user_id, ip_address, user_agent)"
		" SELECT $2, 'expired', id, user_id, ip_address, user_agent"
		" FROM @sessions WHERE id = ANY ($1) AND is_active",
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

/* Where the extension is. */
static struct
{
	bool		valid;
	Oid			schema;
	Oid			owner;
	Oid			sessions;		/* the table */
	char		version[32];
}			extension;

/* The plans, and which table in which schema they were made for. */
static SPIPlanPtr plans[CS_STATEMENTS];
static Oid	plans_sessions = InvalidOid;
static char *plans_prefix = NULL;

/* How often something was forgotten: a look-up must not outlive its time. */
static uint64 invalidations = 0;

static void
forget(void)
{
	extension.valid = false;
	invalidations++;
}

static void
forget_relation(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == extension.sessions)
		forget();
}

static void
forget_schema(Datum arg, int cacheid, uint32 hashvalue)
{
	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	forget();
}

void
cs_store_init(void)
{
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_schema, (Datum) 0);
}

/*
 * Frees the plans if they were made for something else.  False if the schema
 * has just gone.
 */
static bool
check_plans(void)
{
	char	   *schema = get_namespace_name(extension.schema);
	char	   *prefix;

	if (schema == NULL)
		return false;
	prefix = psprintf("%s.", quote_identifier(schema));
	if (plans_prefix != NULL && plans_sessions == extension.sessions &&
		strcmp(plans_prefix, prefix) == 0)
		return true;

	for (int i = 0; i < CS_STATEMENTS; i++)
	{
		if (plans[i] != NULL)
			SPI_freeplan(plans[i]);
		plans[i] = NULL;
	}
	if (plans_prefix != NULL)
		pfree(plans_prefix);
	plans_prefix = NULL;
	plans_prefix = MemoryContextStrdup(TopMemoryContext, prefix);
	plans_sessions = extension.sessions;
	return true;
}

bool
cs_store_is_installed(void)
{
	Relation	catalog;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	uint64		before = invalidations;
	bool		found = false;
	bool		is_null;

	if (extension.valid)
		return true;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum("covet_sessions"));
	catalog = table_open(ExtensionRelationId, AccessShareLock);
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Form_pg_extension form = (Form_pg_extension) GETSTRUCT(tuple);

		extension.schema = form->extnamespace;
		extension.owner = form->extowner;
		strlcpy(extension.version,
				TextDatumGetCString(heap_getattr(tuple, Anum_pg_extension_extversion,
												 RelationGetDescr(catalog), &is_null)),
				sizeof(extension.version));
		found = true;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);

	if (found)
	{
		extension.sessions = get_relname_relid("sessions", extension.schema);
		found = OidIsValid(extension.sessions) && check_plans();
	}
	extension.valid = found && invalidations == before;
	return found;
}

/* Makes sure that the extension has been looked up. */
static void
resolve(void)
{
	if (!cs_store_is_installed())
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("extension \"covet_sessions\" is not installed in this database"),
				errhint("Run CREATE EXTENSION covet_sessions."));
}

Oid
cs_store_owner(void)
{
	resolve();
	return extension.owner;
}

Oid
cs_store_schema(void)
{
	resolve();
	return extension.schema;
}

char *
cs_store_version(void)
{
	/* ALTER EXTENSION UPDATE need not touch what the cache listens to. */
	extension.valid = false;
	resolve();
	return extension.version;
}

Oid
cs_sessions_relid(void)
{
	resolve();
	return extension.sessions;
}

/* The text of a statement, with the schema in place. */
static char *
statement_text(CsStatement statement)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const char *c = definitions[statement].sql; *c != '\0'; c++)
	{
		if (*c == '@')
			appendStringInfoString(&text, plans_prefix);
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
 * transactions narrow.
 */
static SPIPlanPtr
get_plan(CsStatement statement)
{
	CachedPlan *cached;
	int			guc_level;

	resolve();
	if (plans[statement] != NULL && SPI_plan_is_valid(plans[statement]))
		return plans[statement];

	guc_level = NewGUCNestLevel();
	(void) set_config_option("enable_seqscan", "off", PGC_USERSET,
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

/* Is this an error for which cs_try_run() gives up? */
static bool
may_give_up(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION;
}

bool
cs_try_run(CsStatement statement, Datum *values, bool constraints, uint64 *rows)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool done = false;

	if (!constraints && !IsolationUsesXactSnapshot())
	{
		*rows = cs_run(statement, CS_AS_THE_TRANSACTION_SEES, values, NULL);
		return true;
	}

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*rows = cs_run(statement, CS_AS_THE_TRANSACTION_SEES, values, NULL);
		ReleaseCurrentSubTransaction();
		done = true;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!may_give_up(error->sqlerrcode))
		{
			MemoryContextSwitchTo(context);
			CurrentResourceOwner = owner;
			ReThrowError(error);
		}
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
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
