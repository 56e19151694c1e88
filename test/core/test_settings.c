/*
 * test_settings.c
 *		The settings are those of the contract, and their table is sound.
 */
#include "covet_core.h"
#include "covet_settings.h"
#include "test.h"

/* Any setting; a choice has no range of its own. */
typedef struct Setting
{
	const char *name;
	int			value;
	int			minimum;
	int			maximum;
	const char *unit;
	const char *summary;
	const char *explanation;
} Setting;

static const Setting settings[] = {
#define INTEGER(name, value, minimum, maximum, unit, summary, explanation) \
	{#name, value, minimum, maximum, unit, summary, explanation},
#define SWITCH(name, value, summary, explanation) \
	{#name, value, false, true, "", summary, explanation},
#define CHOICE(name, value, summary, explanation) \
	{#name, value, 0, INT_MAX, "", summary, explanation},
	COVET_SETTINGS(INTEGER, SWITCH, CHOICE)
};

typedef struct Default
{
	const char *name;
	int			value;
} Default;

static const Default contract[] = {
	{"idle_timeout", 3600},
	{"anonymous_idle_timeout", 0},
	{"max_lifetime", 30 * 24 * 3600},
	{"touch_interval", 60},
	{"tombstone_retention", 300},
	{"max_data_size", 1024 * 1024},
	{"strict_ids", false},
	{"max_sessions_per_user", 0},
	{"max_sessions_policy", COVET_LIMIT_EVICT},
	{"create_rate_limit", 0},
	{"bind_ip", COVET_BIND_IP_OFF},
	{"bind_user_agent", COVET_BIND_USER_AGENT_OFF},
	{"on_mismatch", COVET_MISMATCH_REJECT},
	{"audit", COVET_AUDIT_OFF},
	{"audit_retention", 90 * 24 * 3600},
	{"cleanup_enabled", true},
	{"cleanup_interval", 60},
	{"cleanup_batch", 1000},
};

static void
test_contract(void **state)
{
	(void) state;
	assert_int_equal(LENGTH_OF(settings), LENGTH_OF(contract));
	for (size_t i = 0; i < LENGTH_OF(contract); i++)
	{
		assert_string_equal(settings[i].name, contract[i].name);
		assert_int_equal(settings[i].value, contract[i].value);
	}
}

static void
test_sound(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
	{
		const Setting *s = &settings[i];

		assert_true(s->minimum <= s->value && s->value <= s->maximum);
		assert_true(strcmp(s->unit, "s") == 0 || strcmp(s->unit, "B") == 0 ||
					strcmp(s->unit, "") == 0);
		assert_true(s->summary[strlen(s->summary) - 1] == '.');
		assert_true(s->explanation[strlen(s->explanation) - 1] == '.');
	}
}

/* Every default, and every number's limits, are themselves as text. */
static void
test_round_trip(void **state)
{
	(void) state;
	for (int i = 0; i < COVET_SETTING_COUNT; i++)
	{
		const CovetSetting *setting = &covet_settings[i];
		const int	values[] = {
			setting->default_value, setting->minimum, setting->maximum
		};

		assert_ptr_equal(covet_setting_find(setting->name, strlen(setting->name)),
						 setting);
		for (size_t j = 0; j < LENGTH_OF(values); j++)
		{
			char		memory[COVET_SETTING_SIZE];
			const char *text = covet_setting_format(setting, values[j], memory);
			int			value = -1;

			assert_true(covet_setting_parse(setting, text, strlen(text), &value));
			assert_int_equal(value, values[j]);
		}
	}
	assert_null(covet_setting_find(BYTES("")));
	assert_null(covet_setting_find(BYTES("idle_timeou")));
	assert_null(covet_setting_find(BYTES("idle_timeout ")));
}

typedef struct Text
{
	CovetSettingIndex setting;
	const char *text;
	int			value;			/* -1: none */
} Text;

static void
test_parse(void **state)
{
	static const Text texts[] = {
		{COVET_SETTING_audit, "ALL", COVET_AUDIT_ALL},
		{COVET_SETTING_audit, "on", -1},
		{COVET_SETTING_audit, "1", -1},
		{COVET_SETTING_strict_ids, "TRUE", 1},
		{COVET_SETTING_strict_ids, "yes", 1},
		{COVET_SETTING_strict_ids, "0", 0},
		{COVET_SETTING_strict_ids, "No", 0},
		{COVET_SETTING_strict_ids, "2", -1},
		{COVET_SETTING_bind_ip, "subnet", COVET_BIND_IP_SUBNET},
		{COVET_SETTING_bind_ip, "", -1},
		{COVET_SETTING_idle_timeout, "0", 0},
		{COVET_SETTING_idle_timeout, "2147483647", 2147483647},
		{COVET_SETTING_idle_timeout, "2147483648", -1},
		{COVET_SETTING_idle_timeout, "99999999999999999999999", -1},
		{COVET_SETTING_idle_timeout, "999999999999999999999999999999", -1},
		{COVET_SETTING_idle_timeout, "-1", -1},
		{COVET_SETTING_idle_timeout, "1.5", -1},
		{COVET_SETTING_idle_timeout, "60 ", -1},
		{COVET_SETTING_idle_timeout, "", -1},
		{COVET_SETTING_idle_timeout, "on", -1},
		{COVET_SETTING_cleanup_interval, "0", -1},
	};

	(void) state;
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
	{
		const Text *t = &texts[i];
		char	   *copy = exact_copy(t->text, strlen(t->text));
		int			value = -1;
		bool		known = covet_setting_parse(&covet_settings[t->setting], copy,
												strlen(t->text), &value);

		assert_int_equal(known, t->value >= 0);
		if (known)
			assert_int_equal(value, t->value);
		free(copy);
	}
	assert_false(covet_setting_parse(&covet_settings[COVET_SETTING_idle_timeout],
									 BYTES("6\0"), &(int) {0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_parse),
	};

	return RUN_TESTS(tests);
}
