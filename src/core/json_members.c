/*
 * json_members.c
 *		The members of JSON objects, found by their keys.
 */
#include "json_members.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

static unsigned
hex_number(const char *digits)
{
	unsigned	number = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = digits[i];

		number = number * 16 + (unsigned) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return number;
}

static char *
put_utf8(char *out, unsigned code)
{
	if (code < 0x80)
		*out++ = (char) code;
	else if (code < 0x800)
	{
		*out++ = (char) (0xC0 | code >> 6);
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else if (code < 0x10000)
	{
		*out++ = (char) (0xE0 | code >> 12);
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		*out++ = (char) (0xF0 | code >> 18);
		*out++ = (char) (0x80 | (code >> 12 & 0x3F));
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	return out;
}

/* Writes what the escape at "text" stands for; what follows it in the text. */
static const char *
unescape(const char *text, const char *end, char **out)
{
	static const char letters[] = "bfnrt";
	static const char meanings[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, text[1]);
	unsigned	code;

	if (text[1] != 'u')
	{
		*(*out)++ = letter != NULL ? meanings[letter - letters] : text[1];
		return text + 2;
	}
	code = hex_number(text + 2);
	text += 6;
	if (code >= 0xD800 && code <= 0xDBFF && end - text >= 6 &&
		text[0] == '\\' && text[1] == 'u')
	{
		code = 0x10000 + ((code - 0xD800) << 10) +
			((hex_number(text + 2) - 0xDC00) & 0x3FF);
		text += 6;
	}
	*out = put_utf8(*out, code);
	return text;
}

bool
covet_members_decode_key(const CovetMemory *memory, CovetText *key)
{
	const char *next = key->start;
	const char *end = key->start + key->length;
	char	   *start;
	char	   *out;

	if (key->length == 0 || memchr(next, '\\', key->length) == NULL)
		return true;
	start = out = memory->alloc(memory->context, key->length);
	if (start == NULL)
		return false;
	while (next < end)
	{
		if (*next == '\\')
			next = unescape(next, end, &out);
		else
			*out++ = *next++;
	}
	*key = (CovetText) {start, (size_t) (out - start)};
	return true;
}

static int
compare_keys(CovetText a, CovetText b)
{
	size_t		length = a.length < b.length ? a.length : b.length;
	int			result = length == 0 ? 0 : memcmp(a.start, b.start, length);

	return result != 0 ? result : (a.length > b.length) - (a.length < b.length);
}

/* ---- members ---- */

static int
by_key(const void *a, const void *b)
{
	const CovetMember *one = a;
	const CovetMember *other = b;
	int			result = compare_keys(one->key, other->key);

	return result != 0 ? result : (one->order > other->order) - (one->order < other->order);
}

static int
by_order(const void *a, const void *b)
{
	const CovetMember *one = a;
	const CovetMember *other = b;

	return (one->order > other->order) - (one->order < other->order);
}

bool
covet_members_grow(const CovetMemory *memory, CovetMembers *members)
{
	int			room = members->room == 0 ? COVET_MEMBERS_FEW : members->room * 2;
	CovetMember *more = memory->alloc(memory->context,
									  (size_t) room * sizeof(CovetMember));

	if (more == NULL)
		return false;
	if (members->count > 0)
		memcpy(more, members->items,
			   (size_t) members->count * sizeof(CovetMember));
	members->items = more;
	members->room = room;
	return true;
}

void
covet_members_sort(CovetMembers *members)
{
	if (members->count > 1)
		qsort(members->items, (size_t) members->count, sizeof(CovetMember),
			  by_key);
}

static bool
are_different(const CovetMembers *members)
{
	for (int i = 1; i < members->count; i++)
	{
		CovetText	key = members->items[i].key;

		for (int j = 0; j < i; j++)
		{
			CovetText	other = members->items[j].key;

			if (other.length == key.length &&
				(key.length == 0 ||
				 (other.start[0] == key.start[0] &&
				  memcmp(other.start, key.start, key.length) == 0)))
				return false;
		}
	}
	return true;
}

bool
covet_members_drop_duplicates(CovetMembers *members)
{
	int			kept = 0;
	int			count = members->count;

	if (count <= COVET_MEMBERS_FEW && are_different(members))
		return false;
	covet_members_sort(members);
	for (int i = 0; i < count; i++)
	{
		bool		is_last = i + 1 == count ||
			compare_keys(members->items[i].key, members->items[i + 1].key) != 0;

		if (is_last)
			members->items[kept++] = members->items[i];
	}
	members->count = kept;
	if (kept == count)
		return false;
	qsort(members->items, (size_t) kept, sizeof(CovetMember), by_order);
	return true;
}

const CovetMember *
covet_members_find(const CovetMembers *members, CovetText key)
{
	int			low = 0;
	int			high = members->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		int			result = compare_keys(members->items[middle].key, key);

		if (result == 0)
			return &members->items[middle];
		if (result < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
