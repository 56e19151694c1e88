/*
 * args.h
 *		The arguments of the functions, from 0 on; what is left out is null.
 *
 * What a stranger's cookie can cause is answered silently, what only a
 * programmer can get wrong is an error.  All texts live as long as the call.
 */
#ifndef CS_ARGS_H
#define CS_ARGS_H

#include "call.h"

typedef enum CsIdCheck
{
	CS_ID_LENIENT,				/* null and malformed: as if there were none */
	CS_ID_NOT_NULL,				/* null is an error */
	CS_ID_STRICT				/* malformed is one as well */
} CsIdCheck;

/*
 * The handle of a token.  False if it is not one, or the call has failed;
 * "memory" keeps the handle.
 */
extern bool cs_arg_handle(CsCall *call, int n, CsIdCheck check,
						  char memory[COVET_TOKEN_SIZE], CsText *handle);

extern bool cs_arg_is_null(const CsCall *call, int n);

/* The rest are false only if the call has failed. */

extern CsText cs_arg_text(const CsCall *call, int n);
extern bool cs_arg_user_id(CsCall *call, int n, CsText *user_id);

/* Neither null nor anonymous. */
extern bool cs_arg_known_user_id(CsCall *call, int n, CsText *user_id);

extern bool cs_arg_ip(CsCall *call, int n, CsText *ip);

/* 0 for null. */
extern bool cs_arg_ttl(CsCall *call, int n, int32_t *ttl);

/* An integer, by whatever type it comes; "otherwise" for what is none. */
extern sqlite3_int64 cs_arg_integer(const CsCall *call, int n,
									sqlite3_int64 otherwise);

/* Normal JSON; null is "if_null", an error. */
extern bool cs_arg_json(CsCall *call, int n, CovetError if_null, CsText *json);

/* An error if the data are too large. */
extern bool cs_check_data_size(CsCall *call, CsText data);

#endif							/* CS_ARGS_H */
