/*
 * token.h
 *		Fresh tokens.
 */
#ifndef CS_TOKEN_H
#define CS_TOKEN_H

#include "postgres.h"

#include "covet_core.h"

/* A fresh token, and its handle. */
extern text *cs_fresh_token(char handle[COVET_TOKEN_SIZE]);

#endif							/* CS_TOKEN_H */
