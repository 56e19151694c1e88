/*
 * api.h
 *		SQLite's interface, whether the extension is loaded or linked in.
 */
#ifndef CS_API_H
#define CS_API_H

#include <sqlite3ext.h>

#ifndef CS_API_HOME
SQLITE_EXTENSION_INIT3
#endif

#endif							/* CS_API_H */
