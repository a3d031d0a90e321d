#include "base/address.h"

#include <errno.h>

#include "test.h"

#define PREFIX_EXPECTED "expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32"
#define LENGTH_4        "expected a length from 0 to 32 after the slash"
#define LENGTH_6        "expected a length from 0 to 128 after the slash"
#define HOST_BITS                                                                                  \
	"bits are set past the length, expected the range's first address such as 192.0.2.0/24"

static const struct {
	const char *text;
	const char *formatted; /* NULL when refused */
	bool is_v4;
} addresses[] = {
    {"192.0.2.1", "192.0.2.1", true},
    {"0.0.0.0", "0.0.0.0", true},
    {"255.255.255.255", "255.255.255.255", true},
    {"::", "::", false},
    {"::1", "::1", false},
    {"::ffff:192.0.2.1", "192.0.2.1", true},
    {"::ffff:c000:201", "192.0.2.1", true},
    {"::fffe:c000:201", "::fffe:c000:201", false},
    {"2001:DB8::A", "2001:db8::a", false},
    {"2001:db8:0:0:0:0:0:1", "2001:db8::1", false},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", false}, /* one group is not shortened */
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", false},          /* the longest run is */
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", false},    /* of equals the first */
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"", NULL, false},
    {" 192.0.2.1", NULL, false},
    {"192.0.2.1 ", NULL, false},
    {"192.0.2", NULL, false},
    {"192.0.2.256", NULL, false},
    {"192.0.2.01", NULL, false},
    {"192.0.2.1.1", NULL, false},
    {"0x7f.1", NULL, false},
    {"3221225985", NULL, false},
    {"1::2::3", NULL, false},
    {":1", NULL, false},
    {"1:2:3:4:5:6:7:8:9", NULL, false},
    {"12345::", NULL, false},
    {"fe80::1%eth0", NULL, false},
    {"[::1]", NULL, false},
    {"example.org", NULL, false},
};

static void test_addresses(void)
{
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct address address = {{0x5a}};
		char text[ADDRESS_TEXT_BYTES] = "";
		int error = address_parse(addresses[i].text, &address);
		if (addresses[i].formatted == NULL) {
			OK(error == -EINVAL && address.bytes[0] == 0x5a, addresses[i].text);
			continue;
		}
		address_format(&address, text);
		OK(error == 0 && strcmp(text, addresses[i].formatted) == 0 &&
			address_is_v4(&address) == addresses[i].is_v4,
		    addresses[i].text);
	}
}

enum {
	UNSPECIFIED = 1,
	GROUP = 2,
	LOOPBACK = 4,
	LINK_LOCAL = 8,
	PRIVATE = 16
};

/* The first and last address of each class, and its neighbours outside. */
static const struct {
	const char *text;
	unsigned classes;
} classes[] = {
    {"0.0.0.0", UNSPECIFIED},
    {"0.0.0.1", 0},
    {"9.255.255.255", 0},
    {"10.0.0.0", PRIVATE},
    {"10.255.255.255", PRIVATE},
    {"11.0.0.0", 0},
    {"100.63.255.255", 0},
    {"100.64.0.0", PRIVATE},
    {"100.127.255.255", PRIVATE},
    {"100.128.0.0", 0},
    {"126.255.255.255", 0},
    {"127.0.0.0", LOOPBACK},
    {"127.255.255.255", LOOPBACK},
    {"128.0.0.0", 0},
    {"169.253.255.255", 0},
    {"169.254.0.0", LINK_LOCAL | PRIVATE},
    {"169.254.255.255", LINK_LOCAL | PRIVATE},
    {"169.255.0.0", 0},
    {"172.15.255.255", 0},
    {"172.16.0.0", PRIVATE},
    {"172.31.255.255", PRIVATE},
    {"172.32.0.0", 0},
    {"192.167.255.255", 0},
    {"192.168.0.0", PRIVATE},
    {"192.168.255.255", PRIVATE},
    {"192.169.0.0", 0},
    {"223.255.255.255", 0},
    {"224.0.0.0", GROUP},
    {"239.255.255.255", GROUP},
    {"240.0.0.0", 0},
    {"255.255.255.254", 0},
    {"255.255.255.255", GROUP},
    {"::", UNSPECIFIED},
    {"::1", LOOPBACK},
    {"::2", 0},
    {"::7f00:1", 0}, /* 127.0.0.1 in the last 32 bits is not the loopback */
    {"::a00:1", 0},
    {"2001:db8::1", 0},
    {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0},
    {"fc00::", PRIVATE},
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PRIVATE},
    {"fe00::", 0},
    {"fe7f:ffff::", 0},
    {"fe80::", LINK_LOCAL | PRIVATE},
    {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LINK_LOCAL | PRIVATE},
    {"fec0::", 0},
    {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0},
    {"ff00::", GROUP},
    {"ff02::1", GROUP},
};

static unsigned classes_of(const struct address *address)
{
	return (address_is_unspecified(address) ? UNSPECIFIED : 0U) |
	       (address_is_multicast_or_broadcast(address) ? GROUP : 0U) |
	       (address_is_loopback(address) ? LOOPBACK : 0U) |
	       (address_is_link_local(address) ? LINK_LOCAL : 0U) |
	       (address_is_private(address) ? PRIVATE : 0U);
}

static void test_classes(void)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		struct address address;
		OK(address_parse(classes[i].text, &address) == 0 &&
			classes_of(&address) == classes[i].classes,
		    classes[i].text);
	}
}

static const struct {
	const char *text;
	const char *formatted; /* NULL when refused */
	const char *why;
	uint64_t size;
} prefixes[] = {
    {"10.0.0.0/8", "10.0.0.0/8", NULL, 1U << 24}, {"192.0.2.0/24", "192.0.2.0/24", NULL, 256},
    {"192.0.2.7", "192.0.2.7/32", NULL, 1}, {"192.0.2.7/32", "192.0.2.7/32", NULL, 1},
    {"192.0.2.6/31", "192.0.2.6/31", NULL, 2}, {"0.0.0.0/0", "0.0.0.0/0", NULL, UINT64_C(1) << 32},
    {"2001:db8::/32", "2001:db8::/32", NULL, UINT64_MAX},
    {"2001:db8::1", "2001:db8::1/128", NULL, 1},
    {"2001:db8::/64", "2001:db8::/64", NULL, UINT64_MAX},
    {"2001:db8::/65", "2001:db8::/65", NULL, UINT64_C(1) << 63}, {"::/0", "::/0", NULL, UINT64_MAX},
    {"::/96", "::/96", NULL, UINT64_C(1) << 32},
    {"::ffff:10.0.0.0/104", "10.0.0.0/8", NULL, 1U << 24},
    {"::ffff:0:0/96", "0.0.0.0/0", NULL, UINT64_C(1) << 32},

    {"", NULL, PREFIX_EXPECTED, 0}, {"/24", NULL, PREFIX_EXPECTED, 0},
    {" 10.0.0.0/8", NULL, PREFIX_EXPECTED, 0}, {"10.0.0.0 /8", NULL, PREFIX_EXPECTED, 0},
    {"300.1.2.0/24", NULL, PREFIX_EXPECTED, 0}, {"10.0.0/8", NULL, PREFIX_EXPECTED, 0},
    {"10/8", NULL, PREFIX_EXPECTED, 0}, {"example-town", NULL, PREFIX_EXPECTED, 0},
    {"2001:db8:::/32", NULL, PREFIX_EXPECTED, 0},
    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555/8", NULL, PREFIX_EXPECTED, 0},
    {"10.0.0.0/33", NULL, LENGTH_4, 0}, {"10.0.0.0/", NULL, LENGTH_4, 0},
    {"10.0.0.0/8 ", NULL, LENGTH_4, 0}, {"10.0.0.0/ 8", NULL, LENGTH_4, 0},
    {"10.0.0.0/+8", NULL, LENGTH_4, 0}, {"10.0.0.0/-8", NULL, LENGTH_4, 0},
    {"10.0.0.0/08", NULL, LENGTH_4, 0}, {"10.0.0.0/8/8", NULL, LENGTH_4, 0},
    {"10.0.0.0/255.0.0.0", NULL, LENGTH_4, 0},
    {"10.0.0.0/4294967304", NULL, LENGTH_4, 0}, /* 8 in 32 bits */
    {"2001:db8::/129", NULL, LENGTH_6, 0}, {"2001:db8::/x", NULL, LENGTH_6, 0},
    {"10.0.0.1/24", NULL, HOST_BITS, 0}, {"10.0.0.128/24", NULL, HOST_BITS, 0},
    {"1.0.0.0/0", NULL, HOST_BITS, 0}, {"2001:db8::1/64", NULL, HOST_BITS, 0},
    {"::1/0", NULL, HOST_BITS, 0},
    {"::ffff:10.0.0.0/90", NULL, HOST_BITS, 0}, /* it would cut through IPv4's ::ffff */
};

static void test_prefixes(void)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		struct prefix prefix = {.bits = 0x5a};
		const char *why = NULL;
		char text[PREFIX_TEXT_BYTES] = "";
		int error = prefix_parse(prefixes[i].text, &prefix, &why);
		const char *name = prefixes[i].text[0] == '\0' ? "no text" : prefixes[i].text;
		if (prefixes[i].formatted == NULL) {
			OK(error == -EINVAL && prefix.bits == 0x5a && why != NULL &&
				strcmp(why, prefixes[i].why) == 0,
			    name);
			continue;
		}
		prefix_format(&prefix, text);
		OK(error == 0 && strcmp(text, prefixes[i].formatted) == 0 &&
			prefix_size(&prefix) == prefixes[i].size,
		    name);
	}
}

static const struct {
	const char *a;
	const char *b;
	bool overlap;
} pairs[] = {
    {"10.0.0.0/8", "10.0.0.0/8", true},
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0/8", false},
    {"10.0.0.0/9", "10.128.0.0/9", false},
    {"0.0.0.0/0", "192.0.2.1", true},
    {"2001:db8::/32", "2001:db8:ffff::/48", true},
    {"2001:db8::/32", "2001:db9::/32", false},
    {"2001:db8::/64", "2001:db8::1", true},
    {"2001:db8::/127", "2001:db8::2", false},
    {"::/0", "2001:db8::/32", true},
    {"::/0", "10.0.0.0/8", false}, /* a family each */
    {"::/0", "0.0.0.0/0", false},
    {"::/80", "0.0.0.0/0", false},
    {"::/96", "0.0.0.0/0", false},
};

static void test_overlaps(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct prefix a;
		struct prefix b;
		const char *why;
		char name[2 * PREFIX_TEXT_BYTES + 8];
		(void)snprintf(name, sizeof name, "%s and %s", pairs[i].a, pairs[i].b);
		OK(prefix_parse(pairs[i].a, &a, &why) == 0 &&
			prefix_parse(pairs[i].b, &b, &why) == 0 &&
			prefix_overlaps(&a, &b) == pairs[i].overlap &&
			prefix_overlaps(&b, &a) == pairs[i].overlap,
		    name);
		/* The second of each pair is the smaller or apart, so its first address tells. */
		OK(prefix_contains(&a, &b.address) == pairs[i].overlap, name);
	}
}

static void test_forms(void)
{
	const uint8_t v4[4] = {192, 0, 2, 1};
	struct address a = address_from_v4(v4);
	struct address b = address_from_v4_u32(0xc0000201);
	struct address c = address_from_v4_u32(0xc0000202);
	OK(address_equal(&a, &b) && !address_equal(&a, &c), "from bytes and from a number");
	OK(address_compare(&a, &b) == 0 && address_compare(&a, &c) < 0 &&
		address_compare(&c, &a) > 0,
	    "in order");
	OK(address_low32(&a) == 0xc0000201, "back to a number");
}

int main(void)
{
	test_forms();
	test_addresses();
	test_classes();
	test_prefixes();
	test_overlaps();
	return test_done();
}
