/*
 * test_deadline.c
 *		When a session ends, for ordinary times and for absurd ones.
 *
 * The properties are checked with random timers; COVET_TEST_SEED repeats a
 * run.
 */
#include "covet_core.h"
#include "test.h"

#define NEVER COVET_NEVER
#define NOW (INT64_C(1700000000) * COVET_SECOND)
#define ROUNDS 200000

static const CovetTime times[] = {
	INT64_MIN, INT64_MIN + 1, INT64_MIN + COVET_SECOND, -NOW, -COVET_SECOND,
	-1, 0, 1, COVET_SECOND, NOW - 1, NOW, NOW + 1, NEVER - COVET_SECOND,
	NEVER - 1, NEVER
};

static const int32_t timeouts[] = {
	0, 1, 19, 20, 21, 60, 1199, 1200, 1201, 3600, INT32_MAX - 1, INT32_MAX,
	-1, INT32_MIN
};

static void
test_time_add(void **state)
{
	(void) state;
	assert_int_equal(covet_time_add(NOW, 0), NOW);
	assert_int_equal(covet_time_add(NOW, 1), NOW + COVET_SECOND);
	assert_int_equal(covet_time_add(NOW, -1), NOW - COVET_SECOND);
	assert_int_equal(covet_time_add(0, INT32_MAX), INT32_MAX * COVET_SECOND);
	assert_int_equal(covet_time_add(-1, 1), COVET_SECOND - 1);

	assert_int_equal(covet_time_add(NOW, INT64_MAX), NEVER);
	assert_int_equal(covet_time_add(NEVER, 0), NEVER);
	assert_int_equal(covet_time_add(NEVER, 1), NEVER);
	assert_int_equal(covet_time_add(NEVER, -1), NEVER);
	assert_int_equal(covet_time_add(NEVER, INT64_MIN), NEVER);
	assert_int_equal(covet_time_add(NEVER - 1, 0), NEVER - 1);
	assert_int_equal(covet_time_add(NEVER - 1, 1), NEVER);
	assert_int_equal(covet_time_add(NEVER - COVET_SECOND, 1), NEVER);
	assert_int_equal(covet_time_add(NEVER - COVET_SECOND - 1, 1), NEVER - 1);
	assert_int_equal(covet_time_add(INT64_MIN, INT64_MAX), NEVER);

	assert_int_equal(covet_time_add(NOW, INT64_MIN), INT64_MIN);
	assert_int_equal(covet_time_add(INT64_MIN, -1), INT64_MIN);
	assert_int_equal(covet_time_add(INT64_MIN, INT64_MIN), INT64_MIN);
	assert_int_equal(covet_time_add(INT64_MIN + COVET_SECOND, -1), INT64_MIN);
	assert_int_equal(covet_time_add(INT64_MIN, 1), INT64_MIN + COVET_SECOND);

	/* a duration beyond the range, but from so early that the sum is within */
	assert_int_equal(covet_time_add(INT64_MIN, INT64_C(10000000000000)),
					 INT64_C(776627963145224192));
}

static void
test_valid_until(void **state)
{
	(void) state;
	assert_int_equal(covet_valid_until(&(CovetTimer) {NOW, NEVER, 0}), NEVER);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NOW, NOW + 5, 0}), NOW + 5);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NOW, NEVER, 60}),
					 NOW + 60 * COVET_SECOND);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NOW, NOW + 5, 60}), NOW + 5);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NOW, NOW + 61 * COVET_SECOND, 60}),
					 NOW + 60 * COVET_SECOND);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NEVER, NEVER, 60}), NEVER);
	assert_int_equal(covet_valid_until(&(CovetTimer) {NEVER - 1, NEVER, INT32_MAX}), NEVER);
	assert_int_equal(covet_valid_until(&(CovetTimer) {INT64_MIN, NEVER, 1}),
					 INT64_MIN + COVET_SECOND);
	assert_int_equal(covet_valid_until(&(CovetTimer) {INT64_MIN, INT64_MIN, 0}), INT64_MIN);
}

/* Live until just before the deadline, over at it. */
static void
test_is_expired(void **state)
{
	const CovetTimer idle = {NOW, NEVER, 60};
	const CovetTimer absolute = {NOW, NOW + 7, 60};
	const CovetTimer endless = {NOW, NEVER, 0};
	CovetTime	idle_end = NOW + 60 * COVET_SECOND;

	(void) state;
	assert_false(covet_is_expired(&idle, NOW));
	assert_false(covet_is_expired(&idle, idle_end - 1));
	assert_true(covet_is_expired(&idle, idle_end));
	assert_true(covet_is_expired(&idle, idle_end + 1));
	assert_false(covet_is_expired(&absolute, NOW + 6));
	assert_true(covet_is_expired(&absolute, NOW + 7));
	assert_true(covet_is_expired(&absolute, NEVER));
	assert_false(covet_is_expired(&absolute, INT64_MIN));
	assert_false(covet_is_expired(&endless, NEVER - 1));
	assert_false(covet_is_expired(&endless, NEVER));
	assert_true(covet_is_expired(&(CovetTimer) {NOW, INT64_MIN, 0}, INT64_MIN));

	/* made by hand: a timeout that makes no sense is over, not endless */
	assert_true(covet_is_expired(&(CovetTimer) {NOW, NEVER, -1}, NOW));
}

static bool
due_after(int32_t idle_timeout, int32_t touch_interval, int64_t microseconds)
{
	const CovetTimer timer = {NOW, NEVER, idle_timeout};

	return covet_touch_is_due(&timer, touch_interval, NOW + microseconds);
}

static void
test_touch_is_due(void **state)
{
	(void) state;

	/* touch_interval, where the idle timeout is long or none */
	assert_false(due_after(0, 60, 60 * COVET_SECOND - 1));
	assert_true(due_after(0, 60, 60 * COVET_SECOND));
	assert_false(due_after(3600, 60, 60 * COVET_SECOND - 1));
	assert_true(due_after(3600, 60, 60 * COVET_SECOND));
	assert_false(due_after(1200, 60, 60 * COVET_SECOND - 1));
	assert_true(due_after(1200, 60, 60 * COVET_SECOND));
	assert_false(due_after(INT32_MAX, INT32_MAX, INT32_MAX * COVET_SECOND / 20 - 1));
	assert_true(due_after(INT32_MAX, INT32_MAX, INT32_MAX * COVET_SECOND / 20));

	/* a twentieth of the idle timeout, where that is less */
	assert_false(due_after(1199, 60, 59950000 - 1));
	assert_true(due_after(1199, 60, 59950000));
	assert_false(due_after(1, 60, 49999));
	assert_true(due_after(1, 60, 50000));

	/* every use, but never back or in place */
	assert_true(due_after(3600, 0, 1));
	assert_false(due_after(3600, 0, 0));
	assert_false(due_after(3600, 0, -1));
	assert_false(due_after(3600, 60, -120 * COVET_SECOND));
	assert_true(due_after(3600, -1, 1));

	/* the largest differences that there are */
	assert_true(covet_touch_is_due(&(CovetTimer) {INT64_MIN, NEVER, 60}, 60, NEVER));
	assert_false(covet_touch_is_due(&(CovetTimer) {NEVER, NEVER, 60}, 0, INT64_MIN));
	assert_false(covet_touch_is_due(&(CovetTimer) {NEVER, NEVER, 60}, 0, NEVER));
}

static void
test_sweep_at(void **state)
{
	const CovetTimer timer = {NOW, NOW + 90 * COVET_SECOND, 60};
	const CovetTimer endless = {NOW, NEVER, 0};
	CovetTime	end = NOW + 60 * COVET_SECOND;

	(void) state;
	assert_int_equal(covet_sweep_at(&timer, NEVER), end);
	assert_int_equal(covet_sweep_at(&timer, end + 1), end);
	assert_int_equal(covet_sweep_at(&timer, end), end);
	assert_int_equal(covet_sweep_at(&timer, end - 1), end - 1);
	assert_int_equal(covet_sweep_at(&timer, NOW), NOW);
	assert_int_equal(covet_sweep_at(&timer, INT64_MIN), INT64_MIN);
	assert_int_equal(covet_sweep_at(&endless, NEVER), NEVER);
	assert_int_equal(covet_sweep_at(&endless, NOW), NOW);
}

/* What must be true of any timer at any moment. */
static void
check_properties(CovetTimer timer, int32_t touch_interval, CovetTime now,
				 CovetTime sweep_at)
{
	CovetTime	end = covet_valid_until(&timer);
	CovetTime	next = covet_sweep_at(&timer, sweep_at);
	CovetTimer	touched = timer;

	/* the end is one of the two deadlines, and no deadline lies before it */
	assert_true(end <= timer.expires_at);
	assert_true(end == timer.expires_at || timer.idle_timeout != 0);
	if (timer.idle_timeout > 0 && timer.last_accessed_at != NEVER)
		assert_true(end > timer.last_accessed_at || end == timer.expires_at);

	/* once over, over for good; the end is the first such moment */
	assert_int_equal(covet_is_expired(&timer, now), end != NEVER && now >= end);
	if (covet_is_expired(&timer, now) && now < NEVER)
		assert_true(covet_is_expired(&timer, now + 1));

	/* the sweep comes neither late nor later than it was to come */
	assert_true(next <= end && next <= sweep_at);
	assert_true(next == end || next == sweep_at);
	assert_int_equal(covet_sweep_at(&timer, next), next);

	/* a recorded use never moves back nor shortens the session */
	if (covet_touch_is_due(&timer, touch_interval, now))
	{
		assert_true(now > timer.last_accessed_at);
		touched.last_accessed_at = now;
		assert_true(covet_valid_until(&touched) >= end);
		assert_false(covet_touch_is_due(&touched, touch_interval, now));
		assert_true(covet_touch_is_due(&timer, 0, now));
	}
	/* a use that is not recorded costs at most a twentieth of the timeout */
	else if (timer.idle_timeout > 0 && now >= timer.last_accessed_at)
	{
		touched.last_accessed_at = now;
		assert_true((uint64_t) covet_valid_until(&touched) - (uint64_t) end <=
					(uint64_t) timer.idle_timeout * COVET_SECOND / 20);
	}
}

static void
test_extremes(void **state)
{
	(void) state;
	for (size_t last = 0; last < LENGTH_OF(times); last++)
		for (size_t expires = 0; expires < LENGTH_OF(times); expires++)
			for (size_t idle = 0; idle < LENGTH_OF(timeouts); idle++)
				for (size_t now = 0; now < LENGTH_OF(times); now++)
				{
					const CovetTimer timer = {times[last], times[expires], timeouts[idle]};

					check_properties(timer, 60, times[now], times[expires]);
					check_properties(timer, INT32_MAX, times[now], NEVER);
					check_properties(timer, timeouts[idle], times[now], times[last]);
				}
}

/* xorshift64*: Marsaglia 2003, Vigna 2016. */
static uint64_t random_state;

static uint64_t
random_bits(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* Adding moves forward, or stops at an end; what did not stop can be undone. */
static void
check_addition(CovetTime time, int64_t seconds)
{
	CovetTime	sum = covet_time_add(time, seconds);

	if (time == NEVER)
		assert_int_equal(sum, NEVER);
	else if (seconds < 0)
		assert_true(sum < time || sum == INT64_MIN);
	else
		assert_true(sum >= time);
	if (sum != NEVER && sum != INT64_MIN && seconds != INT64_MIN)
		assert_int_equal(covet_time_add(sum, -seconds), time);
}

/* A listed time, one close to now, or any. */
static CovetTime
random_time(void)
{
	uint64_t	bits = random_bits();

	switch (random_bits() % 4)
	{
		case 0:
			return times[bits % LENGTH_OF(times)];
		case 1:
			return (CovetTime) bits;
		default:
			return NOW + (CovetTime) (bits % (7200 * UINT64_C(1000000))) - 3600 * COVET_SECOND;
	}
}

static int32_t
random_timeout(void)
{
	uint64_t	bits = random_bits();

	switch (random_bits() % 4)
	{
		case 0:
			return timeouts[bits % LENGTH_OF(timeouts)];
		case 1:
			return (int32_t) (bits >> 33);
		default:
			return (int32_t) (bits % 7200);
	}
}

static void
test_random(void **state)
{
	const char *seed = getenv("COVET_TEST_SEED");
	char		random_seed[COVET_TOKEN_SIZE];

	(void) state;
	if (seed != NULL)
		random_state = strtoull(seed, NULL, 10);
	else if (covet_token_generate(random_seed))
		memcpy(&random_state, random_seed, sizeof(random_state));
	random_state |= 1;			/* it must not be 0 */
	printf("# COVET_TEST_SEED=%llu\n", (unsigned long long) random_state);

	for (int i = 0; i < ROUNDS; i++)
	{
		CovetTimer	timer;

		timer.last_accessed_at = random_time();
		timer.expires_at = random_time();
		timer.idle_timeout = random_timeout();
		check_properties(timer, random_timeout(), random_time(), random_time());
		check_addition(random_time(), random_timeout());
		check_addition(random_time(), random_time());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_add),
		cmocka_unit_test(test_valid_until),
		cmocka_unit_test(test_is_expired),
		cmocka_unit_test(test_touch_is_due),
		cmocka_unit_test(test_sweep_at),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS(tests);
}
