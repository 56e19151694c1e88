/*
 * commit.h
 *		Transactions that record uses and do nothing else commit without waiting
 *		for the disk.
 */
#ifndef CS_COMMIT_H
#define CS_COMMIT_H

#include "postgres.h"

/* Registers for the ends of transactions; called once, when the library is loaded. */
extern void cs_commit_init(void);

/*
 * Around each reading of a session and each recording of a use: what is written
 * in between is worth no wait.  After an error in between, all that it has
 * written counts as somebody else's.
 */
extern void cs_commit_use_begin(void);
extern void cs_commit_use_end(void);

#endif							/* CS_COMMIT_H */
