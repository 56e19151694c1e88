/*
 * create.c
 *		session_create: a new session under a fresh token.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "audit.h"
#include "call.h"
#include "compat.h"
#include "limit.h"
#include "session.h"
#include "token.h"

text *
cs_fresh_token(char handle[COVET_TOKEN_SIZE])
{
	char		token[COVET_TOKEN_SIZE];

	if (!covet_token_generate(token) ||
		!covet_digest(token, COVET_TOKEN_LENGTH, handle))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate a session token"),
				errdetail("libcrypto's random number generator or digest failed."));
	return cstring_to_text(token);
}

PG_FUNCTION_INFO_V1(session_create);

Datum
session_create(PG_FUNCTION_ARGS)
{
	CsCall		call;
	CsSession	session;
	MemoryContext previous;
	char		handle[COVET_TOKEN_SIZE];
	text	   *token;
	text	   *user_id;
	Jsonb	   *data;
	int32		ttl;
	text	   *ip;
	text	   *user_agent;
	TimestampTz at;

	cs_call_begin(&call, CS_WRITES);

	user_id = cs_arg_user_id(fcinfo, 0);
	data = cs_arg_json(fcinfo, 1);
	ttl = cs_arg_ttl(fcinfo, 2);
	ip = cs_arg_ip(fcinfo, 3);
	user_agent = cs_arg_text(fcinfo, 4);

	previous = MemoryContextSwitchTo(call.result_context);
	token = cs_fresh_token(handle);
	MemoryContextSwitchTo(previous);

	if (user_id != NULL)
	{
		cs_limits_hold(user_id);
		cs_limits_admit(user_id, handle, true);
	}

	at = GetCurrentTimestamp();
	cs_session_start(&session, handle, user_id,
					 data != NULL ? JsonbPGetDatum(data) : cs_empty_object(),
					 ttl, ip, user_agent, at);
	/* 256 random bits are not taken: no row, no session. */
	if (!cs_session_insert(&session))
		cs_session_refuse_suppressed();
	cs_audit_write(COVET_AUDIT_SECURITY, "create", &session, NULL, at);

	cs_call_end(&call);
	PG_RETURN_TEXT_P(token);
}
