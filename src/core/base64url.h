/*
 * base64url.h
 *		Base64url without padding (RFC 4648 section 5), inside the core.
 */
#ifndef COVET_BASE64URL_H
#define COVET_BASE64URL_H

#include <stddef.h>

/* Length of "length" bytes as base64url, without the NUL byte. */
#define COVET_BASE64URL_LENGTH(length) (((length) * 4 + 2) / 3)

/*
 * Writes "length" bytes to "text", which has room for
 * COVET_BASE64URL_LENGTH(length) characters and a NUL byte.
 */
extern void covet_base64url(char *text, const unsigned char *bytes,
							size_t length);

#endif							/* COVET_BASE64URL_H */
