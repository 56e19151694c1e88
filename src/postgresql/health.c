/*
 * health.c
 *		session_health: is the installation in order, and if not, what to do.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

#include "call.h"
#include "compat.h"
#include "guc.h"
#include "stats.h"
#include "store.h"

/* So many rows due are a backlog, and no more than these are counted. */
#define BACKLOG_ROWS 100000

/* A row that is due has waited too long after so many intervals. */
#define LATE_INTERVALS 15

/* Adds a row; "hint" only where it is not well. */
static void
emit(FunctionCallInfo fcinfo, const char *check, bool ok, const char *detail,
	 const char *hint)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[] = {
		CStringGetTextDatum(check),
		BoolGetDatum(ok),
		CStringGetTextDatum(detail),
		ok ? (Datum) 0 : CStringGetTextDatum(hint),
	};
	bool		nulls[] = {false, false, false, ok};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
check_version(FunctionCallInfo fcinfo)
{
	char	   *installed = cs_store_version();

	emit(fcinfo, "version", strcmp(installed, COVET_VERSION) == 0,
		 psprintf("library %s, schema %s", COVET_VERSION, installed),
		 "Run ALTER EXTENSION covet_sessions UPDATE; if the library is the older one, reconnect or restart the server.");
}

static void
check_preload(FunctionCallInfo fcinfo)
{
	emit(fcinfo, "preload", cs_stats_is_preloaded(),
		 cs_stats_is_preloaded() ? "the library is preloaded" :
		 "the library is not preloaded, so nothing sweeps in the background",
		 "Add covet_sessions to shared_preload_libraries in postgresql.conf and restart the server. Until then call session_cleanup() regularly, and mind that clients can undo settings made with ALTER DATABASE or ALTER ROLE.");
}

static void
check_launcher(FunctionCallInfo fcinfo)
{
	int			pid = cs_stats_get_launcher();

	emit(fcinfo, "launcher", pid != 0,
		 pid != 0 ? psprintf("running, process %d", pid) : "not running",
		 cs_stats_is_preloaded() ?
		 "It is started again within seconds; if it is not, raise max_worker_processes and see the server log." :
		 "It is started by the server when the library is preloaded.");
}

static void
check_sweep(FunctionCallInfo fcinfo, const CsSweepState *state, TimestampTz at)
{
	int64		age = (at - state->last_sweep_at) / USECS_PER_SEC;

	if (RecoveryInProgress())
		emit(fcinfo, "sweep", true, "left to the primary server", NULL);
	else if (!cs_stats_has_slot())
		emit(fcinfo, "sweep", false,
			 "the library's shared memory has no room for this database, which is swept once an hour",
			 "Call session_cleanup() regularly in some of the databases, or drop the extension where it is not used.");
	else if (state->last_error[0] != '\0' && state->failures == 0)
		emit(fcinfo, "sweep", false,
			 psprintf("some ended sessions cannot be removed: %s",
					  state->last_error),
			 "Remove the cause; the server log has more. The others are removed.");
	else if (state->last_error[0] != '\0')
		emit(fcinfo, "sweep", false,
			 psprintf("failed %d times in a row: %s", state->failures,
					  state->last_error),
			 "Remove the cause; the server log has more. The sweep is tried again by itself.");
	else
		emit(fcinfo, "sweep",
			 cs_store_oldest_unswept(at) <= (int64) LATE_INTERVALS * cs_cleanup_interval,
			 state->last_sweep_at == 0 ? "none since the server started" :
			 psprintf("last " INT64_FORMAT " s ago, took " INT64_FORMAT " ms",
					  age, state->last_sweep_ms),
			 "Rows wait for it too long. See the other checks, or call session_cleanup().");
}

static void
check_path(FunctionCallInfo fcinfo)
{
	const char *not_read;
	const char *not_written;

	cs_store_path(&not_read, &not_written);
	emit(fcinfo, "access_path",
		 cs_access_path != CS_PATH_DIRECT || not_written == NULL,
		 not_read != NULL ?
		 psprintf("rows are read and written by SQL: %s", not_read) :
		 not_written != NULL ?
		 psprintf("rows are read directly and written by SQL: %s", not_written) :
		 "rows are read and written directly",
		 "Remove the cause, or set covet_sessions.access_path to auto.");
}

static void
check_backlog(FunctionCallInfo fcinfo, TimestampTz at)
{
	int64		rows = cs_store_count_due(at, BACKLOG_ROWS);
	int64		age = cs_store_oldest_unswept(at);

	emit(fcinfo, "backlog", rows < BACKLOG_ROWS,
		 rows == 0 ? "no rows due" :
		 psprintf(INT64_FORMAT "%s due, the oldest since " INT64_FORMAT " s",
				  rows, rows == 1 ? " row" :
				  rows < BACKLOG_ROWS ? " rows" : " or more rows", age),
		 "Sweep more often (covet_sessions.cleanup_interval) or in larger batches (covet_sessions.cleanup_batch).");
}

/* Settings that work, and are hardly meant. */
static void
check_settings(FunctionCallInfo fcinfo)
{
	int			wrong = 0;

#define WARN_IF(condition, detail, hint) \
	do { \
		if (condition) \
		{ \
			emit(fcinfo, "settings", false, detail, hint); \
			wrong++; \
		} \
	} while (0)

	WARN_IF(!cs_cleanup_enabled,
			"covet_sessions.cleanup_enabled is off",
			"Turn it on, or call session_cleanup() regularly.");
	WARN_IF(cs_idle_timeout == 0 && cs_max_lifetime == 0,
			"sessions never end: covet_sessions.idle_timeout and covet_sessions.max_lifetime are 0",
			"Set at least one of them.");
	WARN_IF(cs_tombstone_retention == 0,
			"covet_sessions.tombstone_retention is 0",
			"A request in flight can bring a revoked session back after the next sweep; allow for the longest request.");
	WARN_IF(cs_max_lifetime > 0 && cs_idle_timeout > cs_max_lifetime,
			"covet_sessions.idle_timeout is longer than covet_sessions.max_lifetime",
			"The idle timeout has no effect; shorten it.");
	WARN_IF(log_parameter_max_length != 0 &&
			(log_statement == LOGSTMT_ALL || log_min_duration_statement >= 0 ||
			 log_min_duration_sample >= 0),
			"the server logs statements with their parameters, which hold tokens",
			"Set log_parameter_max_length to 0 for the application's role, and have it pass tokens as parameters.");
	WARN_IF(log_parameter_max_length_on_error != 0,
			"the server logs the parameters of failed statements, which hold tokens",
			"Set log_parameter_max_length_on_error to 0 for the application's role.");
	WARN_IF(!pgstat_track_counts,
			"track_counts is off, so autovacuum does not clean up after the sweep",
			"Turn it on.");
#undef WARN_IF

	if (wrong == 0)
		emit(fcinfo, "settings", true, "nothing looks wrong", NULL);
}

PG_FUNCTION_INFO_V1(session_health);

Datum
session_health(PG_FUNCTION_ARGS)
{
	CsSweepState state = {0};
	CsCall		call;
	TimestampTz at;

	InitMaterializedSRF(fcinfo, 0);

	cs_call_begin(&call, CS_READS);
	at = GetCurrentTimestamp();
	(void) cs_stats_get_sweep(MyDatabaseId, &state);
	check_version(fcinfo);
	check_preload(fcinfo);
	check_launcher(fcinfo);
	check_sweep(fcinfo, &state, at);
	check_backlog(fcinfo, at);
	check_path(fcinfo);
	check_settings(fcinfo);
	cs_call_end(&call);
	return (Datum) 0;
}
