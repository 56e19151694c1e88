/*
 * failing_vfs.h
 *		A VFS "failing" over SQLite's own, of which the n-th operation fails.
 *
 * Nothing is really synced, which only matters to machines that lose power.
 */
#ifndef FAILING_VFS_H
#define FAILING_VFS_H

/* Which operations are counted, and how they fail. */
typedef enum FailingKind
{
	FAILING_FIRST,
	FAILING_ONCE = FAILING_FIRST,	/* any operation: an I/O error */
	FAILING_ON,						/* that one and all that follow */
	FAILING_FULL,					/* writes: the disk is full from then on */
	FAILING_LOCK,					/* locks: somebody else has it, once */
	FAILING_KINDS
} FailingKind;

extern const char *const failing_kinds[FAILING_KINDS];

extern int	failing_register(void);

/* From now on the operation with this number, from 0 on, fails. */
extern void failing_start(FailingKind kind, long n);
extern void failing_stop(void);

/* How many operations have failed since the start. */
extern long failing_count(void);

#endif							/* FAILING_VFS_H */
