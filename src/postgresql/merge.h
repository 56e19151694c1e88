/*
 * merge.h
 *		JSON Merge Patch.
 */
#ifndef CS_MERGE_H
#define CS_MERGE_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Merges one object into another (RFC 7396); both stay as they are. */
extern Jsonb *cs_merge_patch(Jsonb *target, Jsonb *patch);

#endif							/* CS_MERGE_H */
