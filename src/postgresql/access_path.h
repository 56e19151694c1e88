/*
 * access_path.h
 *		May the rows of "sessions" be reached directly, or only by SQL?
 *
 * For the files of the store and commit.c only.
 */
#ifndef CS_ACCESS_PATH_H
#define CS_ACCESS_PATH_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * The table, locked as a statement that reads or writes would lock it, for
 * direct access to its rows; NULL where it takes SQL.  To be closed without
 * giving back the lock.
 */
extern Relation cs_path_open_to_read(void);
extern Relation cs_path_open_to_write(void);

/*
 * Does a use of a session do nothing but write its row, be it by SQL?  False
 * where it may run code of a user.
 */
extern bool cs_path_writes_rows_alone(void);

/* Registers for invalidation; called once, when the library is loaded. */
extern void cs_path_init(void);

/* The index of the primary key of the table that was opened last. */
extern Oid	cs_path_index(void);

#endif							/* CS_ACCESS_PATH_H */
