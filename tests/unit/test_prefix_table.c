/* The table is held against the plainest program that could be right. */
#include "registry/prefix_table.h"

#include <stdlib.h>

#include "base/random.h"
#include "test.h"

enum {
	MASK_ALL = 0x7fffffff
};

/* Every overlay that holds the address, the shorter first, equal ones in the order given. */
static uint32_t naive_find(
    const struct prefix_overlay *overlays, size_t count, const struct address *address)
{
	uint32_t value_of_bits[ADDRESS_BITS + 1] = {0};
	uint32_t mask_of_bits[ADDRESS_BITS + 1] = {0};
	for (size_t i = 0; i < count; i++) {
		const struct prefix_overlay *o = &overlays[i];
		if (!prefix_contains(&o->prefix, address))
			continue;
		uint32_t *value = &value_of_bits[o->prefix.bits];
		*value = (*value & ~o->mask) | (o->value & o->mask);
		mask_of_bits[o->prefix.bits] |= o->mask;
	}
	uint32_t value = 0;
	for (int bits = 0; bits <= ADDRESS_BITS; bits++)
		value = (value & ~mask_of_bits[bits]) | value_of_bits[bits];
	return value;
}

static void clear_from(struct address *address, unsigned bits)
{
	for (unsigned bit = bits; bit < ADDRESS_BITS; bit++)
		address->bytes[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
}

/* `spread` bits at the start differ, so that small spreads nest and collide much. */
static struct address draw_address(struct random *random, bool is_v4, unsigned spread)
{
	struct address address = {{0}};
	for (int i = 0; i < ADDRESS_BYTES; i++)
		address.bytes[i] = (uint8_t)random_u64(random);
	unsigned base = is_v4 ? 96 : 0;
	static const uint8_t v6_start[] = {0x20, 0x01, 0x0d, 0xb8};
	if (is_v4)
		address = address_from_v4_u32(address_low32(&address));
	for (unsigned i = 0; i < (32 - spread) / 8; i++)
		address.bytes[base / 8 + i] = is_v4 ? 10 : v6_start[i];
	return address;
}

struct shape {
	const char *name;
	size_t prefixes;
	size_t lookups;
	unsigned spread; /* how many of the first 32 bits are random: 0, 8, 16, 24 or 32 */
	unsigned v6_percent;
	unsigned shortest; /* prefix length in the family's own terms */
};

static const struct shape shapes[] = {
    {"no prefix", 0, 1000, 32, 50, 0},
    {"one prefix", 1, 10000, 32, 50, 0},
    {"a town: seven prefixes", 7, 10000, 24, 30, 8},
    {"a hub: 10,000 over all addresses, 10,000 lookups", 10000, 10000, 32, 30, 8},
    {"10,000 inside one /8 and one 2001::/16", 10000, 3000, 16, 50, 16},
    {"3,000 that nest and repeat inside one /24", 3000, 3000, 8, 50, 20},
    {"3,000 from the shortest on, /0 among them", 3000, 3000, 32, 50, 0},
};

static struct prefix_overlay draw_overlay(struct random *random, const struct shape *shape)
{
	bool is_v4 = random_below(random, 100) >= shape->v6_percent;
	unsigned width = is_v4 ? 32 : 128;
	unsigned length =
	    shape->shortest + (unsigned)random_below(random, width + 1 - shape->shortest);
	struct prefix prefix = {
	    .address = draw_address(random, is_v4, shape->spread),
	    .bits = (uint8_t)(is_v4 ? 96 + length : length),
	};
	clear_from(&prefix.address, prefix.bits);
	static const uint32_t masks[] = {1, 0x7ffffffe, MASK_ALL};
	return (struct prefix_overlay){
	    .prefix = prefix,
	    .mask = masks[random_below(random, 3)],
	    .value = (uint32_t)random_below(random, MASK_ALL),
	};
}

/* One past either end of a prefix is where a boundary is wrong if it is. */
static struct address beside(struct address address, bool up)
{
	for (int i = ADDRESS_BYTES - 1; i >= 0; i--) {
		address.bytes[i] = (uint8_t)(address.bytes[i] + (up ? 1 : 0xff));
		if (address.bytes[i] != (up ? 0 : 0xff))
			break;
	}
	return address;
}

static struct address draw_lookup(
    struct random *random, const struct shape *shape, const struct prefix_overlay *overlays)
{
	uint64_t way = shape->prefixes == 0 ? 0 : random_below(random, 6);
	bool is_v4 = random_below(random, 2) == 0;
	if (way <= 1)
		return draw_address(random, is_v4, way == 0 ? 32 : shape->spread);
	const struct prefix *prefix = &overlays[random_below(random, shape->prefixes)].prefix;
	struct address first = prefix->address;
	struct address last = first;
	for (unsigned bit = prefix->bits; bit < ADDRESS_BITS; bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
	if (way == 2)
		return first;
	if (way == 3)
		return last;
	return way == 4 ? beside(first, false) : beside(last, true);
}

static bool agrees(struct random *random, const struct shape *shape)
{
	struct prefix_overlay *overlays = calloc(shape->prefixes + 1, sizeof *overlays);
	struct prefix_table *table = NULL;
	if (overlays == NULL)
		return false;
	for (size_t i = 0; i < shape->prefixes; i++)
		overlays[i] = draw_overlay(random, shape);

	bool same = prefix_table_new(overlays, shape->prefixes, &table) == 0;
	for (size_t i = 0; same && i < shape->lookups; i++) {
		struct address address = draw_lookup(random, shape, overlays);
		uint32_t expected = naive_find(overlays, shape->prefixes, &address);
		same = prefix_table_find(table, &address) == expected;
		if (!same) {
			char text[ADDRESS_TEXT_BYTES];
			address_format(&address, text);
			printf("# %s: expected %u, found %u\n", text, expected,
			    prefix_table_find(table, &address));
		}
	}
	prefix_table_free(table);
	free(overlays);
	return same;
}

static void test_against_naive(void)
{
	struct random random;
	random_init(&random, 1);
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		OK(agrees(&random, &shapes[i]), shapes[i].name);
}

static const struct {
	const char *name;
	const char *prefixes[4]; /* number n has value n + 1 */
	const char *address;
	uint32_t value;
} rows[] = {
    {"nothing known", {NULL}, "192.0.2.1", 0},
    {"the longest of three", {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"}, "10.1.2.3", 3},
    {"the middle of three", {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"}, "10.1.3.3", 2},
    {"after the inner ends the outer goes on", {"10.0.0.0/8", "10.1.0.0/16"}, "10.2.0.0", 1},
    {"the last address of all IPv4", {"255.255.255.255"}, "255.255.255.255", 1},
    {"all of IPv4", {"0.0.0.0/0"}, "203.0.113.9", 1},
    {"all of IPv4 is not IPv6", {"0.0.0.0/0"}, "::1", 0},
    {"nor what follows it", {"0.0.0.0/0"}, "::1:0:0:0", 0},
    {"all of IPv6 is not IPv4", {"::/0"}, "203.0.113.9", 0},
    {"all of IPv6", {"::/0"}, "2001:db8::1", 1},
    {"all of both", {"::/0", "0.0.0.0/0"}, "0.0.0.0", 2},
    {"the last of IPv6", {"ffff::/16"}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1},
    {"a host inside a /64", {"2001:db8::/64", "2001:db8::5"}, "2001:db8::5", 2},
    {"beside that host", {"2001:db8::/64", "2001:db8::5"}, "2001:db8::6", 1},
    {"equal prefixes: the later", {"10.0.0.0/8", "10.0.0.0/8"}, "10.0.0.0", 2},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct prefix_overlay overlays[4];
		size_t count = 0;
		const char *why = NULL;
		struct prefix_table *table = NULL;
		struct address address;
		bool good = address_parse(rows[i].address, &address) == 0;
		for (; good && count < 4 && rows[i].prefixes[count] != NULL; count++) {
			overlays[count] =
			    (struct prefix_overlay){.mask = MASK_ALL, .value = (uint32_t)count + 1};
			good = prefix_parse(
				   rows[i].prefixes[count], &overlays[count].prefix, &why) == 0;
		}
		good = good && prefix_table_new(overlays, count, &table) == 0;
		OK(good && prefix_table_find(table, &address) == rows[i].value, rows[i].name);
		prefix_table_free(table);
	}
}

static void test_sums(void)
{
	static const struct {
		const char *name;
		const char *prefixes[3];
		uint64_t count;
	} counts[] = {
	    {"nothing counts nothing", {NULL}, 0},
	    {"nested ranges count once", {"10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"}, 1U << 24},
	    {"a range and a host", {"192.0.2.0/24", "198.51.100.7"}, 257},
	    {"all of IPv4 beside all of IPv6", {"0.0.0.0/0", "::/0"}, UINT64_C(1) << 32},
	    {"IPv6 counts nothing", {"2001:db8::/32"}, 0},
	};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct prefix_overlay overlays[3];
		size_t count = 0;
		const char *why = NULL;
		struct prefix_table *table = NULL;
		for (; count < 3 && counts[i].prefixes[count] != NULL; count++) {
			overlays[count] = (struct prefix_overlay){.mask = 1, .value = 1};
			if (prefix_parse(
				counts[i].prefixes[count], &overlays[count].prefix, &why) != 0)
				break;
		}
		bool good = prefix_table_new(overlays, count, &table) == 0;
		OK(good && prefix_table_count_v4(table, 1) == counts[i].count &&
			prefix_table_count_v4(table, 2) == 0,
		    counts[i].name);
		prefix_table_free(table);
	}
}

int main(void)
{
	test_rows();
	test_sums();
	test_against_naive();
	prefix_table_free(NULL);
	return test_done();
}
