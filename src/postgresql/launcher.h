/*
 * launcher.h
 *		The background processes of the sweep.
 */
#ifndef CS_LAUNCHER_H
#define CS_LAUNCHER_H

#include "postgres.h"

/* Registers the launcher if the library is being preloaded. */
extern void cs_launcher_init(void);

/*
 * Entry points of the two kinds of process, called by the server.  The
 * worker's argument is the OID of a database.
 */
extern PGDLLEXPORT void cs_launcher_main(Datum argument);
extern PGDLLEXPORT void cs_worker_main(Datum argument);

#endif							/* CS_LAUNCHER_H */
