/*
 * settings.c
 *		The settings by their names, and their values as text.
 */
#include "covet_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "covet_core.h"

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

#define MAXIMUM(values) ((int) (sizeof(values) / sizeof((values)[0])) - 2)

const CovetSetting covet_settings[COVET_SETTING_COUNT] = {
#define INTEGER(name, default_value, minimum, maximum, ...) \
	{#name, default_value, minimum, maximum, NULL},
#define SWITCH(name, default_value, ...) \
	{#name, default_value, 0, 1, switch_values},
#define CHOICE(name, default_value, ...) \
	{#name, default_value, 0, MAXIMUM(name##_values), name##_values},
	COVET_SETTINGS(INTEGER, SWITCH, CHOICE)
#undef INTEGER
#undef SWITCH
#undef CHOICE
};

const CovetSetting *
covet_setting_find(const char *name, size_t length)
{
	for (int i = 0; i < COVET_SETTING_COUNT; i++)
	{
		if (strlen(covet_settings[i].name) == length &&
			memcmp(covet_settings[i].name, name, length) == 0)
			return &covet_settings[i];
	}
	return NULL;
}

static bool
parse_number(const CovetSetting *setting, const char *text, int *value)
{
	char	   *end;
	long long	number = strtoll(text, &end, 10);

	if (end == text || *end != '\0' ||
		number < setting->minimum || number > setting->maximum)
		return false;
	*value = (int) number;
	return true;
}

/* Which of the words is it?  -1: none. */
static int
find_word(const char *const *words, const char *text)
{
	for (int i = 0; words[i] != NULL; i++)
	{
		if (strcasecmp(words[i], text) == 0)
			return i;
	}
	return -1;
}

static bool
parse_word(const CovetSetting *setting, const char *text, int *value)
{
	static const char *const also[][3] = {
		{"false", "true", NULL}, {"no", "yes", NULL}, {"0", "1", NULL}
	};

	*value = find_word(setting->values, text);
	if (setting->values == switch_values)
	{
		for (size_t i = 0; *value < 0 && i < sizeof(also) / sizeof(also[0]); i++)
			*value = find_word(also[i], text);
	}
	return *value >= 0;
}

bool
covet_setting_parse(const CovetSetting *setting, const char *text,
					size_t length, int *value)
{
	char		copy[COVET_SETTING_SIZE];

	if (length == 0 || length >= sizeof(copy) ||
		memchr(text, '\0', length) != NULL)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return setting->values == NULL ?
		parse_number(setting, copy, value) : parse_word(setting, copy, value);
}

const char *
covet_setting_format(const CovetSetting *setting, int value,
					 char memory[COVET_SETTING_SIZE])
{
	if (setting->values != NULL)
		return setting->values[value];
	snprintf(memory, COVET_SETTING_SIZE, "%d", value);
	return memory;
}
