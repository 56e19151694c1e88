/*
 * settings.c
 *		session_setting, session_configure: the settings by their names.
 */
#include "settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "store.h"

/* Room for any number with its NUL byte. */
#define NUMBER_SIZE 24

static const char *const switch_values[] = {"off", "on", NULL};
static const char *const max_sessions_policy_values[] = {
	[COVET_LIMIT_EVICT] = "evict", [COVET_LIMIT_REJECT] = "reject", NULL
};
static const char *const bind_ip_values[] = {
	[COVET_BIND_IP_OFF] = "off", [COVET_BIND_IP_SUBNET] = "subnet",
	[COVET_BIND_IP_EXACT] = "exact", NULL
};
static const char *const bind_user_agent_values[] = {
	[COVET_BIND_USER_AGENT_OFF] = "off",
	[COVET_BIND_USER_AGENT_FAMILY] = "family",
	[COVET_BIND_USER_AGENT_EXACT] = "exact", NULL
};
static const char *const on_mismatch_values[] = {
	[COVET_MISMATCH_REJECT] = "reject", [COVET_MISMATCH_REVOKE] = "revoke", NULL
};
static const char *const audit_values[] = {
	[COVET_AUDIT_OFF] = "off", [COVET_AUDIT_SECURITY] = "security",
	[COVET_AUDIT_ALL] = "all", NULL
};

typedef struct Setting
{
	const char *name;
	size_t		offset;			/* in CsSettings */
	int			minimum;
	int			maximum;
	const char *const *values;	/* NULL: a number */
} Setting;

static const Setting settings[] = {
#define INTEGER(name, default_value, minimum, maximum, ...) \
	{#name, offsetof(CsSettings, name), minimum, maximum, NULL},
#define SWITCH(name, ...) \
	{#name, offsetof(CsSettings, name), 0, 1, switch_values},
#define CHOICE(name, ...) \
	{#name, offsetof(CsSettings, name), 0, 0, name##_values},
	COVET_SETTINGS(INTEGER, SWITCH, CHOICE)
#undef INTEGER
#undef SWITCH
#undef CHOICE
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

static const CsSettings defaults = {
#define DEFAULT(name, default_value, ...) .name = default_value,
	COVET_SETTINGS(DEFAULT, DEFAULT, DEFAULT)
#undef DEFAULT
};

static const Setting *
find(CsText name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
	{
		if (cs_text_equal(name, cs_text(settings[i].name)))
			return &settings[i];
	}
	return NULL;
}

static int *
field(CsSettings *all, const Setting *setting)
{
	return (int *) ((char *) all + setting->offset);
}

/* ---- values as text ---- */

static bool
parse_number(const Setting *setting, const char *text, int *value)
{
	char	   *end;
	long long	number = strtoll(text, &end, 10);

	*value = (int) number;
	return end != text && *end == '\0' &&
		number >= setting->minimum && number <= setting->maximum;
}

/* A choice's value; a switch goes by other names as well. */
static bool
parse_word(const Setting *setting, const char *text, int *value)
{
	static const char *const also[][2] = {
		{"false", "true"}, {"no", "yes"}, {"0", "1"}
	};

	for (*value = 0; setting->values[*value] != NULL; ++*value)
	{
		if (sqlite3_stricmp(text, setting->values[*value]) == 0)
			return true;
	}
	if (setting->values != switch_values)
		return false;
	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++)
	{
		for (*value = 0; *value < 2; ++*value)
		{
			if (sqlite3_stricmp(text, also[i][*value]) == 0)
				return true;
		}
	}
	return false;
}

static bool
parse(const Setting *setting, CsText text, int *value)
{
	char		copy[NUMBER_SIZE];

	if (text.start == NULL || text.length >= NUMBER_SIZE)
		return false;
	memcpy(copy, text.start, (size_t) text.length);
	copy[text.length] = '\0';
	return setting->values == NULL ?
		parse_number(setting, copy, value) : parse_word(setting, copy, value);
}

static CsText
format(const Setting *setting, int value, char number[NUMBER_SIZE])
{
	if (setting->values != NULL)
		return cs_text(setting->values[value]);
	snprintf(number, NUMBER_SIZE, "%d", value);
	return cs_text(number);
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
		const Setting *setting = find(cs_column_text(call, statement, 0));
		int			value;

		if (setting != NULL && parse(setting, cs_column_text(call, statement, 1), &value))
			*field(&call->settings, setting) = value;
		else
			invalid++;
	}
	cs_statement_give(call->connection, CS_SQL_SETTINGS, statement);
	return invalid;
}

const CsSettings *
cs_settings(CsCall *call)
{
	if (!call->has_settings)
		(void) load(call);
	return &call->settings;
}

int
cs_settings_count_invalid(CsCall *call)
{
	return load(call);
}

/* ---- the functions ---- */

static const Setting *
setting_argument(CsCall *call)
{
	CsText		name = cs_arg_text(call, 0);
	const Setting *setting;

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
return_setting(CsCall *call, const Setting *setting)
{
	CsSettings	all = *cs_settings(call);
	char		number[NUMBER_SIZE];
	CsText		value = format(setting, *field(&all, setting), number);

	if (cs_copy(call, value, &value))
		cs_return_text(call, value);
}

static void
session_setting(CsCall *call)
{
	const Setting *setting = setting_argument(call);

	if (setting != NULL)
		return_setting(call, setting);
}

static void
session_configure(CsCall *call)
{
	const Setting *setting = setting_argument(call);
	CsText		given = cs_arg_text(call, 1);
	CsValue		row[2] = {{.type = CS_TEXT}, {.type = CS_TEXT}};
	char		number[NUMBER_SIZE];
	int			value;
	bool		done;

	if (setting == NULL)
		return;
	row[0].text = cs_text(setting->name);
	if (given.start == NULL)
		done = cs_change(call, CS_SQL_RESET_SETTING, row, 1);
	else if (parse(setting, given, &value))
	{
		row[1].text = format(setting, value, number);
		done = cs_change(call, CS_SQL_SET_SETTING, row, 2);
	}
	else
		done = cs_fail(call, COVET_E_SETTING_INVALID);

	if (done)
	{
		call->has_settings = false;
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
