/*
 * install.h
 *		The schema: is it there, of which version, and making it.
 */
#ifndef CS_INSTALL_H
#define CS_INSTALL_H

#include "call.h"

extern int	cs_install_register(CsConnection *connection);

extern bool cs_is_installed(CsCall *call);

/*
 * Makes the schema unless another connection just did; in a savepoint.  An
 * SQLite result code.
 */
extern int	cs_install(CsCall *call);

/*
 * Brings the schema of an older version up to this one; in a savepoint that
 * holds the write lock.  An SQLite result code.
 */
extern int	cs_upgrade(CsCall *call);

/* Is the schema of this version?  If not, the call has failed. */
extern bool cs_schema_fits(CsCall *call);

/* The version of the schema; start is NULL if there is none. */
extern CsText cs_installed_version(CsCall *call);

#endif							/* CS_INSTALL_H */
