/*
 * session.c
 *		The steps in a session's life that several verbs share.
 */
#include "session.h"

#include "audit.h"
#include "cs_time.h"

/*
 * A read that does not ask for a write must not take the write lock for as long
 * as the caller keeps his transaction open.
 */
static bool
may_reap(const CsCall *call)
{
	return cs_can_write(call) &&
		(sqlite3_get_autocommit(call->db) ||
		 sqlite3_txn_state(call->db, "main") == SQLITE_TXN_WRITE);
}

bool
cs_session_find(CsCall *call, CsRead read, CsText id, CsSession *session)
{
	CovetTime	at;

	cs_count(call, COVET_GETS);
	if (!read(call, id, session))
	{
		cs_count(call, COVET_MISSES);
		return false;
	}

	at = cs_now();
	if (cs_is_live(session, at))
	{
		cs_count(call, COVET_HITS);
		return true;
	}

	cs_count(call, COVET_MISSES);
	if (cs_is_expired(session, at))
	{
		cs_count(call, COVET_EXPIRED_READS);
		if (may_reap(call))
			(void) cs_store_reap(call, session);
	}
	return false;
}

void
cs_session_touch(CsCall *call, const CsSession *session)
{
	CovetTime	at = cs_now();

	if (cs_is_live(session, at) &&
		covet_touch_is_due(&session->timer, cs_settings(call)->touch_interval, at) &&
		cs_can_write(call) && cs_store_touch(call, at))
	{
		cs_settings_keep(call);
		cs_count(call, COVET_TOUCHES);
	}
	else
		cs_count(call, COVET_TOUCHES_SKIPPED);
}

bool
cs_session_lock(CsCall *call, CsText id, CsSession *session, CovetTime *at)
{
	bool		found = cs_store_read(call, id, session);

	cs_store_end_read(call);
	*at = cs_now();
	return found && cs_is_live(session, *at);
}

/* The idle timeout of a session that is started without one; 0: none. */
static int32_t
default_idle_timeout(const CsSettings *settings, CsText user_id)
{
	if (user_id.length == 0 && settings->anonymous_idle_timeout > 0)
		return settings->anonymous_idle_timeout;
	return settings->idle_timeout;
}

void
cs_session_start(CsCall *call, CsSession *session, CsText id, CsText user_id,
				 CsText data, int32_t ttl, CsText ip, CsText user_agent,
				 CovetTime at)
{
	const CsSettings *settings = cs_settings(call);

	*session = (CsSession) {
		.id = id,
		.user_id = user_id.start != NULL ? user_id : cs_text(""),
		.created_at = at,
		.timer = {
			.last_accessed_at = at,
			.expires_at = settings->max_lifetime > 0 ?
			covet_time_add(at, settings->max_lifetime) : COVET_NEVER,
			.idle_timeout = ttl > 0 ? ttl : default_idle_timeout(settings, user_id),
		},
		.ip = ip,
		.user_agent = user_agent,
		.is_active = true,
		.version = 1,
		.data = data,
	};
	session->sweep_at = covet_sweep_at(&session->timer, COVET_NEVER);
}

bool
cs_session_insert(CsCall *call, const CsSession *session)
{
	if (call->failed || !cs_store_insert(call, session))
		return false;
	cs_count(call, COVET_CREATES);
	return true;
}

void
cs_session_use(CsSession *session, CovetTime at)
{
	if (session->timer.last_accessed_at < at)
		session->timer.last_accessed_at = at;
}

void
cs_session_replace_data(CsSession *session, CsText data, CovetTime at)
{
	session->data = data;
	/* What somebody wrote by hand may be as large as can be. */
	session->version = (sqlite3_int64) ((sqlite3_uint64) session->version + 1);
	cs_session_use(session, at);
}

void
cs_session_bury(CsCall *call, CsSession *session, CovetTime at)
{
	session->is_active = false;
	session->data = cs_text("{}");
	session->sweep_at = covet_time_add(at, cs_settings(call)->tombstone_retention);
}

bool
cs_session_end(CsCall *call, CsSession *session, const char *event,
			   const char *detail, CovetCounter counter, CovetTime at)
{
	cs_session_bury(call, session, at);
	if (!cs_audit_write(call, COVET_AUDIT_SECURITY, event, session, detail, at) ||
		!cs_store_update_all(call, session))
		return false;
	cs_count(call, counter);
	return true;
}

bool
cs_fresh_token(CsCall *call, char token[COVET_TOKEN_SIZE],
			   char handle[COVET_TOKEN_SIZE])
{
	return (covet_token_generate(token) &&
			covet_digest(token, COVET_TOKEN_LENGTH, handle)) ||
		cs_fail_text(call, "could not generate a session token");
}
