/*
 * json.c
 *		JSON texts, as the core reads them, in a call.
 */
#include "json.h"

#include "covet_json.h"

/* SQLite's own functions read no deeper. */
#define MAX_DEPTH 1000

static void *
call_memory(void *call, size_t size)
{
	return cs_alloc(call, size);
}

static CovetText
core_text(CsText text)
{
	return (CovetText) {text.start, (size_t) text.length};
}

static bool
take(CsCall *call, CovetJson outcome, CovetText json, CsText *result)
{
	/* Without memory the call has failed already. */
	if (outcome == COVET_JSON_MALFORMED)
		return cs_fail_text(call, "malformed JSON");
	*result = (CsText) {json.start, (int) json.length};
	return outcome == COVET_JSON_OK;
}

bool
cs_json_normalise(CsCall *call, CsText json, CsText *normal)
{
	const CovetMemory memory = {call_memory, call};
	CovetText	result = {NULL, 0};
	CovetJson	outcome = covet_json_normalise(&memory, core_text(json),
											   MAX_DEPTH, &result);

	return take(call, outcome, result, normal);
}

bool
cs_json_is_object(CsText normal)
{
	return covet_json_is_object(core_text(normal));
}

bool
cs_json_merge(CsCall *call, CsText target, CsText patch, CsText *merged)
{
	const CovetMemory memory = {call_memory, call};
	CovetText	result = {NULL, 0};
	CovetJson	outcome = covet_json_merge(&memory, core_text(target),
										   core_text(patch), &result);

	return take(call, outcome, result, merged);
}
