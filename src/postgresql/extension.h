/*
 * extension.h
 *		Where the extension is installed in this database.
 *
 * For the files of the store only.
 */
#ifndef CS_EXTENSION_H
#define CS_EXTENSION_H

#include "postgres.h"

/* OID of the table "sessions". */
extern Oid	cs_sessions_relid(void);

/* The extension's schema as statements name it: quoted, with its dot. */
extern const char *cs_schema_prefix(void);

/*
 * Another number once the table or the schema's name is another: what was
 * planned for them before must not be used.
 */
extern uint64 cs_extension_generation(void);

#endif							/* CS_EXTENSION_H */
