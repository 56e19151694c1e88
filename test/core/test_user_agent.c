/*
 * test_user_agent.c
 *		Families of browsers, and which of two clients are the same.
 */
#include "covet_core.h"
#include "test.h"
#include "user_agents.h"

#define CHROME_126 "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
#define CHROME_127 "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36"
#define CHROME_MAC "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
#define EDGE_126 CHROME_126 " Edg/126.0.2592.56"
#define EDGE_127 CHROME_127 " Edg/127.0.2651.74"
#define OPERA_112 CHROME_126 " OPR/112.0.0.0"
#define FIREFOX_126 "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0"
#define FIREFOX_127 "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
#define FIREFOX_LINUX "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
#define SAFARI_16 "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"
#define SAFARI_17 "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
#define CHROME_IOS "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1"

static void
check_family(const char *text, size_t length, const char *expected)
{
	char	   *copy = exact_copy(text, length);
	char		family[COVET_FAMILY_SIZE];

	memset(family, 'x', sizeof(family));
	covet_user_agent_family(copy, length, family);
	free(copy);
	assert_non_null(memchr(family, '\0', sizeof(family)));
	if (strcmp(family, expected) != 0)
		fail_msg("%.*s: %s, expected %s", (int) length, text, family, expected);
}

static void
test_families(void **state)
{
	(void) state;
	assert_true(LENGTH_OF(user_agents) >= 40);
	for (size_t i = 0; i < LENGTH_OF(user_agents); i++)
		check_family(user_agents[i].text, strlen(user_agents[i].text),
					 user_agents[i].family);
}

static void
test_names(void **state)
{
	(void) state;
	check_family(BYTES(""), "/");
	check_family(BYTES("   "), "/");
	check_family(BYTES("/"), "/");
	check_family(BYTES("x"), "x/");
	check_family(BYTES("  curl/8.1"), "curl/");
	check_family(BYTES("curl"), "curl/");
	check_family(BYTES("My App 2 (Linux)"), "My/Linux");
	check_family(BYTES("Mozilla/5.0"), "Mozilla/");
	check_family(BYTES("Mozilla/5.0 (compatible; robot; +http://www.example.org)"), "robot/");
	check_family(BYTES("Mozilla/5.0 (compatible; robot)"), "robot/");
	check_family(BYTES("Mozilla/5.0 (compatible; robot 2)"), "robot/");

	/* a word within a word is none */
	check_family(BYTES("NotChrome/1.0 (NotLinux)"), "NotChrome/");
	check_family(BYTES("xChrome/1 Chrome/2"), "Chrome/");

	/* bytes that do not print, and NUL bytes */
	check_family(BYTES("\x01\x1F\x7F\x80\xFF/1"), "?????" "/");
	check_family(BYTES("a\0b/1 Linux"), "a?b/Linux");
	check_family(BYTES("\xC3\xA9t\xC3\xA9/1.0"), "??t??" "/");
	check_family(BYTES("evil\r\nSet-Cookie:/1"), "evil?" "?Set-Cookie:/");

	/* too long for a family, whose platform is kept */
	check_family(BYTES("a123456789b123456789c123456789d123456789e123456789f123456789g123456789"),
				 "a123456789b123456789c123456789d123456789/");
	check_family(BYTES("a123456789b123456789c123456789d123456789e123456789 (Windows Phone)"),
				 "a123456789b123456789c123456789d123456789/Windows Phone");
	check_family(BYTES("(compatible; a123456789b123456789c123456789d123456789e123456789/1; Linux)"),
				 "a123456789b123456789c123456789d123456789/Linux");
}

/* The text is not read past its length. */
static void
test_length(void **state)
{
	const char *text = CHROME_126;

	(void) state;
	for (size_t length = 0; length <= strlen(text); length++)
	{
		size_t		windows_ends = sizeof("Mozilla/5.0 (Windows") - 1;
		size_t		webkit_ends = (size_t) (strstr(text, "537.36") - text);
		size_t		chrome_ends = (size_t) (strstr(text, "126.0") - text);
		char		expected[COVET_FAMILY_SIZE];

		snprintf(expected, sizeof(expected), "%.*s/%s",
				 length >= chrome_ends ? 6 : length < 7 ? (int) length : 7,
				 length >= chrome_ends ? "Chrome" :
				 length >= webkit_ends ? "WebView" : "Mozilla",
				 length >= windows_ends ? "Windows" : "");
		check_family(text, length, expected);
	}
}

/* A huge header field is read at its beginning only. */
static void
test_huge(void **state)
{
	size_t		length = 64 * 1024 * 1024;
	char	   *text = malloc(length);
	char		family[COVET_FAMILY_SIZE];

	(void) state;
	assert_non_null(text);
	memset(text, 'C', length);
	memcpy(text + 1024 - 7, " Chrome/", 8);
	memcpy(text + 2048, " Firefox/1 Windows", 18);
	covet_user_agent_family(text, length, family);
	assert_string_equal(family, "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC/");
	memcpy(text + 1024 - 14, " Chrome/ Linux", 14);
	covet_user_agent_family(text, length, family);
	assert_string_equal(family, "Chrome/Linux");
	memcpy(text + 1024 - 13, " Chrome/ Linux", 14);
	covet_user_agent_family(text, length, family);
	assert_string_equal(family, "Chrome/");
	free(text);
}

typedef struct Pair
{
	const char *then;
	const char *now;
	bool		family;
} Pair;

static const Pair pairs[] = {
	/* an update */
	{CHROME_126, CHROME_127, true},
	{EDGE_126, EDGE_127, true},
	{FIREFOX_126, FIREFOX_127, true},
	{SAFARI_16, SAFARI_17, true},
	{"curl/7.88.1", "curl/8.5.0", true},
	{"MyShop/5.12 (iPhone; iOS 17.5; Scale/3.00)", "MyShop/6.0 (iPhone; iOS 18.0; Scale/3.00)", true},

	/* another browser */
	{CHROME_126, EDGE_126, false},
	{CHROME_126, OPERA_112, false},
	{EDGE_126, OPERA_112, false},
	{CHROME_126, FIREFOX_126, false},
	{SAFARI_17, CHROME_IOS, false},
	{CHROME_126, "curl/8.5.0", false},
	{CHROME_126, "", false},
	{"curl/8.5.0", "okhttp/4.12.0", false},
	{"curl/8.5.0", "Wget/1.21.3", false},

	/* another platform */
	{CHROME_126, CHROME_MAC, false},
	{CHROME_126, CHROME_IOS, false},
	{FIREFOX_127, FIREFOX_LINUX, false},
	{"MyShop/5.12 (iPhone; iOS 17.5; Scale/3.00)", "MyShop/5.12 (Linux; Android 14)", false},
};

static bool
matches(CovetBindUserAgent policy, const char *then, const char *now)
{
	return covet_user_agent_matches(policy, then, strlen(then), now, strlen(now));
}

static void
test_matches(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
	{
		const Pair *p = &pairs[i];

		assert_true(matches(COVET_BIND_USER_AGENT_OFF, p->then, p->now));
		assert_false(matches(COVET_BIND_USER_AGENT_EXACT, p->then, p->now));
		assert_true(matches(COVET_BIND_USER_AGENT_EXACT, p->then, p->then));
		assert_true(matches(COVET_BIND_USER_AGENT_FAMILY, p->now, p->now));
		if (matches(COVET_BIND_USER_AGENT_FAMILY, p->then, p->now) != p->family ||
			matches(COVET_BIND_USER_AGENT_FAMILY, p->now, p->then) != p->family)
			fail_msg("\"%s\" and \"%s\"", p->then, p->now);
	}
}

/* Two clients are of one family if, and only if, the table says so. */
static void
test_all_pairs(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(user_agents); i++)
		for (size_t j = 0; j < LENGTH_OF(user_agents); j++)
			assert_int_equal(matches(COVET_BIND_USER_AGENT_FAMILY,
									 user_agents[i].text, user_agents[j].text),
							 strcmp(user_agents[i].family,
									user_agents[j].family) == 0);
}

static void
test_exact(void **state)
{
	(void) state;
	assert_false(matches(COVET_BIND_USER_AGENT_EXACT, "curl/8.5.0", "curl/8.5.0 "));
	assert_false(matches(COVET_BIND_USER_AGENT_EXACT, "curl/8.5.0", "curl/8.5.1"));
	assert_false(matches(COVET_BIND_USER_AGENT_EXACT, "curl/8.5.0", "Curl/8.5.0"));
	assert_false(covet_user_agent_matches(COVET_BIND_USER_AGENT_EXACT, BYTES("a\0b"), BYTES("a\0c")));
	assert_true(covet_user_agent_matches(COVET_BIND_USER_AGENT_EXACT, NULL, 0, NULL, 0));
	assert_true(covet_user_agent_matches(COVET_BIND_USER_AGENT_FAMILY, NULL, 0, NULL, 0));
	assert_true(covet_user_agent_matches(COVET_BIND_USER_AGENT_OFF, NULL, 0, BYTES("curl/8.5.0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_exact),
	};

	return RUN_TESTS(tests);
}
