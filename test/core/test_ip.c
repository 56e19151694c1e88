/*
 * test_ip.c
 *		Client addresses: which texts are one, and which are the same.
 */
#include "covet_core.h"
#include "test.h"

typedef struct Valid
{
	const char *text;
	const char *expected;		/* the bytes in hexadecimal */
} Valid;

static const Valid valid[] = {
	{"0.0.0.0", "00000000"},
	{"192.0.2.33", "c0000221"},
	{"255.255.255.255", "ffffffff"},

	/* RFC 4291 section 2.2 */
	{"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcdef0123456789abcdef0123456789"},
	{"2001:DB8:0:0:8:800:200C:417A", "20010db80000000000080800200c417a"},
	{"2001:DB8::8:800:200C:417A", "20010db80000000000080800200c417a"},
	{"FF01:0:0:0:0:0:0:101", "ff010000000000000000000000000101"},
	{"FF01::101", "ff010000000000000000000000000101"},
	{"0:0:0:0:0:0:0:1", "00000000000000000000000000000001"},
	{"::1", "00000000000000000000000000000001"},
	{"0:0:0:0:0:0:0:0", "00000000000000000000000000000000"},
	{"::", "00000000000000000000000000000000"},
	{"0:0:0:0:0:0:13.1.68.3", "0000000000000000000000000d014403"},
	{"::13.1.68.3", "0000000000000000000000000d014403"},

	/* IPv4-mapped: the IPv4 address */
	{"0:0:0:0:0:FFFF:129.144.52.38", "81903426"},
	{"::FFFF:129.144.52.38", "81903426"},
	{"::ffff:8190:3426", "81903426"},
	{"0000:0000:0000:0000:0000:ffff:129.144.152.138", "8190988a"},
	{"::fffe:129.144.52.38", "00000000000000000000fffe81903426"},
	{"::1:ffff:129.144.52.38", "00000000000000000001ffff81903426"},

	/* RFC 5952 section 2: many spellings of one address */
	{"2001:db8:0:0:1:0:0:1", "20010db8000000000001000000000001"},
	{"2001:0db8:0:0:1:0:0:1", "20010db8000000000001000000000001"},
	{"2001:db8::1:0:0:1", "20010db8000000000001000000000001"},
	{"2001:db8::0:1:0:0:1", "20010db8000000000001000000000001"},
	{"2001:0db8::1:0:0:1", "20010db8000000000001000000000001"},
	{"2001:db8:0:0:1::1", "20010db8000000000001000000000001"},
	{"2001:db8:0000:0:1::1", "20010db8000000000001000000000001"},
	{"2001:DB8:0:0:1::1", "20010db8000000000001000000000001"},

	/* as many characters as there may be */
	{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffffffffffffffffffffffffffffffff"},
	{"fe80::", "fe800000000000000000000000000000"},
	{"1::", "00010000000000000000000000000000"},
	{"1:2:3:4:5:6:7::", "00010002000300040005000600070000"},
	{"::2:3:4:5:6:7:8", "00000002000300040005000600070008"},
};

typedef struct Bytes
{
	const char *text;
	size_t		length;
} Bytes;

static const Bytes invalid[] = {
	{BYTES("")},
	{BYTES("localhost")},
	{BYTES("unknown")},
	{BYTES("_hidden")},

	/* not dotted-decimal */
	{BYTES("192.0.2")},
	{BYTES("192.0.2.33.1")},
	{BYTES("192.0.2.256")},
	{BYTES("192.0.2.-1")},
	{BYTES("192.0.2.")},
	{BYTES(".192.0.2.33")},
	{BYTES("192..2.33")},
	{BYTES("3221225985")},
	{BYTES("0xC0000221")},
	{BYTES("0xc0.0.2.33")},
	{BYTES("192.0.2.033")},
	{BYTES("192.0.02.33")},
	{BYTES("00.0.0.0")},
	{BYTES("192.0.2.33x")},

	/* more than an address */
	{BYTES("192.0.2.33/24")},
	{BYTES("192.0.2.33:443")},
	{BYTES("192.0.2.33, 198.51.100.7")},
	{BYTES(" 192.0.2.33")},
	{BYTES("192.0.2.33 ")},
	{BYTES("192.0.2.33\n")},
	{BYTES("\t::1")},
	{BYTES("::1 ")},
	{BYTES("2001:db8::/32")},
	{BYTES("[2001:db8::1]")},
	{BYTES("[2001:db8::1]:443")},
	{BYTES("fe80::1%eth0")},
	{BYTES("fe80::1%1")},
	{BYTES("::ffff:192.0.2.33%lo")},

	/* not an IPv6 address */
	{BYTES(":")},
	{BYTES(":::")},
	{BYTES("1")},
	{BYTES("1:2:3:4:5:6:7")},
	{BYTES("1:2:3:4:5:6:7:8:9")},
	{BYTES("1::2::3")},
	{BYTES("2001:db8:::1")},
	{BYTES(":1:2:3:4:5:6:7:8")},
	{BYTES("1:2:3:4:5:6:7:8:")},
	{BYTES("1:2:3:4:5:6:7:")},
	{BYTES(":2:3:4:5:6:7:8")},
	{BYTES("1:2:3:4::5:6:7:8:9")},
	{BYTES("12345::")},
	{BYTES("02001:db8::1")},
	{BYTES("g::1")},
	{BYTES("2001:db8::-1")},
	{BYTES("::192.0.2.256")},
	{BYTES("::ffff:192.0.2.033")},
	{BYTES("::ffff:192.0.2")},
	{BYTES("192.0.2.33::")},
	{BYTES("::192.0.2.33:1")},
	{BYTES("1:2:3:4:5:6:7:192.0.2.33")},

	/* too long, if only by zeros */
	{BYTES("0000:0000:0000:0000:0000:00000:129.144.152.138")},
	{BYTES("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550")},
	{BYTES("000000000000000000000000000000000000000000000000000001.2.3.4")},

	/* NUL bytes, before, within and after */
	{BYTES("\0")},
	{BYTES("\0" "192.0.2.33")},
	{BYTES("192.0.2.3\0" "3")},
	{BYTES("192.0.2.33\0")},
	{BYTES("192.0.2.33\0/24")},
	{BYTES("::1\0")},
	{BYTES("::1\0" "junk")},

	/* other bytes */
	{BYTES("192.0.2.\xB2")},
	{BYTES("\xEF\xBC\x91.2.3.4")},
	{BYTES("\xFF\xFE\xFD\xFC")},
};

static bool
parse(const char *text, size_t length, CovetIp *ip)
{
	char	   *copy = exact_copy(text, length);
	bool		ok = covet_ip_parse(copy, length, ip);

	free(copy);
	return ok;
}

static void
test_valid(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(valid); i++)
	{
		CovetIp		ip;
		char		hex[33] = "";
		size_t		count;

		memset(&ip, 0xAA, sizeof(ip));
		if (!parse(valid[i].text, strlen(valid[i].text), &ip))
			fail_msg("%s is refused", valid[i].text);
		count = ip.is_v4 ? 4 : 16;
		for (size_t j = 0; j < count; j++)
			snprintf(hex + 2 * j, 3, "%02x", ip.bytes[j]);
		if (strcmp(hex, valid[i].expected) != 0)
			fail_msg("%s is read as %s", valid[i].text, hex);
	}
}

static void
test_invalid(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(invalid); i++)
	{
		CovetIp		ip;

		if (parse(invalid[i].text, invalid[i].length, &ip))
			fail_msg("%s is accepted", invalid[i].text);
	}
}

/* The text is not read past its length. */
static void
test_length(void **state)
{
	CovetIp		ip;

	(void) state;
	assert_true(covet_ip_parse("192.0.2.33/24", 10, &ip));
	assert_int_equal(ip.bytes[3], 33);
	assert_true(covet_ip_parse("192.0.2.33/24", 9, &ip));
	assert_int_equal(ip.bytes[3], 3);
	assert_false(covet_ip_parse(NULL, 0, &ip));
	assert_false(covet_ip_parse("1", SIZE_MAX, &ip));
}

typedef struct Pair
{
	const char *then;
	const char *now;
	bool		subnet;
	bool		exact;
} Pair;

static const Pair pairs[] = {
	{"192.0.2.33", "192.0.2.33", true, true},
	{"192.0.2.33", "192.0.2.34", true, false},
	{"192.0.2.0", "192.0.2.255", true, false},
	{"192.0.2.33", "192.0.3.33", false, false},
	{"192.0.2.255", "192.0.3.0", false, false},
	{"192.0.2.33", "193.0.2.33", false, false},
	{"192.0.2.33", "::ffff:192.0.2.33", true, true},
	{"::FFFF:C000:221", "192.0.2.33", true, true},
	{"::ffff:192.0.2.33", "0:0:0:0:0:ffff:192.0.2.99", true, false},
	{"::ffff:192.0.2.33", "::ffff:192.0.3.33", false, false},
	{"192.0.2.33", "::192.0.2.33", false, false},
	{"192.0.2.33", "c000:221::", false, false},
	{"2001:db8::1", "2001:0DB8:0:0::1", true, true},
	{"2001:db8::1", "2001:db8::2", true, false},
	{"2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true, false},
	{"2001:db8:0:1::1", "2001:db8:0:2::1", false, false},
	{"2001:db8:0:100::1", "2001:db8:0:200::1", false, false},
	{"::1", "127.0.0.1", false, false},
	{"::1", "::", true, false},

	/* what is no address matches nothing, not even itself */
	{"", "", false, false},
	{"unknown", "unknown", false, false},
	{"192.0.2.33", "", false, false},
	{"", "192.0.2.33", false, false},
	{"192.0.2.33", "192.0.2.33 ", false, false},
	{"192.0.2.33/24", "192.0.2.33", false, false},
};

static bool
matches(CovetBindIp policy, const char *then, const char *now)
{
	return covet_ip_matches(policy, then, strlen(then), now, strlen(now));
}

static void
test_matches(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
	{
		const Pair *p = &pairs[i];

		if (!matches(COVET_BIND_IP_OFF, p->then, p->now) ||
			!matches(COVET_BIND_IP_OFF, p->now, p->then) ||
			matches(COVET_BIND_IP_SUBNET, p->then, p->now) != p->subnet ||
			matches(COVET_BIND_IP_SUBNET, p->now, p->then) != p->subnet ||
			matches(COVET_BIND_IP_EXACT, p->then, p->now) != p->exact ||
			matches(COVET_BIND_IP_EXACT, p->now, p->then) != p->exact)
			fail_msg("\"%s\" and \"%s\"", p->then, p->now);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_matches),
	};

	return RUN_TESTS(tests);
}
