/*
 * now.c
 *		covet_now: the moment.
 *
 * The server's own functions return what the client has set with SET timestamp,
 * the time of the session's zone, or both.
 */
#include <stdio.h>
#include <time.h>

#include "udf.h"

/* YYYY-MM-DD HH:MM:SS.ffffff */
#define NOW_LENGTH 26
#define SECONDS_LENGTH 19

UDF_INIT_FUNCTION(covet_now)
{
	return udf_prepare_volatile(init, args, message, 0, 0, NOW_LENGTH);
}

UDF_TEXT_FUNCTION(covet_now)
{
	struct timespec now;
	struct tm	utc;
	char		text[UDF_RESULT_SIZE];

	UNUSED(init);
	UNUSED(args);
	UNUSED(error);
	if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
		gmtime_r(&now.tv_sec, &utc) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc) != SECONDS_LENGTH)
		return udf_return_text(NULL, result, length, is_null);
	snprintf(text + SECONDS_LENGTH, sizeof(text) - SECONDS_LENGTH, ".%06ld",
			 now.tv_nsec / 1000);
	return udf_return_text(text, result, length, is_null);
}
