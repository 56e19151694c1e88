/*
 * reads.c
 *		covet_asked, covet_found: what reading a session takes beside its row, in
 *		as few calls as can be, each of which costs the servers more than what it
 *		does.
 */
#include "counters.h"

#include <string.h>
#include <time.h>

#include "covet_core.h"

/* YYYY-MM-DD HH:MM:SS, and a point and six digits that may be missing */
#define SECONDS_LENGTH 19
#define MICROSECONDS_LENGTH 26

/* ---- times ---- */

/* The number that some digits are; -1 if they are none. */
static int
number(const char *digits, int count)
{
	int			value = 0;

	for (int i = 0; i < count; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		value = value * 10 + (digits[i] - '0');
	}
	return value;
}

/* Days since 1970-01-01 in the Gregorian calendar; March begins its year. */
static int64_t
days(int year, int month, int day)
{
	int			y = month > 2 ? year : year - 1;
	int			m = month > 2 ? month - 3 : month + 9;

	return 365LL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

/* Microseconds of a time in the servers' form, which is UTC; false if it is none. */
static bool
parse_time(CovetText text, CovetTime *time)
{
	int			year,
				month,
				day,
				hour,
				minute,
				second,
				fraction = 0;

	if (text.length != SECONDS_LENGTH && text.length != MICROSECONDS_LENGTH)
		return false;
	year = number(text.start, 4);
	month = number(text.start + 5, 2);
	day = number(text.start + 8, 2);
	hour = number(text.start + 11, 2);
	minute = number(text.start + 14, 2);
	second = number(text.start + 17, 2);
	if (text.length == MICROSECONDS_LENGTH)
		fraction = number(text.start + 20, 6);
	if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || fraction < 0)
		return false;
	*time = (((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * COVET_SECOND + fraction;
	return true;
}

static bool
now(CovetTime *time)
{
	struct timespec clock;

	if (clock_gettime(CLOCK_REALTIME, &clock) != 0)
		return false;
	*time = (CovetTime) clock.tv_sec * COVET_SECOND + clock.tv_nsec / 1000;
	return true;
}

/* ---- the functions ---- */

UDF_INIT_FUNCTION(covet_asked)
{
	return udf_prepare_volatile(init, args, message, 2, 2, COVET_TOKEN_LENGTH);
}

UDF_TEXT_FUNCTION(covet_asked)
{
	CovetText	key = udf_arg(args, 0);
	CovetText	token = udf_arg(args, 1);
	char		handle[COVET_TOKEN_SIZE];
	bool		done = token.start != NULL &&
		covet_token_is_valid(token.start, token.length) &&
		covet_digest(token.start, token.length, handle);

	UNUSED(init);
	UNUSED(error);
	if (token.start != NULL)
		(void) counters_add(key, done ? COUNTER(GETS) : COUNTER(INVALID_IDS), 1);
	return udf_return_text(done ? handle : NULL, result, length, is_null);
}

UDF_INIT_FUNCTION(covet_found)
{
	if (udf_prepare_volatile(init, args, message, 5, 5, 1))
		return true;
	args->types[1] = UDF_INTEGER;
	args->types[4] = UDF_INTEGER;
	return false;
}

UDF_INTEGER_FUNCTION(covet_found)
{
	CovetText	key = udf_arg(args, 0);
	CovetText	expires_at = udf_arg(args, 2);
	CovetText	last_accessed_at = udf_arg(args, 3);
	CovetTimer	timer = {.expires_at = COVET_NEVER};
	CovetTime	moment;
	long long	is_active = 0;
	long long	idle_timeout = 0;
	bool		is_live;

	UNUSED(init);
	UNUSED(is_null);
	UNUSED(error);
	if (args->values[1] != NULL)
		memcpy(&is_active, args->values[1], sizeof(is_active));
	if (args->values[4] != NULL)
		memcpy(&idle_timeout, args->values[4], sizeof(idle_timeout));
	if (!is_active)
		return udf_return_bool(false);
	timer.idle_timeout = (int32_t) idle_timeout;
	/* None is NULL in the table, where 0 would be over at once. */
	is_live = (args->values[4] == NULL || idle_timeout > 0) && now(&moment) &&
		parse_time(last_accessed_at, &timer.last_accessed_at) &&
		(expires_at.start == NULL || parse_time(expires_at, &timer.expires_at)) &&
		!covet_is_expired(&timer, moment);
	(void) counters_add(key, is_live ? COUNTER(HITS) : COUNTER(EXPIRED_READS), 1);
	return udf_return_bool(is_live);
}
