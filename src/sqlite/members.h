/*
 * members.h
 *		The members of JSON objects, found by their keys, inside json and merge.
 */
#ifndef CS_MEMBERS_H
#define CS_MEMBERS_H

#include "call.h"

typedef struct CsMember
{
	CsText		text;			/* key and value, as written */
	CsText		key;			/* without its quotes and, once added, escapes */
	CsText		value;
	int			order;
} CsMember;

typedef struct CsMembers
{
	CsMember   *items;
	int			count;
	int			room;
} CsMembers;

extern bool cs_members_add(CsCall *call, CsMembers *members, CsMember member);

/*
 * Keeps the last member of each key, in the order in which they were added;
 * true if others have gone.
 */
extern bool cs_members_drop_duplicates(CsMembers *members);

/* Sorts them by their keys, as cs_members_find() needs them. */
extern void cs_members_sort(CsMembers *members);

/* NULL if there is none of that key. */
extern const CsMember *cs_members_find(const CsMembers *members, CsText key);

#endif							/* CS_MEMBERS_H */
