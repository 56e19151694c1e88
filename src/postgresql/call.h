/*
 * call.h
 *		What every SQL function does first and last, and its arguments.
 */
#ifndef CS_CALL_H
#define CS_CALL_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/elog.h"
#include "utils/jsonb.h"
#include "utils/palloc.h"
#include "utils/timestamp.h"

#include "covet_core.h"
#include "covet_errors.h"

typedef enum CsAccess
{
	CS_READS,					/* works in a read-only transaction */
	CS_WRITES					/* refused there */
} CsAccess;

/* Lives on the stack of the SQL function that runs. */
typedef struct CsCall
{
	ErrorContextCallback error_context;
	MemoryContext result_context;	/* where the function's result belongs */
	Oid			caller;
	int			caller_security;
	bool		connected;		/* to SPI */
	int			guc_level;
} CsCall;

/*
 * Between the two, the function acts with the rights of the extension's owner,
 * and what goes wrong is logged without the caller's statement, which may hold
 * a token.  An error that jumps undoes all of it.
 */
extern void cs_call_begin(CsCall *call, CsAccess access);
extern void cs_call_end(CsCall *call);

/*
 * Before SQL is run: from here to the end of the call, the function is
 * connected to SPI, under a search path that the caller cannot influence.
 */
extern void cs_call_connect(void);

/*
 * Runs, as the caller of the function that runs, what may set off code of his.
 * Before cs_call_connect(), it also finds his search path.
 */
extern void cs_call_as_caller(void (*run) (void));

/* May this transaction write? */
extern bool cs_can_write(void);

/* Code, message and silence about who called, for use in ereport(). */
extern int	cs_error(CovetError error);

/*
 * Arguments.  Each takes the function's arguments and a number among them, and
 * raises the contract's error for a value that is refused.
 */

typedef enum CsIdCheck
{
	CS_ID_LENIENT,				/* NULL and malformed: no such session */
	CS_ID_NOT_NULL,				/* malformed: no such session */
	CS_ID_STRICT				/* both are errors */
} CsIdCheck;

/* Turns the token into its handle; false if it can be nobody's. */
extern bool cs_arg_handle(FunctionCallInfo fcinfo, int n, CsIdCheck check,
						  char handle[COVET_TOKEN_SIZE]);

/* Text or NULL. */
extern text *cs_arg_text(FunctionCallInfo fcinfo, int n);

/* A user id of allowed length, or NULL. */
extern text *cs_arg_user_id(FunctionCallInfo fcinfo, int n);

/* The same; NULL and the anonymous user are errors. */
extern text *cs_arg_known_user_id(FunctionCallInfo fcinfo, int n);

/* An address, or NULL. */
extern text *cs_arg_ip(FunctionCallInfo fcinfo, int n);

/* An idle timeout in seconds, or 0 for NULL. */
extern int32 cs_arg_ttl(FunctionCallInfo fcinfo, int n);

/* JSON given as text or jsonb, checked and of allowed size; NULL for NULL. */
extern Jsonb *cs_arg_json(FunctionCallInfo fcinfo, int n);

/* Is the session data no larger than allowed? */
extern bool cs_data_size_is_allowed(const Jsonb *data);

/* Raises the error if the session data is larger than allowed. */
extern void cs_check_data_size(const Jsonb *data);

/* The same bytes in the same number? */
extern bool cs_text_equal(const text *a, const text *b);

/* Is this the anonymous user? */
static inline bool
cs_is_anonymous(const text *user_id)
{
	return VARSIZE_ANY_EXHDR(user_id) == 0;
}

#endif							/* CS_CALL_H */
