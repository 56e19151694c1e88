/*
 * ijson.c
 *		The escapes that I-JSON forbids and engines treat differently.
 *
 * In a JSON text a backslash stands only in strings, so the escapes can be
 * found without following the rest of the syntax.
 */
#include "covet_core.h"

#include <string.h>

#define UNICODE_ESCAPE_LENGTH 6 /* \uXXXX */

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The UTF-16 code unit that an escape at "text" stands for, or -1. */
static int
code_unit(const char *text, const char *end)
{
	int			unit = 0;

	if (end - text < UNICODE_ESCAPE_LENGTH || text[0] != '\\' || text[1] != 'u')
		return -1;
	for (int i = 2; i < UNICODE_ESCAPE_LENGTH; i++)
	{
		int			value = hex_value(text[i]);

		if (value < 0)
			return -1;
		unit = unit * 16 + value;
	}
	return unit;
}

static bool
is_high_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low_surrogate(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

CovetIjson
covet_ijson_check(const char *json, size_t length)
{
	const char *end;
	const char *next = json;

	if (length == 0)
		return COVET_IJSON_OK;
	end = json + length;
	while ((next = memchr(next, '\\', (size_t) (end - next))) != NULL)
	{
		int			unit = code_unit(next, end);

		if (unit == 0)
			return COVET_IJSON_NUL;
		if (is_low_surrogate(unit))
			return COVET_IJSON_SURROGATE;
		if (is_high_surrogate(unit))
		{
			next += UNICODE_ESCAPE_LENGTH;
			if (!is_low_surrogate(code_unit(next, end)))
				return COVET_IJSON_SURROGATE;
			next += UNICODE_ESCAPE_LENGTH;
		}
		else if (end - next >= 2)
			next += 2;			/* past what is escaped, itself a backslash perhaps */
		else
			break;
	}
	return COVET_IJSON_OK;
}
