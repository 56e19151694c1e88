/*
 * fuzz_user_agent.c
 *		Any header field has a family that can be stored and compared.
 */
#include "covet_core.h"

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
	char		family[COVET_FAMILY_SIZE];

	memset(family, 'x', sizeof(family));
	covet_user_agent_family(text, size, family);
	check(memchr(family, '\0', sizeof(family)) != NULL);
	check(strchr(family, '/') != NULL);
	for (const char *c = family; *c != '\0'; c++)
		check(*c >= 0x20 && *c <= 0x7E);

	check(covet_user_agent_matches(COVET_BIND_USER_AGENT_EXACT, text, size, text, size));
	check(covet_user_agent_matches(COVET_BIND_USER_AGENT_FAMILY, text, size, text, size));
	if (size > 1024)
		check(covet_user_agent_matches(COVET_BIND_USER_AGENT_FAMILY, text, size, text, 1024));
	return 0;
}
