/*
 * counters.h
 *		What counters.c has for the other functions.
 */
#ifndef CM_COUNTERS_H
#define CM_COUNTERS_H

#include "covet_counters.h"
#include "udf.h"

#define COUNTER(name) (1U << COVET_##name)

/*
 * Adds "n" to each counter in a set of COUNTER()s, under a key.  False if there
 * is no room for the key.
 */
extern bool counters_add(CovetText key, unsigned int set, long long n);

#endif							/* CM_COUNTERS_H */
