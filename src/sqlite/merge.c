/*
 * merge.c
 *		JSON Merge Patch (RFC 7396) of one object into another.
 *
 * Both texts are normal (json.h), so all that is left to do is to find where
 * members begin and end.
 */
#include <string.h>

#include "json.h"
#include "members.h"

typedef struct Merger
{
	CsCall	   *call;
	char	   *out;
} Merger;

static const CsText empty_object = {"{}", 2};

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
read_members(CsCall *call, CsText object, CsMembers *members)
{
	const char *next = object.start + 1;

	*members = (CsMembers) {NULL, 0, 0};
	while (*next == '"')
	{
		CsMember	member = {.order = 0};
		const char *end = after_string(next);

		member.key = (CsText) {next + 1, (int) (end - next) - 2};
		member.value.start = end + 1;
		end = after_value(end + 1);
		member.value.length = (int) (end - member.value.start);
		member.text = (CsText) {next, (int) (end - next)};
		if (!cs_members_add(call, members, member))
			return false;
		next = *end == ',' ? end + 1 : end;
	}
	cs_members_sort(members);
	return true;
}

static bool
is_null(CsText value)
{
	return value.start[0] == 'n';
}

static void
put(Merger *merger, CsText text)
{
	memcpy(merger->out, text.start, (size_t) text.length);
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
put_unmentioned(Merger *merger, const CsMembers *target, const CsMembers *patch)
{
	for (int i = 0; i < target->count; i++)
	{
		if (cs_members_find(patch, target->items[i].key) != NULL)
			continue;
		put_comma(merger);
		put(merger, target->items[i].text);
	}
}

static bool
put_merged(Merger *merger, CsText target, CsText patch)
{
	CsMembers	old;
	CsMembers	new;

	if (!read_members(merger->call, target, &old) ||
		!read_members(merger->call, patch, &new))
		return false;
	*merger->out++ = '{';
	put_unmentioned(merger, &old, &new);
	for (int i = 0; i < new.count; i++)
	{
		const CsMember *member = &new.items[i];
		const CsMember *before;

		if (is_null(member->value))
			continue;
		put_comma(merger);
		if (!cs_json_is_object(member->value))
		{
			put(merger, member->text);
			continue;
		}
		put(merger, (CsText) {member->text.start,
							  (int) (member->value.start - member->text.start)});
		before = cs_members_find(&old, member->key);
		if (!put_merged(merger, before != NULL && cs_json_is_object(before->value) ?
						before->value : empty_object, member->value))
			return false;
	}
	*merger->out++ = '}';
	return true;
}

bool
cs_json_merge(CsCall *call, CsText target, CsText patch, CsText *merged)
{
	/* Braces that the target lacks are the patch's. */
	char	   *out = cs_alloc(call, (size_t) target.length +
							   (size_t) patch.length + 1);
	Merger		merger = {call, out};

	if (out == NULL || !put_merged(&merger, target, patch))
		return false;
	*merged = (CsText) {out, (int) (merger.out - out)};
	return true;
}
