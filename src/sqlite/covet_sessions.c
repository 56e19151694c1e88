/*
 * covet_sessions.c
 *		A session store in an SQLite database: the entry point.
 *
 *	session_create(user_id, data, ttl, ip, user_agent)			token
 *	session_set(id!, data!, user_id, ttl, ip, user_agent)		0 or 1
 *	session_get(id)												JSON or null
 *	session_touch(id)											JSON or null
 *	session_verify(id, ip, user_agent)							JSON or null
 *	session_update(id!, data!, version)							version, 0 or null
 *	session_patch(id!, patch!)									version or null
 *	session_rotate(id!, user_id)								token or null
 *	session_expire(id!, seconds)								0 or 1
 *	session_delete(id)											0 or 1
 *	session_revoke(id)											0 or 1
 *	session_revoke_handle(user_id!, handle!)					0 or 1
 *	session_revoke_user(user_id!, except_id)					how many
 *	session_cleanup(max_rows)									how many
 *	session_digest(id!)											handle
 *	session_import(id!, data!, user_id, created_at,
 *			last_accessed_at, expires_at, ip, user_agent)		0 or 1
 *	session_setting(name!), session_configure(name!, value)		text
 *	session_install(), session_version()						version
 *	session_stats_reset()										null
 *
 * Trailing arguments may be left out, but for those marked "!", which must not
 * be null.  Rows are returned by FROM session_info(id), session_list(user_id),
 * session_stats and session_health.  covet_sessions_proceed() is for statements
 * of the extension itself (proceed.h) and answers 0 to anybody else.
 *
 * None of them can be called from a view, a trigger, a constraint or an index
 * of a database file.  docs/sqlite.md says how to load and use the extension;
 * each source file, how it works.
 */
#define CS_API_HOME
#include "api.h"

SQLITE_EXTENSION_INIT1

#include "cleanup.h"
#include "connection.h"
#include "install.h"
#include "proceed.h"
#include "settings.h"
#include "verbs.h"

/* SQLite 3.34, the first that tells the state of a transaction. */
#define OLDEST_VERSION 3034000

#if defined(__GNUC__) && !defined(_WIN32)
#define EXPORT __attribute__((visibility("default")))
#elif defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

extern EXPORT int sqlite3_covetsessions_init(sqlite3 *db, char **error,
											 const sqlite3_api_routines *api);

typedef int (*Register) (CsConnection *connection);

static const Register rooms[] = {
	cs_proceed_register, cs_install_register, cs_settings_register,
	cs_cleanup_register,
	cs_create_register, cs_set_register, cs_get_register, cs_touch_register,
	cs_verify_register, cs_update_register, cs_patch_register,
	cs_rotate_register, cs_expire_register, cs_delete_register,
	cs_revoke_register, cs_import_register, cs_digest_register,
	cs_info_register, cs_stats_register, cs_health_register,
};

/* Runs a query that needs no table; false if it cannot be prepared. */
static bool
runs(sqlite3 *db, const char *query)
{
	sqlite3_stmt *statement = NULL;
	bool		prepared = sqlite3_prepare_v2(db, query, -1, &statement,
											  NULL) == SQLITE_OK;

	if (prepared)
		(void) sqlite3_step(statement);
	sqlite3_finalize(statement);
	return prepared;
}

static int
register_all(sqlite3 *db)
{
	CsConnection *connection = cs_connection_create(db);
	int			code = connection != NULL ? SQLITE_OK : SQLITE_NOMEM;

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]) && code == SQLITE_OK; i++)
		code = rooms[i] (connection);
	if (connection != NULL)
		cs_connection_release(connection);
	return code;
}

/*
 * Where it is loaded a second time, it is there already, and SQLite would
 * refuse to replace functions while a statement runs, such as the one that
 * loads it.  The last query leaves no error of the first behind.
 */
int
sqlite3_covetsessions_init(sqlite3 *db, char **error,
						   const sqlite3_api_routines *api)
{
	int			code = SQLITE_OK;

#ifdef SQLITE_CORE
	(void) api;
#else
	if (sqlite3_api != NULL && sqlite3_api != api)
	{
		*error = api->mprintf("covet_sessions is in use by another SQLite library of this process");
		return SQLITE_ERROR;
	}
	SQLITE_EXTENSION_INIT2(api)
#endif
	if (sqlite3_libversion_number() < OLDEST_VERSION)
	{
		if (error != NULL)
			*error = sqlite3_mprintf("covet_sessions needs SQLite 3.34 or later, this is %s",
									 sqlite3_libversion());
		return SQLITE_ERROR;
	}

	if (!runs(db, "SELECT session_version()"))
	{
		code = register_all(db);
		(void) runs(db, "SELECT 1");
	}
#ifndef SQLITE_CORE
	/* libcrypto keeps what the library has given it: it must stay. */
	if (code == SQLITE_OK)
		code = SQLITE_OK_LOAD_PERMANENTLY;
#endif
	return code;
}
