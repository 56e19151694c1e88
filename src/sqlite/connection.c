/*
 * connection.c
 *		What the extension keeps for each database connection.
 */
#include "connection.h"

#include <string.h>

#include "cleanup.h"
#include "cs_time.h"

CsConnection *
cs_connection_create(sqlite3 *db)
{
	CsConnection *connection = sqlite3_malloc(sizeof(*connection));

	if (connection == NULL)
		return NULL;
	memset(connection, 0, sizeof(*connection));
	connection->db = db;
	connection->references = 1;
	connection->looked_at = cs_now();

	/* Connections that live for a few writes only must sweep at times too. */
	sqlite3_randomness(sizeof(connection->writes), &connection->writes);
	connection->writes %= CS_WRITES_PER_SWEEP;
	return connection;
}

void
cs_connection_hold(CsConnection *connection)
{
	connection->references++;
}

void
cs_connection_release(CsConnection *connection)
{
	if (--connection->references > 0)
		return;
	cs_statements_finalize(connection);
	covet_digester_free(connection->digester);
	sqlite3_free(connection);
}
