/*
 * direct.c
 *		Rows of "sessions" through their index and heap, without SQL.
 *
 * Each function does what the executor does for a statement on one row: it
 * sees what the transaction has done before, takes one snapshot, leaves
 * predicate locks and statistics to the access methods, and makes its change
 * visible to what follows.  What takes more than that is refused, and is then
 * done by SQL.
 *
 * Locking: the table is locked as by a statement, to the end of the
 * transaction.  A row is written only if the version that was read is the
 * latest and nobody holds it, so nothing waits here.  Between reading and
 * writing, the version is kept in its place by the snapshot of the caller's
 * statement, which is older than the one that it was read with.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "access_path.h"
#include "compat.h"
#include "direct.h"
#include "row.h"

/* More columns than that are not expected of a table with additions. */
#define USUAL_COLUMNS 32

/* A copy of the version of the row that the snapshot sees, or NULL. */
static HeapTuple
probe(Relation table, Snapshot snapshot, const char *handle)
{
	Relation	index = index_open(cs_path_index(), AccessShareLock);
	IndexScanDesc scan = cs_index_beginscan(table, index, snapshot);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	HeapTuple	row = NULL;
	ScanKeyData key;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(handle));
	index_rescan(scan, &key, 1, NULL, 0);
	if (index_getnext_slot(scan, ForwardScanDirection, slot))
		row = ExecCopySlotHeapTuple(slot);

	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	index_close(index, NoLock);
	return row;
}

static void
deform(HeapTuple row, TupleDesc descriptor, CsSession *session)
{
	Datum		usual_values[USUAL_COLUMNS];
	bool		usual_nulls[USUAL_COLUMNS];
	Datum	   *values = usual_values;
	bool	   *nulls = usual_nulls;

	if (descriptor->natts > USUAL_COLUMNS)
	{
		values = palloc(descriptor->natts * sizeof(Datum));
		nulls = palloc(descriptor->natts * sizeof(bool));
	}
	heap_deform_tuple(row, descriptor, values, nulls);
	cs_row_read(values, nulls, session);
	session->row = row;
}

/* Reads a session from the table, and closes that. */
static bool
read_row(Relation table, const char *handle, CsSession *session)
{
	HeapTuple	row;

	CHECK_FOR_INTERRUPTS();
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	row = probe(table, GetActiveSnapshot(), handle);
	if (row != NULL)
		deform(row, RelationGetDescr(table), session);
	PopActiveSnapshot();
	table_close(table, NoLock);
	return row != NULL;
}

bool
cs_direct_read(const char *handle, CsSession *session, bool *found)
{
	Relation	table = cs_path_open_to_read();

	if (table == NULL)
		return false;
	*found = read_row(table, handle, session);
	return true;
}

bool
cs_direct_read_to_write(const char *handle, CsSession *session, bool *found)
{
	Relation	table = cs_path_open_to_write();

	if (table == NULL)
		return false;
	*found = read_row(table, handle, session);
	return true;
}

/*
 * Makes the index entries of a row version that is not on its predecessor's
 * page, or has other values in an indexed column.
 */
static void
insert_index_entries(Relation table, TupleTableSlot *slot,
					 CsUpdateIndexes indexes)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *target = makeNode(ResultRelInfo);

	InitResultRelInfo(target, table, 0, NULL, 0);
	ExecOpenIndices(target, false);
	list_free(cs_insert_index_tuples(target, slot, estate, indexes));
	ExecCloseIndices(target);
	FreeExecutorState(estate);
}

/*
 * Servers that are built with assertions abort where an update that shall not
 * wait meets a row that is held.  There it is held before, which costs a record
 * in the log; then there is nothing to wait for.
 */
#ifdef USE_ASSERT_CHECKING
#define HELD_BEFORE true
#else
#define HELD_BEFORE false
#endif

static TM_Result
hold_version(Relation table, ItemPointer version)
{
	TupleTableSlot *slot = table_slot_create(table, NULL);
	TM_FailureData failure;
	TM_Result	result;

	result = table_tuple_lock(table, version, InvalidSnapshot, slot,
							  GetCurrentCommandId(true),
							  LockTupleNoKeyExclusive, LockWaitSkip, 0,
							  &failure);
	ExecDropSingleTupleTableSlot(slot);
	return result;
}

/* Puts a new version in the place of the one that the session was read from. */
static CsDirect
write_version(Relation table, const CsSession *session, HeapTuple row)
{
	TupleTableSlot *slot;
	TM_FailureData failure;
	LockTupleMode lock_mode;
	CsUpdateIndexes indexes;
	TM_Result	result;

	CHECK_FOR_INTERRUPTS();
	CheckCmdReplicaIdentity(table, CMD_UPDATE);

	slot = MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsHeapTuple);
	ExecStoreHeapTuple(row, slot, false);
	result = HELD_BEFORE ? hold_version(table, &session->row->t_self) : TM_Ok;
	if (result == TM_Ok)
		result = table_tuple_update(table, &session->row->t_self, slot,
									GetCurrentCommandId(true), InvalidSnapshot,
									InvalidSnapshot, HELD_BEFORE, &failure,
									&lock_mode, &indexes);
	if (result == TM_Ok && cs_indexes_need_entries(indexes))
		insert_index_entries(table, slot, indexes);
	ExecDropSingleTupleTableSlot(slot);

	switch (result)
	{
		case TM_Ok:
			CommandCounterIncrement();
			return CS_DIRECT_WRITTEN;
		case TM_Updated:
		case TM_Deleted:
			return CS_DIRECT_CHANGED;
		default:
			return CS_DIRECT_REFUSED;
	}
}

/* The table, to write a session that was read; NULL where it takes SQL. */
static Relation
open_to_write(const CsSession *session)
{
	if (session->row == NULL || !ActiveSnapshotSet())
		return NULL;
	return cs_path_open_to_write();
}

CsDirect
cs_direct_update(const CsSession *session)
{
	Relation	table = open_to_write(session);
	Datum		values[CS_COLUMNS];
	bool		nulls[CS_COLUMNS];
	int			numbers[CS_COLUMNS];
	CsDirect	result;

	if (table == NULL)
		return CS_DIRECT_REFUSED;
	cs_row_write(session, values, nulls);
	for (int i = 0; i < CS_COLUMNS; i++)
		numbers[i] = i + 1;
	result = write_version(table, session,
				   heap_modify_tuple_by_cols(session->row,
											 RelationGetDescr(table),
											 CS_COLUMNS, numbers, values,
											 nulls));
	table_close(table, NoLock);
	return result;
}

CsDirect
cs_direct_touch(const CsSession *session, TimestampTz at)
{
	Relation	table;
	Datum		value = TimestampTzGetDatum(at);
	bool		is_null = false;
	int			number = CS_COLUMN_LAST_ACCESSED_AT;
	CsDirect	result;

	/* A conflict is an error there, which SQL runs in a subtransaction. */
	if (IsolationIsSerializable())
		return CS_DIRECT_REFUSED;
	table = open_to_write(session);
	if (table == NULL)
		return CS_DIRECT_REFUSED;
	result = write_version(table, session,
				   heap_modify_tuple_by_cols(session->row,
											 RelationGetDescr(table), 1,
											 &number, &value, &is_null));
	table_close(table, NoLock);
	return result;
}
