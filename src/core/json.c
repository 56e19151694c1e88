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
#include "json_plain.h"

typedef struct Copier
{
	const CovetMemory *memory;
	int			max_depth;
	const char *start;
	const char *end;
	const char *run;			/* what was read from here on is not written yet */
	const char *origin;			/* so far before it as has been written */
	char	   *out;			/* NULL: all of it */
	size_t		written;
	bool		has_escapes;	/* somewhere */
	CovetMembers members;		/* of the objects that are open, in turn */
	CovetJson	failure;
} Copier;

/*
 * The functions that copy get what is next and return what follows, or NULL if
 * they fail.
 */
static const char *
malformed(Copier *copier)
{
	if (copier->failure == COVET_JSON_OK)
		copier->failure = COVET_JSON_MALFORMED;
	return NULL;
}

static const char *
no_memory(Copier *copier)
{
	copier->failure = COVET_JSON_NO_MEMORY;
	return NULL;
}

/* So much has been written; what was read before "next" is, or was left out. */
static void
begin_run(Copier *copier, const char *next, size_t written)
{
	copier->run = next;
	copier->written = written;
	copier->origin = next - written;
}

/* How much has been written, or will have been. */
static inline size_t
position(const Copier *copier, const char *next)
{
	return (size_t) (next - copier->origin);
}

/* Writes what was read. */
static bool
flush(Copier *copier, const char *next)
{
	size_t		length = (size_t) (next - copier->run);

	if (copier->out == NULL)
		copier->out = copier->memory->alloc(copier->memory->context,
											(size_t) (copier->end - copier->start) + 1);
	if (copier->out == NULL)
	{
		(void) no_memory(copier);
		return false;
	}
	memcpy(copier->out + copier->written, copier->run, length);
	begin_run(copier, next, copier->written + length);
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A failure stops the copier at its end. */
static const char *
leave_out_spaces(Copier *copier, const char *next)
{
	if (next == copier->end || !is_space(*next))
		return next;
	if (!flush(copier, next))
		return copier->end;
	while (next < copier->end && is_space(*next))
		next++;
	begin_run(copier, next, copier->written);
	return next;
}

/* Goes on to what is no space; that, or a NUL character at the end. */
static ALWAYS_INLINE char
skip_spaces(Copier *copier, const char **next)
{
	if (*next < copier->end && (unsigned char) **next > ' ')
		return **next;
	*next = leave_out_spaces(copier, *next);
	return *next < copier->end ? **next : '\0';
}

static inline bool
is_at(const Copier *copier, const char *next, char c)
{
	return next < copier->end && *next == c;
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

/* Copies what does not stand for itself. */
static const char *
copy_special(Copier *copier, const char *next)
{
	size_t		room = (size_t) (copier->end - next);
	size_t		length = 0;

	if (room > 0 && *next == '\\')
	{
		copier->has_escapes = true;
		length = escape_length(next, room);
	}
	else if (room > 0 && (unsigned char) *next >= 0x20)
		length = utf8_length((const unsigned char *) next, room);
	return length > 0 ? next + length : malformed(copier);
}

/* Copies what is left of a string from something special on. */
static const char *
copy_special_string(Copier *copier, const char *next)
{
	do
	{
		next = copy_special(copier, next);
		if (next == NULL)
			return NULL;
		next = after_plain(next, copier->end);
	} while (!is_at(copier, next, '"'));
	return next + 1;
}

/* Copies a string from behind its first quote on. */
static ALWAYS_INLINE const char *
copy_string(Copier *copier, const char *next)
{
	next = after_plain(next, copier->end);
	return is_at(copier, next, '"') ? next + 1 :
		copy_special_string(copier, next);
}

/* ---- numbers and words ---- */

static ALWAYS_INLINE const char *
after_digits(const Copier *copier, const char *next)
{
	while (next < copier->end && *next >= '0' && *next <= '9')
		next++;
	return next;
}

/* Copies digits, of which there must be some. */
static const char *
copy_digits(Copier *copier, const char *next)
{
	const char *after = after_digits(copier, next);

	return after > next ? after : malformed(copier);
}

/* What may follow the digits of an integer. */
static const char *
copy_fraction(Copier *copier, const char *next)
{
	if (is_at(copier, next, '.'))
		next = copy_digits(copier, next + 1);
	if (next != NULL && (is_at(copier, next, 'e') || is_at(copier, next, 'E')))
	{
		next++;
		if (is_at(copier, next, '+') || is_at(copier, next, '-'))
			next++;
		next = copy_digits(copier, next);
	}
	return next;
}

static ALWAYS_INLINE const char *
copy_number(Copier *copier, const char *next)
{
	const char *after;

	if (is_at(copier, next, '-'))
		next++;
	after = is_at(copier, next, '0') ? next + 1 : after_digits(copier, next);
	if (after == next)
		return malformed(copier);
	return copy_fraction(copier, after);
}

static ALWAYS_INLINE const char *
copy_word(Copier *copier, const char *next, const char *word, size_t length)
{
	return (size_t) (copier->end - next) >= length &&
		memcmp(next, word, length) == 0 ? next + length : malformed(copier);
}

/* ---- arrays and objects ---- */

static const char *copy_array(Copier *copier, const char *next, int depth);
static const char *copy_object(Copier *copier, const char *next, int depth);

/* "depth" is that of a value which has others in it. */
static ALWAYS_INLINE const char *
copy_value(Copier *copier, const char *next, int depth)
{
	switch (skip_spaces(copier, &next))
	{
		case '{':
			return depth <= copier->max_depth ?
				copy_object(copier, next + 1, depth) : malformed(copier);
		case '[':
			return depth <= copier->max_depth ?
				copy_array(copier, next + 1, depth) : malformed(copier);
		case '"':
			return copy_string(copier, next + 1);
		case 't':
			return copy_word(copier, next, "true", 4);
		case 'f':
			return copy_word(copier, next, "false", 5);
		case 'n':
			return copy_word(copier, next, "null", 4);
		default:
			return copy_number(copier, next);
	}
}

static const char *
copy_array(Copier *copier, const char *next, int depth)
{
	char		c = skip_spaces(copier, &next);

	while (c != ']')
	{
		next = copy_value(copier, next, depth + 1);
		if (next == NULL)
			return NULL;
		c = skip_spaces(copier, &next);
		if (c == ',')
			next++;
		else if (c != ']')
			return malformed(copier);
	}
	return next + 1;
}

/*
 * Notes the key of a member; false if it may be one of those noted before.  Most
 * differ in their ends or in their length; of an empty one its quotes are taken.
 */
static inline bool
note_key(uint64_t *seen, CovetText key)
{
	unsigned	first = (unsigned char) key.start[0];
	unsigned	last = (unsigned char) key.start[(ptrdiff_t) key.length - 1];
	uint64_t	bit = UINT64_C(1) << ((first * 5 + last * 3 + key.length) % 64);
	bool		is_new = (*seen & bit) == 0;

	*seen |= bit;
	return is_new;
}

static ALWAYS_INLINE const char *
copy_member(Copier *copier, const char *next, int depth, uint64_t *seen,
			bool *repeats)
{
	CovetMember *member;
	CovetText	key;
	size_t		start;

	if (skip_spaces(copier, &next) != '"')
		return malformed(copier);
	start = position(copier, next);
	key.start = next + 1;
	next = copy_string(copier, next + 1);
	if (next == NULL)
		return NULL;
	key.length = (size_t) (next - key.start) - 1;
	*repeats |= !note_key(seen, key);
	if (skip_spaces(copier, &next) != ':')
		return malformed(copier);
	next = copy_value(copier, next + 1, depth + 1);
	if (next == NULL)
		return NULL;
	member = covet_members_add(copier->memory, &copier->members);
	if (member == NULL)
		return no_memory(copier);
	member->position = start;
	member->text.length = position(copier, next) - start;
	member->key = key;
	if (copier->has_escapes &&
		!covet_members_decode_key(copier->memory, &member->key))
		return no_memory(copier);
	return next;
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
	begin_run(copier, copier->run, (size_t) (out - copier->out));
}

static const char *
copy_object(Copier *copier, const char *next, int depth)
{
	int			outer = copier->members.count;
	size_t		start = position(copier, next);
	CovetMembers members;
	uint64_t	seen = 0;
	bool		repeats = false;	/* a key, perhaps */
	char		c = skip_spaces(copier, &next);

	while (c != '}')
	{
		next = copy_member(copier, next, depth, &seen, &repeats);
		if (next == NULL)
			return NULL;
		c = skip_spaces(copier, &next);
		if (c == ',')
			next++;
		else if (c != '}')
			return malformed(copier);
	}
	next++;
	members = (CovetMembers) {
		copier->members.items + outer, copier->members.count - outer, 0
	};
	copier->members.count = outer;
	if ((repeats || copier->has_escapes) &&
		covet_members_drop_duplicates(&members))
	{
		if (!flush(copier, next))
			return NULL;
		rewrite(copier, start, &members);
	}
	return next;
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
		.end = json.start + json.length,
		.run = json.start,
		.origin = json.start,
		.members = {some, 0, COVET_MEMBERS_FEW}
	};
	const char *next = copy_value(&copier, json.start, 1);

	if (next == NULL)
		return copier.failure;
	(void) skip_spaces(&copier, &next);
	if (next != copier.end)
		(void) malformed(&copier);
	else if (copier.out != NULL)
		(void) flush(&copier, next);
	*normal = copier.out == NULL ? json : (CovetText) {copier.out, copier.written};
	return copier.failure;
}

bool
covet_json_is_object(CovetText normal)
{
	return normal.length > 0 && normal.start[0] == '{';
}
