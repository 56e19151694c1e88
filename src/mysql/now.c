/*
 * now.c
 *		covet_now: the moment.
 *
 * The server's own functions return what the client has set with SET timestamp,
 * the time of the session's zone, or both.
 */
#include <string.h>
#include <time.h>

#include "udf.h"

/* YYYY-MM-DD HH:MM:SS.ffffff */
#define NOW_LENGTH 26
#define SECONDS_LENGTH 19

/*
 * The second that this thread was asked about last: the C library works out the
 * date of each under one lock for all threads.
 */
static _Thread_local time_t last_second;
static _Thread_local char last_text[SECONDS_LENGTH + 1];

static bool
remember(time_t number)
{
	struct tm	utc;

	if (number == last_second)
		return true;
	last_second = 0;
	if (gmtime_r(&number, &utc) == NULL ||
		strftime(last_text, sizeof(last_text), "%Y-%m-%d %H:%M:%S", &utc) != SECONDS_LENGTH)
		return false;
	last_second = number;
	return true;
}

UDF_INIT_FUNCTION(covet_now)
{
	return udf_prepare_volatile(init, args, message, 0, 0, NOW_LENGTH);
}

UDF_TEXT_FUNCTION(covet_now)
{
	struct timespec now;
	long		microseconds;

	UNUSED(init);
	UNUSED(args);
	UNUSED(error);
	if (clock_gettime(CLOCK_REALTIME, &now) != 0 || !remember(now.tv_sec))
		return udf_return_text(NULL, result, length, is_null);
	memcpy(result, last_text, SECONDS_LENGTH);
	result[SECONDS_LENGTH] = '.';
	microseconds = now.tv_nsec / 1000;
	for (int i = NOW_LENGTH - 1; i > SECONDS_LENGTH; i--)
	{
		result[i] = (char) ('0' + microseconds % 10);
		microseconds /= 10;
	}
	*length = NOW_LENGTH;
	return result;
}
