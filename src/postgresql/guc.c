/*
 * guc.c
 *		The settings as configuration parameters, and the two functions that
 *		read and change them by their portable names.
 *
 * Every parameter is PGC_SUSET: a superuser sets it in postgresql.conf, with
 * ALTER DATABASE or with ALTER ROLE, and the application's role cannot.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "call.h"
#include "compat.h"
#include "guc.h"

#define DEFINE_INTEGER(name, ...) int cs_##name;
#define DEFINE_SWITCH(name, ...) bool cs_##name;
COVET_SETTINGS(DEFINE_INTEGER, DEFINE_SWITCH, DEFINE_INTEGER)
#undef DEFINE_INTEGER
#undef DEFINE_SWITCH

bool		cs_touch_async_commit;

static const struct config_enum_entry max_sessions_policy_values[] = {
	{"evict", COVET_LIMIT_EVICT, false},
	{"reject", COVET_LIMIT_REJECT, false},
	{NULL, 0, false}
};

static const struct config_enum_entry bind_ip_values[] = {
	{"off", COVET_BIND_IP_OFF, false},
	{"subnet", COVET_BIND_IP_SUBNET, false},
	{"exact", COVET_BIND_IP_EXACT, false},
	{NULL, 0, false}
};

static const struct config_enum_entry bind_user_agent_values[] = {
	{"off", COVET_BIND_USER_AGENT_OFF, false},
	{"family", COVET_BIND_USER_AGENT_FAMILY, false},
	{"exact", COVET_BIND_USER_AGENT_EXACT, false},
	{NULL, 0, false}
};

static const struct config_enum_entry on_mismatch_values[] = {
	{"reject", COVET_MISMATCH_REJECT, false},
	{"revoke", COVET_MISMATCH_REVOKE, false},
	{NULL, 0, false}
};

static const struct config_enum_entry audit_values[] = {
	{"off", COVET_AUDIT_OFF, false},
	{"security", COVET_AUDIT_SECURITY, false},
	{"all", COVET_AUDIT_ALL, false},
	{NULL, 0, false}
};

int			cs_access_path = CS_PATH_AUTO;

static const struct config_enum_entry access_path_values[] = {
	{"auto", CS_PATH_AUTO, false},
	{"direct", CS_PATH_DIRECT, false},
	{"spi", CS_PATH_SPI, false},
	{NULL, 0, false}
};

static const char *const setting_names[] = {
#define SETTING_NAME(name, ...) #name,
	COVET_SETTINGS(SETTING_NAME, SETTING_NAME, SETTING_NAME)
#undef SETTING_NAME
};

/* The flag for a unit of covet_settings.h. */
static int
unit_flag(const char *unit)
{
	switch (unit[0])
	{
		case 's':
			return GUC_UNIT_S;
		case 'B':
			return GUC_UNIT_BYTE;
		default:
			return 0;
	}
}

void
cs_guc_init(void)
{
#define DEFINE_INTEGER(name, default_value, minimum, maximum, unit, summary, explanation) \
	DefineCustomIntVariable(CS_GUC_PREFIX "." #name, summary, explanation, \
							&cs_##name, default_value, minimum, maximum, \
							PGC_SUSET, unit_flag(unit), NULL, NULL, NULL);
#define DEFINE_SWITCH(name, default_value, summary, explanation) \
	DefineCustomBoolVariable(CS_GUC_PREFIX "." #name, summary, explanation, \
							 &cs_##name, default_value, \
							 PGC_SUSET, 0, NULL, NULL, NULL);
#define DEFINE_CHOICE(name, default_value, summary, explanation) \
	DefineCustomEnumVariable(CS_GUC_PREFIX "." #name, summary, explanation, \
							 &cs_##name, default_value, name##_values, \
							 PGC_SUSET, 0, NULL, NULL, NULL);
	COVET_SETTINGS(DEFINE_INTEGER, DEFINE_SWITCH, DEFINE_CHOICE)
#undef DEFINE_INTEGER
#undef DEFINE_SWITCH
#undef DEFINE_CHOICE

	/* Other engines have no choice, so it is none of the contract's settings. */
	DefineCustomEnumVariable(CS_GUC_PREFIX ".access_path",
							 "How the rows of sessions are reached.",
							 "\"auto\" reads and writes them directly where nothing of the table's stands against it, \"spi\" by SQL alone, \"direct\" as auto, and session_health() complains where it cannot.",
							 &cs_access_path, CS_PATH_AUTO, access_path_values,
							 PGC_SUSET, 0, NULL, NULL, NULL);

	DefineCustomBoolVariable(CS_GUC_PREFIX ".touch_async_commit",
							 "Commit without waiting for the disk where a transaction has done nothing but record uses.",
							 "A use that is lost in a crash is recorded again by the next one. When off, synchronous_commit decides.",
							 &cs_touch_async_commit, true, PGC_SUSET, 0,
							 NULL, NULL, NULL);

	MarkGUCPrefixReserved(CS_GUC_PREFIX);
}

/*
 * The full name of the parameter behind the setting that argument 0 names;
 * raises an error for anything but a setting of the contract.
 */
static char *
setting_argument(FunctionCallInfo fcinfo)
{
	char	   *name;

	if (PG_ARGISNULL(0))
		ereport(ERROR, cs_error(COVET_E_SETTING_NULL));

	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	for (size_t i = 0; i < lengthof(setting_names); i++)
		if (strcmp(name, setting_names[i]) == 0)
			return psprintf("%s.%s", CS_GUC_PREFIX, name);

	ereport(ERROR, cs_error(COVET_E_SETTING_UNKNOWN),
			errdetail("There is no setting \"%s\".", name),
			errhint("The settings are listed in pg_settings under the names covet_sessions.*."));
}

/*
 * Does the parameter accept the value?  Changes nothing, which the server
 * answers with -1; 0 is a value that is refused.
 */
static bool
setting_accepts(const char *parameter, const char *value)
{
	return set_config_option(parameter, value, PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SET, false, DEBUG5, false) != 0;
}

PG_FUNCTION_INFO_V1(session_setting);

Datum
session_setting(PG_FUNCTION_ARGS)
{
	char	   *parameter = setting_argument(fcinfo);

	PG_RETURN_TEXT_P(cstring_to_text(GetConfigOption(parameter, false, false)));
}

PG_FUNCTION_INFO_V1(session_configure);

/*
 * The value is kept with ALTER DATABASE, for the connections to come, and set
 * for this one.
 */
Datum
session_configure(PG_FUNCTION_ARGS)
{
	CsCall		call;
	char	   *parameter;
	char	   *value;
	StringInfoData command;

	cs_call_begin(&call, CS_WRITES);

	parameter = setting_argument(fcinfo);
	value = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (value != NULL && !setting_accepts(parameter, value))
		ereport(ERROR, cs_error(COVET_E_SETTING_INVALID),
				errdetail("\"%s\" is not a value of \"%s\".", value, parameter),
				errhint("See pg_settings for its type and range."));

	initStringInfo(&command);
	appendStringInfo(&command, "ALTER DATABASE %s ",
					 quote_identifier(get_database_name(MyDatabaseId)));
	if (value != NULL)
		appendStringInfo(&command, "SET %s = %s", parameter,
						 quote_literal_cstr(value));
	else
		appendStringInfo(&command, "RESET %s", parameter);
	cs_call_connect();
	if (SPI_execute(command.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not change setting \"%s\"", parameter);

	cs_call_end(&call);

	(void) set_config_option(parameter, value, PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SET, true, 0, false);
	PG_RETURN_TEXT_P(cstring_to_text(GetConfigOption(parameter, false, false)));
}
