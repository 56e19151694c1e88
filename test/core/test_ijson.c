/*
 * test_ijson.c
 *		Which JSON texts are I-JSON.
 */
#include "covet_core.h"
#include "test.h"

typedef struct Case
{
	const char *json;
	size_t		length;
	CovetIjson	expected;
} Case;

static const Case cases[] = {
	/* without anything to object to */
	{BYTES(""), COVET_IJSON_OK},
	{BYTES("null"), COVET_IJSON_OK},
	{BYTES("{\"cart\": [1, 2, 3], \"name\": \"Zo\xC3\xAB \xF0\x9F\x8D\xAA\"}"), COVET_IJSON_OK},
	{BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\""), COVET_IJSON_OK},
	{BYTES("\"u0000 ud800\""), COVET_IJSON_OK},

	/* NUL characters */
	{BYTES("\"\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\\u0000"), COVET_IJSON_NUL},
	{BYTES("{\"\\u0000\": 1}"), COVET_IJSON_NUL},
	{BYTES("\"\\n\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\"\\u0001\""), COVET_IJSON_OK},
	{BYTES("\"\\u00000\""), COVET_IJSON_NUL},
	{BYTES("\"\\u1000\""), COVET_IJSON_OK},
	{BYTES("\"\\U0000\""), COVET_IJSON_OK},

	/* an escaped backslash, then letters and digits */
	{BYTES("\"\\\\u0000\""), COVET_IJSON_OK},
	{BYTES("\"\\\\\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\"\\\\\\\\u0000\""), COVET_IJSON_OK},
	{BYTES("\"\\\\ud800\""), COVET_IJSON_OK},
	{BYTES("\"\\\\\\ud800\""), COVET_IJSON_SURROGATE},

	/* pairs of surrogates, from the first to the last */
	{BYTES("\"\\ud800\\udc00\""), COVET_IJSON_OK},
	{BYTES("\"\\uD83C\\uDF6A\""), COVET_IJSON_OK},
	{BYTES("\"\\uD83c\\udF6a\""), COVET_IJSON_OK},
	{BYTES("\"\\uDBFF\\uDFFF\""), COVET_IJSON_OK},
	{BYTES("\"\\ud83c\\udf6a\\ud83c\\udf6a\""), COVET_IJSON_OK},
	{BYTES("\"\\ud83c\\udf6a\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\"\\ud7ff\\ue000\""), COVET_IJSON_OK},

	/* lone ones */
	{BYTES("\"\\ud800\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\udbff\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\udc00\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\uDFFF\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\udf6a\\udf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("[\"\\ud83c\", \"\\udf6a\"]"), COVET_IJSON_SURROGATE},

	/* in the wrong order, twice the same half, something in between */
	{BYTES("\"\\udf6a\\ud83c\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\ud83c\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\ud83c\\udf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83cx\\udf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\n\\udf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\\\udf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83cudf6a\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\u0041\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\ue000\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\u0000\""), COVET_IJSON_SURROGATE},

	/* the first offence counts */
	{BYTES("[\"\\u0000\", \"\\ud800\"]"), COVET_IJSON_NUL},
	{BYTES("[\"\\ud800\", \"\\u0000\"]"), COVET_IJSON_SURROGATE},

	/* cut off: a matter of syntax, unless a high half has been seen */
	{BYTES("\"\\"), COVET_IJSON_OK},
	{BYTES("\"\\u"), COVET_IJSON_OK},
	{BYTES("\"\\u000"), COVET_IJSON_OK},
	{BYTES("\"\\ud80"), COVET_IJSON_OK},
	{BYTES("\"\\\\"), COVET_IJSON_OK},
	{BYTES("\"\\ud83c"), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\"), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\u"), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\udf6"), COVET_IJSON_SURROGATE},
	{BYTES("\"\\ud83c\\udf6a"), COVET_IJSON_OK},

	/* no hexadecimal digits: syntax again */
	{BYTES("\"\\u000g\""), COVET_IJSON_OK},
	{BYTES("\"\\u 000\""), COVET_IJSON_OK},
	{BYTES("\"\\u-000\""), COVET_IJSON_OK},
	{BYTES("\"\\u\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\"\\u0\\ud800\""), COVET_IJSON_SURROGATE},
	{BYTES("\"\\\0\\u0000\""), COVET_IJSON_NUL},
	{BYTES("\xFF\xFE\\\xFFu0000"), COVET_IJSON_OK},
};

static void
test_cases(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
	{
		const Case *c = &cases[i];
		char	   *json = exact_copy(c->json, c->length);
		CovetIjson	got = covet_ijson_check(json, c->length);

		free(json);
		if (got != c->expected)
			fail_msg("%s: %d, expected %d", c->json, got, c->expected);
	}
}

static void
test_every_code_unit(void **state)
{
	(void) state;
	for (unsigned int unit = 0; unit <= 0xFFFF; unit++)
	{
		CovetIjson	expected = unit == 0 ? COVET_IJSON_NUL :
			unit >= 0xD800 && unit <= 0xDFFF ? COVET_IJSON_SURROGATE :
			COVET_IJSON_OK;
		char		json[9];

		snprintf(json, sizeof(json), "\"\\u%04x\"", unit);
		assert_int_equal(covet_ijson_check(json, 8), expected);
		snprintf(json, sizeof(json), "\"\\u%04X\"", unit);
		assert_int_equal(covet_ijson_check(json, 8), expected);
	}
}

/* An offence is found wherever it stands in a large text. */
static void
test_large(void **state)
{
	size_t		length = 1024 * 1024;
	char	   *json = malloc(length);

	(void) state;
	assert_non_null(json);
	memset(json, '\\', length);
	assert_int_equal(covet_ijson_check(json, length), COVET_IJSON_OK);
	memcpy(json + length - 6, "\\u0000", 6);
	assert_int_equal(covet_ijson_check(json, length), COVET_IJSON_NUL);
	memset(json, 'x', length - 6);
	assert_int_equal(covet_ijson_check(json, length), COVET_IJSON_NUL);
	memcpy(json + length - 6, "\\uDC00", 6);
	assert_int_equal(covet_ijson_check(json, length), COVET_IJSON_SURROGATE);
	free(json);
}

static void
test_nothing(void **state)
{
	(void) state;
	assert_int_equal(covet_ijson_check(NULL, 0), COVET_IJSON_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_every_code_unit),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_nothing),
	};

	return RUN_TESTS(tests);
}
