/*
 * compat.h
 *		What differs between the server versions that are supported (15 to 18).
 *
 * All tests of PG_VERSION_NUM live here.
 */
#ifndef CS_COMPAT_H
#define CS_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "covet_sessions needs PostgreSQL 15 or later"
#endif

/* 16 moved the varlena macros out of postgres.h (commit d952373a98). */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 17 grouped the parts of a virtual transaction id (commit ab355e3a88). */
#if PG_VERSION_NUM >= 170000
#define MY_LXID (MyProc->vxid.lxid)
#else
#define MY_LXID (MyProc->lxid)
#endif

/*
 * 16 lets a HOT update leave summarizing indexes to be updated (commit
 * 19d8e2308b).
 */
#if PG_VERSION_NUM >= 160000
#define CsUpdateIndexes TU_UpdateIndexes
#define cs_indexes_need_entries(indexes) ((indexes) != TU_None)
#define cs_insert_index_tuples(target, slot, estate, indexes) \
	ExecInsertIndexTuples(target, slot, estate, true, false, NULL, NIL, \
						  (indexes) == TU_Summarizing)
#else
#define CsUpdateIndexes bool
#define cs_indexes_need_entries(indexes) (indexes)
#define cs_insert_index_tuples(target, slot, estate, indexes) \
	((void) (indexes), \
	 ExecInsertIndexTuples(target, slot, estate, true, false, NULL, NIL))
#endif

/*
 * 17 removed old_snapshot_threshold (commit f691f5b80a), with which a snapshot
 * does not keep what it sees in its place.
 */
#if PG_VERSION_NUM >= 170000
#define cs_tuples_may_vanish() false
#else
#define cs_tuples_may_vanish() (old_snapshot_threshold >= 0)
#endif

/* 18 counts index searches for EXPLAIN (commit 0fbceae841). */
#if PG_VERSION_NUM >= 180000
#define cs_index_beginscan(table, index, snapshot) \
	index_beginscan(table, index, snapshot, NULL, 1, 0)
#else
#define cs_index_beginscan(table, index, snapshot) \
	index_beginscan(table, index, snapshot, 1, 0)
#endif

#endif							/* CS_COMPAT_H */
