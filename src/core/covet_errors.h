/*
 * covet_errors.h
 *		The words and SQLSTATEs of the errors that every engine raises alike.
 *
 * X(name, sqlstate, message): the message is the contract's, the same on all
 * engines; an engine may add a detail and a hint.  Where a message names what
 * it is about, that is a fixed argument name, never a caller's value: an error
 * must not carry a token.
 */
#ifndef COVET_ERRORS_H
#define COVET_ERRORS_H

#define COVET_ERRORS(X) \
	X(COVET_E_ID_NULL, "22023", "session id must not be null") \
	X(COVET_E_ID_INVALID, "22023", "invalid session id") \
	X(COVET_E_DATA_NULL, "22023", "session data must not be null") \
	X(COVET_E_DATA_NUL, "22023", "session data must not contain NUL characters") \
	X(COVET_E_DATA_SURROGATE, "22023", "session data must not contain lone surrogates") \
	X(COVET_E_DATA_TOO_LARGE, "54000", "session data is too large") \
	X(COVET_E_PATCH_NULL, "22023", "session patch must not be null") \
	X(COVET_E_PATCH_NOT_OBJECT, "22023", "session patch must be a JSON object") \
	X(COVET_E_DATA_NOT_OBJECT, "22023", "session data to patch must be a JSON object") \
	X(COVET_E_TTL_RANGE, "22023", "ttl must be between 1 and 2147483647 seconds") \
	X(COVET_E_SECONDS_RANGE, "22023", "seconds must be between 0 and 2147483647") \
	X(COVET_E_USER_ID_NULL, "22023", "user_id must not be null") \
	X(COVET_E_USER_ID_ANONYMOUS, "22023", "user_id must not be empty") \
	X(COVET_E_USER_ID_TOO_LONG, "22023", "user_id must be at most 255 characters") \
	X(COVET_E_HANDLE_NULL, "22023", "handle must not be null") \
	X(COVET_E_IP_INVALID, "22023", "ip must be an IPv4 or IPv6 address") \
	X(COVET_E_MAX_ROWS_NEGATIVE, "22023", "max_rows must not be negative") \
	X(COVET_E_TIME_RANGE, "22023", "time must be between 1970-01-01 and 9999-12-31") \
	X(COVET_E_SETTING_NULL, "22023", "setting name must not be null") \
	X(COVET_E_SETTING_UNKNOWN, "22023", "unknown setting") \
	X(COVET_E_SETTING_INVALID, "22023", "invalid value for setting") \
	X(COVET_E_ROLE_NULL, "22023", "role must not be null") \
	X(COVET_E_USER_LIMIT, "53400", "too many sessions for this user") \
	X(COVET_E_RATE_LIMIT, "53400", "too many new sessions for this user") \
	X(COVET_E_READ_ONLY, "25006", "cannot change sessions in a read-only transaction")

typedef enum CovetError
{
#define COVET_ERROR_NAME(name, sqlstate, message) name,
	COVET_ERRORS(COVET_ERROR_NAME)
#undef COVET_ERROR_NAME
	COVET_ERROR_COUNT
} CovetError;

/* The five characters of an error's SQLSTATE (ISO 9075, PostgreSQL's codes). */
extern const char *covet_error_sqlstate(CovetError error);

/* The message of an error, lower case, without a full stop. */
extern const char *covet_error_message(CovetError error);

#endif							/* COVET_ERRORS_H */
