/*
 * cs_time.h
 *		Times: microseconds since 1970, and their text of fixed width, UTC.
 */
#ifndef CS_TIME_H
#define CS_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "covet_core.h"

/* "2025-01-31T12:00:00.000000Z" with its NUL byte. */
#define CS_TIME_SIZE 28

/* 10000-01-01, the first moment that has no such text. */
#define CS_END_OF_TIME (INT64_C(253402300800) * COVET_SECOND)

/* The system's clock. */
extern CovetTime cs_now(void);

/* Times outside 1970 to 9999 are written as the nearest one inside. */
extern void cs_time_format(CovetTime time, char text[CS_TIME_SIZE]);

/*
 * Reads an ISO 8601 date, or date and time, with "T" or a space between, at
 * most microseconds, and "Z", an offset such as +02:00, or nothing, which is
 * UTC too.  False if the text is no such time.
 */
extern bool cs_time_parse(const char *text, size_t length, CovetTime *time);

#endif							/* CS_TIME_H */
