/*
 * json.c
 *		covet_json_check, covet_json, covet_json_patch: JSON texts by the core's
 *		rules.
 */
#include <stdio.h>

#include "covet_core.h"
#include "covet_errors.h"
#include "udf.h"

/* MySQL's JSON type is nested no deeper. */
#define MAX_DEPTH 100

/* As long as the servers' longest text. */
#define MAX_LENGTH 0xFFFFFFFFUL

/* What the engines' own messages are about, with the contract's SQLSTATE. */
#define NOT_JSON "22032:invalid JSON"

/* The normal form of an argument; false if it is NULL or has none. */
static bool
normalise(const CovetMemory *memory, CovetText json, CovetText *normal)
{
	return json.start != NULL &&
		covet_ijson_check(json.start, json.length) == COVET_IJSON_OK &&
		covet_json_normalise(memory, json, MAX_DEPTH, normal) == COVET_JSON_OK;
}

static char *
return_json(CovetText json, unsigned long *length)
{
	*length = json.length;
	/* The server only reads it. */
	return (char *) json.start;
}

UDF_INIT_FUNCTION(covet_json_check)
{
	return udf_prepare(init, args, message, 1, 1, UDF_RESULT_SIZE);
}

UDF_DEINIT_FUNCTION(covet_json_check)
{
	udf_memory_free(init);
}

static char *
return_error(CovetError code, char *result, unsigned long *length,
			 unsigned char *is_null)
{
	char		text[UDF_RESULT_SIZE];

	snprintf(text, sizeof(text), "%s:%s", covet_error_sqlstate(code),
			 covet_error_message(code));
	return udf_return_text(text, result, length, is_null);
}

UDF_TEXT_FUNCTION(covet_json_check)
{
	CovetText	json = udf_arg(args, 0);
	CovetText	normal;
	CovetMemory memory = udf_memory(init);

	UNUSED(error);
	if (json.start == NULL)
		return udf_return_text(NULL, result, length, is_null);
	switch (covet_ijson_check(json.start, json.length))
	{
		case COVET_IJSON_OK:
			break;
		case COVET_IJSON_NUL:
			return return_error(COVET_E_DATA_NUL, result, length, is_null);
		case COVET_IJSON_SURROGATE:
			return return_error(COVET_E_DATA_SURROGATE, result, length, is_null);
	}
	return udf_return_text(normalise(&memory, json, &normal) ? NULL : NOT_JSON,
						   result, length, is_null);
}

UDF_INIT_FUNCTION(covet_json)
{
	return udf_prepare(init, args, message, 1, 1, MAX_LENGTH);
}

UDF_DEINIT_FUNCTION(covet_json)
{
	udf_memory_free(init);
}

UDF_TEXT_FUNCTION(covet_json)
{
	CovetMemory memory = udf_memory(init);
	CovetText	normal;

	UNUSED(error);
	if (!normalise(&memory, udf_arg(args, 0), &normal))
		return udf_return_text(NULL, result, length, is_null);
	return return_json(normal, length);
}

UDF_INIT_FUNCTION(covet_json_patch)
{
	return udf_prepare(init, args, message, 2, 2, MAX_LENGTH);
}

UDF_DEINIT_FUNCTION(covet_json_patch)
{
	udf_memory_free(init);
}

UDF_TEXT_FUNCTION(covet_json_patch)
{
	CovetMemory memory = udf_memory(init);
	CovetText	target;
	CovetText	patch;
	CovetText	merged;

	UNUSED(error);
	if (!normalise(&memory, udf_arg(args, 0), &target) ||
		!normalise(&memory, udf_arg(args, 1), &patch) ||
		!covet_json_is_object(target) || !covet_json_is_object(patch) ||
		covet_json_merge(&memory, target, patch, &merged) != COVET_JSON_OK)
		return udf_return_text(NULL, result, length, is_null);
	return return_json(merged, length);
}
