/*
 * user_agent.c
 *		Browsers and platforms, without their versions.
 *
 * Nearly every browser calls itself Mozilla, and most of them Chrome and
 * Safari as well, so the order of the rules below is what tells them apart:
 * the first one that fits wins.  A family must outlive updates, for sessions
 * do; names that a browser used to have therefore share a rule's name.
 *
 * Only the first SCAN_LENGTH bytes are looked at, several times what browsers
 * send, so that a huge header field costs no more than a long one.
 */
#include "covet_core.h"

#include <stdio.h>
#include <string.h>

#define SCAN_LENGTH 1024

/* Longest browser name in a family; leaves room for any platform's. */
#define NAME_LENGTH 40

typedef struct Rule
{
	const char *token;			/* must occur, at the beginning of a word */
	const char *also;			/* so must this, if not NULL */
	const char *name;			/* NULL: the word that follows "token" */
} Rule;

static const Rule browser_rules[] = {
	/* those that claim to be Internet Explorer */
	{"Opera", NULL, "Opera"},
	{"OPR/", NULL, "Opera"},
	{"OPT/", NULL, "Opera"},
	{"OPX/", NULL, "Opera"},
	{"OPiOS/", NULL, "Opera"},
	{"MSIE ", NULL, "Internet Explorer"},
	{"Trident/", NULL, "Internet Explorer"},

	/* robots, which claim to be anything but say their name */
	{"compatible; ", NULL, NULL},
	{"HeadlessChrome/", NULL, "HeadlessChrome"},

	/* applications that show web pages */
	{"FBAV/", NULL, "Facebook"},
	{"Instagram ", NULL, "Instagram"},
	{"LinkedInApp", NULL, "LinkedIn"},
	{"MicroMessenger/", NULL, "WeChat"},
	{"Line/", NULL, "Line"},
	{"GSA/", NULL, "Google"},
	{"Electron/", NULL, "Electron"},

	/* those that claim to be Chrome, Firefox or Safari */
	{"Edg/", NULL, "Edge"},
	{"EdgA/", NULL, "Edge"},
	{"EdgiOS/", NULL, "Edge"},
	{"Edge/", NULL, "Edge"},
	{"SamsungBrowser/", NULL, "Samsung Internet"},
	{"Vivaldi/", NULL, "Vivaldi"},
	{"YaBrowser/", NULL, "Yandex"},
	{"UCBrowser/", NULL, "UC"},
	{"UBrowser/", NULL, "UC"},
	{"DuckDuckGo/", NULL, "DuckDuckGo"},
	{"Ddg/", NULL, "DuckDuckGo"},
	{"Whale/", NULL, "Whale"},
	{"Silk/", NULL, "Silk"},
	{"MiuiBrowser/", NULL, "Mi Browser"},
	{"HuaweiBrowser/", NULL, "Huawei Browser"},
	{"MQQBrowser/", NULL, "QQ"},
	{"QQBrowser/", NULL, "QQ"},
	{"PaleMoon/", NULL, "Pale Moon"},
	{"SeaMonkey/", NULL, "SeaMonkey"},
	{"Waterfox/", NULL, "Waterfox"},
	{"Epiphany/", NULL, "Epiphany"},
	{"Falkon/", NULL, "Falkon"},

	{"Firefox/", NULL, "Firefox"},
	{"FxiOS/", NULL, "Firefox"},
	{"Focus/", NULL, "Firefox"},
	{"Klar/", NULL, "Firefox"},
	{"Version/", "Chrome/", "WebView"},
	{"CriOS/", NULL, "Chrome"},
	{"Chrome/", NULL, "Chrome"},
	{"Android", "Version/", "Android Browser"},
	{"Version/", "Safari/", "Safari"},
	{"AppleWebKit/", NULL, "WebView"},
};

static const Rule platform_rules[] = {
	{"Windows Phone", NULL, "Windows Phone"},
	{"Windows", NULL, "Windows"},
	{"Tizen", NULL, "Tizen"},
	{"KAIOS/", NULL, "KaiOS"},
	{"Android", NULL, "Android"},
	{"iPhone", NULL, "iOS"},
	{"iPad", NULL, "iOS"},
	{"iPod", NULL, "iOS"},
	{"iOS", NULL, "iOS"},
	{"Macintosh", NULL, "macOS"},
	{"Mac OS X", NULL, "macOS"},
	{"Darwin/", NULL, "Darwin"},
	{"CrOS", NULL, "ChromeOS"},
	{"Linux", NULL, "Linux"},
	{"FreeBSD", NULL, "FreeBSD"},
	{"OpenBSD", NULL, "OpenBSD"},
	{"NetBSD", NULL, "NetBSD"},
	{"SunOS", NULL, "SunOS"},
};

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Text
{
	const char *start;
	size_t		length;
} Text;

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/*
 * What follows "token" where it begins a word; starts at NULL if it does not
 * occur.  The "iOS" in "CriOS/126" is no word, nor is the "Chrome" in
 * "HeadlessChrome".
 */
static Text
text_after(Text text, const char *token)
{
	size_t		token_length = strlen(token);
	size_t		at = 0;

	while (text.length - at >= token_length)
	{
		const char *found = memchr(text.start + at, token[0],
								   text.length - at - token_length + 1);

		if (found == NULL)
			break;
		at = (size_t) (found - text.start);
		if (memcmp(found, token, token_length) == 0 &&
			(at == 0 || !is_letter(found[-1])))
		{
			at += token_length;
			return (Text) {text.start + at, text.length - at};
		}
		at++;
	}
	return (Text) {NULL, 0};
}

static bool
contains(Text text, const char *token)
{
	return text_after(text, token).start != NULL;
}

/* The first rule that fits "text", or NULL. */
static const Rule *
find_rule(const Rule *rules, size_t count, Text text)
{
	for (size_t i = 0; i < count; i++)
	{
		if (contains(text, rules[i].token) &&
			(rules[i].also == NULL || contains(text, rules[i].also)))
			return &rules[i];
	}
	return NULL;
}

static const char name_ends[] = {'/', ' ', ';', ')'};

/* The name in a product token such as "curl/8.1" (RFC 9110 section 10.1.5). */
static Text
product_name(Text text)
{
	size_t		begin = 0;
	size_t		end;

	while (begin < text.length && text.start[begin] == ' ')
		begin++;
	for (end = begin; end < text.length && end - begin < NAME_LENGTH; end++)
	{
		if (memchr(name_ends, text.start[end], sizeof(name_ends)) != NULL)
			break;
	}
	return (Text) {text.start + begin, end - begin};
}

static Text
browser_name(Text text)
{
	const Rule *rule = find_rule(browser_rules, LENGTH_OF(browser_rules), text);

	if (rule == NULL)
		return product_name(text);
	if (rule->name == NULL)
		return product_name(text_after(text, rule->token));
	return (Text) {rule->name, strlen(rule->name)};
}

void
covet_user_agent_family(const char *text, size_t length,
						char family[COVET_FAMILY_SIZE])
{
	Text		scanned = {length > 0 ? text : "",
		length < SCAN_LENGTH ? length : SCAN_LENGTH};
	Text		browser = browser_name(scanned);
	const Rule *platform = find_rule(platform_rules, LENGTH_OF(platform_rules),
									 scanned);

	for (size_t i = 0; i < browser.length; i++)
	{
		char		c = browser.start[i];

		family[i] = c >= 0x20 && c <= 0x7E ? c : '?';
	}
	snprintf(family + browser.length, COVET_FAMILY_SIZE - browser.length,
			 "/%s", platform != NULL ? platform->name : "");
}

bool
covet_user_agent_matches(CovetBindUserAgent policy,
						 const char *then, size_t then_length,
						 const char *now, size_t now_length)
{
	char		then_family[COVET_FAMILY_SIZE];
	char		now_family[COVET_FAMILY_SIZE];

	if (policy == COVET_BIND_USER_AGENT_OFF)
		return true;
	if (policy == COVET_BIND_USER_AGENT_EXACT)
		return then_length == now_length &&
			(now_length == 0 || memcmp(then, now, now_length) == 0);
	covet_user_agent_family(then, then_length, then_family);
	covet_user_agent_family(now, now_length, now_family);
	return strcmp(then_family, now_family) == 0;
}
