/*
 * udf.h
 *		What MySQL and MariaDB agree on about loadable functions, and what the
 *		functions of this library share.
 *
 * The structures are declared here instead of taken from a server's headers:
 * they are part of both servers' stable interface and the same in both, so one
 * library loads on all of them.
 *
 * A function NAME consists of NAME_init, called once per statement, NAME, once
 * per row, and NAME_deinit.  Several threads are in them at any time, each with
 * structures of its own.  A function cannot raise an error but in its _init:
 * what it cannot answer is NULL.
 */
#ifndef CM_UDF_H
#define CM_UDF_H

#include <stdbool.h>
#include <stddef.h>

#include "covet_json.h"

#define UDF_EXPORT __attribute__((visibility("default")))

/* Room that the server gives for a text result. */
#define UDF_RESULT_SIZE 255
/* Room for the message of an _init that fails. */
#define UDF_MESSAGE_SIZE 512

typedef enum UdfType
{
	UDF_TEXT,
	UDF_REAL,
	UDF_INTEGER,
	UDF_ROW,
	UDF_DECIMAL
} UdfType;

typedef struct UdfArgs
{
	unsigned int count;
	UdfType    *types;			/* changed in _init, the server converts */
	char	  **values;			/* by type; NULL: NULL */
	unsigned long *lengths;
	char	   *maybe_null;
	char	  **names;
	unsigned long *name_lengths;
	void	   *extension;
} UdfArgs;

typedef struct UdfInit
{
	bool		maybe_null;
	unsigned int decimals;
	unsigned long max_length;
	char	   *memory;			/* the function's own */
	bool		is_constant;
	void	   *extension;
} UdfInit;

/* ---- udf.c: what the functions share ---- */

/* What an _init says; it returns true when it fails, as the server wants. */

/*
 * "count" arguments that are taken as texts, or "count" to "most".  The result
 * has at most "max_length" bytes and may be NULL.
 */
extern bool udf_prepare(UdfInit *init, UdfArgs *args, char *message,
						unsigned int count, unsigned int most,
						unsigned long max_length);

/* The same; the result is another one each time. */
extern bool udf_prepare_volatile(UdfInit *init, UdfArgs *args, char *message,
								 unsigned int count, unsigned int most,
								 unsigned long max_length);

/* An argument; its "start" is NULL if it is NULL. */
extern CovetText udf_arg(const UdfArgs *args, unsigned int n);

/*
 * A result.  A text of up to UDF_RESULT_SIZE bytes is copied to where the
 * server wants it; NULL: NULL.
 */
extern char *udf_return_text(const char *text, char *result,
							 unsigned long *length, unsigned char *is_null);

extern long long udf_return_bool(bool value);
extern long long udf_return_null(unsigned char *is_null);

/* ---- memory of a function, for results of any size ---- */

/*
 * Memory of this statement.  Before the first use in each call, what the
 * previous call has used is freed.
 */
extern CovetMemory udf_memory(UdfInit *init);
extern void udf_memory_free(UdfInit *init);

/* ---- shorthands ---- */

/* The head of a function that returns text, and of its _init. */
#define UDF_TEXT_FUNCTION(name) \
	extern UDF_EXPORT char *name(UdfInit *init, UdfArgs *args, char *result, \
								 unsigned long *length, unsigned char *is_null, \
								 unsigned char *error); \
	char * \
	name(UdfInit *init, UdfArgs *args, char *result, unsigned long *length, \
		 unsigned char *is_null, unsigned char *error)

#define UDF_INTEGER_FUNCTION(name) \
	extern UDF_EXPORT long long name(UdfInit *init, UdfArgs *args, \
									 unsigned char *is_null, \
									 unsigned char *error); \
	long long \
	name(UdfInit *init, UdfArgs *args, unsigned char *is_null, \
		 unsigned char *error)

#define UDF_INIT_FUNCTION(name) \
	extern UDF_EXPORT bool name##_init(UdfInit *init, UdfArgs *args, \
									   char *message); \
	bool \
	name##_init(UdfInit *init, UdfArgs *args, char *message)

#define UDF_DEINIT_FUNCTION(name) \
	extern UDF_EXPORT void name##_deinit(UdfInit *init); \
	void \
	name##_deinit(UdfInit *init)

#define UNUSED(argument) ((void) (argument))

#endif							/* CM_UDF_H */
