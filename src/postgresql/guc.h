/*
 * guc.h
 *		The settings as configuration parameters.
 */
#ifndef CS_GUC_H
#define CS_GUC_H

#include "postgres.h"

#include "covet_core.h"
#include "covet_settings.h"

#define CS_GUC_PREFIX "covet_sessions"

/* One variable per setting, cs_NAME; choices hold a value of their enum. */
#define CS_DECLARE_INTEGER(name, ...) extern int cs_##name;
#define CS_DECLARE_SWITCH(name, ...) extern bool cs_##name;
COVET_SETTINGS(CS_DECLARE_INTEGER, CS_DECLARE_SWITCH, CS_DECLARE_INTEGER)
#undef CS_DECLARE_INTEGER
#undef CS_DECLARE_SWITCH

/* How rows are reached: a matter of this engine alone. */
typedef enum CsAccessPath
{
	CS_PATH_AUTO,				/* directly where that can be */
	CS_PATH_DIRECT,				/* the same, and it is a fault where not */
	CS_PATH_SPI					/* by SQL */
} CsAccessPath;

extern int	cs_access_path;

/* What only PostgreSQL has; session_setting() does not know it. */
extern bool cs_touch_async_commit;

/* Defines the parameters; called once, when the library is loaded. */
extern void cs_guc_init(void);

#endif							/* CS_GUC_H */
