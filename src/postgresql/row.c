/*
 * row.c
 *		A session as the columns of a row.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "compat.h"
#include "row.h"

static text *
text_column(const Datum *values, const bool *nulls, int column)
{
	return nulls[column - 1] ? NULL : DatumGetTextPP(values[column - 1]);
}

static TimestampTz
time_column(const Datum *values, const bool *nulls, int column)
{
	return nulls[column - 1] ? COVET_NEVER :
		DatumGetTimestampTz(values[column - 1]);
}

void
cs_row_read(const Datum *values, const bool *nulls, CsSession *session)
{
	text_to_cstring_buffer(DatumGetTextPP(values[CS_COLUMN_ID - 1]),
						   session->handle, sizeof(session->handle));
	session->user_id = text_column(values, nulls, CS_COLUMN_USER_ID);
	session->created_at = DatumGetTimestampTz(values[CS_COLUMN_CREATED_AT - 1]);
	session->timer.last_accessed_at =
		DatumGetTimestampTz(values[CS_COLUMN_LAST_ACCESSED_AT - 1]);
	session->timer.expires_at = time_column(values, nulls, CS_COLUMN_EXPIRES_AT);
	session->timer.idle_timeout = nulls[CS_COLUMN_IDLE_TIMEOUT - 1] ? 0 :
		DatumGetInt32(values[CS_COLUMN_IDLE_TIMEOUT - 1]);
	session->ip = text_column(values, nulls, CS_COLUMN_IP_ADDRESS);
	session->user_agent = text_column(values, nulls, CS_COLUMN_USER_AGENT);
	session->is_active = DatumGetBool(values[CS_COLUMN_IS_ACTIVE - 1]);
	session->version = DatumGetInt64(values[CS_COLUMN_VERSION - 1]);
	session->data = values[CS_COLUMN_DATA - 1];
	session->sweep_at = time_column(values, nulls, CS_COLUMN_SWEEP_AT);
	session->bound_ip = text_column(values, nulls, CS_COLUMN_BOUND_IP);
	session->bound_user_agent = text_column(values, nulls,
											CS_COLUMN_BOUND_USER_AGENT);
	session->row = NULL;
}

void
cs_row_write(const CsSession *session, Datum *values, bool *nulls)
{
	const text *texts[CS_COLUMNS] = {
		[CS_COLUMN_USER_ID - 1] = session->user_id,
		[CS_COLUMN_IP_ADDRESS - 1] = session->ip,
		[CS_COLUMN_USER_AGENT - 1] = session->user_agent,
		[CS_COLUMN_BOUND_IP - 1] = session->bound_ip,
		[CS_COLUMN_BOUND_USER_AGENT - 1] = session->bound_user_agent,
	};

	for (int i = 0; i < CS_COLUMNS; i++)
	{
		values[i] = PointerGetDatum(texts[i]);
		nulls[i] = false;
	}

	values[CS_COLUMN_ID - 1] = CStringGetTextDatum(session->handle);
	values[CS_COLUMN_CREATED_AT - 1] = TimestampTzGetDatum(session->created_at);
	values[CS_COLUMN_LAST_ACCESSED_AT - 1] =
		TimestampTzGetDatum(session->timer.last_accessed_at);
	values[CS_COLUMN_EXPIRES_AT - 1] =
		TimestampTzGetDatum(session->timer.expires_at);
	values[CS_COLUMN_IDLE_TIMEOUT - 1] =
		Int32GetDatum(session->timer.idle_timeout);
	values[CS_COLUMN_IS_ACTIVE - 1] = BoolGetDatum(session->is_active);
	values[CS_COLUMN_VERSION - 1] = Int64GetDatum(session->version);
	values[CS_COLUMN_DATA - 1] = session->data;
	values[CS_COLUMN_SWEEP_AT - 1] = TimestampTzGetDatum(session->sweep_at);

	nulls[CS_COLUMN_EXPIRES_AT - 1] = session->timer.expires_at == COVET_NEVER;
	nulls[CS_COLUMN_IDLE_TIMEOUT - 1] = session->timer.idle_timeout == 0;
	nulls[CS_COLUMN_SWEEP_AT - 1] = session->sweep_at == COVET_NEVER;
	nulls[CS_COLUMN_IP_ADDRESS - 1] = session->ip == NULL;
	nulls[CS_COLUMN_USER_AGENT - 1] = session->user_agent == NULL;
	nulls[CS_COLUMN_BOUND_IP - 1] = session->bound_ip == NULL;
	nulls[CS_COLUMN_BOUND_USER_AGENT - 1] = session->bound_user_agent == NULL;
}
