/*
 * fuzz_token.c
 *		Any bytes have a handle; few are a token, fewer have a handle's form.
 */
#include "covet_core.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data;
	char		handle[COVET_TOKEN_SIZE];
	char		again[COVET_TOKEN_SIZE];
	size_t		graphic = 0;

	while (graphic < size && isgraph(data[graphic]))
		graphic++;
	check(covet_token_is_valid(text, size) ==
		  (size >= 1 && size <= COVET_TOKEN_MAX && graphic == size));
	check(!covet_handle_is_valid(text, size) ||
		  (size == COVET_TOKEN_LENGTH && covet_token_is_valid(text, size)));

	check(covet_digest(text, size, handle));
	check(strlen(handle) == COVET_TOKEN_LENGTH);
	check(covet_handle_is_valid(handle, strlen(handle)));
	check(covet_digest(text, size, again) && strcmp(handle, again) == 0);
	return 0;
}
