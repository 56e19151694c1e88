/*
 * rival.h
 *		What every session store of the benchmark can do.
 *
 * A store keeps its statements prepared.  Its functions end the program if
 * SQLite refuses something or if the answer is not the one of a live session:
 * what is measured has been done.
 */
#ifndef RIVAL_H
#define RIVAL_H

#include <sqlite3.h>
#include <stddef.h>

#define IDLE_TIMEOUT 3600		/* seconds, as covet_sessions has it */
#define MAX_LIFETIME 2592000
#define TOUCH_INTERVAL 60

typedef struct Text
{
	const char *start;
	int			length;
} Text;

typedef struct Store
{
	sqlite3    *db;
	sqlite3_stmt *statements[8];
} Store;

/* NULL: the store has no such function. */
typedef struct Rival
{
	const char *name;
	const char *schema;			/* NULL: the store makes it */
	const char *const *statements;	/* prepared in this order; ends with NULL */
	const char *backdate;		/* makes the session of rowid ?1 due for a touch */

	/* Each returns the length of the data it got, or 0. */
	int			(*get) (Store *store, Text token);
	int			(*touch) (Store *store, Text token);
	int			(*set) (Store *store, Text token, Text data);
	int			(*start) (Store *store, Text token, Text data, Text user_id);
	int			(*update) (Store *store, Text token, Text data);
	int			(*patch) (Store *store, Text token, Text patch);
} Rival;

extern const Rival covet;
extern const Rival by_hand;
extern const Rival by_hand_plain;
extern const Rival connect_sqlite3;
extern const Rival better_sqlite3;

/* ---- for the stores ---- */

extern void fail(sqlite3 *db, const char *what);

/* Binds a text that outlives the call. */
extern void bind(sqlite3_stmt *statement, int parameter, Text text);

/* Ends the program unless a statement's next result is "code". */
extern void expect(sqlite3_stmt *statement, int code);

/* Runs a statement that returns nothing; how many rows it has changed. */
extern int	run(sqlite3_stmt *statement);

/* What a client does with a text: it takes a copy.  Its length. */
extern int	take_text(sqlite3_stmt *statement, int column);

#endif							/* RIVAL_H */
