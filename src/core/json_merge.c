/*
 * json_merge.c
 *		JSON Merge Patch (RFC 7396) of one object into another.
 *
 * Both texts are normal (covet_json.h), so all that is left to do is to find
 * where members begin and end.
 */
#include "covet_json.h"

#include <string.h>

#include "json_members.h"

typedef struct Merger
{
	const CovetMemory *memory;
	char	   *out;
} Merger;

static const CovetText empty_object = {"{}", 2};

/* What follows the string at "text". */
static const char *
after_string(const char *text)
{
	for (text++; *text != '"'; text++)
	{
		if (*text == '\\')
			text++;
	}
	return text + 1;
}

/* What follows the value at "text", in an object. */
static const char *
after_value(const char *text)
{
	int			depth = 0;

	for (;;)
	{
		switch (*text)
		{
			case '"':
				text = after_string(text);
				continue;
			case '{':
			case '[':
				depth++;
				break;
			case '}':
			case ']':
				if (depth-- == 0)
					return text;
				break;
			case ',':
				if (depth == 0)
					return text;
				break;
		}
		text++;
	}
}

/* The members of an object, sorted. */
static bool
read_members(const CovetMemory *memory, CovetText object, CovetMembers *members)
{
	const char *next = object.start + 1;

	*members = (CovetMembers) {NULL, 0, 0};
	while (*next == '"')
	{
		CovetMember *member = covet_members_add(memory, members);
		const char *end = after_string(next);

		if (member == NULL)
			return false;
		member->key = (CovetText) {next + 1, (size_t) (end - next) - 2};
		member->value.start = end + 1;
		end = after_value(end + 1);
		member->value.length = (size_t) (end - member->value.start);
		member->text = (CovetText) {next, (size_t) (end - next)};
		if (!covet_members_decode_key(memory, &member->key))
			return false;
		next = *end == ',' ? end + 1 : end;
	}
	covet_members_sort(members);
	return true;
}

static bool
is_null(CovetText value)
{
	return value.start[0] == 'n';
}

static void
put(Merger *merger, CovetText text)
{
	memcpy(merger->out, text.start, text.length);
	merger->out += text.length;
}

/* Puts the comma between members, unless the object has just begun. */
static void
put_comma(Merger *merger)
{
	if (merger->out[-1] != '{')
		*merger->out++ = ',';
}

/* What the target has and the patch does not mention. */
static void
put_unmentioned(Merger *merger, const CovetMembers *target,
				const CovetMembers *patch)
{
	for (int i = 0; i < target->count; i++)
	{
		if (covet_members_find(patch, target->items[i].key) != NULL)
			continue;
		put_comma(merger);
		put(merger, target->items[i].text);
	}
}

static bool
put_merged(Merger *merger, CovetText target, CovetText patch)
{
	CovetMembers old;
	CovetMembers new;

	if (!read_members(merger->memory, target, &old) ||
		!read_members(merger->memory, patch, &new))
		return false;
	*merger->out++ = '{';
	put_unmentioned(merger, &old, &new);
	for (int i = 0; i < new.count; i++)
	{
		const CovetMember *member = &new.items[i];
		const CovetMember *before;

		if (is_null(member->value))
			continue;
		put_comma(merger);
		if (!covet_json_is_object(member->value))
		{
			put(merger, member->text);
			continue;
		}
		put(merger, (CovetText) {
			member->text.start,
			(size_t) (member->value.start - member->text.start)
		});
		before = covet_members_find(&old, member->key);
		if (!put_merged(merger, before != NULL && covet_json_is_object(before->value) ?
						before->value : empty_object, member->value))
			return false;
	}
	*merger->out++ = '}';
	return true;
}

CovetJson
covet_json_merge(const CovetMemory *memory, CovetText target, CovetText patch,
				 CovetText *merged)
{
	/* Braces that the target lacks are the patch's. */
	char	   *out = memory->alloc(memory->context,
									target.length + patch.length + 1);
	Merger		merger = {memory, out};

	if (out == NULL || !put_merged(&merger, target, patch))
		return COVET_JSON_NO_MEMORY;
	*merged = (CovetText) {out, (size_t) (merger.out - out)};
	return COVET_JSON_OK;
}
