/*
 * call.c
 *		What every SQL function does first and last.
 *
 * The functions are the only door to the tables, so they must not do for their
 * caller what he arranges behind their back: they switch to the owner of the
 * extension themselves, as SECURITY DEFINER would but for a tenth of its cost,
 * and pin the search path before SQL is run.  That also keeps the kept plans
 * valid when callers with different search paths share a connection.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "call.h"
#include "compat.h"
#include "store.h"

static const char pinned_search_path[] = "pg_catalog, pg_temp";

int
cs_error(CovetError error)
{
	const char *sqlstate = covet_error_sqlstate(error);

	errcode(MAKE_SQLSTATE(sqlstate[0], sqlstate[1], sqlstate[2], sqlstate[3],
						  sqlstate[4]));
	errmsg("%s", covet_error_message(error));
	errhidestmt(true);
	return errhidecontext(true);
}

/*
 * Runs for every message of this call, whoever raises it.  What the server adds
 * for the log is withheld, because tokens stand in it as literals or bound
 * parameters: the statement, the context, which is that of the callers in
 * PL/pgSQL too, the statements of all who are part of a deadlock, and what is
 * quoted from text that is no JSON.
 */
static void
withhold_tokens(void *arg)
{
	(void) arg;
	errhidestmt(true);
	errhidecontext(true);
	if (geterrcode() == ERRCODE_T_R_DEADLOCK_DETECTED ||
		geterrcode() == ERRCODE_INVALID_TEXT_REPRESENTATION)
		errdetail_log("Details are withheld, as tokens may stand in them.");
}

bool
cs_can_write(void)
{
	return !XactReadOnly && !RecoveryInProgress() && !IsInParallelMode();
}

void
cs_call_begin(CsCall *call, CsAccess access)
{
	Oid			owner;

	call->error_context.callback = withhold_tokens;
	call->error_context.arg = call;
	call->error_context.previous = error_context_stack;
	error_context_stack = &call->error_context;

	if (access == CS_WRITES && !cs_can_write())
		ereport(ERROR, cs_error(COVET_E_READ_ONLY),
				errhint("Send calls that change sessions to the primary server, in a read-write transaction."));

	call->result_context = CurrentMemoryContext;
	GetUserIdAndSecContext(&call->caller, &call->caller_security);
	owner = cs_store_owner();
	SetUserIdAndSecContext(owner,
						   call->caller_security | SECURITY_LOCAL_USERID_CHANGE);

	call->connected = false;
}

/*
 * The call that runs.  An error that jumps to somebody who catches it takes the
 * stack of error contexts back to where it was there, and the calls with it.
 */
static CsCall *
running_call(void)
{
	ErrorContextCallback *context = error_context_stack;

	while (context != NULL && context->callback != withhold_tokens)
		context = context->previous;
	if (context == NULL)
		elog(ERROR, "no function of covet_sessions runs");
	return context->arg;
}

void
cs_call_connect(void)
{
	CsCall	   *call = running_call();

	if (call->connected)
		return;

	call->guc_level = NewGUCNestLevel();
	if (strcmp(namespace_search_path, pinned_search_path) != 0)
		(void) set_config_option("search_path", pinned_search_path,
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	call->connected = true;
}

void
cs_call_as_caller(void (*run) (void))
{
	CsCall	   *call = running_call();
	Oid			owner;
	int			security;

	GetUserIdAndSecContext(&owner, &security);
	SetUserIdAndSecContext(call->caller, call->caller_security);
	run();
	SetUserIdAndSecContext(owner, security);
}

void
cs_call_end(CsCall *call)
{
	if (call->connected)
	{
		SPI_finish();
		AtEOXact_GUC(true, call->guc_level);
	}
	SetUserIdAndSecContext(call->caller, call->caller_security);
	error_context_stack = call->error_context.previous;
}
