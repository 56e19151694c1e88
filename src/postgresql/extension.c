/*
 * extension.c
 *		Where the extension is installed in this database.
 *
 * It is looked up once, and again after an invalidation message about its
 * table or about schemas.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "access_path.h"
#include "compat.h"
#include "extension.h"
#include "store.h"

/* Where the extension is. */
static struct
{
	bool		valid;
	Oid			schema;
	Oid			owner;
	Oid			sessions;		/* the table */
	char		version[32];
	char	   *prefix;			/* the schema's name, quoted, and a dot */
	uint64		generation;		/* changes with the table and the prefix */
}			extension;

/* How often something was forgotten: a look-up must not outlive its time. */
static uint64 invalidations = 0;

static void
forget(void)
{
	extension.valid = false;
	invalidations++;
}

static void
forget_relation(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == extension.sessions)
		forget();
}

static void
forget_schema(Datum arg, int cacheid, uint32 hashvalue)
{
	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	forget();
}

void
cs_store_init(void)
{
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_schema, (Datum) 0);
	cs_path_init();
}

/* Notes the table and its schema; false if one has just gone. */
static bool
find_sessions(void)
{
	char	   *schema = get_namespace_name(extension.schema);
	Oid			sessions = get_relname_relid("sessions", extension.schema);
	char	   *prefix;

	if (schema == NULL || !OidIsValid(sessions))
		return false;
	prefix = psprintf("%s.", quote_identifier(schema));
	if (extension.prefix != NULL && extension.sessions == sessions &&
		strcmp(extension.prefix, prefix) == 0)
		return true;

	extension.generation++;
	extension.sessions = sessions;
	if (extension.prefix != NULL)
		pfree(extension.prefix);
	extension.prefix = NULL;
	extension.prefix = MemoryContextStrdup(TopMemoryContext, prefix);
	return true;
}

bool
cs_store_is_installed(void)
{
	Relation	catalog;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	uint64		before = invalidations;
	bool		found = false;
	bool		is_null;

	if (extension.valid)
		return true;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum("covet_sessions"));
	catalog = table_open(ExtensionRelationId, AccessShareLock);
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Form_pg_extension form = (Form_pg_extension) GETSTRUCT(tuple);

		extension.schema = form->extnamespace;
		extension.owner = form->extowner;
		strlcpy(extension.version,
				TextDatumGetCString(heap_getattr(tuple, Anum_pg_extension_extversion,
												 RelationGetDescr(catalog), &is_null)),
				sizeof(extension.version));
		found = true;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);

	found = found && find_sessions();
	extension.valid = found && invalidations == before;
	return found;
}

/* Makes sure that the extension has been looked up. */
static void
resolve(void)
{
	if (!cs_store_is_installed())
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("extension \"covet_sessions\" is not installed in this database"),
				errhint("Run CREATE EXTENSION covet_sessions."));
}

Oid
cs_store_owner(void)
{
	resolve();
	return extension.owner;
}

Oid
cs_store_schema(void)
{
	resolve();
	return extension.schema;
}

char *
cs_store_version(void)
{
	/* ALTER EXTENSION UPDATE need not touch what the cache listens to. */
	extension.valid = false;
	resolve();
	return extension.version;
}

Oid
cs_sessions_relid(void)
{
	resolve();
	return extension.sessions;
}

const char *
cs_schema_prefix(void)
{
	resolve();
	return extension.prefix;
}

uint64
cs_extension_generation(void)
{
	resolve();
	return extension.generation;
}
