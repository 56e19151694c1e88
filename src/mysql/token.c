/*
 * token.c
 *		covet_token, covet_handle: tokens and the handles that are stored.
 */
#include "covet_core.h"
#include "udf.h"

UDF_INIT_FUNCTION(covet_token)
{
	return udf_prepare_volatile(init, args, message, 0, 0, COVET_TOKEN_LENGTH);
}

UDF_TEXT_FUNCTION(covet_token)
{
	char		token[COVET_TOKEN_SIZE];

	UNUSED(init);
	UNUSED(args);
	UNUSED(error);
	return udf_return_text(covet_token_generate(token) ? token : NULL,
						   result, length, is_null);
}

UDF_INIT_FUNCTION(covet_handle)
{
	return udf_prepare(init, args, message, 1, 1, COVET_TOKEN_LENGTH);
}

UDF_TEXT_FUNCTION(covet_handle)
{
	CovetText	token = udf_arg(args, 0);
	char		handle[COVET_TOKEN_SIZE];
	bool		done = token.start != NULL &&
		covet_token_is_valid(token.start, token.length) &&
		covet_digest(token.start, token.length, handle);

	UNUSED(init);
	UNUSED(error);
	return udf_return_text(done ? handle : NULL, result, length, is_null);
}
