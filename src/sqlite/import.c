/*
 * import.c
 *		session_import: bring in a session from another store.
 */
#include "args.h"
#include "audit.h"
#include "cs_time.h"
#include "limit.h"
#include "session.h"
#include "verbs.h"

/* A time argument; "otherwise" for null. */
static bool
time_argument(CsCall *call, int n, CovetTime otherwise, CovetTime *time)
{
	CsText		given = cs_arg_text(call, n);

	*time = otherwise;
	if (given.start == NULL)
		return true;
	return (cs_time_parse(given.start, (size_t) given.length, time) &&
			*time >= 0 && *time < CS_END_OF_TIME) ||
		cs_fail(call, COVET_E_TIME_RANGE);
}

static CovetTime
earlier(CovetTime one, CovetTime other)
{
	return one < other ? one : other;
}

/* Another machine's clock may be ahead; a future use must not count. */
static bool
read_times(CsCall *call, CsSession *session, CovetTime at)
{
	int			max_lifetime = cs_settings(call)->max_lifetime;
	CovetTime	last_accessed_at;

	if (!time_argument(call, 4, at, &last_accessed_at))
		return false;
	last_accessed_at = earlier(last_accessed_at, at);
	if (!time_argument(call, 3, last_accessed_at, &session->created_at))
		return false;
	session->created_at = earlier(session->created_at, at);
	session->timer.last_accessed_at = last_accessed_at;
	cs_session_use(session, session->created_at);
	return time_argument(call, 5, max_lifetime > 0 ?
						 covet_time_add(session->created_at, max_lifetime) :
						 COVET_NEVER, &session->timer.expires_at);
}

/* The arguments as a session; "memory" keeps its handle. */
static bool
read_session(CsCall *call, char memory[COVET_TOKEN_SIZE], CsSession *session,
			 CovetTime at)
{
	CsText		handle;
	CsText		data;
	CsText		user_id;
	CsText		ip;

	if (!cs_arg_handle(call, 0, CS_ID_STRICT, memory, &handle) ||
		!cs_arg_json(call, 1, COVET_E_DATA_NULL, &data) ||
		!cs_check_data_size(call, data) ||
		!cs_arg_user_id(call, 2, &user_id) ||
		!cs_arg_ip(call, 6, &ip))
		return false;
	cs_session_start(call, session, handle, user_id, data, 0, ip,
					 cs_arg_text(call, 7), at);
	if (!read_times(call, session, at))
		return false;
	session->sweep_at = covet_sweep_at(&session->timer, COVET_NEVER);
	return true;
}

/* False if there is a session, or was until it was revoked. */
static bool
import(CsCall *call, const CsSession *session, CovetTime at)
{
	CsSession	existing;
	bool		found;

	if (covet_is_expired(&session->timer, at))
		return false;
	found = cs_store_read(call, session->id, &existing);
	cs_store_end_read(call);
	if (found && !cs_is_expired(&existing, at))
		return false;
	if (found && !cs_store_delete(call, existing.id))
		return false;
	return cs_limits_admit(call, session->user_id, session->id, false) &&
		cs_session_insert(call, session) &&
		cs_audit_write(call, COVET_AUDIT_SECURITY, "import", session, NULL, at);
}

static void
session_import(CsCall *call)
{
	CsSession	session;
	char		memory[COVET_TOKEN_SIZE];
	CovetTime	at = cs_now();

	if (read_session(call, memory, &session, at))
		cs_return_bool(call, import(call, &session, at));
}

int
cs_import_register(CsConnection *connection)
{
	return cs_register(connection, "session_import", 2, 8, CS_WRITES,
					   session_import);
}
