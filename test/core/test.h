/*
 * test.h
 *		What every test of the core begins with.
 */
#ifndef COVET_TEST_H
#define COVET_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A string literal and its length, NUL bytes within it included. */
#define BYTES(literal) (literal), (sizeof(literal) - 1)

/*
 * A copy of just "length" bytes on the heap, to be freed: the sanitizers and
 * valgrind notice when one byte more is read.
 */
static inline char *
exact_copy(const char *text, size_t length)
{
	char	   *copy = malloc(length > 0 ? length : 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	return copy;
}

#define RUN_TESTS(tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests(tests, NULL, NULL))

#endif							/* COVET_TEST_H */
