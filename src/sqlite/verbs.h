/*
 * verbs.h
 *		The functions of the contract that have a file each.
 *
 * Each registers itself; an SQLite result code.
 */
#ifndef CS_VERBS_H
#define CS_VERBS_H

#include "connection.h"

extern int	cs_create_register(CsConnection *connection);
extern int	cs_set_register(CsConnection *connection);
extern int	cs_get_register(CsConnection *connection);
extern int	cs_touch_register(CsConnection *connection);
extern int	cs_verify_register(CsConnection *connection);
extern int	cs_update_register(CsConnection *connection);
extern int	cs_patch_register(CsConnection *connection);
extern int	cs_rotate_register(CsConnection *connection);
extern int	cs_expire_register(CsConnection *connection);
extern int	cs_delete_register(CsConnection *connection);
extern int	cs_revoke_register(CsConnection *connection);
extern int	cs_import_register(CsConnection *connection);
extern int	cs_digest_register(CsConnection *connection);

/* Tables: session_info, session_list, session_stats, session_health. */
extern int	cs_info_register(CsConnection *connection);
extern int	cs_stats_register(CsConnection *connection);
extern int	cs_health_register(CsConnection *connection);

#endif							/* CS_VERBS_H */
