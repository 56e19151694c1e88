/*
 * json.c
 *		JSON texts: check and normalise.  The merge is in json_merge.c.
 *
 * One pass reads and writes at the same time: what is written is never longer
 * than what was read.  Writing is put off until something is to be left out,
 * so that a text which is normal already, as most programs write it, is not
 * copied at all.  An object's members are noted, and if two of them have the
 * same key, the earlier ones are cut out at its end.
 */
#include "covet_json.h"

#include <stdint.h>
#include <string.h>

#include "json_members.h"

typedef struct Copier
{
	const CovetMemory *memory;
	int			max_depth;
	const char *start;
	const char *next;
	const char *end;
	const char *run;			/* what was read from here on is not written yet */
	char	   *out;			/* NULL: all of it */
	size_t		written;
	bool		has_escapes;	/* somewhere */
	CovetMembers members;		/* of the objects that are open, in turn */
	CovetJson	failure;
} Copier;

static bool copy_value(Copier *copier, int depth);

static bool
malformed(Copier *copier)
{
	if (copier->failure == COVET_JSON_OK)
		copier->failure = COVET_JSON_MALFORMED;
	return false;
}

static bool
no_memory(Copier *copier)
{
	copier->failure = COVET_JSON_NO_MEMORY;
	return false;
}

/* How much has been written, or will have been. */
static size_t
position(const Copier *copier)
{
	return copier->written + (size_t) (copier->next - copier->run);
}

/* Writes what was read. */
static bool
flush(Copier *copier)
{
	size_t		length = (size_t) (copier->next - copier->run);

	if (copier->out == NULL)
		copier->out = copier->memory->alloc(copier->memory->context,
											(size_t) (copier->end - copier->start) + 1);
	if (copier->out == NULL)
		return no_memory(copier);
	memcpy(copier->out + copier->written, copier->run, length);
	copier->written += length;
	copier->run = copier->next;
	return true;
}

static inline bool
is_space(char c)
{
	return (unsigned char) c <= ' ' &&
		(c == ' ' || c == '\t' || c == '\n' || c == '\r');
}

/* A failure stops the copier at its end. */
static void
leave_out_spaces(Copier *copier)
{
	if (!flush(copier))
		return;
	while (copier->next < copier->end && is_space(*copier->next))
		copier->next++;
	copier->run = copier->next;
}

static inline void
skip_spaces(Copier *copier)
{
	if (copier->next < copier->end && is_space(*copier->next))
		leave_out_spaces(copier);
}

/* Copies one character if it is there. */
static bool
copy_char(Copier *copier, char c)
{
	if (copier->next == copier->end || *copier->next != c)
		return false;
	copier->next++;
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

/*
 * Marks those of eight characters that do not stand for themselves: the highest
 * bit of a byte is set by what is not ASCII or, after the subtraction, below
 * what is subtracted.  A borrow can only come from a byte that sets its own, so
 * that the first mark is right.
 */
static uint64_t
marks(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t	eight;

	memcpy(&eight, text, sizeof(eight));
	return (eight | (eight - ones * 0x20) | ((eight ^ ones * '"') - ones) |
			((eight ^ ones * '\\') - ones)) & ones * 0x80;
}

/* One such character? */
static const bool is_plain[256] = {
	[0x20 ... '"' - 1] = true,['"' + 1 ... '\\' - 1] = true,['\\' + 1 ... 0x7F] = true
};

/* What follows the characters at "next" that stand for themselves. */
static inline const char *
after_plain(const char *next, const char *end)
{
	for (; end - next >= 8; next += 8)
	{
		uint64_t	found = marks(next);

		if (found == 0)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return next + __builtin_ctzll(found) / 8;
#else
		break;
#endif
	}
	while (next < end && is_plain[(unsigned char) *next])
		next++;
	return next;
}

/* Copies what does not stand for itself. */
static bool
copy_special(Copier *copier)
{
	size_t		room = (size_t) (copier->end - copier->next);
	size_t		length = 0;

	if (room > 0 && *copier->next == '\\')
	{
		copier->has_escapes = true;
		length = escape_length(copier->next, room);
	}
	else if (room > 0 && (unsigned char) *copier->next >= 0x20)
		length = utf8_length((const unsigned char *) copier->next, room);
	copier->next += length;
	return length > 0 || malformed(copier);
}

/* Copies a string; "content" is what is between the quotes. */
static inline bool
copy_string(Copier *copier, CovetText *content)
{
	if (!copy_char(copier, '"'))
		return malformed(copier);
	content->start = copier->next;
	for (;;)
	{
		copier->next = after_plain(copier->next, copier->end);
		if (copy_char(copier, '"'))
			break;
		if (!copy_special(copier))
			return false;
	}
	content->length = (size_t) (copier->next - content->start) - 1;
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
		copier->next++;
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
	copier->next += length;
	return true;
}

/* ---- arrays and objects ---- */

static bool
copy_array(Copier *copier, int depth)
{
	copier->next++;
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
copy_member(Copier *copier, int depth)
{
	CovetMember *member;
	CovetText	key;
	size_t		start;

	skip_spaces(copier);
	start = position(copier);
	if (!copy_string(copier, &key))
		return false;
	skip_spaces(copier);
	if (!copy_char(copier, ':'))
		return malformed(copier);
	skip_spaces(copier);
	if (!copy_value(copier, depth + 1))
		return false;
	member = covet_members_add(copier->memory, &copier->members);
	if (member == NULL)
		return no_memory(copier);
	member->position = start;
	member->text.length = position(copier) - start;
	member->key = key;
	return !copier->has_escapes ||
		covet_members_decode_key(copier->memory, &member->key) ||
		no_memory(copier);
}

/* Writes the members anew that are left of an object that began at "start". */
static void
rewrite(Copier *copier, size_t start, const CovetMembers *members)
{
	char	   *out = copier->out + start;

	for (int i = 0; i < members->count; i++)
	{
		if (i > 0)
			*out++ = ',';
		memmove(out, copier->out + members->items[i].position,
				members->items[i].text.length);
		out += members->items[i].text.length;
	}
	*out++ = '}';
	copier->written = (size_t) (out - copier->out);
}

static bool
copy_object(Copier *copier, int depth)
{
	int			outer = copier->members.count;
	size_t		start;
	CovetMembers members;

	copier->next++;
	start = position(copier);
	skip_spaces(copier);
	if (copy_char(copier, '}'))
		return true;
	for (;;)
	{
		if (!copy_member(copier, depth))
			return false;
		skip_spaces(copier);
		if (copy_char(copier, '}'))
			break;
		if (!copy_char(copier, ','))
			return malformed(copier);
	}
	members = (CovetMembers) {
		copier->members.items + outer, copier->members.count - outer, 0
	};
	copier->members.count = outer;
	if (!covet_members_drop_duplicates(&members))
		return true;
	if (!flush(copier))
		return false;
	rewrite(copier, start, &members);
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
	CovetMember some[COVET_MEMBERS_FEW];
	Copier		copier = {
		.memory = memory,
		.max_depth = max_depth,
		.start = json.start,
		.next = json.start,
		.end = json.start + json.length,
		.run = json.start,
		.members = {some, 0, COVET_MEMBERS_FEW}
	};

	if (!copy_value(&copier, 1))
		return copier.failure;
	skip_spaces(&copier);
	if (copier.next != copier.end)
		(void) malformed(&copier);
	else if (copier.out != NULL)
		(void) flush(&copier);
	*normal = copier.out == NULL ? json : (CovetText) {copier.out, copier.written};
	return copier.failure;
}

bool
covet_json_is_object(CovetText normal)
{
	return normal.length > 0 && normal.start[0] == '{';
}
