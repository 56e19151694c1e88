/*
 * test_threads.c
 *		The functions in many threads at the same time.
 */
#include "udf_test.h"

#include <pthread.h>

#define THREADS 4
#define ROUNDS 2000

static void *
work(void *argument)
{
	const char *own_key = argument;

	for (int i = 0; i < ROUNDS; i++)
	{
		Call		call;
		char	   *text;

		begin(&call, covet_count_init, NULL, 2);
		set(&call, 0, "shared");
		set(&call, 1, "gets hits");
		(void) integer_of(&call, covet_count);
		set(&call, 0, own_key);
		(void) integer_of(&call, covet_count);
		end(&call);

		begin(&call, i % 10 == 0 ? covet_counters_reset_init : covet_counter_init,
			  NULL, i % 10 == 0 ? 1 : 2);
		set(&call, 0, own_key);
		set(&call, 1, "gets");
		(void) integer_of(&call, i % 10 == 0 ? covet_counters_reset : covet_counter);
		end(&call);

		begin(&call, covet_note_init, NULL, 3);
		set(&call, 0, "shared");
		set(&call, 1, "last_error");
		set(&call, 2, own_key);
		(void) integer_of(&call, covet_note);
		end(&call);

		begin(&call, covet_noted_init, NULL, 2);
		set(&call, 0, "shared");
		set(&call, 1, "last_error");
		free(text_of(&call, covet_noted));
		end(&call);

		begin(&call, covet_handle_init, NULL, 1);
		set(&call, 0, "abc");
		text = text_of(&call, covet_handle);
		end(&call);
		if (strcmp(text, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0") != 0)
			return "handle";
		free(text);

		begin(&call, covet_token_init, NULL, 0);
		free(text_of(&call, covet_token));
		free(text_of(&call, covet_now));
		end(&call);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	static char keys[THREADS][8];
	pthread_t	threads[THREADS];
	Call		call;

	(void) state;
	for (int i = 0; i < THREADS; i++)
	{
		snprintf(keys[i], sizeof(keys[i]), "own %d", i);
		assert_int_equal(pthread_create(&threads[i], NULL, work, keys[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
	{
		void	   *wrong = NULL;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	begin(&call, covet_counter_init, NULL, 2);
	set(&call, 0, "shared");
	set(&call, 1, "gets");
	assert_int_equal(integer_of(&call, covet_counter), THREADS * ROUNDS);
	end(&call);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	return RUN_TESTS(tests);
}
