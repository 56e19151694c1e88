/*
 * settings.c
 *		session_setting, session_configure: the settings by their names.
 */
#include "settings.h"

#include "args.h"
#include "store.h"

_Static_assert(sizeof(CsSettings) == COVET_SETTING_COUNT * sizeof(int),
			   "a field for each setting, in the core's order");

static const CsSettings defaults = {
#define DEFAULT(name, default_value, ...) .name = default_value,
	COVET_SETTINGS(DEFAULT, DEFAULT, DEFAULT)
#undef DEFAULT
};

static const CovetSetting *
find(CsText name)
{
	return covet_setting_find(name.start, (size_t) name.length);
}

static int *
field(CsSettings *all, const CovetSetting *setting)
{
	return (int *) all + (setting - covet_settings);
}

static bool
parse(const CovetSetting *setting, CsText text, int *value)
{
	return text.start != NULL &&
		covet_setting_parse(setting, text.start, (size_t) text.length, value);
}

static CsText
format(const CovetSetting *setting, int value, char memory[COVET_SETTING_SIZE])
{
	return cs_text(covet_setting_format(setting, value, memory));
}

/* ---- the table ---- */

/* Reads it; how many rows mean nothing. */
static int
load(CsCall *call)
{
	sqlite3_stmt *statement;
	int			invalid = 0;

	call->settings = defaults;
	call->has_settings = true;
	if (!cs_run(call, CS_SQL_SETTINGS, NULL, 0, &statement))
		return 0;
	while (cs_next_row(call, statement))
	{
		const CovetSetting *setting = find(cs_column_text(call, statement, 0));
		int			value;

		if (setting != NULL && parse(setting, cs_column_text(call, statement, 1), &value))
			*field(&call->settings, setting) = value;
		else
			invalid++;
	}
	cs_statement_give(call->connection, CS_SQL_SETTINGS, statement);
	return invalid;
}

/*
 * The number of commits to the database that the connection has seen.  False if
 * that does not say what the call sees: there is no transaction yet, or one that
 * has written something by itself.
 */
static bool
commits(const CsCall *call, unsigned *count)
{
	bool		is_plain = call->alone ||
		(call->in_savepoint ? call->is_transaction :
		 sqlite3_get_autocommit(call->db) &&
		 sqlite3_txn_state(call->db, "main") == SQLITE_TXN_READ);

	return is_plain && sqlite3_file_control(call->db, NULL,
											SQLITE_FCNTL_DATA_VERSION,
											count) == SQLITE_OK;
}

const CsSettings *
cs_settings(CsCall *call)
{
	CsConnection *connection = call->connection;
	unsigned	count;

	if (call->has_settings)
		return &call->settings;
	if (!commits(call, &count))
	{
		(void) load(call);
		return &call->settings;
	}
	if (!connection->has_settings || connection->settings_commits != count)
	{
		(void) load(call);
		connection->has_settings = !call->failed;
		connection->settings = call->settings;
		connection->settings_commits = count;
	}
	call->settings = connection->settings;
	call->has_settings = true;
	call->keeps_settings = connection->has_settings;
	return &call->settings;
}

void
cs_settings_keep(CsCall *call)
{
	if (call->keeps_settings)
		(void) sqlite3_file_control(call->db, NULL, SQLITE_FCNTL_DATA_VERSION,
									&call->connection->settings_commits);
}

int
cs_settings_count_invalid(CsCall *call)
{
	return load(call);
}

/* ---- the functions ---- */

static const CovetSetting *
setting_argument(CsCall *call)
{
	CsText		name = cs_arg_text(call, 0);
	const CovetSetting *setting;

	if (name.start == NULL)
	{
		(void) cs_fail(call, COVET_E_SETTING_NULL);
		return NULL;
	}
	setting = find(name);
	if (setting == NULL)
		(void) cs_fail(call, COVET_E_SETTING_UNKNOWN);
	return setting;
}

static void
return_setting(CsCall *call, const CovetSetting *setting)
{
	CsSettings	all = *cs_settings(call);
	char		memory[COVET_SETTING_SIZE];
	CsText		value = format(setting, *field(&all, setting), memory);

	if (cs_copy(call, value, &value))
		cs_return_text(call, value);
}

static void
session_setting(CsCall *call)
{
	const CovetSetting *setting = setting_argument(call);

	if (setting != NULL)
		return_setting(call, setting);
}

static void
session_configure(CsCall *call)
{
	const CovetSetting *setting = setting_argument(call);
	CsText		given = cs_arg_text(call, 1);
	CsValue		row[2] = {{.type = CS_TEXT}, {.type = CS_TEXT}};
	char		memory[COVET_SETTING_SIZE];
	int			value;
	bool		done;

	if (setting == NULL)
		return;
	row[0].text = cs_text(setting->name);
	if (given.start == NULL)
		done = cs_change(call, CS_SQL_RESET_SETTING, row, 1);
	else if (parse(setting, given, &value))
	{
		row[1].text = format(setting, value, memory);
		done = cs_change(call, CS_SQL_SET_SETTING, row, 2);
	}
	else
		done = cs_fail(call, COVET_E_SETTING_INVALID);

	if (done)
	{
		/* Only once they are committed others may use them. */
		call->connection->has_settings = false;
		call->keeps_settings = false;
		(void) load(call);
		return_setting(call, setting);
	}
}

int
cs_settings_register(CsConnection *connection)
{
	int			code = cs_register(connection, "session_setting", 1, 1,
								   CS_READS, session_setting);

	if (code == SQLITE_OK)
		code = cs_register(connection, "session_configure", 2, 2, CS_WRITES,
						   session_configure);
	return code;
}
