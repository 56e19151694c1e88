/*
 * base64url.c
 *		Base64url without padding (RFC 4648 section 5).
 *
 * libcrypto's EVP_EncodeBlock writes the other alphabet, with padding; putting
 * that right costs more than the few lines here, on every request.
 */
#include "base64url.h"

#include <stdint.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
covet_base64url(char *text, const unsigned char *bytes, size_t length)
{
	for (; length >= 3; length -= 3, bytes += 3, text += 4)
	{
		uint32_t	group = (uint32_t) bytes[0] << 16 |
			(uint32_t) bytes[1] << 8 | bytes[2];

		text[0] = alphabet[group >> 18];
		text[1] = alphabet[group >> 12 & 63];
		text[2] = alphabet[group >> 6 & 63];
		text[3] = alphabet[group & 63];
	}
	if (length > 0)
	{
		uint32_t	first = bytes[0];
		uint32_t	second = length > 1 ? bytes[1] : 0;

		*text++ = alphabet[first >> 2];
		*text++ = alphabet[(first << 4 | second >> 4) & 63];
		if (length > 1)
			*text++ = alphabet[second << 2 & 63];
	}
	*text = '\0';
}
