/*
 * call.h
 *		What surrounds each call of a function: its errors, its memory, its
 *		part in the caller's transaction, and its result.
 *
 * Functions that can fail return false and leave the reason in the call; the
 * first one counts.  What cs_alloc() hands out lives as long as the call.
 *
 * Transactions.  A call that writes does so in a savepoint, which in autocommit
 * is a transaction of its own, committed before the function returns: a client
 * that steps its SELECT once and never again loses nothing.  Inside an INSERT,
 * UPDATE or DELETE SQLite allows no savepoint; there the call is part of that
 * statement.  The first thing in a savepoint is to take the write lock, so that
 * what is read afterwards is what will be written over.
 *
 * Waiting.  Where the connection has no transaction open, a call waits for other
 * connections even if the client has set no busy timeout.
 */
#ifndef CS_CALL_H
#define CS_CALL_H

#include "connection.h"
#include "covet_errors.h"
#include "settings.h"

/* A text with its length, which need not end in a NUL byte; NULL: none. */
typedef struct CsText
{
	const char *start;
	int			length;
} CsText;

/* A result, or a column of a row. */
typedef enum CsType
{
	CS_NULL,
	CS_INTEGER,
	CS_TEXT,
	CS_JSON,
	CS_COLUMN					/* JSON in a row that is being read */
} CsType;

typedef struct CsValue
{
	CsType		type;
	sqlite3_int64 integer;
	CsText		text;
	sqlite3_value *column;
} CsValue;

typedef struct CsBlock CsBlock;

typedef struct CsCall
{
	CsConnection *connection;
	sqlite3    *db;
	int			argc;
	sqlite3_value **argv;
	CsValue		result;

	bool		failed;
	int			code;			/* SQLite's result code, then */
	const char *message;		/* in memory of the call, or constant */

	bool		in_savepoint;
	bool		is_transaction; /* the savepoint is all of it */
	bool		may_wait;		/* unless a transaction is open beside our own */
	bool		waiting;
	CovetTime	wait_until;
	sqlite3_int64 last_insert_rowid;

	/* For statements that ask before they write, see proceed.h. */
	bool		alone;			/* they are in no savepoint */
	bool		met;			/* there was a row to be asked about */
	bool		as_expected;	/* what was known before holds */
	CovetTime	writes_at;		/* the time that they write */
	sqlite3_stmt *writing;

	sqlite3_stmt *reading;		/* the row that was read last, still held */
	CsStatement reads;			/* which statement that is */
	CsBlock    *blocks;
	bool		has_settings;
	bool		keeps_settings; /* they are the connection's */
	CsSettings	settings;
} CsCall;

/* The body of a function. */
typedef void (*CsBody) (CsCall *call);

typedef enum CsMode
{
	CS_READS,					/* or writes now and then, by itself */
	CS_WRITES,					/* is wrapped in cs_write_begin() and _end() */
	CS_WRITES_BY_ITSELF			/* calls them, when it has read its arguments */
} CsMode;

/*
 * Registers an SQL function in all its arities: "required" to "maximum"
 * arguments, what is left out being null.
 */
extern int	cs_register(CsConnection *connection, const char *name,
						int required, int maximum, CsMode mode, CsBody body);

/* A call by other means than a function. */
extern void cs_call_begin(CsCall *call, CsConnection *connection);
extern void cs_call_end(CsCall *call);

/* Enters a savepoint with the write lock held, installing what is missing. */
extern bool cs_write_begin(CsCall *call);

/*
 * The same where a write is likely all that there is to do: "first" does it and
 * so takes the lock.  It returns an SQLite result code, may be called again if
 * another connection is in the way, and has no effect if that is so or if there
 * is no schema yet.
 */
typedef int (*CsFirst) (CsCall *call, void *argument);
extern bool cs_write_begin_with(CsCall *call, CsFirst first, void *argument);

/* The call has failed: says so if it could not have written anyway. */
extern void cs_write_refused(CsCall *call);

/* Leaves it; undoes what was done in it if the call has failed. */
extern bool cs_write_end(CsCall *call);

/* Is writing possible as far as can be told without trying? */
extern bool cs_can_write(const CsCall *call);

/*
 * Another connection is in the way: waits a little and returns true, or false
 * if the call must not wait (any longer).
 */
extern bool cs_wait(CsCall *call);

/* A result code without the detail that some clients ask SQLite for. */
static inline int
cs_primary(int code)
{
	return code & 0xFF;
}

/* ---- errors: all return false ---- */

extern bool cs_fail(CsCall *call, CovetError error);
extern bool cs_fail_text(CsCall *call, const char *message);

/* SQLite returned "code"; its own words are used. */
extern bool cs_fail_engine(CsCall *call, int code);

/* ---- memory ---- */

/* NULL, and the call has failed, without memory. */
extern void *cs_alloc(CsCall *call, size_t size);
extern bool cs_copy(CsCall *call, CsText from, CsText *to);

/* ---- results ---- */

extern void cs_return_bool(CsCall *call, bool value);
extern void cs_return_integer(CsCall *call, sqlite3_int64 value);
extern void cs_return_text(CsCall *call, CsText value);
extern void cs_return_json(CsCall *call, CsText value);

/* The read must stay open until the call ends. */
extern void cs_return_column(CsCall *call, sqlite3_value *column);
extern void cs_emit(sqlite3_context *context, const CsValue *value);

/* ---- texts ---- */

/* What an argument is in UTF-8; NULL if it is null or empty. */
extern const char *cs_value_start(sqlite3_value *value);

extern CsText cs_text(const char *string);
extern bool cs_text_equal(CsText a, CsText b);

/* ---- counters ---- */

extern void cs_count(CsCall *call, CovetCounter counter);

#endif							/* CS_CALL_H */
