/*
 * errors.c
 *		The words and SQLSTATEs of covet_errors.h, by error.
 */
#include "covet_errors.h"

#define SQLSTATE_LENGTH 5

typedef struct ErrorText
{
	const char *sqlstate;
	const char *message;
} ErrorText;

static const ErrorText error_texts[] = {
#define ERROR_TEXT(name, sqlstate, message) [name] = {sqlstate, message},
	COVET_ERRORS(ERROR_TEXT)
#undef ERROR_TEXT
};

#define CHECK_SQLSTATE(name, sqlstate, message) \
	_Static_assert(sizeof(sqlstate) == SQLSTATE_LENGTH + 1, #name);
COVET_ERRORS(CHECK_SQLSTATE)
#undef CHECK_SQLSTATE

const char *
covet_error_sqlstate(CovetError error)
{
	return error_texts[error].sqlstate;
}

const char *
covet_error_message(CovetError error)
{
	return error_texts[error].message;
}
