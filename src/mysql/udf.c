/*
 * udf.c
 *		What the functions of the library share.
 */
#include "udf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
check_count(const UdfArgs *args, char *message, unsigned int count,
			unsigned int most)
{
	if (args->count >= count && args->count <= most)
		return true;
	if (count == most)
		snprintf(message, UDF_MESSAGE_SIZE, "%u argument%s expected, %u given",
				 count, count == 1 ? "" : "s", args->count);
	else
		snprintf(message, UDF_MESSAGE_SIZE,
				 "%u to %u arguments expected, %u given",
				 count, most, args->count);
	return false;
}

bool
udf_prepare(UdfInit *init, UdfArgs *args, char *message, unsigned int count,
			unsigned int most, unsigned long max_length)
{
	if (!check_count(args, message, count, most))
		return true;
	for (unsigned int i = 0; i < args->count; i++)
		args->types[i] = UDF_TEXT;
	init->maybe_null = true;
	init->max_length = max_length;
	init->memory = NULL;
	return false;
}

bool
udf_prepare_volatile(UdfInit *init, UdfArgs *args, char *message,
					 unsigned int count, unsigned int most,
					 unsigned long max_length)
{
	if (udf_prepare(init, args, message, count, most, max_length))
		return true;
	init->is_constant = false;
	return false;
}

CovetText
udf_arg(const UdfArgs *args, unsigned int n)
{
	if (n >= args->count || args->values[n] == NULL)
		return (CovetText) {NULL, 0};
	return (CovetText) {args->values[n], args->lengths[n]};
}

char *
udf_return_text(const char *text, char *result, unsigned long *length,
				unsigned char *is_null)
{
	size_t		size;

	if (text == NULL || (size = strlen(text)) > UDF_RESULT_SIZE)
	{
		*is_null = 1;
		return NULL;
	}
	memcpy(result, text, size);
	*length = size;
	return result;
}

long long
udf_return_bool(bool value)
{
	return value ? 1 : 0;
}

long long
udf_return_null(unsigned char *is_null)
{
	*is_null = 1;
	return 0;
}

/* ---- memory ---- */

typedef struct Block
{
	struct Block *next;
	_Alignas(max_align_t) char data[];
} Block;

static void *
allocate(void *context, size_t size)
{
	UdfInit    *init = context;
	Block	   *block = malloc(sizeof(Block) + size);

	if (block == NULL)
		return NULL;
	block->next = (Block *) init->memory;
	init->memory = (char *) block;
	return block->data;
}

CovetMemory
udf_memory(UdfInit *init)
{
	udf_memory_free(init);
	return (CovetMemory) {allocate, init};
}

void
udf_memory_free(UdfInit *init)
{
	Block	   *block = (Block *) init->memory;

	while (block != NULL)
	{
		Block	   *next = block->next;

		free(block);
		block = next;
	}
	init->memory = NULL;
}
