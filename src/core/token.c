/*
 * token.c
 *		Tokens, which clients present, and handles, which are stored.
 *
 * Needs libcrypto 3.0 or later.
 */
#include "covet_core.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base64url.h"

#define TOKEN_BYTES 32

_Static_assert(COVET_BASE64URL_LENGTH(TOKEN_BYTES) == COVET_TOKEN_LENGTH,
			   "a token is as long as its bytes in base64url");

/*
 * SHA-256 as a provider implements it.  Looking it up costs more than the
 * digest of a token does, so it is done once and kept; a look-up that fails,
 * for want of memory say, is tried again at the next call.
 */
static const EVP_MD *
sha256(void)
{
	static _Atomic(EVP_MD *) kept;
	EVP_MD	   *md = atomic_load_explicit(&kept, memory_order_acquire);
	EVP_MD	   *other = NULL;

	if (md != NULL)
		return md;
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (md != NULL && !atomic_compare_exchange_strong(&kept, &other, md))
	{
		/* another thread was faster */
		EVP_MD_free(md);
		md = other;
	}
	return md;
}

bool
covet_token_generate(char token[COVET_TOKEN_SIZE])
{
	unsigned char bytes[TOKEN_BYTES];
	bool		ok = RAND_bytes(bytes, sizeof(bytes)) == 1;

	token[0] = '\0';
	if (ok)
		covet_base64url(token, bytes, sizeof(bytes));
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return ok;
}

/*
 * Eight characters from 0x21 to 0x7E?  In each byte the highest bit is set by
 * what is not ASCII, by 0x7F when 1 is added, and by what is below 0x21 when
 * that is subtracted; a borrow can only come from a byte that sets its own.
 */
static bool
are_printable(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t	eight;

	memcpy(&eight, text, sizeof(eight));
	return ((eight | (eight + ones) | (eight - ones * 0x21)) & ones * 0x80) == 0;
}

bool
covet_token_is_valid(const char *token, size_t length)
{
	size_t		i = 0;

	if (length < 1 || length > COVET_TOKEN_MAX)
		return false;
	while (length - i >= 8 && are_printable(token + i))
		i += 8;
	for (; i < length; i++)
	{
		if (token[i] < 0x21 || token[i] > 0x7E)
			return false;
	}
	return true;
}

bool
covet_digest(const char *token, size_t length, char handle[COVET_TOKEN_SIZE])
{
	unsigned char bytes[TOKEN_BYTES];
	const EVP_MD *md = sha256();

	handle[0] = '\0';
	if (md == NULL || EVP_Digest(token, length, bytes, NULL, md, NULL) != 1)
		return false;
	covet_base64url(handle, bytes, sizeof(bytes));
	return true;
}

bool
covet_digest_again(CovetDigester **digester, const char *token, size_t length,
				   char handle[COVET_TOKEN_SIZE])
{
	unsigned char bytes[TOKEN_BYTES];
	const EVP_MD *md = sha256();

	handle[0] = '\0';
	if (*digester == NULL)
		*digester = EVP_MD_CTX_new();
	if (md == NULL || *digester == NULL ||
		EVP_DigestInit_ex2(*digester, md, NULL) != 1 ||
		EVP_DigestUpdate(*digester, token, length) != 1 ||
		EVP_DigestFinal_ex(*digester, bytes, NULL) != 1)
		return false;
	covet_base64url(handle, bytes, sizeof(bytes));
	return true;
}

void
covet_digester_free(CovetDigester *digester)
{
	EVP_MD_CTX_free(digester);
}

static bool
is_base64url(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool
covet_handle_is_valid(const char *text, size_t length)
{
	if (length != COVET_TOKEN_LENGTH)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (!is_base64url(text[i]))
			return false;
	}
	return true;
}
