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

static inline void
put_two(char *text, unsigned value)
{
	text[0] = (char) ('0' + value / 10);
	text[1] = (char) ('0' + value % 10);
}

/* Writes the first ten characters. */
static void
put_date(char *text, unsigned days)
{
	unsigned	era = (days + DAYS_TO_1970) / DAYS_PER_ERA;
	unsigned	day = (days + DAYS_TO_1970) % DAYS_PER_ERA;
	unsigned	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned	day_of_year = day - (365 * year + year / 4 - year / 100);
	unsigned	month = (5 * day_of_year + 2) / 153;	/* 0 is March */
	bool		next_year = month >= 10;

	year += era * 400 + next_year;
	put_two(text, year / 100);
	put_two(text + 2, year % 100);
	put_two(text + 5, next_year ? month - 9 : month + 3);
	put_two(text + 8, day_of_year - (153 * month + 2) / 5 + 1);
}

void
cs_time_format(CovetTime time, char text[CS_TIME_SIZE])
{
	unsigned	days;
	unsigned	second;
	unsigned	fraction;

	if (time < 0)
		time = 0;
	if (time >= CS_END_OF_TIME)
		time = CS_END_OF_TIME - 1;
	days = (unsigned) (time / (SECONDS_PER_DAY * COVET_SECOND));
	second = (unsigned) (time / COVET_SECOND % SECONDS_PER_DAY);
	fraction = (unsigned) (time % COVET_SECOND);

	memcpy(text, "YYYY-MM-DDThh:mm:ss.ffffffZ", CS_TIME_SIZE);
	put_date(text, days);
	put_two(text + 11, second / 3600);
	put_two(text + 14, second / 60 % 60);
	put_two(text + 17, second % 60);
	put_two(text + 20, fraction / 10000);
	put_two(text + 22, fraction / 100 % 100);
	put_two(text + 24, fraction % 100);
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

/* Since 1970. */
static int64_t
days_until(int year, int month, int day)
{
	int			day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
		day - 1;

	year += 400 - (month <= 2);	/* never negative */
	return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year -
		DAYS_PER_ERA - DAYS_TO_1970;
}

static bool
take_date(Input *input, int64_t *days)
{
	int			year;
	int			month;
	int			day;

	if (!take_number(input, 4, 0, 9999, &year) || !take(input, '-') ||
		!take_number(input, 2, 1, 12, &month) || !take(input, '-') ||
		!take_number(input, 2, 1, days_in_month(year, month), &day))
		return false;
	*days = days_until(year, month, day);
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

/* ---- reading what cs_time_format() writes, eight characters at once ---- */

/*
 * Is each character that of the form, or more by no more than "tops" says?  Then
 * "pairs" has the numbers of two digits that begin at each place.
 */
static inline bool
take_eight(const char *text, const char *form, const char *tops,
		   unsigned char pairs[8])
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t	digits;
	uint64_t	zeros;
	uint64_t	top;

	memcpy(&digits, text, sizeof(digits));
	memcpy(&zeros, form, sizeof(zeros));
	memcpy(&top, tops, sizeof(top));
	digits ^= zeros;
	/* What is above the top reaches the highest bit of its byte. */
	if (((digits | (digits + ones * 0x7F - top)) & ones * 0x80) != 0)
		return false;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	digits = digits * 10 + (digits << 8);
#else
	digits = digits * 10 + (digits >> 8);
#endif
	memcpy(pairs, &digits, sizeof(digits));
	return true;
}

static bool
parse_usual(const char *text, CovetTime *time)
{
	unsigned char date[8];
	unsigned char minute[8];
	unsigned char second[8];
	unsigned char fraction[8];
	int			year;

	if (!take_eight(text, "0000-00-", "\11\11\11\11\0\11\11\0", date) ||
		!take_eight(text + 8, "00T00:00", "\11\11\0\11\11\0\11\11", minute) ||
		!take_eight(text + 16, ":00.0000", "\0\11\11\0\11\11\11\11", second) ||
		!take_eight(text + 19, ".000000Z", "\0\11\11\11\11\11\11\0", fraction))
		return false;
	year = date[0] * 100 + date[2];
	if (date[5] < 1 || date[5] > 12 ||
		minute[0] < 1 || minute[0] > days_in_month(year, date[5]) ||
		minute[3] > 23 || minute[6] > 59 || second[1] > 59)
		return false;
	*time = (days_until(year, date[5], minute[0]) * SECONDS_PER_DAY +
			 minute[3] * 3600 + minute[6] * 60 + second[1]) * COVET_SECOND +
		fraction[1] * 10000 + fraction[3] * 100 + fraction[5];
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

	if (length == CS_TIME_SIZE - 1 && parse_usual(text, time))
		return true;
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
