/*
 * merge.c
 *		JSON Merge Patch (RFC 7396) of one jsonb object into another.
 *
 * The server has no function for it: its || replaces whole values, and
 * jsonb_set() names one path.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "merge.h"

static JsonbValue *merge(JsonbParseState **state, JsonbContainer *target,
						 JsonbContainer *patch);

static void
push_key(JsonbParseState **state, JsonbValue *key)
{
	(void) pushJsonbValue(state, WJB_KEY, key);
}

static bool
is_object(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary &&
		JsonContainerIsObject(value->val.binary.data);
}

/* The value of a key, NULL if there is none. */
static JsonbValue *
lookup(JsonbContainer *object, JsonbValue *key)
{
	return object == NULL ? NULL :
		findJsonbValueFromContainer(object, JB_FOBJECT, key);
}

/* The next key and value of an object, whose values are not gone into. */
static bool
next_pair(JsonbIterator **iterator, JsonbValue *key, JsonbValue *value)
{
	JsonbIteratorToken token;

	CHECK_FOR_INTERRUPTS();
	while ((token = JsonbIteratorNext(iterator, key, true)) != WJB_KEY)
		if (token == WJB_DONE)
			return false;
	(void) JsonbIteratorNext(iterator, value, true);
	return true;
}

/* What the target has and the patch does not mention. */
static void
push_unmentioned(JsonbParseState **state, JsonbContainer *target,
				 JsonbContainer *patch)
{
	JsonbIterator *iterator = JsonbIteratorInit(target);
	JsonbValue	key;
	JsonbValue	value;

	while (next_pair(&iterator, &key, &value))
	{
		if (lookup(patch, &key) == NULL)
		{
			push_key(state, &key);
			(void) pushJsonbValue(state, WJB_VALUE, &value);
		}
	}
}

/* What the patch sets; what it sets to null is left out. */
static void
push_patched(JsonbParseState **state, JsonbContainer *target,
			 JsonbContainer *patch)
{
	JsonbIterator *iterator = JsonbIteratorInit(patch);
	JsonbValue	key;
	JsonbValue	value;

	while (next_pair(&iterator, &key, &value))
	{
		if (value.type == jbvNull)
			continue;

		push_key(state, &key);
		if (is_object(&value))
		{
			JsonbValue *old = lookup(target, &key);

			(void) merge(state, is_object(old) ? old->val.binary.data : NULL,
						 value.val.binary.data);
		}
		else
			(void) pushJsonbValue(state, WJB_VALUE, &value);
	}
}

/* Pushes the merged object; a NULL target is an empty one. */
static JsonbValue *
merge(JsonbParseState **state, JsonbContainer *target, JsonbContainer *patch)
{
	check_stack_depth();

	(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	if (target != NULL)
		push_unmentioned(state, target, patch);
	push_patched(state, target, patch);
	return pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

Jsonb *
cs_merge_patch(Jsonb *target, Jsonb *patch)
{
	JsonbParseState *state = NULL;

	return JsonbValueToJsonb(merge(&state, &target->root, &patch->root));
}
