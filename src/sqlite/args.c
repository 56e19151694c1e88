/*
 * args.c
 *		The arguments of the functions.
 */
#include "args.h"

#include "json.h"

bool
cs_arg_is_null(const CsCall *call, int n)
{
	return n >= call->argc || sqlite3_value_type(call->argv[n]) == SQLITE_NULL;
}

CsText
cs_arg_text(const CsCall *call, int n)
{
	sqlite3_value *value = n < call->argc ? call->argv[n] : NULL;
	const char *start = value != NULL ? cs_value_start(value) : NULL;

	if (start != NULL)
		return (CsText) {start, sqlite3_value_bytes(value)};
	/* An empty blob has no address. */
	return cs_arg_is_null(call, n) ? (CsText) {NULL, 0} : cs_text("");
}

bool
cs_arg_handle(CsCall *call, int n, CsIdCheck check,
			  char memory[COVET_TOKEN_SIZE], CsText *handle)
{
	CsText		token = cs_arg_text(call, n);

	*handle = (CsText) {NULL, 0};
	if (token.start == NULL)
		return check != CS_ID_LENIENT && cs_fail(call, COVET_E_ID_NULL);
	if (!covet_token_is_valid(token.start, (size_t) token.length))
	{
		cs_count(call, COVET_INVALID_IDS);
		return check == CS_ID_STRICT && cs_fail(call, COVET_E_ID_INVALID);
	}
	if (!covet_digest_again(&call->connection->digester, token.start,
							(size_t) token.length, memory))
		return cs_fail_text(call, "could not compute a SHA-256 digest");
	*handle = (CsText) {memory, COVET_TOKEN_LENGTH};
	return true;
}

bool
cs_arg_user_id(CsCall *call, int n, CsText *user_id)
{
	int			characters = 0;

	*user_id = cs_arg_text(call, n);
	for (int i = 0; i < user_id->length; i++)
		characters += (user_id->start[i] & 0xC0) != 0x80;
	return characters <= COVET_USER_ID_MAX ||
		cs_fail(call, COVET_E_USER_ID_TOO_LONG);
}

bool
cs_arg_known_user_id(CsCall *call, int n, CsText *user_id)
{
	if (!cs_arg_user_id(call, n, user_id))
		return false;
	if (user_id->start == NULL)
		return cs_fail(call, COVET_E_USER_ID_NULL);
	return user_id->length > 0 || cs_fail(call, COVET_E_USER_ID_ANONYMOUS);
}

bool
cs_arg_ip(CsCall *call, int n, CsText *ip)
{
	CovetIp		parsed;

	*ip = cs_arg_text(call, n);
	return ip->start == NULL ||
		covet_ip_parse(ip->start, (size_t) ip->length, &parsed) ||
		cs_fail(call, COVET_E_IP_INVALID);
}

sqlite3_int64
cs_arg_integer(const CsCall *call, int n, sqlite3_int64 otherwise)
{
	sqlite3_value *value = call->argv[n];

	switch (sqlite3_value_numeric_type(value))
	{
		case SQLITE_INTEGER:
			return sqlite3_value_int64(value);
		case SQLITE_FLOAT:
			{
				double		number = sqlite3_value_double(value);
				sqlite3_int64 integer = sqlite3_value_int64(value);

				return (double) integer == number ? integer : otherwise;
			}
		default:
			return otherwise;
	}
}

bool
cs_arg_ttl(CsCall *call, int n, int32_t *ttl)
{
	sqlite3_int64 given;

	*ttl = 0;
	if (cs_arg_is_null(call, n))
		return true;
	given = cs_arg_integer(call, n, 0);
	if (given < 1 || given > INT32_MAX)
		return cs_fail(call, COVET_E_TTL_RANGE);
	*ttl = (int32_t) given;
	return true;
}

bool
cs_arg_json(CsCall *call, int n, CovetError if_null, CsText *json)
{
	CsText		given = cs_arg_text(call, n);

	if (given.start == NULL)
		return cs_fail(call, if_null);
	switch (covet_ijson_check(given.start, (size_t) given.length))
	{
		case COVET_IJSON_OK:
			break;
		case COVET_IJSON_NUL:
			return cs_fail(call, COVET_E_DATA_NUL);
		case COVET_IJSON_SURROGATE:
			return cs_fail(call, COVET_E_DATA_SURROGATE);
	}
	return cs_json_normalise(call, given, json);
}

bool
cs_check_data_size(CsCall *call, CsText data)
{
	return data.length <= cs_settings(call)->max_data_size ||
		cs_fail(call, COVET_E_DATA_TOO_LARGE);
}
