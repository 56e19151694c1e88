/*
 * install.h
 *		The schema: is it there, and making it.
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

/* The version of the schema; start is NULL if there is none. */
extern CsText cs_installed_version(CsCall *call);

#endif							/* CS_INSTALL_H */
