/*
 * udf_test.h
 *		Calls the functions of the library as a server does.
 */
#ifndef COVET_UDF_TEST_H
#define COVET_UDF_TEST_H

#include "test.h"
#include "udf.h"

#define MAX_ARGS 6

typedef bool (*InitFunction) (UdfInit *init, UdfArgs *args, char *message);
typedef void (*DeinitFunction) (UdfInit *init);
typedef char *(*TextFunction) (UdfInit *init, UdfArgs *args, char *result,
							   unsigned long *length, unsigned char *is_null,
							   unsigned char *error);
typedef long long (*IntegerFunction) (UdfInit *init, UdfArgs *args,
									  unsigned char *is_null,
									  unsigned char *error);

/* A statement that calls a function. */
typedef struct Call
{
	InitFunction init;
	DeinitFunction deinit;
	UdfInit		state;
	UdfArgs		args;
	UdfType		types[MAX_ARGS];
	char	   *values[MAX_ARGS];
	unsigned long lengths[MAX_ARGS];
	char		message[UDF_MESSAGE_SIZE];
	char		result[UDF_RESULT_SIZE];
	unsigned long length;
	unsigned char is_null;
	unsigned char error;
} Call;

#define DECLARE_TEXT(name) \
	extern bool name##_init(UdfInit *init, UdfArgs *args, char *message); \
	extern char *name(UdfInit *init, UdfArgs *args, char *result, \
					  unsigned long *length, unsigned char *is_null, \
					  unsigned char *error)

#define DECLARE_INTEGER(name) \
	extern bool name##_init(UdfInit *init, UdfArgs *args, char *message); \
	extern long long name(UdfInit *init, UdfArgs *args, unsigned char *is_null, \
						  unsigned char *error)

#define DECLARE_DEINIT(name) extern void name##_deinit(UdfInit *init)

DECLARE_TEXT(covet_version);
DECLARE_TEXT(covet_now);
DECLARE_TEXT(covet_token);
DECLARE_TEXT(covet_handle);
DECLARE_TEXT(covet_asked);
DECLARE_INTEGER(covet_found);
DECLARE_TEXT(covet_json_check);
DECLARE_DEINIT(covet_json_check);
DECLARE_TEXT(covet_json);
DECLARE_DEINIT(covet_json);
DECLARE_TEXT(covet_json_patch);
DECLARE_DEINIT(covet_json_patch);
DECLARE_INTEGER(covet_ip_valid);
DECLARE_INTEGER(covet_ip_match);
DECLARE_INTEGER(covet_user_agent_match);
DECLARE_TEXT(covet_sqlstate);
DECLARE_TEXT(covet_message);
DECLARE_TEXT(covet_setting_default);
DECLARE_TEXT(covet_setting_value);
DECLARE_INTEGER(covet_count);
DECLARE_INTEGER(covet_counter);
DECLARE_INTEGER(covet_note);
DECLARE_TEXT(covet_noted);
DECLARE_INTEGER(covet_counters_reset);

/*
 * Begins a statement with so many arguments; false if the function refuses.
 * The server says that a call with constant arguments is constant.
 */
static inline bool
begin(Call *call, InitFunction init, DeinitFunction deinit, unsigned int count)
{
	*call = (Call) {.init = init, .deinit = deinit};
	call->state.is_constant = true;
	call->args.count = count;
	call->args.types = call->types;
	call->args.values = call->values;
	call->args.lengths = call->lengths;
	for (unsigned int i = 0; i < count; i++)
		call->types[i] = UDF_DECIMAL;
	return !init(&call->state, &call->args, call->message);
}

/* Sets an argument to a copy of just so many bytes; NULL: NULL. */
static inline void
set_bytes(Call *call, unsigned int n, const char *text, size_t length)
{
	free(call->values[n]);
	call->values[n] = text != NULL ? exact_copy(text, length) : NULL;
	call->lengths[n] = length;
}

static inline void
set(Call *call, unsigned int n, const char *text)
{
	set_bytes(call, n, text, text != NULL ? strlen(text) : 0);
}

static inline void
end(Call *call)
{
	for (int i = 0; i < MAX_ARGS; i++)
		free(call->values[i]);
	if (call->deinit != NULL)
		call->deinit(&call->state);
}

/* The result, to be freed, with a NUL byte behind it; NULL: NULL. */
static inline char *
text_of(Call *call, TextFunction function)
{
	char	   *result;
	char	   *copy;

	call->is_null = 0;
	call->length = 0;
	memset(call->result, '?', sizeof(call->result));
	result = function(&call->state, &call->args, call->result, &call->length,
					  &call->is_null, &call->error);
	assert_int_equal(call->error, 0);
	if (call->is_null)
		return NULL;
	assert_true(call->length <= call->state.max_length);
	copy = malloc(call->length + 1);
	memcpy(copy, result, call->length);
	copy[call->length] = '\0';
	return copy;
}

#define IS_NULL (-1000)

static inline long long
integer_of(Call *call, IntegerFunction function)
{
	long long	result;

	call->is_null = 0;
	result = function(&call->state, &call->args, &call->is_null, &call->error);
	assert_int_equal(call->error, 0);
	return call->is_null ? IS_NULL : result;
}

#endif							/* COVET_UDF_TEST_H */
