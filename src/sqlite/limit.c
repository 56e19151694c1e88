/*
 * limit.c
 *		How many sessions a user may have and start.
 */
#include "limit.h"

#include "cs_time.h"
#include "session.h"

/* The window of create_rate_limit. */
#define RATE_WINDOW 60

static bool
check_rate(CsCall *call, CsText user_id, CovetTime at)
{
	char		time[CS_TIME_SIZE];
	CsValue		values[2] = {
		{.type = CS_TEXT,.text = user_id},
		cs_time_value(covet_time_add(at, -RATE_WINDOW), time)
	};
	sqlite3_int64 count;

	if (!cs_store_value(call, CS_SQL_COUNT_CREATIONS, values, 2, NULL, &count))
		return false;
	if (count >= cs_settings(call)->create_rate_limit)
		return cs_fail(call, COVET_E_RATE_LIMIT);
	values[1] = cs_time_value(at, time);
	return cs_change(call, CS_SQL_ADD_CREATION, values, 2);
}

static bool
counts(const CsSession *session, CsText id, CovetTime at)
{
	return cs_is_live(session, at) && !cs_text_equal(session->id, id);
}

static bool
make_room(CsCall *call, CsText user_id, CsText id, CovetTime at)
{
	const CsSettings *settings = cs_settings(call);
	CsSessions	sessions = cs_store_list(call, CS_SQL_LIST_BY_LAST_USE, user_id);
	int			excess = 1 - settings->max_sessions_per_user;

	for (int i = 0; i < sessions.count; i++)
		excess += counts(&sessions.rows[i], id, at);
	if (excess > 0 && settings->max_sessions_policy == COVET_LIMIT_REJECT)
		return cs_fail(call, COVET_E_USER_LIMIT);
	for (int i = 0; i < sessions.count && excess > 0; i++)
	{
		if (!counts(&sessions.rows[i], id, at))
			continue;
		if (!cs_session_end(call, &sessions.rows[i], "evict", NULL,
							COVET_EVICTIONS, at))
			return false;
		excess--;
	}
	return !call->failed;
}

bool
cs_limits_admit(CsCall *call, CsText user_id, CsText id, bool is_new)
{
	const CsSettings *settings = cs_settings(call);
	CovetTime	at = cs_now();

	if (call->failed)
		return false;
	if (user_id.length == 0)
		return true;
	if (is_new && settings->create_rate_limit > 0 &&
		!check_rate(call, user_id, at))
		return false;
	return settings->max_sessions_per_user == 0 ||
		make_room(call, user_id, id, at);
}
