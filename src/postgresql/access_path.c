/*
 * access_path.c
 *		May the rows of "sessions" be reached directly, or only by SQL?
 *
 * SQL always works.  Direct access to index and heap costs half, and is right
 * where a statement would do nothing but read or write that one row: no
 * trigger to fire, no rule, policy or constraint to obey, no code of a user to
 * run.  What is found out is kept until an invalidation message says that
 * something it depends on may have changed; messages are read when the table
 * has been locked, so that what others change then waits for us.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_collation_d.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_opfamily_d.h"
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "access_path.h"
#include "compat.h"
#include "extension.h"
#include "guc.h"
#include "row.h"

/* Each reason completes "rows are reached by SQL, as ...". */
static struct
{
	bool		valid;
	Oid			table;
	Oid			index;			/* of its primary key */
	const char *not_read;		/* why not directly; NULL: may be */
	const char *not_written;
}			path;

static uint64 invalidations = 0;

static void
forget(void)
{
	path.valid = false;
	invalidations++;
}

static void
forget_relation(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == path.table || relid == path.index)
		forget();
}

static void
forget_object(Datum arg, int cacheid, uint32 hashvalue)
{
	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	forget();
}

/*
 * The catalog of extensions has no cache that would tell of a new one, but an
 * extension comes with functions or a schema.  Roles matter for the owner's
 * rights.
 */
void
cs_path_init(void)
{
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, forget_object, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_object, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_object, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_object, (Datum) 0);
}

/* ---- what the table must be like ---- */

typedef struct Column
{
	const char *name;
	Oid			type;
	int			length;			/* in characters; 0: any */
	bool		not_null;
} Column;

static const Column columns[CS_COLUMNS] = {
	[CS_COLUMN_ID - 1] = {"id", VARCHAROID, 255, true},
	[CS_COLUMN_USER_ID - 1] = {"user_id", VARCHAROID, 255, true},
	[CS_COLUMN_CREATED_AT - 1] = {"created_at", TIMESTAMPTZOID, 0, true},
	[CS_COLUMN_LAST_ACCESSED_AT - 1] = {"last_accessed_at", TIMESTAMPTZOID, 0, true},
	[CS_COLUMN_EXPIRES_AT - 1] = {"expires_at", TIMESTAMPTZOID, 0, false},
	[CS_COLUMN_IDLE_TIMEOUT - 1] = {"idle_timeout", INT4OID, 0, false},
	[CS_COLUMN_IP_ADDRESS - 1] = {"ip_address", VARCHAROID, 45, false},
	[CS_COLUMN_USER_AGENT - 1] = {"user_agent", TEXTOID, 0, false},
	[CS_COLUMN_IS_ACTIVE - 1] = {"is_active", BOOLOID, 0, true},
	[CS_COLUMN_VERSION - 1] = {"version", INT8OID, 0, true},
	[CS_COLUMN_DATA - 1] = {"data", JSONBOID, 0, true},
	[CS_COLUMN_SWEEP_AT - 1] = {"sweep_at", TIMESTAMPTZOID, 0, false},
	[CS_COLUMN_BOUND_IP - 1] = {"bound_ip", VARCHAROID, 45, false},
	[CS_COLUMN_BOUND_USER_AGENT - 1] = {"bound_user_agent", TEXTOID, 0, false},
};

static bool
columns_are_known(TupleDesc descriptor)
{
	if (descriptor->natts < CS_COLUMNS)
		return false;
	for (int i = 0; i < CS_COLUMNS; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		int			typmod = columns[i].length == 0 ? -1 :
			columns[i].length + VARHDRSZ;

		if (attribute->attisdropped ||
			strcmp(NameStr(attribute->attname), columns[i].name) != 0 ||
			attribute->atttypid != columns[i].type ||
			attribute->atttypmod != typmod ||
			attribute->attnotnull != columns[i].not_null)
			return false;
	}
	return true;
}

static bool
has_generated_column(TupleDesc descriptor)
{
	for (int i = 0; i < descriptor->natts; i++)
		if (TupleDescAttr(descriptor, i)->attgenerated != '\0')
			return true;
	return false;
}

/* Is this the extension's own, idle_timeout > 0, which its verbs obey? */
static bool
is_own_check(const ConstrCheck *check)
{
	OpExpr	   *expression = stringToNode(check->ccbin);
	Var		   *column;
	Const	   *bound;

	if (!IsA(expression, OpExpr) || get_opcode(expression->opno) != F_INT4GT)
		return false;
	column = linitial(expression->args);
	bound = lsecond(expression->args);
	return IsA(column, Var) && column->varattno == CS_COLUMN_IDLE_TIMEOUT &&
		IsA(bound, Const) && !bound->constisnull &&
		DatumGetInt32(bound->constvalue) == 0;
}

static bool
has_other_checks(TupleDesc descriptor)
{
	TupleConstr *constraints = descriptor->constr;

	if (constraints != NULL)
		for (int i = 0; i < constraints->num_check; i++)
			if (!is_own_check(&constraints->check[i]))
				return true;
	return false;
}

/*
 * Foreign keys that point at the primary key have triggers too, which do
 * nothing as long as the key stays as it is.
 */
static bool
has_triggers(Relation table)
{
	if (table->trigdesc != NULL)
		for (int i = 0; i < table->trigdesc->numtriggers; i++)
		{
			Trigger    *trigger = &table->trigdesc->triggers[i];

			if (RI_FKey_trigger_type(trigger->tgfoid) != RI_TRIGGER_PK ||
				trigger->tgconstrindid != path.index)
				return true;
		}
	return false;
}

static bool
is_user_defined(Oid function, void *context)
{
	(void) context;
	return function >= FirstNormalObjectId;
}

static bool
runs_user_code(Node *node, void *context)
{
	if (node == NULL)
		return false;
	/* A domain has checks. */
	return IsA(node, CoerceToDomain) ||
		check_functions_in_node(node, is_user_defined, context) ||
		expression_tree_walker(node, runs_user_code, context);
}

/* Can an entry be made without a check, and without running code of a user? */
static bool
index_is_plain(Relation index)
{
	if (index->rd_index->indisexclusion ||
		index->rd_rel->relam >= FirstNormalObjectId ||
		runs_user_code((Node *) RelationGetIndexExpressions(index), NULL) ||
		runs_user_code((Node *) RelationGetIndexPredicate(index), NULL))
		return false;
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
		if (index->rd_opfamily[i] >= FirstNormalObjectId)
			return false;
	return true;
}

static bool
indexes_are_plain(Relation table)
{
	List	   *indexes = RelationGetIndexList(table);
	ListCell   *cell;
	bool		plain = true;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		plain = plain && index_is_plain(index);
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return plain;
}

/* Does the index find a handle by its bytes, for any snapshot? */
static bool
is_usable_key(Oid relid)
{
	Relation	index;
	Form_pg_index form;
	bool		usable;

	if (!OidIsValid(relid))
		return false;
	index = index_open(relid, AccessShareLock);
	form = index->rd_index;
	usable = form->indisunique && form->indimmediate && form->indisvalid &&
		form->indisready && !form->indcheckxmin && form->indnkeyatts == 1 &&
		form->indkey.values[0] == CS_COLUMN_ID &&
		index->rd_rel->relam == BTREE_AM_OID &&
		index->rd_opfamily[0] == TEXT_BTREE_FAM_OID &&
		index->rd_indcollation[0] == C_COLLATION_OID &&
		RelationGetIndexPredicate(index) == NIL;
	index_close(index, AccessShareLock);
	return usable;
}

/* Why its rows cannot be read directly; NULL: they can. */
static const char *
look_for_reader(Relation table)
{
	Form_pg_class form = table->rd_rel;

	if (form->relkind != RELKIND_RELATION ||
		form->relpersistence == RELPERSISTENCE_TEMP ||
		table->rd_tableam != GetHeapamTableAmRoutine())
		return "sessions is not an ordinary table";
	/* The mark stays for a while when the last child table has gone. */
	if (form->relispartition || has_superclass(RelationGetRelid(table)) ||
		(form->relhassubclass &&
		 find_inheritance_children(RelationGetRelid(table), NoLock) != NIL))
		return "sessions is part of an inheritance tree";
	if (form->relrowsecurity)
		return "sessions has row security";
	if (table->rd_rules != NULL)
		return "sessions has a rule";
	if (!columns_are_known(RelationGetDescr(table)))
		return "the columns of sessions are not those of the extension";
	if (!is_usable_key(path.index))
		return "the primary key of sessions is not that of the extension";
	if (pg_class_aclcheck(RelationGetRelid(table), cs_store_owner(),
						  ACL_SELECT) != ACLCHECK_OK)
		return "the owner of the extension may not read sessions";
	if (OidIsValid(get_extension_oid("citus", true)))
		return "the extension citus is installed";
	return NULL;
}

/* The same for writing. */
static const char *
look_for_writer(Relation table)
{
	if (has_triggers(table))
		return "sessions has a trigger or a foreign key";
	if (has_generated_column(RelationGetDescr(table)))
		return "sessions has a generated column";
	if (has_other_checks(RelationGetDescr(table)))
		return "sessions has a check constraint";
	if (!indexes_are_plain(table))
		return "an index of sessions excludes or runs functions";
	if (pg_class_aclcheck(RelationGetRelid(table), cs_store_owner(),
						  ACL_UPDATE) != ACLCHECK_OK)
		return "the owner of the extension may not update sessions";
	return NULL;
}

/* Finds out; the caller has locked the table. */
static void
look(Oid relid)
{
	uint64		before = invalidations;
	Relation	table = RelationIdGetRelation(relid);

	path.table = relid;
	path.index = InvalidOid;
	path.not_read = path.not_written = "sessions has just been dropped";
	if (!RelationIsValid(table))
		return;

	list_free(RelationGetIndexList(table));
	path.index = table->rd_pkindex;
	path.not_read = look_for_reader(table);
	path.not_written = path.not_read != NULL ? path.not_read :
		look_for_writer(table);
	RelationClose(table);
	path.valid = invalidations == before;
}

/* What the table does not tell. */
static const char *
forbidden(void)
{
	if (cs_access_path == CS_PATH_SPI)
		return "covet_sessions.access_path is spi";
	if (ExecutorCheckPerms_hook != NULL)
		return "a module watches what statements do";
	return NULL;
}

static void
lock_table(LOCKMODE mode)
{
	Oid			relid = cs_sessions_relid();

	LockRelationOid(relid, mode);
	if (!path.valid || path.table != relid)
		look(relid);
}

/* The same for writing. */
static const char *
forbidden_to_write(void)
{
	if (cs_tuples_may_vanish())
		return "old_snapshot_threshold is set";
	return NULL;
}

Relation
cs_path_open_to_read(void)
{
	if (forbidden() != NULL)
		return NULL;
	lock_table(AccessShareLock);
	return path.not_read == NULL ? table_open(path.table, NoLock) : NULL;
}

Relation
cs_path_open_to_write(void)
{
	if (forbidden() != NULL || forbidden_to_write() != NULL)
		return NULL;
	lock_table(RowExclusiveLock);
	return path.not_written == NULL ? table_open(path.table, NoLock) : NULL;
}

bool
cs_path_writes_rows_alone(void)
{
	lock_table(AccessShareLock);
	return path.not_written == NULL;
}

Oid
cs_path_index(void)
{
	return path.index;
}

void
cs_store_path(const char **not_read, const char **not_written)
{
	*not_read = *not_written = forbidden();
	if (*not_read != NULL)
		return;
	lock_table(AccessShareLock);
	*not_read = path.not_read;
	*not_written = path.not_written != NULL ? path.not_written :
		forbidden_to_write();
}
