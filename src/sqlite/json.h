/*
 * json.h
 *		JSON texts, by the core's rules (covet_json.h) instead of SQLite's own,
 *		which differ from one version to the next.
 */
#ifndef CS_JSON_H
#define CS_JSON_H

#include "call.h"

/*
 * Checks a text and writes it without insignificant spaces and duplicate keys.
 * False, and the call has failed, if it is not JSON or nested too deeply.
 */
extern bool cs_json_normalise(CsCall *call, CsText json, CsText *normal);

/* Is a normal text an object? */
extern bool cs_json_is_object(CsText normal);

/* JSON Merge Patch (RFC 7396) of one object into another, both normal. */
extern bool cs_json_merge(CsCall *call, CsText target, CsText patch,
						  CsText *merged);

#endif							/* CS_JSON_H */
