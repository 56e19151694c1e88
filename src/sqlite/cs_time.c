/*
 * cs_time.c
 *		Times: microseconds since 1970, and their text of fixed width, UTC.
 *
 * The calendar is the proleptic Gregorian one; the arithmetic is that of
 * Hinnant, "chrono-Compatible Low-Level Date Algorithms", for years that begin
 * in March.  The C library's functions cost several times as much.
 */
#include "cs_time.h"

#include <string.h>
#include <time.h>

#define DAYS_PER_ERA 146097		/* 400 years */
#define DAYS_TO_1970 719468		/* since 0000-03-01 */
#define SECONDS_PER_DAY 86400

CovetTime
cs_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (CovetTime) now.tv_sec * COVET_SECOND + now.tv_nsec / 1000;
}

static char *
put_digits(char *text, int64_t value, int width)
{
	for (int i = width; i-- > 0; value /= 10)
		text[i] = (char) ('0' + value % 10);
	return text + width;
}

static char *
put_date(char *text, int64_t days)
{
	int64_t		era = (days + DAYS_TO_1970) / DAYS_PER_ERA;
	int64_t		day = (days + DAYS_TO_1970) % DAYS_PER_ERA;
	int64_t		year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t		day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t		month = (5 * day_of_year + 2) / 153;	/* 0 is March */
	bool		next_year = month >= 10;

	text = put_digits(text, year + era * 400 + next_year, 4);
	*text++ = '-';
	text = put_digits(text, next_year ? month - 9 : month + 3, 2);
	*text++ = '-';
	return put_digits(text, day_of_year - (153 * month + 2) / 5 + 1, 2);
}

void
cs_time_format(CovetTime time, char text[CS_TIME_SIZE])
{
	int64_t		second;

	if (time < 0)
		time = 0;
	if (time >= CS_END_OF_TIME)
		time = CS_END_OF_TIME - 1;
	second = time / COVET_SECOND;

	text = put_date(text, second / SECONDS_PER_DAY);
	second %= SECONDS_PER_DAY;
	*text++ = 'T';
	text = put_digits(text, second / 3600, 2);
	*text++ = ':';
	text = put_digits(text, second / 60 % 60, 2);
	*text++ = ':';
	text = put_digits(text, second % 60, 2);
	*text++ = '.';
	text = put_digits(text, time % COVET_SECOND, 6);
	*text++ = 'Z';
	*text = '\0';
}

/* ---- reading ---- */

typedef struct Input
{
	const char *next;
	const char *end;
} Input;

/* Takes one character if it is there. */
static bool
take(Input *input, char c)
{
	if (input->next == input->end || *input->next != c)
		return false;
	input->next++;
	return true;
}

/* Takes so many digits that make a number from "low" to "high". */
static bool
take_number(Input *input, int width, int low, int high, int *number)
{
	*number = 0;
	for (int i = 0; i < width; i++)
	{
		if (input->next == input->end || *input->next < '0' || *input->next > '9')
			return false;
		*number = *number * 10 + (*input->next++ - '0');
	}
	return *number >= low && *number <= high;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(Input *input, int64_t *days)
{
	int			year;
	int			month;
	int			day;
	int64_t		era;
	int64_t		year_of_era;
	int64_t		day_of_year;

	if (!take_number(input, 4, 0, 9999, &year) || !take(input, '-') ||
		!take_number(input, 2, 1, 12, &month) || !take(input, '-') ||
		!take_number(input, 2, 1, days_in_month(year, month), &day))
		return false;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	year += 400 - (month <= 2);	/* never negative */
	era = year / 400;
	year_of_era = year % 400;
	*days = (era - 1) * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
		year_of_era / 100 + day_of_year - DAYS_TO_1970;
	return true;
}

static bool
take_fraction(Input *input, int *microseconds)
{
	int			scale = 100000;
	int			digit;

	*microseconds = 0;
	if (!take(input, '.'))
		return true;
	for (; scale > 0 && take_number(input, 1, 0, 9, &digit); scale /= 10)
		*microseconds += digit * scale;
	return scale < 100000;
}

/* An offset from UTC in minutes, if there is one. */
static bool
take_offset(Input *input, int *minutes)
{
	int			sign;
	int			hour;
	int			minute = 0;

	*minutes = 0;
	if (take(input, 'Z') || input->next == input->end)
		return true;
	sign = take(input, '-') ? -1 : take(input, '+') ? 1 : 0;
	if (sign == 0 || !take_number(input, 2, 0, 15, &hour))
		return false;
	if (input->next != input->end)
	{
		(void) take(input, ':');
		if (!take_number(input, 2, 0, 59, &minute))
			return false;
	}
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
cs_time_parse(const char *text, size_t length, CovetTime *time)
{
	Input		input = {text, text + length};
	int64_t		days;
	int			hour = 0;
	int			minute = 0;
	int			second = 0;
	int			microseconds = 0;
	int			offset = 0;

	if (!take_date(&input, &days))
		return false;
	if (input.next != input.end)
	{
		if (!take(&input, 'T') && !take(&input, ' '))
			return false;
		if (!take_number(&input, 2, 0, 23, &hour) || !take(&input, ':') ||
			!take_number(&input, 2, 0, 59, &minute))
			return false;
		if (take(&input, ':') &&
			(!take_number(&input, 2, 0, 59, &second) ||
			 !take_fraction(&input, &microseconds)))
			return false;
		if (!take_offset(&input, &offset) || input.next != input.end)
			return false;
	}
	*time = (days * SECONDS_PER_DAY + hour * 3600 + (minute - offset) * 60 +
			 second) * COVET_SECOND + microseconds;
	return true;
}
