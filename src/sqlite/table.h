/*
 * table.h
 *		Functions that return rows, as virtual tables that exist by themselves.
 *
 * SELECT * FROM session_list('me') gives the values in parentheses to hidden
 * columns.  A table's body makes all rows at once.
 */
#ifndef CS_TABLE_H
#define CS_TABLE_H

#include "call.h"

typedef struct CsRows
{
	CsCall	   *call;
	CsValue    *values;			/* row by row */
	int			columns;		/* of a row */
	int			count;			/* of rows */
	int			room;
} CsRows;

typedef struct CsTable
{
	const char *name;
	const char *declaration;	/* a CREATE TABLE, hidden columns last */
	int			columns;		/* without the hidden ones */
	int			arguments;		/* the hidden ones */
	void		(*fill) (CsCall *call, CsRows *rows);
	bool		empties_cache;	/* when it is disconnected; see statement.h */
} CsTable;

extern int	cs_table_register(CsConnection *connection, const CsTable *table);

/* A new row of nulls to fill in; NULL if the call has failed, as without memory. */
extern CsValue *cs_rows_add(CsRows *rows);

/* The values of a row; a text is copied. */
extern void cs_set_text(CsRows *rows, CsValue *value, CsText text);
extern void cs_set_integer(CsValue *value, sqlite3_int64 integer);
extern void cs_set_time(CsRows *rows, CsValue *value, CovetTime time);

#endif							/* CS_TABLE_H */
