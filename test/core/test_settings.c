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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_sound),
	};

	return RUN_TESTS(tests);
}
