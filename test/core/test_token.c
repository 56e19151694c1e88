/*
 * test_token.c
 *		Tokens, handles and the base64url that both are written in.
 */
#include "base64url.h"
#include "covet_core.h"
#include "test.h"

#define TOKENS 10000

typedef struct Vector
{
	const char *input;
	const char *expected;
} Vector;

/* RFC 4648 section 10, without padding; and the two characters of its own. */
static const Vector base64url_vectors[] = {
	{"", ""},
	{"f", "Zg"},
	{"fo", "Zm8"},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg"},
	{"fooba", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy"},
	{"\xFB\xEF\xBE", "----"},
	{"\xFF\xFF\xFF", "____"},
	{"\xFF", "_w"},
	{"\xFB\xE0", "--A"},
};

/* FIPS 180-4's examples; the digests are written as handles. */
static const Vector fips_vectors[] = {
	{"abc",
		"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"JI1qYdIGOLjlwCaTDD5gOaM85Flk_yFn9uzt1BnbBsE"},
	{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		"z1sWp3ivg4ADbOWeewSSNwskmxHo8HpRr6xFA3r-6dE"},
};

#define MILLION_A "zcduXJkU-5KBocfihNc-Z_GAmkiklyAOBG05zMcRLNA"

/*
 * NIST CAVP, SHA256ShortMsg and SHA256LongMsg (byte oriented): message in
 * hexadecimal, digest as a handle.
 */
static const Vector cavp_vectors[] = {
	{"",
		"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"},
	{"d3",
		"KJac36dKEsgvO62WCwsACsoqwyne6lwjKOvG8rqYAsE"},
	{"11af",
		"XKcTP6c1MmCBVYrDEsYg7sqZcNHnCkuVUz2VbwctH5g"},
	{"b4190e",
		"3_LnMJH2wF5SiJbEyDG5RIZT3C_wQ1KPZ2lDe8e5dcI"},
	{"74ba2521",
		"sWqla-OIDRjNQeaDhM8eyMF2gMRaArFXXcFRiSOuiw4"},
	{"5738c929c4f4ccb6",
		"lju4jyf1End6q2yLGgLHDsCtZR1Cj4cANuGRcSD7SL8"},
	{"9baf69cba317f422fe26a9a0",
		"_lYofNZX5K_FDbp6OlTCpjJLiGvs3NH65HO3aeVRoJs"},
	{"0a27847cdc98bd6f62220b046edd762b",
		"gMJewWAFh-fyixixsY483ImSjjnKs7wl5NSkwTm87cQ"},
	{"09fc1accc230a205e4a208e64a8f204291f581a12756392da4b8c0cf5ef02b95",
		"T0TBx_vrtvlgGCnziXv9ZQxW-geES-dkiQdjVqwYhqQ"},
	{"0546f7b8682b5b95fd32385faf25854cb3f7b40cc8fa229fbd52b16934aab388a7",
		"sxrTzQKxDbKCs1dsBZt0b7JMpvCf72lALckOznQhy7c"},
	{"4e3d8ac36d61d9e51480831155b253b37969fe7ef49db3b39926f3a00b69a36774366000",
		"v51eW1OTBT8FWzgLrtfnkq6FrTfAraX9RRlULMxGHPM"},
	{"2d52447d1244d2ebc28650e7b05654bad35b3a68eedc7f8515306b496d75f3e73385dd1b002625024b81a02f2fd6dffb"
		"6e6d561cb7d0bd7a",
		"z7iNb68t46adNhlazsLiVeKvK32TOZfzSOCfbOV1g2A"},
	{"e2f76e97606a872e317439f1a03fcd92e632e5bd4e7cbc4e97f1afc19a16fde92d77cbe546416b51640cddb92af99653"
		"4dfd81edb17c4424cf1ac4d75aceeb",
		"GAQb1GZQgwAfuoxUEdLXSOirv9zf2SGMsCtop459TCM"},
	{"5a86b737eaea8ee976a0a24da63e7ed7eefad18a101c1211e2b3650c5187c2a8a650547208251f6d4237e661c7bf4c77"
		"f335390394c37fa1a9f9be836ac28509",
		"QuYeF0-7OJfW3WzvPdKAL-Z7MxlTsGEUplx3KFnfwao"},
	{"451101250ec6f26652249d59dc974b7361d571a8101cdfd36aba3b5854d3ae086b5fdd4597721b66e3c0dc5d8c606d96"
		"57d0e323283a5217d1f53f2f284f57b85c8a61ac8924711f895c5ed90ef17745ed2d728abd22a5f7a13479a462d71b56"
		"c19a74a40b655c58edfe0a188ad2cf46cbf30524f65d423c837dd1ff2bf462ac4198007345bb44dbb7b1c861298cdf61"
		"982a833afc728fae1eda2f87aa2c9480858bec",
		"PFk6pTn9za5RbN8vFQAPZjQYXIj1BbOXdfuasTehCqI"},
};

static void
check_digest(const char *token, size_t length, const char *expected)
{
	static CovetDigester *digester;
	char		handle[COVET_TOKEN_SIZE];
	char		again[COVET_TOKEN_SIZE];
	char	   *copy = exact_copy(token, length);

	memset(handle, 'x', sizeof(handle));
	memset(again, 'x', sizeof(again));
	assert_true(covet_digest(copy, length, handle));
	assert_true(covet_digest_again(&digester, copy, length, again));
	assert_string_equal(again, handle);
	free(copy);
	/* one for a while, then another */
	if (length % 3 == 0)
	{
		covet_digester_free(digester);
		digester = NULL;
	}
	assert_int_equal(handle[COVET_TOKEN_LENGTH], '\0');
	assert_string_equal(handle, expected);
	assert_true(covet_handle_is_valid(handle, strlen(handle)));
}

static void
test_base64url(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(base64url_vectors); i++)
	{
		const Vector *v = &base64url_vectors[i];
		size_t		length = strlen(v->input);
		char		text[16];

		memset(text, 'x', sizeof(text));
		covet_base64url(text, (const unsigned char *) v->input, length);
		assert_string_equal(text, v->expected);
		assert_int_equal(COVET_BASE64URL_LENGTH(length), strlen(text));
	}
}

static void
test_digest_fips(void **state)
{
	char	   *million = malloc(1000000);

	(void) state;
	for (size_t i = 0; i < LENGTH_OF(fips_vectors); i++)
		check_digest(fips_vectors[i].input, strlen(fips_vectors[i].input),
					 fips_vectors[i].expected);
	assert_non_null(million);
	memset(million, 'a', 1000000);
	check_digest(million, 1000000, MILLION_A);
	free(million);
}

static void
test_digest_cavp(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(cavp_vectors); i++)
	{
		const char *hex = cavp_vectors[i].input;
		char		message[256];
		size_t		length = strlen(hex) / 2;

		assert_true(length <= sizeof(message));
		for (size_t j = 0; j < length; j++)
		{
			const char	digits[3] = {hex[2 * j], hex[2 * j + 1], '\0'};

			message[j] = (char) strtoul(digits, NULL, 16);
		}
		check_digest(message, length, cavp_vectors[i].expected);
	}
}

static void
test_digest_of_nothing(void **state)
{
	char		handle[COVET_TOKEN_SIZE];

	(void) state;
	assert_true(covet_digest(NULL, 0, handle));
	assert_string_equal(handle, cavp_vectors[0].expected);
}

static int
compare_tokens(const void *one, const void *other)
{
	return memcmp(one, other, COVET_TOKEN_SIZE);
}

/* No two alike, of the right form, and every character in use everywhere. */
static void
test_generate(void **state)
{
	static char tokens[TOKENS][COVET_TOKEN_SIZE];
	static int	count[COVET_TOKEN_LENGTH][256];

	(void) state;
	for (int i = 0; i < TOKENS; i++)
	{
		memset(tokens[i], '!', sizeof(tokens[i]));
		assert_true(covet_token_generate(tokens[i]));
		assert_int_equal(strlen(tokens[i]), COVET_TOKEN_LENGTH);
		assert_true(covet_token_is_valid(tokens[i], COVET_TOKEN_LENGTH));
		assert_true(covet_handle_is_valid(tokens[i], COVET_TOKEN_LENGTH));
		for (int j = 0; j < COVET_TOKEN_LENGTH; j++)
			count[j][(unsigned char) tokens[i][j]]++;
	}

	/*
	 * Each of 64 characters is due about 156 times, and the last one, which
	 * holds four bits, is one of 16.
	 */
	for (int j = 0; j < COVET_TOKEN_LENGTH; j++)
	{
		int			used = 0;

		for (int c = 0; c < 256; c++)
			used += count[j][c] > 0;
		assert_int_equal(used, j < COVET_TOKEN_LENGTH - 1 ? 64 : 16);
	}

	qsort(tokens, TOKENS, COVET_TOKEN_SIZE, compare_tokens);
	for (int i = 1; i < TOKENS; i++)
		assert_string_not_equal(tokens[i - 1], tokens[i]);
}

/* Is a text of "length" bytes, with "c" at one place, a token? */
static bool
is_token_with(unsigned char c, size_t length, size_t at)
{
	char	   *text = malloc(length > 0 ? length : 1);
	bool		valid;

	assert_non_null(text);
	memset(text, 'x', length);
	if (length > 0)
		text[at] = (char) c;
	valid = covet_token_is_valid(text, length);
	free(text);
	return valid;
}

static void
test_token_is_valid(void **state)
{
	(void) state;
	assert_false(covet_token_is_valid(NULL, 0));
	assert_false(is_token_with('x', 0, 0));
	assert_true(is_token_with('x', 1, 0));
	assert_true(is_token_with('x', COVET_TOKEN_MAX, 0));
	assert_false(is_token_with('x', COVET_TOKEN_MAX + 1, 0));
	assert_false(is_token_with('x', 65536, 0));
	for (unsigned int c = 0; c < 256; c++)
	{
		bool		expected = c > ' ' && c < 0x7F;

		assert_int_equal(is_token_with((unsigned char) c, 1, 0), expected);
		assert_int_equal(is_token_with((unsigned char) c, 43, 0), expected);
		assert_int_equal(is_token_with((unsigned char) c, 43, 21), expected);
		assert_int_equal(is_token_with((unsigned char) c, 43, 42), expected);
		assert_int_equal(is_token_with((unsigned char) c, 255, 254), expected);
	}
}

static void
test_handle_is_valid(void **state)
{
	char		text[COVET_TOKEN_LENGTH + 2];

	(void) state;
	memset(text, 'A', sizeof(text));
	assert_false(covet_handle_is_valid(NULL, 0));
	assert_false(covet_handle_is_valid(text, COVET_TOKEN_LENGTH - 1));
	assert_true(covet_handle_is_valid(text, COVET_TOKEN_LENGTH));
	assert_false(covet_handle_is_valid(text, COVET_TOKEN_LENGTH + 1));
	for (int c = 0; c < 256; c++)
	{
		bool		expected = c != '\0' && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
													 "abcdefghijklmnopqrstuvwxyz"
													 "0123456789-_", c) != NULL;

		for (int at = 0; at < COVET_TOKEN_LENGTH; at += COVET_TOKEN_LENGTH / 2)
		{
			memset(text, 'A', sizeof(text));
			text[at] = (char) c;
			assert_int_equal(covet_handle_is_valid(text, COVET_TOKEN_LENGTH), expected);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64url),
		cmocka_unit_test(test_digest_fips),
		cmocka_unit_test(test_digest_cavp),
		cmocka_unit_test(test_digest_of_nothing),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_token_is_valid),
		cmocka_unit_test(test_handle_is_valid),
	};

	return RUN_TESTS(tests);
}
