/*
 * json_members.h
 *		The members of JSON objects, found by their keys, inside json and merge.
 */
#ifndef COVET_JSON_MEMBERS_H
#define COVET_JSON_MEMBERS_H

#include "covet_json.h"

/* So many are compared with each other sooner than sorted. */
#define COVET_MEMBERS_FEW 16

typedef struct CovetMember
{
	CovetText	text;			/* key and value, as written */
	size_t		position;		/* or where that is, in a text that is being written */
	CovetText	key;			/* without its quotes and escapes */
	CovetText	value;
	int			order;
} CovetMember;

typedef struct CovetMembers
{
	CovetMember *items;
	int			count;
	int			room;
} CovetMembers;

/* Makes room for more; false without memory. */
extern bool covet_members_grow(const CovetMemory *memory, CovetMembers *members);

/* A new member, to be filled in; NULL without memory. */
static inline CovetMember *
covet_members_add(const CovetMemory *memory, CovetMembers *members)
{
	CovetMember *member;

	if (members->count == members->room && !covet_members_grow(memory, members))
		return NULL;
	member = &members->items[members->count];
	member->order = members->count++;
	return member;
}

/* Takes the escapes out of a key; false without memory. */
extern bool covet_members_decode_key(const CovetMemory *memory, CovetText *key);

/*
 * Keeps the last member of each key, in the order in which they were added;
 * true if others have gone.
 */
extern bool covet_members_drop_duplicates(CovetMembers *members);

/* Sorts them by their keys, as covet_members_find() needs them. */
extern void covet_members_sort(CovetMembers *members);

/* NULL if there is none of that key. */
extern const CovetMember *covet_members_find(const CovetMembers *members,
											 CovetText key);

#endif							/* COVET_JSON_MEMBERS_H */
