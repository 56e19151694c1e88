/*
 * compat.h
 *		What differs between the server versions that are supported (15 to 18).
 *
 * All tests of PG_VERSION_NUM live here.
 */
#ifndef CS_COMPAT_H
#define CS_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "covet_sessions needs PostgreSQL 15 or later"
#endif

/* 16 moved the varlena macros out of postgres.h (commit d952373a98). */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 17 grouped the parts of a virtual transaction id (commit ab355e3a88). */
#if PG_VERSION_NUM >= 170000
#define MY_LXID (MyProc->vxid.lxid)
#else
#define MY_LXID (MyProc->lxid)
#endif

#endif							/* CS_COMPAT_H */
