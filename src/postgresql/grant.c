/*
 * grant.c
 *		session_grant and session_revoke_grant: who may use what.
 *
 * They run as their caller, so that the server decides whether he may grant;
 * only names are looked up for him.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "call.h"
#include "compat.h"
#include "store.h"

/* What an application needs. */
static const char *const application_functions[] = {
	"session_create", "session_set", "session_get", "session_touch",
	"session_info", "session_verify", "session_update", "session_patch",
	"session_rotate", "session_expire", "session_delete", "session_revoke",
	"session_revoke_handle", "session_revoke_user", "session_list",
	"session_digest", "session_setting", "session_version",
};

/* What an operator needs besides. */
static const char *const operator_functions[] = {
	"session_cleanup", "session_import", "session_configure", "session_stats",
	"session_stats_reset", "session_sweep_progress", "session_health",
};

static const char *const operator_relations[] = {
	"session_events", "session_stats", "session_sweep_progress",
};

/* Runs a command that is made of a format for two identifiers. */
static void
run(const char *format, const char *object, const char *role)
{
	char	   *command = psprintf(format, object, role);

	if (SPI_execute(command, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not run: %s", command);
}

/*
 * Every signature of the functions, as "schema.name(types)", for the commands
 * to name.
 */
static void
run_for_functions(const char *format, const char *const *names, int count,
				  const char *role)
{
	static const char query[] =
		"SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text"
		" FROM pg_catalog.pg_depend d"
		" JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid"
		" JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid"
		" WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass"
		" AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass"
		" AND d.deptype OPERATOR(pg_catalog.=) 'e'"
		" AND e.extname OPERATOR(pg_catalog.=) 'covet_sessions'"
		" AND p.proname OPERATOR(pg_catalog.=) ";

	for (int i = 0; i < count; i++)
	{
		char	   *command = psprintf("%s%s", query,
									   quote_literal_cstr(names[i]));
		SPITupleTable *table;
		uint64		rows;

		if (SPI_execute(command, true, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not look up function \"%s\"", names[i]);
		table = SPI_tuptable;
		rows = SPI_processed;
		for (uint64 row = 0; row < rows; row++)
			run(format, SPI_getvalue(table->vals[row], table->tupdesc, 1), role);
	}
}

static void
run_for_relations(const char *format, const char *schema, const char *role)
{
	for (size_t i = 0; i < lengthof(operator_relations); i++)
		run(format, psprintf("%s.%s", schema, operator_relations[i]), role);
}

/*
 * With an empty search path, regprocedure writes every name with its schema.
 */
static int
begin(void)
{
	int			guc_level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	return guc_level;
}

static void
end(int guc_level)
{
	SPI_finish();
	AtEOXact_GUC(true, guc_level);
}

/* The name of a role, quoted. */
static const char *
role_argument(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n) || !OidIsValid(PG_GETARG_OID(n)))
		ereport(ERROR, cs_error(COVET_E_ROLE_NULL));
	return quote_identifier(GetUserNameFromId(PG_GETARG_OID(n), false));
}

static const char *
quoted_schema(void)
{
	return quote_identifier(get_namespace_name(cs_store_schema()));
}

PG_FUNCTION_INFO_V1(session_grant);

Datum
session_grant(PG_FUNCTION_ARGS)
{
	const char *role = role_argument(fcinfo, 0);
	bool		is_operator = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	const char *schema = quoted_schema();
	int			guc_level = begin();

	run("GRANT USAGE ON SCHEMA %s TO %s", schema, role);
	run_for_functions("GRANT EXECUTE ON FUNCTION %s TO %s",
					  application_functions, lengthof(application_functions),
					  role);
	if (is_operator)
	{
		run_for_functions("GRANT EXECUTE ON FUNCTION %s TO %s",
						  operator_functions, lengthof(operator_functions),
						  role);
		run_for_relations("GRANT SELECT ON %s TO %s", schema, role);
	}

	end(guc_level);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(session_revoke_grant);

/* The schema may be the role's for other reasons, so its USAGE stays. */
Datum
session_revoke_grant(PG_FUNCTION_ARGS)
{
	const char *role = role_argument(fcinfo, 0);
	const char *schema = quoted_schema();
	int			guc_level = begin();

	run_for_functions("REVOKE EXECUTE ON FUNCTION %s FROM %s",
					  application_functions, lengthof(application_functions),
					  role);
	run_for_functions("REVOKE EXECUTE ON FUNCTION %s FROM %s",
					  operator_functions, lengthof(operator_functions), role);
	run_for_relations("REVOKE SELECT ON %s FROM %s", schema, role);

	end(guc_level);
	PG_RETURN_VOID();
}
