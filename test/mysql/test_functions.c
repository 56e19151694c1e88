/*
 * test_functions.c
 *		Every function of the library, without a server.
 */
#include "udf_test.h"

#include <time.h>

#include "covet_counters.h"
#include "covet_errors.h"
#include "covet_settings.h"

/* What a function of texts answers; NULL arguments are NULL. */
typedef struct Vector
{
	const char *args[3];
	const char *expected;
} Vector;

static void
check_texts(InitFunction init, DeinitFunction deinit, TextFunction function,
			unsigned int count, const Vector *vectors, size_t size)
{
	Call		call;

	assert_true(begin(&call, init, deinit, count));
	for (size_t i = 0; i < size; i++)
	{
		char	   *text;

		for (unsigned int n = 0; n < count; n++)
		{
			assert_int_equal(call.types[n], UDF_TEXT);
			set(&call, n, vectors[i].args[n]);
		}
		text = text_of(&call, function);
		if (vectors[i].expected == NULL)
			assert_null(text);
		else
		{
			assert_non_null(text);
			assert_string_equal(text, vectors[i].expected);
		}
		free(text);
	}
	end(&call);
}

typedef struct Judgement
{
	const char *args[3];
	long long	expected;
} Judgement;

static void
check_integers(InitFunction init, IntegerFunction function, unsigned int count,
			   const Judgement *judgements, size_t size)
{
	Call		call;

	assert_true(begin(&call, init, NULL, count));
	for (size_t i = 0; i < size; i++)
	{
		for (unsigned int n = 0; n < count; n++)
			set(&call, n, judgements[i].args[n]);
		assert_int_equal(integer_of(&call, function), judgements[i].expected);
	}
	end(&call);
}

/* ---- the arguments ---- */

typedef struct Arity
{
	InitFunction init;
	unsigned int fewest;
	unsigned int most;
	bool		is_volatile;
} Arity;

static void
test_arguments(void **state)
{
	static const Arity arities[] = {
		{covet_version_init, 0, 0, false},
		{covet_now_init, 0, 0, true},
		{covet_token_init, 0, 0, true},
		{covet_handle_init, 1, 1, false},
		{covet_json_check_init, 1, 1, false},
		{covet_json_init, 1, 1, false},
		{covet_json_patch_init, 2, 2, false},
		{covet_ip_valid_init, 1, 1, false},
		{covet_ip_match_init, 3, 3, false},
		{covet_user_agent_match_init, 3, 3, false},
		{covet_sqlstate_init, 1, 1, false},
		{covet_message_init, 1, 1, false},
		{covet_setting_default_init, 1, 1, false},
		{covet_setting_value_init, 2, 2, false},
		{covet_count_init, 2, 3, true},
		{covet_asked_init, 2, 2, true},
		{covet_found_init, 5, 5, true},
		{covet_counter_init, 2, 2, true},
		{covet_note_init, 3, 3, true},
		{covet_noted_init, 2, 2, true},
		{covet_counters_reset_init, 1, 1, true},
	};

	(void) state;
	for (size_t i = 0; i < LENGTH_OF(arities); i++)
	{
		for (unsigned int count = 0; count <= MAX_ARGS; count++)
		{
			const Arity *a = &arities[i];
			Call		call;
			bool		fits = count >= a->fewest && count <= a->most;

			assert_int_equal(begin(&call, a->init, NULL, count), fits);
			if (fits)
				assert_int_equal(call.state.is_constant, !a->is_volatile);
			else
				assert_non_null(strstr(call.message, "expected"));
		}
	}
}

/* ---- version, clock, tokens ---- */

static void
test_version(void **state)
{
	static const Vector vectors[] = {{{NULL}, COVET_VERSION}};

	(void) state;
	check_texts(covet_version_init, NULL, covet_version, 0, vectors, 1);
}

/* time() may be some milliseconds behind the clock that is tested. */
static time_t
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return at.tv_sec;
}

static void
test_now(void **state)
{
	Call		call;
	time_t		before = now();
	struct tm	utc = {0};
	char	   *text;
	char	   *rest;
	time_t		seconds;

	(void) state;
	/* Whatever the process's time zone is. */
	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	assert_true(begin(&call, covet_now_init, NULL, 0));
	text = text_of(&call, covet_now);
	assert_int_equal(strlen(text), 26);
	rest = strptime(text, "%Y-%m-%d %H:%M:%S.", &utc);
	assert_non_null(rest);
	assert_int_equal(strspn(rest, "0123456789"), 6);
	seconds = timegm(&utc);
	assert_true(seconds >= before && seconds <= now());
	free(text);
	end(&call);
}

static void
test_token(void **state)
{
	Call		call;
	char	   *one;
	char	   *other;

	(void) state;
	assert_true(begin(&call, covet_token_init, NULL, 0));
	one = text_of(&call, covet_token);
	other = text_of(&call, covet_token);
	assert_int_equal(strlen(one), 43);
	assert_int_equal(strlen(other), 43);
	assert_string_not_equal(one, other);
	free(one);
	free(other);
	end(&call);
}

static void
test_handle(void **state)
{
	static const Vector vectors[] = {
		{{"abc"}, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"},
		{{""}, NULL}, {{NULL}, NULL}, {{"a b"}, NULL}, {{"\xC3\xBC"}, NULL},
		{{"a\n"}, NULL}, {{"\x7F"}, NULL},
	};
	Call		call;
	char		longest[256];
	char	   *text;

	(void) state;
	check_texts(covet_handle_init, NULL, covet_handle, 1, vectors,
				LENGTH_OF(vectors));

	assert_true(begin(&call, covet_handle_init, NULL, 1));
	memset(longest, 'x', sizeof(longest));
	set_bytes(&call, 0, longest, 255);
	text = text_of(&call, covet_handle);
	assert_int_equal(strlen(text), 43);
	free(text);
	set_bytes(&call, 0, longest, 256);
	assert_null(text_of(&call, covet_handle));
	set_bytes(&call, 0, BYTES("a\0b"));
	assert_null(text_of(&call, covet_handle));
	end(&call);
}

/* ---- JSON ---- */

static void
test_json_check(void **state)
{
	static const Vector vectors[] = {
		{{"{\"a\": [1, \"\\ud83d\\ude00\"]}"}, NULL},
		{{NULL}, NULL},
		{{""}, "22032:invalid JSON"},
		{{"{"}, "22032:invalid JSON"},
		{{"\"\\u0000\""}, "22023:session data must not contain NUL characters"},
		{{"\"\\udc00\""}, "22023:session data must not contain lone surrogates"},
	};

	(void) state;
	check_texts(covet_json_check_init, covet_json_check_deinit,
				covet_json_check, 1, vectors, LENGTH_OF(vectors));
}

static void
test_json(void **state)
{
	static const Vector vectors[] = {
		{{" {\"a\": 1, \"b\" : 2, \"a\":3 } "}, "{\"b\":2,\"a\":3}"},
		{{"12"}, "12"}, {{"[}"}, NULL}, {{NULL}, NULL}, {{"\"\\u0000\""}, NULL},
	};

	(void) state;
	check_texts(covet_json_init, covet_json_deinit, covet_json, 1, vectors,
				LENGTH_OF(vectors));
}

static void
test_json_patch(void **state)
{
	static const Vector vectors[] = {
		{{"{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": null, \"c\": 2}}"}, "{\"a\":{\"c\":2}}"},
		{{"{}", "{}"}, "{}"},
		{{"[]", "{}"}, NULL}, {{"{}", "[]"}, NULL}, {{"{", "{}"}, NULL},
		{{"{}", "}"}, NULL}, {{NULL, "{}"}, NULL}, {{"{}", NULL}, NULL},
		{{"{}", "{\"a\": \"\\ud800\"}"}, NULL},
	};

	(void) state;
	check_texts(covet_json_patch_init, covet_json_patch_deinit,
				covet_json_patch, 2, vectors, LENGTH_OF(vectors));
}

/* Longer than the room that the server gives. */
static void
test_long_json(void **state)
{
	Call		call;
	size_t		length = 100000;
	char	   *long_text = malloc(length);
	char	   *text;

	(void) state;
	memset(long_text, 'x', length);
	long_text[0] = long_text[length - 1] = '"';
	assert_true(begin(&call, covet_json_init, covet_json_deinit, 1));
	set_bytes(&call, 0, long_text, length);
	text = text_of(&call, covet_json);
	assert_int_equal(strlen(text), length);
	assert_memory_equal(text, long_text, length);
	free(text);
	free(long_text);
	end(&call);
}

/* ---- clients ---- */

static void
test_client(void **state)
{
	static const Judgement valid[] = {
		{{"192.0.2.1"}, 1}, {{"2001:db8::1"}, 1}, {{"localhost"}, 0},
		{{""}, 0}, {{NULL}, IS_NULL},
	};
	static const Judgement ip[] = {
		{{"192.0.2.1", "192.0.2.9", "subnet"}, 1},
		{{"192.0.2.1", "192.0.3.1", "subnet"}, 0},
		{{"192.0.2.1", "192.0.2.9", "exact"}, 0},
		{{"192.0.2.1", "::ffff:192.0.2.1", "exact"}, 1},
		{{"192.0.2.1", "10.0.0.1", "off"}, 1},
		{{"192.0.2.1", NULL, "off"}, 1},
		{{"192.0.2.1", NULL, "exact"}, 0},
		{{"192.0.2.1", "nonsense", "exact"}, 0},
		{{NULL, "192.0.2.1", "exact"}, 1},
		{{NULL, NULL, "exact"}, 1},
		{{"192.0.2.1", "192.0.2.1", "family"}, IS_NULL},
		{{"192.0.2.1", "192.0.2.1", NULL}, IS_NULL},
	};
	static const Judgement agent[] = {
		{{"Agent/1", "Agent/2", "family"}, 1},
		{{"Agent/1", "Other/1", "family"}, 0},
		{{"Agent/1", "Agent/2", "exact"}, 0},
		{{"Agent/1", "Agent/1", "exact"}, 1},
		{{"Agent/1", NULL, "family"}, 0},
		{{"Agent/1", NULL, "off"}, 1},
		{{NULL, "Agent/1", "exact"}, 1},
		{{"Agent/1", "Agent/1", "subnet"}, IS_NULL},
	};

	(void) state;
	check_integers(covet_ip_valid_init, covet_ip_valid, 1, valid,
				   LENGTH_OF(valid));
	check_integers(covet_ip_match_init, covet_ip_match, 3, ip, LENGTH_OF(ip));
	check_integers(covet_user_agent_match_init, covet_user_agent_match, 3,
				   agent, LENGTH_OF(agent));
}

/* ---- words ---- */

static void
test_errors(void **state)
{
	static const Vector sqlstates[] = {
#define SQLSTATE_VECTOR(name, sqlstate, message) \
		{{&#name[sizeof("COVET_E_") - 1]}, sqlstate},
		COVET_ERRORS(SQLSTATE_VECTOR)
		{{"COVET_E_ID_NULL"}, NULL}, {{""}, NULL}, {{NULL}, NULL},
	};
	static const Vector messages[] = {
#define MESSAGE_VECTOR(name, sqlstate, message) \
		{{&#name[sizeof("COVET_E_") - 1]}, message},
		COVET_ERRORS(MESSAGE_VECTOR)
		{{"ID"}, NULL}, {{"ID_NULLX"}, NULL}, {{NULL}, NULL},
	};

	(void) state;
	check_texts(covet_sqlstate_init, NULL, covet_sqlstate, 1, sqlstates,
				LENGTH_OF(sqlstates));
	check_texts(covet_message_init, NULL, covet_message, 1, messages,
				LENGTH_OF(messages));
}

static void
test_settings(void **state)
{
	static const Vector defaults[] = {
		{{"idle_timeout"}, "3600"}, {{"audit"}, "off"},
		{{"cleanup_enabled"}, "on"}, {{"max_sessions_policy"}, "evict"},
		{{"IDLE_TIMEOUT"}, NULL}, {{""}, NULL}, {{NULL}, NULL},
	};
	static const Vector values[] = {
		{{"idle_timeout", "60"}, "60"}, {{"idle_timeout", "060"}, "60"},
		{{"idle_timeout", "-1"}, NULL}, {{"idle_timeout", NULL}, NULL},
		{{"strict_ids", "TRUE"}, "on"}, {{"audit", "All"}, "all"},
		{{"audit", "some"}, NULL}, {{"unknown", "1"}, NULL},
		{{NULL, "1"}, NULL}, {{"cleanup_batch", "1000000"}, NULL},
	};

	(void) state;
	check_texts(covet_setting_default_init, NULL, covet_setting_default, 1,
				defaults, LENGTH_OF(defaults));
	check_texts(covet_setting_value_init, NULL, covet_setting_value, 2,
				values, LENGTH_OF(values));
}

/* ---- counters and notes ---- */

static long long
count(const char *key, const char *names, const long long *n)
{
	Call		call;
	long long	result;

	assert_true(begin(&call, covet_count_init, NULL, 3));
	assert_int_equal(call.types[2], UDF_INTEGER);
	set(&call, 0, key);
	set(&call, 1, names);
	set_bytes(&call, 2, (const char *) n, sizeof(*n));
	result = integer_of(&call, covet_count);
	end(&call);
	return result;
}

static long long
counter(const char *key, const char *name)
{
	Call		call;
	long long	result;

	assert_true(begin(&call, covet_counter_init, NULL, 2));
	set(&call, 0, key);
	set(&call, 1, name);
	result = integer_of(&call, covet_counter);
	end(&call);
	return result;
}

static long long
reset(const char *key)
{
	Call		call;
	long long	result;

	assert_true(begin(&call, covet_counters_reset_init, NULL, 1));
	set(&call, 0, key);
	result = integer_of(&call, covet_counters_reset);
	end(&call);
	return result;
}

static void
test_counters(void **state)
{
	static const long long five = 5;
	Call		call;
	char		too_long[66];

	(void) state;
	assert_int_equal(counter("key", "gets"), 0);
	assert_int_equal(count("key", "gets hits", &five), 1);
	assert_int_equal(count("key", "gets", &five), 1);
	assert_int_equal(counter("key", "gets"), 10);
	assert_int_equal(counter("key", "hits"), 5);
	assert_int_equal(counter("key", "swept"), 0);
	assert_int_equal(counter("kez", "gets"), 0);
	assert_int_equal(counter("ke", "gets"), 0);

	/* One is counted unless it is said how many. */
	assert_true(begin(&call, covet_count_init, NULL, 2));
	set(&call, 0, "key");
	set(&call, 1, "swept");
	assert_int_equal(integer_of(&call, covet_count), 1);
	end(&call);
	assert_int_equal(counter("key", "swept"), 1);

	/* All or nothing. */
	assert_int_equal(count("key", "gets nonsense", &five), IS_NULL);
	assert_int_equal(count("key", "", &five), IS_NULL);
	assert_int_equal(count("key", NULL, &five), IS_NULL);
	assert_int_equal(count("key", "gets", NULL), IS_NULL);
	assert_int_equal(count(NULL, "gets", &five), IS_NULL);
	assert_int_equal(count("", "gets", &five), IS_NULL);
	memset(too_long, 'k', sizeof(too_long));
	too_long[65] = '\0';
	assert_int_equal(count(too_long, "gets", &five), IS_NULL);
	assert_int_equal(counter("key", "gets"), 10);
	assert_int_equal(counter("key", "nonsense"), IS_NULL);
	assert_int_equal(counter("key", NULL), IS_NULL);
	assert_int_equal(counter(NULL, "gets"), IS_NULL);

	assert_int_equal(reset("key"), 1);
	assert_int_equal(counter("key", "gets"), 0);
	assert_int_equal(reset("never used"), 1);
	assert_int_equal(reset(NULL), IS_NULL);
}

/* Every counter that session_stats() shows has a name here. */
static void
test_counter_names(void **state)
{
	static const char *const all[] = {
		"gets", "hits", "misses", "expired_reads", "rejected", "invalid_ids",
		"touches", "touches_skipped", "creates", "sets", "updates",
		"conflicts", "refused_revoked", "rotations", "deletes", "revocations",
		"evictions", "sweeps", "swept"
	};

	(void) state;
	assert_int_equal(LENGTH_OF(all), COVET_COUNTERS);
	for (long long i = 0; i < COVET_COUNTERS; i++)
	{
		const long long n = i + 1;

		assert_int_equal(count("names", all[i], &n), 1);
	}
	for (long long i = 0; i < COVET_COUNTERS; i++)
	{
		if (i != COVET_MISSES)
			assert_int_equal(counter("names", all[i]), i + 1);
	}
	reset("names");
}

static char *
asked(Call *call, const char *key, const char *token)
{
	char	   *handle;

	assert_true(begin(call, covet_asked_init, NULL, 2));
	set(call, 0, key);
	set(call, 1, token);
	handle = text_of(call, covet_asked);
	end(call);
	return handle;
}

/* What is asked for is a hit if it is found live, otherwise a miss. */
static void
test_reads(void **state)
{
	static const long long yes = 1;
	static const long long no = 0;
	static const long long hour = 3600;
	static const long long ages = 2000000000;
	static const struct
	{
		const long long *is_active;
		const char *expires_at;
		const char *last_accessed_at;
		const long long *idle_timeout;
		bool		is_live;
	}			rows[] = {
		{&yes, NULL, "2020-02-29 00:00:00.000000", NULL, true},
		{&yes, "9999-12-31 23:59:59.999999", "2020-02-29 00:00:00.000000", &ages, true},
		{&yes, "2020-03-01 00:00:00", "2020-02-29 00:00:00.000000", NULL, false},
		{&yes, NULL, "2020-02-29 00:00:00.000000", &hour, false},
		{&yes, NULL, "2020-02-29 00:00:00.000000", &no, false},
		{&yes, NULL, "no time", NULL, false},
		{&yes, NULL, NULL, NULL, false},
		{&no, NULL, "2020-02-29 00:00:00.000000", NULL, false},
		{NULL, NULL, "2020-02-29 00:00:00.000000", NULL, false},
	};
	Call		call;
	char	   *handle = asked(&call, "reads", "abc");

	(void) state;
	assert_string_equal(handle, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
	free(handle);
	assert_null(asked(&call, "reads", "a b"));
	assert_null(asked(&call, "reads", NULL));
	assert_int_equal(counter("reads", "gets"), 1);
	assert_int_equal(counter("reads", "misses"), 1);
	assert_int_equal(counter("reads", "invalid_ids"), 1);
	for (size_t i = 0; i < LENGTH_OF(rows); i++)
	{
		assert_true(begin(&call, covet_found_init, NULL, 5));
		assert_int_equal(call.types[1], UDF_INTEGER);
		assert_int_equal(call.types[4], UDF_INTEGER);
		set(&call, 0, "reads");
		set_bytes(&call, 1, (const char *) rows[i].is_active, sizeof(long long));
		set(&call, 2, rows[i].expires_at);
		set(&call, 3, rows[i].last_accessed_at);
		set_bytes(&call, 4, (const char *) rows[i].idle_timeout, sizeof(long long));
		assert_int_equal(integer_of(&call, covet_found), rows[i].is_live);
		end(&call);
	}
	assert_int_equal(counter("reads", "hits"), 2);
	assert_int_equal(counter("reads", "misses"), 1 - 2);
	assert_int_equal(counter("reads", "expired_reads"), 5);
	reset("reads");
}

/* A stranger's keys take no one's place. */
static void
test_many_keys(void **state)
{
	static const long long one = 1;
	long long	counted = 0;

	(void) state;
	assert_int_equal(count("mine", "gets", &one), 1);
	for (int i = 0; i < 200; i++)
	{
		char		key[32];

		snprintf(key, sizeof(key), "stranger %d", i);
		counted += count(key, "gets", &one) == 1;
	}
	assert_int_equal(counted, 63);
	assert_int_equal(count("mine", "gets", &one), 1);
	assert_int_equal(counter("mine", "gets"), 2);

	assert_int_equal(reset("stranger 7"), 1);
	assert_int_equal(count("another", "gets", &one), 1);
	assert_int_equal(counter("another", "gets"), 1);
}

static long long
note(const char *key, const char *name, const char *text)
{
	Call		call;
	long long	result;

	assert_true(begin(&call, covet_note_init, NULL, 3));
	set(&call, 0, key);
	set(&call, 1, name);
	set(&call, 2, text);
	result = integer_of(&call, covet_note);
	end(&call);
	return result;
}

static void
check_noted(const char *key, const char *name, const char *expected)
{
	const Vector vector = {{key, name}, expected};

	check_texts(covet_noted_init, NULL, covet_noted, 2, &vector, 1);
}

static void
test_notes(void **state)
{
	char		text[400];

	(void) state;
	check_noted("mine", "last_error", NULL);
	assert_int_equal(note("mine", "last_error", "disk full"), 1);
	assert_int_equal(note("mine", "last_sweep_ms", ""), 1);
	check_noted("mine", "last_error", "disk full");
	check_noted("mine", "last_sweep_ms", "");
	check_noted("mine", "last_try_at", NULL);
	check_noted("yours", "last_error", NULL);
	check_noted(NULL, "last_error", NULL);
	check_noted("mine", NULL, NULL);
	assert_int_equal(note("mine", "nonsense", "x"), IS_NULL);
	assert_int_equal(note(NULL, "last_error", "x"), IS_NULL);

	/* Cut between characters. */
	memset(text, 'x', 254);
	strcpy(text + 254, "\xC3\xBCzzz");
	assert_int_equal(note("mine", "last_error", text), 1);
	text[254] = '\0';
	check_noted("mine", "last_error", text);

	assert_int_equal(note("mine", "last_error", NULL), 1);
	check_noted("mine", "last_error", NULL);
	assert_int_equal(note("mine", "last_error", "again"), 1);
	reset("mine");
	check_noted("mine", "last_error", NULL);
	assert_int_equal(note("mine", "last_try_at", "now"), 1);
	check_noted("mine", "last_error", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_handle),
		cmocka_unit_test(test_json_check),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_patch),
		cmocka_unit_test(test_long_json),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_counter_names),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_notes),
	};

	return RUN_TESTS(tests);
}
