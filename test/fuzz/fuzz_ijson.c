/*
 * fuzz_ijson.c
 *		The check against another that follows the text byte by byte.
 */
#include "covet_core.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Where in an escape the automaton is. */
typedef enum Place
{
	OUTSIDE, BACKSLASH, DIGIT
} Place;

static CovetIjson
follow(const uint8_t *json, size_t length)
{
	Place		place = OUTSIDE;
	bool		high = false;	/* is a low surrogate due? */
	char		digits[5] = "";
	size_t		count = 0;

	for (size_t i = 0; i < length; i++)
	{
		uint8_t		c = json[i];

		if (place == DIGIT && !isxdigit(c))
		{
			if (high)
				return COVET_IJSON_SURROGATE;
			place = OUTSIDE;	/* and look at this byte anew */
		}
		if (place == OUTSIDE)
		{
			if (high && c != '\\')
				return COVET_IJSON_SURROGATE;
			place = c == '\\' ? BACKSLASH : OUTSIDE;
		}
		else if (place == BACKSLASH)
		{
			if (high && c != 'u')
				return COVET_IJSON_SURROGATE;
			place = c == 'u' ? DIGIT : OUTSIDE;
			count = 0;
		}
		else
		{
			long		unit;

			digits[count++] = (char) c;
			if (count < 4)
				continue;
			unit = strtol(digits, NULL, 16);
			if (high != (unit >> 10 == 0xDC00 >> 10))
				return COVET_IJSON_SURROGATE;
			if (unit == 0)
				return COVET_IJSON_NUL;
			high = unit >> 10 == 0xD800 >> 10;
			place = OUTSIDE;
		}
	}
	return high ? COVET_IJSON_SURROGATE : COVET_IJSON_OK;
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (covet_ijson_check((const char *) data, size) != follow(data, size))
		abort();
	return 0;
}
