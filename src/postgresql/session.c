/*
 * session.c
 *		The steps in a session's life that several verbs share.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "audit.h"
#include "commit.h"
#include "compat.h"
#include "guc.h"
#include "session.h"

/* How often starting a session is tried before something must be wrong. */
#define MAX_ATTEMPTS 100

bool
cs_session_find(const char *handle, CsSession *session, TimestampTz *at)
{
	bool		found;

	cs_count(COVET_GETS);
	cs_commit_use_begin();
	found = cs_store_read(handle, session);
	cs_commit_use_end();
	if (!found)
	{
		cs_count(COVET_MISSES);
		return false;
	}

	*at = GetCurrentTimestamp();
	if (cs_is_live(session, *at))
	{
		cs_count(COVET_HITS);
		return true;
	}

	cs_count(COVET_MISSES);
	if (cs_is_expired(session, *at))
	{
		cs_count(COVET_EXPIRED_READS);
		if (cs_can_write())
			(void) cs_store_reap(session);
	}
	return false;
}

void
cs_session_touch(const CsSession *session, TimestampTz at)
{
	bool		recorded = false;

	if (covet_touch_is_due(&session->timer, cs_touch_interval, at) &&
		cs_can_write())
	{
		cs_commit_use_begin();
		recorded = cs_store_touch(session, at);
		cs_commit_use_end();
	}
	cs_count(recorded ? COVET_TOUCHES : COVET_TOUCHES_SKIPPED);
}

Datum
cs_session_read(FunctionCallInfo fcinfo, bool use)
{
	CsCall		call;
	CsSession	session;
	char		handle[COVET_TOKEN_SIZE];
	TimestampTz at;
	Datum		data = (Datum) 0;
	bool		found;

	cs_call_begin(&call, CS_READS);
	found = cs_arg_handle(fcinfo, 0, CS_ID_LENIENT, handle) &&
		cs_session_find(handle, &session, &at);
	if (found)
	{
		data = cs_session_data(&call, &session);
		if (use)
			cs_session_touch(&session, at);
	}
	cs_call_end(&call);

	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(data);
}

/* The idle timeout of a session that is started without one; 0: none. */
static int32
default_idle_timeout(const text *user_id)
{
	if (cs_is_anonymous(user_id) && cs_anonymous_idle_timeout > 0)
		return cs_anonymous_idle_timeout;
	return cs_idle_timeout;
}

void
cs_session_start(CsSession *session, const char *handle, text *user_id,
				 Datum data, int32 ttl, text *ip, text *user_agent,
				 TimestampTz at)
{
	memset(session, 0, sizeof(*session));
	strlcpy(session->handle, handle, sizeof(session->handle));
	session->user_id = user_id != NULL ? user_id : cstring_to_text("");
	session->created_at = at;
	session->timer.last_accessed_at = at;
	session->timer.expires_at = cs_max_lifetime > 0 ?
		covet_time_add(at, cs_max_lifetime) : COVET_NEVER;
	session->timer.idle_timeout = ttl > 0 ?
		ttl : default_idle_timeout(session->user_id);
	session->ip = ip;
	session->user_agent = user_agent;
	session->is_active = true;
	session->version = 1;
	session->data = data;
	session->sweep_at = covet_sweep_at(&session->timer, COVET_NEVER);
}

bool
cs_session_insert(const CsSession *session)
{
	if (!cs_store_insert(session))
		return false;
	cs_count(COVET_CREATES);
	cs_stats_note_due(session->sweep_at);
	return true;
}

void
cs_session_refuse_suppressed(void)
{
	ereport(ERROR,
			errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
			errmsg("could not write the session"),
			errdetail("The row was not written, and no other row stands in its way."),
			errhint("Look for a trigger on the table \"sessions\" that suppresses rows."));
}

void
cs_session_check_written(bool written)
{
	if (!written)
		cs_session_refuse_suppressed();
}

void
cs_session_check_attempts(int attempts)
{
	CHECK_FOR_INTERRUPTS();
	if (attempts >= MAX_ATTEMPTS)
		cs_session_refuse_suppressed();
}

void
cs_session_use(CsSession *session, TimestampTz at)
{
	session->timer.last_accessed_at = Max(session->timer.last_accessed_at, at);
}

void
cs_session_replace_data(CsSession *session, Datum data, TimestampTz at)
{
	session->data = data;
	session->version++;
	cs_session_use(session, at);
}

void
cs_session_save(const CsSession *session)
{
	cs_session_check_written(cs_store_update(session->handle, session));
	cs_stats_note_due(session->sweep_at);
}

bool
cs_session_try_change(const char *handle, CsChange change, void *arguments,
					  CsSession *session, TimestampTz *at)
{
	if (!cs_store_peek(handle, session))
		return false;
	*at = GetCurrentTimestamp();
	if (!cs_is_live(session, *at) || !change(session, false, *at, arguments) ||
		!cs_store_replace(session))
		return false;
	cs_stats_note_due(session->sweep_at);
	return true;
}

CsChanged
cs_session_change(const char *handle, CsChange change, void *arguments,
				  CsSession *session, TimestampTz *at)
{
	if (cs_session_try_change(handle, change, arguments, session, at))
		return CS_CHANGED;

	if (!cs_store_lock(handle, CS_HOLD, session))
		return CS_NOT_LIVE;
	*at = GetCurrentTimestamp();
	if (!cs_is_live(session, *at))
		return CS_NOT_LIVE;
	if (!change(session, true, *at, arguments))
		return CS_UNCHANGED;
	cs_session_save(session);
	return CS_CHANGED;
}

void
cs_session_bury(CsSession *session, TimestampTz at)
{
	session->is_active = false;
	session->data = cs_empty_object();
	session->sweep_at = covet_time_add(at, cs_tombstone_retention);
}

void
cs_session_end(CsSession *session, const char *event, const char *detail,
			   CovetCounter counter, TimestampTz at)
{
	cs_audit_write(COVET_AUDIT_SECURITY, event, session, detail, at);
	cs_session_bury(session, at);
	cs_session_check_written(cs_store_update_latest(session->handle, session));
	cs_stats_note_due(session->sweep_at);
	cs_count(counter);
}

bool
cs_session_revoke(const char *handle, const text *user_id, const char *event,
				  const char *detail, CovetCounter counter)
{
	CsSession	session;
	TimestampTz at;

	if (!cs_store_lock_latest(handle, CS_HOLD, &session))
		return false;
	at = GetCurrentTimestamp();
	if (!cs_is_live(&session, at))
		return false;
	if (user_id != NULL && !cs_text_equal(session.user_id, user_id))
		return false;
	cs_session_end(&session, event, detail, counter, at);
	return true;
}

Datum
cs_empty_object(void)
{
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state,
														   WJB_END_OBJECT,
														   NULL)));
}

Datum
cs_session_data(const CsCall *call, const CsSession *session)
{
	MemoryContext previous;
	Datum		data;

	/* A row that was read without SQL has been copied there already. */
	if (session->row != NULL && !call->connected &&
		VARATT_IS_4B_U(DatumGetPointer(session->data)))
		return session->data;

	previous = MemoryContextSwitchTo(call->result_context);
	data = PointerGetDatum(PG_DETOAST_DATUM_COPY(session->data));

	MemoryContextSwitchTo(previous);
	return data;
}

void
cs_session_emit(FunctionCallInfo fcinfo, const CsSession *session)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CovetTime	valid_until = covet_valid_until(&session->timer);
	Datum		values[] = {
		CStringGetTextDatum(session->handle),
		PointerGetDatum(session->user_id),
		TimestampTzGetDatum(session->created_at),
		TimestampTzGetDatum(session->timer.last_accessed_at),
		TimestampTzGetDatum(session->timer.expires_at),
		Int32GetDatum(session->timer.idle_timeout),
		PointerGetDatum(session->ip),
		PointerGetDatum(session->user_agent),
		BoolGetDatum(session->is_active),
		Int64GetDatum(session->version),
		PointerGetDatum(PG_DETOAST_DATUM(session->data)),
		TimestampTzGetDatum(valid_until),
	};
	bool		nulls[] = {
		false, false, false, false,
		session->timer.expires_at == COVET_NEVER,
		session->timer.idle_timeout == 0,
		session->ip == NULL,
		session->user_agent == NULL,
		false, false, false,
		valid_until == COVET_NEVER,
	};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}
