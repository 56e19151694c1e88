/*
 * covet_json.h
 *		JSON texts, the same on engines whose own functions disagree.
 *
 * SQLite's differ from one version to the next in what they take for JSON,
 * MariaDB's refuse more than 31 levels of nesting, and both compare keys as
 * they are written and keep duplicate ones.  Here a text is strict (RFC 8259,
 * valid UTF-8), keys are compared by what they mean, and of duplicate keys the
 * last wins.  (PostgreSQL's jsonb is all that by itself.)
 */
#ifndef COVET_JSON_H
#define COVET_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* A text with its length, which need not end in a NUL byte. */
typedef struct CovetText
{
	const char *start;
	size_t		length;
} CovetText;

/*
 * Memory that the caller frees, all at once, when the result has been used.
 * "alloc" returns NULL when there is none.
 */
typedef struct CovetMemory
{
	void	   *(*alloc) (void *context, size_t size);
	void	   *context;
} CovetMemory;

typedef enum CovetJson
{
	COVET_JSON_OK,
	COVET_JSON_MALFORMED,		/* not JSON, or nested too deeply */
	COVET_JSON_NO_MEMORY
} CovetJson;

/*
 * Checks a text and writes it without insignificant spaces and duplicate keys.
 * The result is never longer than what was given, and is the text itself where
 * that is normal already.  "max_depth" is the levels of arrays and objects that
 * are accepted.
 */
extern CovetJson covet_json_normalise(const CovetMemory *memory,
									  CovetText json, int max_depth,
									  CovetText *normal);

/* Is a normal text an object? */
extern bool covet_json_is_object(CovetText normal);

/* JSON Merge Patch (RFC 7396) of one object into another, both normal. */
extern CovetJson covet_json_merge(const CovetMemory *memory, CovetText target,
								  CovetText patch, CovetText *merged);

#endif							/* COVET_JSON_H */
