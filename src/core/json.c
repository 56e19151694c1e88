/*
 * json.c
 *		JSON texts: check and normalise.  The merge is in json_merge.c.
 *
 * One pass reads and writes at the same time: what is written is never longer
 * than what was read.  An object's members are noted as they are written, and
 * if two of them have the same key, the earlier ones are cut out at its end.
 */
#include "covet_json.h"

#include <string.h>

#include "json_members.h"

typedef struct Copier
{
	const CovetMemory *memory;
	int			max_depth;
	const char *next;
	const char *end;
	char	   *out;
	CovetJson	failure;
} Copier;

static bool copy_value(Copier *copier, int depth);

static bool
malformed(Copier *copier)
{
	copier->failure = COVET_JSON_MALFORMED;
	return false;
}

static void
skip_spaces(Copier *copier)
{
	while (copier->next < copier->end &&
		   (*copier->next == ' ' || *copier->next == '\t' ||
			*copier->next == '\n' || *copier->next == '\r'))
		copier->next++;
}

/* Copies so many bytes that have been checked. */
static void
copy_bytes(Copier *copier, size_t count)
{
	memcpy(copier->out, copier->next, count);
	copier->out += count;
	copier->next += count;
}

/* Copies one character if it is there. */
static bool
copy_char(Copier *copier, char c)
{
	if (copier->next == copier->end || *copier->next != c)
		return false;
	copy_bytes(copier, 1);
	return true;
}

/* ---- strings ---- */

static bool
is_continuation(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/*
 * Length of the UTF-8 character (RFC 3629) at "text", 0 if there is none:
 * neither overlong forms nor surrogates nor what lies beyond Unicode.
 */
static size_t
utf8_length(const unsigned char *text, size_t room)
{
	unsigned char first = text[0];

	if (first < 0x80)
		return 1;
	if (room >= 2 && first >= 0xC2 && first <= 0xDF && is_continuation(text[1]))
		return 2;
	if (room >= 3 && (first & 0xF0) == 0xE0 && is_continuation(text[1]) &&
		is_continuation(text[2]) && (first != 0xE0 || text[1] >= 0xA0) &&
		(first != 0xED || text[1] < 0xA0))
		return 3;
	if (room >= 4 && first >= 0xF0 && first <= 0xF4 &&
		is_continuation(text[1]) && is_continuation(text[2]) &&
		is_continuation(text[3]) && (first != 0xF0 || text[1] >= 0x90) &&
		(first != 0xF4 || text[1] < 0x90))
		return 4;
	return 0;
}

/* Length of the escape at "text", 0 if there is none. */
static size_t
escape_length(const char *text, size_t room)
{
	if (room < 2)
		return 0;
	if (text[1] != 'u')
		return text[1] != '\0' && strchr("\"\\/bfnrt", text[1]) != NULL ? 2 : 0;
	if (room < 6)
		return 0;
	for (int i = 2; i < 6; i++)
	{
		if (text[i] == '\0' || strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return 0;
	}
	return 6;
}

/* Copies a string; "content" is what is between the quotes, as written. */
static bool
copy_string(Copier *copier, CovetText *content)
{
	if (!copy_char(copier, '"'))
		return malformed(copier);
	content->start = copier->out;
	while (!copy_char(copier, '"'))
	{
		size_t		room = (size_t) (copier->end - copier->next);
		size_t		length = 0;

		if (room > 0 && *copier->next == '\\')
			length = escape_length(copier->next, room);
		else if (room > 0 && (unsigned char) *copier->next >= 0x20)
			length = utf8_length((const unsigned char *) copier->next, room);
		if (length == 0)
			return malformed(copier);
		copy_bytes(copier, length);
	}
	content->length = (size_t) (copier->out - content->start) - 1;
	return true;
}

/* ---- numbers and words ---- */

/* Copies digits; false if there are none. */
static bool
copy_digits(Copier *copier)
{
	const char *start = copier->next;

	while (copier->next < copier->end && *copier->next >= '0' &&
		   *copier->next <= '9')
		copy_bytes(copier, 1);
	return copier->next > start;
}

static bool
copy_number(Copier *copier)
{
	(void) copy_char(copier, '-');
	if (!copy_char(copier, '0') && !copy_digits(copier))
		return malformed(copier);
	if (copy_char(copier, '.') && !copy_digits(copier))
		return malformed(copier);
	if (copy_char(copier, 'e') || copy_char(copier, 'E'))
	{
		(void) (copy_char(copier, '+') || copy_char(copier, '-'));
		if (!copy_digits(copier))
			return malformed(copier);
	}
	return true;
}

static bool
copy_word(Copier *copier, const char *word)
{
	size_t		length = strlen(word);

	if ((size_t) (copier->end - copier->next) < length ||
		memcmp(copier->next, word, length) != 0)
		return malformed(copier);
	copy_bytes(copier, length);
	return true;
}

/* ---- arrays and objects ---- */

static bool
copy_array(Copier *copier, int depth)
{
	copy_bytes(copier, 1);
	skip_spaces(copier);
	if (copy_char(copier, ']'))
		return true;
	for (;;)
	{
		if (!copy_value(copier, depth + 1))
			return false;
		skip_spaces(copier);
		if (copy_char(copier, ']'))
			return true;
		if (!copy_char(copier, ','))
			return malformed(copier);
	}
}

static bool
copy_member(Copier *copier, int depth, CovetMembers *members)
{
	CovetMember member = {.order = 0};

	skip_spaces(copier);
	member.text.start = copier->out;
	if (!copy_string(copier, &member.key))
		return false;
	skip_spaces(copier);
	if (!copy_char(copier, ':'))
		return malformed(copier);
	skip_spaces(copier);
	member.value.start = copier->out;
	if (!copy_value(copier, depth + 1))
		return false;
	member.value.length = (size_t) (copier->out - member.value.start);
	member.text.length = (size_t) (copier->out - member.text.start);
	if (covet_members_add(copier->memory, members, member))
		return true;
	copier->failure = COVET_JSON_NO_MEMORY;
	return false;
}

static bool
copy_object(Copier *copier, int depth)
{
	CovetMembers members = {NULL, 0, 0};
	char	   *start;

	copy_bytes(copier, 1);
	start = copier->out;
	skip_spaces(copier);
	if (copy_char(copier, '}'))
		return true;
	for (;;)
	{
		if (!copy_member(copier, depth, &members))
			return false;
		skip_spaces(copier);
		if (copy_char(copier, '}'))
			break;
		if (!copy_char(copier, ','))
			return malformed(copier);
	}
	if (covet_members_drop_duplicates(&members))
	{
		copier->out = start;
		for (int i = 0; i < members.count; i++)
		{
			if (i > 0)
				*copier->out++ = ',';
			memmove(copier->out, members.items[i].text.start,
					members.items[i].text.length);
			copier->out += members.items[i].text.length;
		}
		*copier->out++ = '}';
	}
	return true;
}

static bool
copy_value(Copier *copier, int depth)
{
	skip_spaces(copier);
	if (copier->next == copier->end)
		return malformed(copier);
	switch (*copier->next)
	{
		case '{':
			return depth <= copier->max_depth ? copy_object(copier, depth) :
				malformed(copier);
		case '[':
			return depth <= copier->max_depth ? copy_array(copier, depth) :
				malformed(copier);
		case '"':
			{
				CovetText	content;

				return copy_string(copier, &content);
			}
		case 't':
			return copy_word(copier, "true");
		case 'f':
			return copy_word(copier, "false");
		case 'n':
			return copy_word(copier, "null");
		default:
			return copy_number(copier);
	}
}

CovetJson
covet_json_normalise(const CovetMemory *memory, CovetText json, int max_depth,
					 CovetText *normal)
{
	char	   *out = memory->alloc(memory->context, json.length + 1);
	Copier		copier = {
		.memory = memory,
		.max_depth = max_depth,
		.next = json.start,
		.end = json.start + json.length,
		.out = out
	};

	if (out == NULL)
		return COVET_JSON_NO_MEMORY;
	if (!copy_value(&copier, 1))
		return copier.failure;
	skip_spaces(&copier);
	if (copier.next != copier.end)
		return COVET_JSON_MALFORMED;
	*normal = (CovetText) {out, (size_t) (copier.out - out)};
	return COVET_JSON_OK;
}

bool
covet_json_is_object(CovetText normal)
{
	return normal.length > 0 && normal.start[0] == '{';
}
