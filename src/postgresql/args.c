/*
 * args.c
 *		The arguments of the SQL functions.
 *
 * What a stranger's cookie can cause is answered silently, what only a
 * programmer can get wrong is an error.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "call.h"
#include "compat.h"
#include "guc.h"
#include "stats.h"

bool
cs_arg_handle(FunctionCallInfo fcinfo, int n, CsIdCheck check,
			  char handle[COVET_TOKEN_SIZE])
{
	static CovetDigester *digester = NULL;	/* as long as the backend */
	text	   *token;

	if (PG_ARGISNULL(n))
	{
		if (check != CS_ID_LENIENT)
			ereport(ERROR, cs_error(COVET_E_ID_NULL));
		return false;
	}

	token = PG_GETARG_TEXT_PP(n);
	if (!covet_token_is_valid(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token)))
	{
		cs_count(COVET_INVALID_IDS);
		if (check == CS_ID_STRICT)
			ereport(ERROR, cs_error(COVET_E_ID_INVALID),
					errdetail("A session id is 1 to %d printable ASCII characters without spaces.",
							  COVET_TOKEN_MAX));
		return false;
	}

	if (!covet_digest_again(&digester, VARDATA_ANY(token),
							VARSIZE_ANY_EXHDR(token), handle))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute a SHA-256 digest"));
	return true;
}

text *
cs_arg_text(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n);
}

text *
cs_arg_user_id(FunctionCallInfo fcinfo, int n)
{
	text	   *user_id = cs_arg_text(fcinfo, n);
	int			length;

	if (user_id == NULL)
		return NULL;

	length = pg_mbstrlen_with_len(VARDATA_ANY(user_id),
								  VARSIZE_ANY_EXHDR(user_id));
	if (length > COVET_USER_ID_MAX)
		ereport(ERROR, cs_error(COVET_E_USER_ID_TOO_LONG),
				errdetail("It has %d characters.", length));
	return user_id;
}

text *
cs_arg_known_user_id(FunctionCallInfo fcinfo, int n)
{
	text	   *user_id = cs_arg_user_id(fcinfo, n);

	if (user_id == NULL)
		ereport(ERROR, cs_error(COVET_E_USER_ID_NULL));
	if (cs_is_anonymous(user_id))
		ereport(ERROR, cs_error(COVET_E_USER_ID_ANONYMOUS),
				errdetail("Anonymous sessions belong to nobody in particular."));
	return user_id;
}

text *
cs_arg_ip(FunctionCallInfo fcinfo, int n)
{
	text	   *ip = cs_arg_text(fcinfo, n);
	CovetIp		parsed;

	if (ip != NULL &&
		!covet_ip_parse(VARDATA_ANY(ip), VARSIZE_ANY_EXHDR(ip), &parsed))
		ereport(ERROR, cs_error(COVET_E_IP_INVALID),
				errhint("Pass the address alone, without port, prefix length or zone."));
	return ip;
}

int32
cs_arg_ttl(FunctionCallInfo fcinfo, int n)
{
	int64		ttl;

	if (PG_ARGISNULL(n))
		return 0;

	ttl = PG_GETARG_INT64(n);
	if (ttl < 1 || ttl > PG_INT32_MAX)
		ereport(ERROR, cs_error(COVET_E_TTL_RANGE),
				errdetail("It is " INT64_FORMAT ".", ttl));
	return (int32) ttl;
}

/* The declared type of an argument, whichever way the function was called. */
static Oid
argument_type(FunctionCallInfo fcinfo, int n)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, n);

	if (!OidIsValid(type))
	{
		Oid		   *types;
		int			count;

		(void) get_func_signature(fcinfo->flinfo->fn_oid, &types, &count);
		type = types[n];
	}
	return type;
}

static Jsonb *
json_from_text(const text *json)
{
	switch (covet_ijson_check(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json)))
	{
		case COVET_IJSON_OK:
			break;
		case COVET_IJSON_NUL:
			ereport(ERROR, cs_error(COVET_E_DATA_NUL),
					errdetail("\\u0000 cannot be stored alike by all engines (RFC 7493)."));
			break;
		case COVET_IJSON_SURROGATE:
			ereport(ERROR, cs_error(COVET_E_DATA_SURROGATE),
					errdetail("A high surrogate escape must be followed by a low one (RFC 7493)."));
			break;
	}

	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(text_to_cstring(json))));
}

Jsonb *
cs_arg_json(FunctionCallInfo fcinfo, int n)
{
	Jsonb	   *json;

	if (PG_ARGISNULL(n))
		return NULL;

	if (argument_type(fcinfo, n) == JSONBOID)
		json = PG_GETARG_JSONB_P(n);
	else
		json = json_from_text(PG_GETARG_TEXT_PP(n));
	cs_check_data_size(json);
	return json;
}

static Size
data_size(const Jsonb *data)
{
	return VARSIZE(data) - VARHDRSZ;
}

bool
cs_data_size_is_allowed(const Jsonb *data)
{
	return data_size(data) <= (Size) cs_max_data_size;
}

void
cs_check_data_size(const Jsonb *data)
{
	if (!cs_data_size_is_allowed(data))
		ereport(ERROR, cs_error(COVET_E_DATA_TOO_LARGE),
				errdetail("It takes %zu bytes, more than covet_sessions.max_data_size, which is %d.",
						  data_size(data), cs_max_data_size));
}

bool
cs_text_equal(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}
