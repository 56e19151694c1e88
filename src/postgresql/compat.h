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

#endif							/* CS_COMPAT_H */
