/*
 * create.c
 *		session_create: a new session under a fresh token.
 */
#include "args.h"
#include "audit.h"
#include "cs_time.h"
#include "limit.h"
#include "session.h"
#include "verbs.h"

static void
session_create(CsCall *call)
{
	CsSession	session;
	char		token[COVET_TOKEN_SIZE];
	char		handle[COVET_TOKEN_SIZE];
	CsText		user_id;
	CsText		data = cs_text("{}");
	CsText		result;
	int32_t		ttl;
	CsText		ip;
	CovetTime	at;

	if (!cs_arg_user_id(call, 0, &user_id) ||
		(!cs_arg_is_null(call, 1) &&
		 (!cs_arg_json(call, 1, COVET_E_DATA_NULL, &data) ||
		  !cs_check_data_size(call, data))) ||
		!cs_arg_ttl(call, 2, &ttl) ||
		!cs_arg_ip(call, 3, &ip) ||
		!cs_fresh_token(call, token, handle) ||
		!cs_limits_admit(call, user_id, cs_text(handle), true))
		return;

	at = cs_now();
	cs_session_start(call, &session, cs_text(handle), user_id, data, ttl, ip,
					 cs_arg_text(call, 4), at);
	if (cs_session_insert(call, &session) &&
		cs_audit_write(call, COVET_AUDIT_SECURITY, "create", &session, NULL, at) &&
		cs_copy(call, cs_text(token), &result))
		cs_return_text(call, result);
}

int
cs_create_register(CsConnection *connection)
{
	return cs_register(connection, "session_create", 0, 5, CS_WRITES,
					   session_create);
}
