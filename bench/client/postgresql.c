/*
 * postgresql.c
 *		The driver for PostgreSQL, by libpq.
 */
#include "client.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Connection
{
	PGconn	   *server;
	Protocol	protocol;
} Connection;

static void *
postgresql_open(const char *target, Protocol protocol)
{
	Connection *connection = allocate(sizeof *connection);

	connection->server = PQconnectdb(target);
	connection->protocol = protocol;
	if (PQstatus(connection->server) != CONNECTION_OK)
		fail("%s", PQerrorMessage(connection->server));
	return connection;
}

/* with_parameters: the statement with $1, $2 ... for its variables. */
static char *
with_parameters(const Statement *statement)
{
	char	   *text = allocate(strlen(statement->text) + 8 * MAX_VALUES);
	char	   *end = text;

	for (int i = 0; i < statement->nvalues; i++)
		end += sprintf(end, "%s$%d", statement->before[i], i + 1);
	strcpy(end, statement->before[statement->nvalues]);
	return text;
}

static void
postgresql_prepare(void *arg, int number, Statement *statement)
{
	Connection *connection = arg;
	char		name[16];
	PGresult   *result;

	if (connection->protocol == SIMPLE)
		return;
	if (statement->text[0] != '\0' && strchr(statement->text, '$') == NULL &&
		statement->nvalues > 0)
		statement->text = with_parameters(statement);
	if (connection->protocol == EXTENDED)
		return;
	sprintf(name, "s%d", number);
	result = PQprepare(connection->server, name, statement->text, 0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail("%s: %s", statement->text, PQerrorMessage(connection->server));
	PQclear(result);
}

/* The statement with its values written into it. */
static PGresult *
run_simple(PGconn *server, const Statement *statement, const Value *values)
{
	size_t		size = 1;
	char	   *literals[MAX_VALUES];
	char	   *text;
	char	   *end;
	PGresult   *result;

	for (int i = 0; i < statement->nvalues; i++)
	{
		const Value *value = &values[statement->values[i]];

		literals[i] = PQescapeLiteral(server, value->bytes, value->length);
		size += strlen(statement->before[i]) + strlen(literals[i]);
	}
	size += strlen(statement->before[statement->nvalues]);
	text = end = allocate(size);
	for (int i = 0; i < statement->nvalues; i++)
	{
		end = stpcpy(stpcpy(end, statement->before[i]), literals[i]);
		PQfreemem(literals[i]);
	}
	strcpy(end, statement->before[statement->nvalues]);
	result = PQexec(server, text);
	free(text);
	return result;
}

static PGresult *
run_extended(Connection *connection, int number, const Statement *statement,
			 const Value *values)
{
	const char *bytes[MAX_VALUES];
	char		name[16];

	for (int i = 0; i < statement->nvalues; i++)
		bytes[i] = values[statement->values[i]].bytes;
	if (connection->protocol == EXTENDED)
		return PQexecParams(connection->server, statement->text,
							statement->nvalues, NULL, bytes, NULL, NULL, 0);
	sprintf(name, "s%d", number);
	return PQexecPrepared(connection->server, name, statement->nvalues, bytes,
						  NULL, NULL, 0);
}

static bool
postgresql_run(void *arg, int number, const Statement *statement,
			   const Value *values)
{
	Connection *connection = arg;
	PGresult   *result;
	bool		found;

	if (connection->protocol == SIMPLE)
		result = run_simple(connection->server, statement, values);
	else
		result = run_extended(connection, number, statement, values);
	switch (PQresultStatus(result))
	{
		case PGRES_TUPLES_OK:
			found = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
			break;
		case PGRES_COMMAND_OK:
			found = strcmp(PQcmdTuples(result), "0") != 0;
			break;
		default:
			fail("%s: %s", statement->text, PQerrorMessage(connection->server));
	}
	PQclear(result);
	return found;
}

static int
postgresql_pid(void *arg)
{
	return PQbackendPID(((Connection *) arg)->server);
}

static void
postgresql_close(void *arg)
{
	PQfinish(((Connection *) arg)->server);
	free(arg);
}

const Driver postgresql_driver = {
	"postgresql", postgresql_open, postgresql_prepare, postgresql_run,
	postgresql_pid, postgresql_close
};
