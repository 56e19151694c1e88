/*
 * test_errors.c
 *		Every error has an SQLSTATE and words.
 */
#include "covet_errors.h"
#include "test.h"

static bool
is_one_of(char c, const char *characters)
{
	return c != '\0' && strchr(characters, c) != NULL;
}

static void
test_sqlstates(void **state)
{
	(void) state;
	for (int i = 0; i < COVET_ERROR_COUNT; i++)
	{
		const char *sqlstate = covet_error_sqlstate((CovetError) i);

		assert_non_null(sqlstate);
		assert_int_equal(strlen(sqlstate), 5);
		for (int j = 0; j < 5; j++)
			assert_true(is_one_of(sqlstate[j], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"));

		/* 00, 01 and 02 are no errors */
		assert_false(sqlstate[0] == '0' && is_one_of(sqlstate[1], "012"));
	}
}

static void
test_messages(void **state)
{
	(void) state;
	for (int i = 0; i < COVET_ERROR_COUNT; i++)
	{
		const char *message = covet_error_message((CovetError) i);

		assert_non_null(message);
		assert_true(is_one_of(message[0], "abcdefghijklmnopqrstuvwxyz"));
		assert_false(is_one_of(message[strlen(message) - 1], ".!? \n"));
		assert_null(strchr(message, '%'));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(message, covet_error_message((CovetError) j));
	}
}

/* The numbers of the contract, by the names that the modules use. */
static void
test_known(void **state)
{
	(void) state;
	assert_string_equal(covet_error_sqlstate(COVET_E_ID_INVALID), "22023");
	assert_string_equal(covet_error_message(COVET_E_ID_INVALID), "invalid session id");
	assert_string_equal(covet_error_sqlstate(COVET_E_DATA_TOO_LARGE), "54000");
	assert_string_equal(covet_error_sqlstate(COVET_E_USER_LIMIT), "53400");
	assert_string_equal(covet_error_sqlstate(COVET_E_RATE_LIMIT), "53400");
	assert_string_equal(covet_error_sqlstate(COVET_E_READ_ONLY), "25006");
	assert_string_equal(covet_error_message(COVET_E_READ_ONLY),
						"cannot change sessions in a read-only transaction");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sqlstates),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_known),
	};

	return RUN_TESTS(tests);
}
