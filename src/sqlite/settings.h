/*
 * settings.h
 *		The settings: the table session_settings over the core's defaults.
 *
 * They are read by the calls that need one: the table is empty or nearly so, and
 * what another process has changed holds at once.  What was read is used again
 * as long as SQLite's own count of the commits that the connection has seen says
 * that nothing was written to the database since, but by the extension.
 */
#ifndef CS_SETTINGS_H
#define CS_SETTINGS_H

#include <stdbool.h>

#include "covet_core.h"
#include "covet_settings.h"

struct CsCall;
struct CsConnection;

/* Numbers, switches as 0 and 1, choices as their enums' values. */
typedef struct CsSettings
{
#define CS_SETTING_FIELD(name, ...) int name;
	COVET_SETTINGS(CS_SETTING_FIELD, CS_SETTING_FIELD, CS_SETTING_FIELD)
#undef CS_SETTING_FIELD
} CsSettings;

extern int	cs_settings_register(struct CsConnection *connection);

/* The settings; the defaults, and the call has failed, on an error. */
extern const CsSettings *cs_settings(struct CsCall *call);

/* Our own transaction was committed, which has changed no setting. */
extern void cs_settings_keep(struct CsCall *call);

/* How many rows of session_settings mean nothing. */
extern int	cs_settings_count_invalid(struct CsCall *call);

#endif							/* CS_SETTINGS_H */
