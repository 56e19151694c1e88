/*
 * ip.c
 *		Client addresses.
 */
#include "covet_core.h"

#include <arpa/inet.h>
#include <string.h>

/* Bytes that two addresses of one subnet have in common: /24 and /64. */
#define V4_SUBNET 3
#define V6_SUBNET 8

/* What an IPv4-mapped IPv6 address begins with (RFC 4291 section 2.5.5.2). */
static const unsigned char v4_mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF
};

bool
covet_ip_parse(const char *text, size_t length, CovetIp *ip)
{
	char		copy[COVET_IP_MAX + 1];

	memset(ip, 0, sizeof(*ip));
	if (length == 0 || length > COVET_IP_MAX || memchr(text, '\0', length) != NULL)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';

	if (inet_pton(AF_INET, copy, ip->bytes) == 1)
	{
		ip->is_v4 = true;
		return true;
	}
	if (inet_pton(AF_INET6, copy, ip->bytes) != 1)
		return false;
	if (memcmp(ip->bytes, v4_mapped, sizeof(v4_mapped)) == 0)
	{
		ip->is_v4 = true;
		memcpy(ip->bytes, ip->bytes + sizeof(v4_mapped), 4);
		memset(ip->bytes + 4, 0, sizeof(ip->bytes) - 4);
	}
	return true;
}

/* How many leading bytes of an address must be the same. */
static size_t
significant_bytes(CovetBindIp policy, bool is_v4)
{
	if (policy == COVET_BIND_IP_SUBNET)
		return is_v4 ? V4_SUBNET : V6_SUBNET;
	return is_v4 ? 4 : 16;
}

bool
covet_ip_matches(CovetBindIp policy, const char *then, size_t then_length,
				 const char *now, size_t now_length)
{
	CovetIp		then_ip;
	CovetIp		now_ip;

	if (policy == COVET_BIND_IP_OFF)
		return true;
	return covet_ip_parse(then, then_length, &then_ip) &&
		covet_ip_parse(now, now_length, &now_ip) &&
		then_ip.is_v4 == now_ip.is_v4 &&
		memcmp(then_ip.bytes, now_ip.bytes,
			   significant_bytes(policy, now_ip.is_v4)) == 0;
}
