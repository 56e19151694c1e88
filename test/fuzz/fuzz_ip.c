/*
 * fuzz_ip.c
 *		What is read as an address is one, and is the same however written.
 */
#include "covet_core.h"

#include <arpa/inet.h>
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

/* The first byte says where one address ends and the other begins. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data + 1;
	size_t		length;
	bool		exact;
	CovetIp		ip;

	if (size < 1)
		return 0;
	length = data[0] < size - 1 ? data[0] : size - 1;
	if (covet_ip_parse(text, length, &ip))
	{
		char		canonical[INET6_ADDRSTRLEN];

		check(length >= 2 && length <= COVET_IP_MAX);
		for (size_t i = 0; i < length; i++)
			check(isxdigit((unsigned char) text[i]) || text[i] == ':' || text[i] == '.');
		check(inet_ntop(ip.is_v4 ? AF_INET : AF_INET6, ip.bytes, canonical,
						sizeof(canonical)) != NULL);
		check(covet_ip_matches(COVET_BIND_IP_EXACT, text, length,
							   canonical, strlen(canonical)));
	}
	else
		check(!covet_ip_matches(COVET_BIND_IP_SUBNET, text, length, text, length));

	exact = covet_ip_matches(COVET_BIND_IP_EXACT, text, length,
							 text + length, size - 1 - length);
	check(!exact || covet_ip_matches(COVET_BIND_IP_SUBNET, text, length,
									 text + length, size - 1 - length));
	check(covet_ip_matches(COVET_BIND_IP_OFF, text, length,
						   text + length, size - 1 - length));
	return 0;
}
