/* Nothing is missing from the totals, whatever came in whatever order into however little room. */
#include "observe/sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "observe/sighting.h"
#include "test.h"

enum {
#if defined(__SANITIZE_ADDRESS__)
	FLOOD = 500 * 1000,
	CASES = 20,
#else
	FLOOD = 10 * 1000 * 1000,
	CASES = 100,
#endif
	KIB = 1024,
	SMALL = 100 * KIB,
	RECORDS_MAX = 4096,
	PARTS = 3,
};

struct totals {
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources;
	uint32_t tools;
	int64_t first_us;
	int64_t last_us;
};

static const struct totals no_totals = {.first_us = INT64_MAX, .last_us = INT64_MIN};

static void count_in(struct totals *totals, const struct sum *sum)
{
	totals->packets += sum->packets;
	totals->bytes += sum->bytes;
	totals->sources += sum->sources;
	totals->tools |= sum->tools;
	if (sum->first_us < totals->first_us)
		totals->first_us = sum->first_us;
	if (sum->last_us > totals->last_us)
		totals->last_us = sum->last_us;
}

static bool same_totals(const struct totals *a, const struct totals *b)
{
	return a->packets == b->packets && a->bytes == b->bytes && a->sources == b->sources &&
	       a->tools == b->tools && a->first_us == b->first_us && a->last_us == b->last_us;
}

/* What a walk finds, which must also be what the counts say. */
static struct totals totals_of(const struct sums *sums)
{
	struct totals totals = no_totals;
	struct sums_counts counts;
	struct sum sum;
	size_t position = 0;
	size_t records = 0;
	for (; sums_next(sums, &position, &sum); records++)
		count_in(&totals, &sum);
	sums_get_counts(sums, &counts);
	if (counts.packets != totals.packets || counts.bytes != totals.bytes ||
	    counts.sources != totals.sources ||
	    counts.records[SUMS_V4] + counts.records[SUMS_V6] != records)
		totals.packets = UINT64_MAX; /* equal to nothing */
	return totals;
}

static int compare_sums(const void *a, const void *b)
{
	const struct sum *left = a;
	const struct sum *right = b;
	return sum_key_compare(&left->key, &right->key);
}

/* All sums, sorted. */
struct listing {
	struct sum sums[RECORDS_MAX];
	size_t count;
};

static void list(const struct sums *sums, struct listing *ret_listing)
{
	size_t position = 0;
	memset(ret_listing, 0, sizeof *ret_listing);
	while (ret_listing->count < RECORDS_MAX &&
	       sums_next(sums, &position, &ret_listing->sums[ret_listing->count]))
		ret_listing->count++;
	qsort(ret_listing->sums, ret_listing->count, sizeof ret_listing->sums[0], compare_sums);
}

static bool same_sum(const struct sum *a, const struct sum *b)
{
	return sum_key_compare(&a->key, &b->key) == 0 && a->first_us == b->first_us &&
	       a->last_us == b->last_us && a->packets == b->packets && a->bytes == b->bytes &&
	       a->sources == b->sources && a->tools == b->tools;
}

static bool same_records(const struct sums *a, const struct sums *b)
{
	static struct listing left;
	static struct listing right;
	list(a, &left);
	list(b, &right);
	if (left.count != right.count)
		return false;
	for (size_t i = 0; i < left.count; i++)
		if (!same_sum(&left.sums[i], &right.sums[i]))
			return false;
	return true;
}

/* What is drawn: hosts of so many prefixes, on so many ports. */
struct crowd {
	uint64_t hosts;
	uint64_t ports;
	unsigned v6_percent;
};

static struct sum draw(struct random *random, const struct crowd *crowd)
{
	struct sum one = {
	    .key = {.bits = ADDRESS_BITS,
		.kind = (uint8_t)random_below(random, 2),
		.protocol = random_below(random, 2) == 0 ? 6 : 17,
		.port = (uint16_t)random_below(random, crowd->ports)},
	    .first_us = (int64_t)random_below(random, 1000000),
	    .packets = 1 + random_below(random, 5),
	    .bytes = random_below(random, 5000),
	    .sources = random_below(random, 3),
	    .tools = 1U << random_below(random, TOOL_COUNT),
	};
	one.last_us = one.first_us + (int64_t)random_below(random, 1000000);
	uint64_t host = random_below(random, crowd->hosts);
	one.key.address = address_from_v4_u32((uint32_t)(host * UINT64_C(2654435761)));
	if (random_below(random, 100) < crowd->v6_percent) {
		one.key.address = (struct address){.bytes = {0x20, 0x01}};
		memcpy(one.key.address.bytes + 2, &host, sizeof host);
	}
	return one;
}

static struct sum sum_of(const char *address, uint8_t bits, uint16_t port)
{
	struct sum sum = {
	    .key = {.bits = bits, .kind = SIGHTING_REQUEST, .protocol = 6, .port = port},
	    .first_us = 5,
	    .last_us = 7,
	    .packets = 3,
	    .bytes = 180,
	    .sources = 1,
	    .tools = 1,
	};
	if (address_parse(address, &sum.key.address) != 0)
		abort();
	return sum;
}

static void test_keys(void)
{
	static const struct {
		const char *name;
		const char *address;
		uint8_t bits;
		const char *cut;
		uint8_t cut_bits;
	} rows[] = {
	    {"an IPv4 address goes to its /24", "192.0.2.129", 128, "192.0.2.0", 120},
	    {"the last /24", "255.255.255.255", 128, "255.255.255.0", 120},
	    {"the first", "0.0.0.0", 128, "0.0.0.0", 120},
	    {"a coarser prefix stays", "10.20.0.0", 112, "10.20.0.0", 112},
	    {"bits past it are cut", "10.20.30.40", 112, "10.20.0.0", 112},
	    {"all of IPv4", "10.20.30.40", 96, "0.0.0.0", 96},
	    {"an IPv6 address goes to its /64", "2001:db8:1:2:3:4:5:6", 128, "2001:db8:1:2::", 64},
	    {"a coarser one stays", "2001:db8:1:2:3:4:5:6", 33, "2001:db8::", 33},
	    {"all of IPv6", "ffff::1", 0, "::", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sums *sums = sums_new(SUMS_BYTES_MIN);
		const struct sum one = sum_of(rows[i].address, rows[i].bits, 23);
		struct sum want = sum_of(rows[i].cut, rows[i].cut_bits, 23);
		struct sum got = {0};
		size_t position = 0;
		sums_add(sums, &one);
		OK(sums_next(sums, &position, &got) && same_sum(&got, &want) &&
			!sums_next(sums, &position, &got),
		    rows[i].name);
		sums_free(sums);
	}
}

static void test_adding(void)
{
	struct sums *sums = sums_new(SUMS_BYTES_MIN);
	struct sum got;
	size_t position = 0;
	OK(!sums_next(sums, &position, &got), "there is nothing at first");
	struct sum one = sum_of("192.0.2.1", 128, 23);
	struct sum other = sum_of("192.0.2.2", 128, 23);
	other.first_us = 1;
	other.last_us = 6;
	other.packets = UINT64_MAX - 4;
	other.tools = 4;
	sums_add(sums, &one);
	sums_add(sums, &other);
	position = 0;
	OK(sums_next(sums, &position, &got) && got.first_us == 1 && got.last_us == 7 &&
		got.packets == UINT64_MAX - 1 && got.bytes == 360 && got.sources == 2 &&
		got.tools == 5,
	    "times widen, counts add, marks are or-ed");
	sums_add(sums, &one);
	position = 0;
	OK(sums_next(sums, &position, &got) && got.packets == UINT64_MAX, "counts stop at the end");
	sums_free(sums);
}

/* Each part of the key alone makes another sum. */
static void test_distinct(void)
{
	struct sums *sums = sums_new(SUMS_BYTES_MIN);
	struct sums_counts counts;
	struct sum variations[8];
	for (size_t i = 0; i < 8; i++)
		variations[i] = sum_of("192.0.2.1", 128, 23);
	variations[1].key.port = 24;
	variations[2].key.kind = SIGHTING_REPLY;
	variations[3].key.protocol = 17;
	variations[4].key.variant = VARIANT_FIN;
	variations[5].key.drill = 1;
	variations[6].key.bits = 119;
	variations[7] = sum_of("192.0.3.1", 128, 23);
	for (size_t i = 0; i < 16; i++)
		sums_add(sums, &variations[i % 8]);
	sums_get_counts(sums, &counts);
	OK(counts.records[SUMS_V4] == 8 && counts.additions == 16 && counts.coarsenings == 0,
	    "prefix, length, kind, protocol, port, variant and drill tell sums apart");
	sums_free(sums);
}

/* So many distinct /24, /16, /8, or only ports, in 100 kB, which hold 800 sums of IPv4. */
static void test_levels(void)
{
	static const struct {
		const char *name;
		uint32_t step; /* from one address to the next */
		uint32_t count;
		uint16_t ports;
		uint8_t level;
	} rows[] = {
	    {"500 of /24 find room", 256, 500, 1, 0},
	    {"20,000 of /24 become /16", 256, 20000, 1, 1},
	    {"20,000 of /16 become /8", 65536, 20000, 1, 2},
	    {"256 of /8 on 10 ports become all of IPv4", 65536, 65536, 10, 3},
	    {"on 5,000 ports those become other", 65536, 65536, 5000, 4},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sums *sums = sums_new(SMALL);
		struct sums_counts counts;
		for (uint32_t n = 0; n < rows[i].count; n++) {
			struct sum one = sum_of("0.0.0.0", 128, (uint16_t)(n % rows[i].ports));
			one.key.address = address_from_v4_u32(n * rows[i].step);
			sums_add(sums, &one);
		}
		sums_get_counts(sums, &counts);
		struct totals totals = totals_of(sums);
		OK(counts.level[SUMS_V4] == rows[i].level && counts.level[SUMS_V6] == 0 &&
			totals.packets == 3 * rows[i].count && totals.sources == rows[i].count &&
			(counts.coarsenings > 0) == (rows[i].level > 0) &&
			(counts.sums_united > 0) == (rows[i].level > 0),
		    rows[i].name);
		sums_free(sums);
	}
}

/* The last level: every kind, protocol and variant, in the least room. */
static void test_last_level(void)
{
	struct sums *sums = sums_new(SUMS_BYTES_MIN);
	struct sums_counts counts;
	struct totals want = no_totals;
	for (uint32_t n = 0; n < 256 * VARIANT_COUNT * SIGHTING_KIND_COUNT * 2; n++) {
		struct sum one = sum_of(n % 3 == 0 ? "2001:db8::1" : "192.0.2.1", 128, 0);
		one.key.protocol = (uint8_t)n;
		one.key.variant = (uint8_t)(n / 256 % VARIANT_COUNT);
		one.key.kind = (uint8_t)(n / 256 / VARIANT_COUNT % SIGHTING_KIND_COUNT);
		one.key.drill = (uint8_t)(n / 256 / VARIANT_COUNT / SIGHTING_KIND_COUNT);
		sums_add(sums, &one);
		count_in(&want, &one);
	}
	struct totals got = totals_of(sums);
	sums_get_counts(sums, &counts);
	OK(counts.level[SUMS_V4] == 5 && counts.level[SUMS_V6] == 5 &&
		counts.records[SUMS_V4] == SIGHTING_KIND_COUNT * 2 &&
		counts.records[SUMS_V6] == SIGHTING_KIND_COUNT * 2 && same_totals(&got, &want),
	    "at the last level each kind is left, of drill and earnest");
	sums_free(sums);
}

/* A port that many use keeps its name while thousands of others come once. */
static void test_frequent(void)
{
	struct sums *sums = sums_new(SMALL);
	struct random random;
	random_init(&random, 5);
	for (uint32_t n = 0; n < 300000; n++) {
		uint16_t port = n % 10 == 0 ? 23 : (uint16_t)(1024 + random_below(&random, 60000));
		struct sum one = sum_of("0.0.0.0", 128, port);
		one.key.address = address_from_v4_u32((uint32_t)random_u64(&random));
		sums_add(sums, &one);
	}
	struct sum sum;
	uint64_t telnet = 0;
	uint64_t other = 0;
	for (size_t position = 0; sums_next(sums, &position, &sum);) {
		telnet += sum.key.port == 23 ? sum.sources : 0;
		other += sum.key.port == 0 ? sum.sources : 0;
	}
	printf("# of 30,000 sources on port 23 that port kept %d; %d of all are \"other\"\n",
	    (int)telnet, (int)other);
	OK(telnet >= 29900 && other > 200000, "frequent ports keep their names, rare ones do not");
	sums_free(sums);
}

static void test_families(void)
{
	struct sums *sums = sums_new(SMALL);
	struct sums_counts counts;
	struct random random;
	random_init(&random, 6);
	const struct crowd v6 = {.hosts = UINT64_MAX, .ports = 65536, .v6_percent = 100};
	const struct crowd v4 = {.hosts = 50, .ports = 2, .v6_percent = 0};
	for (int n = 0; n < 20000; n++) {
		const struct sum one = draw(&random, n % 100 == 0 ? &v4 : &v6);
		sums_add(sums, &one);
	}
	sums_get_counts(sums, &counts);
	OK(counts.level[SUMS_V6] >= 4 && counts.level[SUMS_V4] == 0 &&
		counts.records[SUMS_V4] > 100,
	    "a flood of IPv6 leaves the sums of IPv4 as they are");
	sums_free(sums);
}

struct laws {
	bool totals;
	bool bounded;
	bool merged_totals;
	bool merged_records; /* up to level 3 */
	bool ordered;        /* any order of additions gives the same, up to level 3 */
	bool seedless;       /* the same order gives the same at every level */
};

static bool keeps_ports(const struct sums *sums)
{
	struct sums_counts counts;
	sums_get_counts(sums, &counts);
	return counts.level[SUMS_V4] <= 3 && counts.level[SUMS_V6] <= 3;
}

/* Merges the parts in every order and bracketing that three have; each result is *ret_sums. */
static void merge_all_ways(
    struct sums *const parts[static PARTS], size_t budget, struct sums *ret_sums[static 4])
{
	static const size_t orders[3][PARTS] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
	for (size_t i = 0; i < 3; i++) {
		ret_sums[i] = sums_new(budget);
		for (size_t part = 0; part < PARTS; part++)
			sums_merge(ret_sums[i], parts[orders[i][part]]);
	}
	struct sums *pair = sums_new(budget);
	sums_merge(pair, parts[1]);
	sums_merge(pair, parts[2]);
	ret_sums[3] = sums_new(budget);
	sums_merge(ret_sums[3], parts[0]);
	sums_merge(ret_sums[3], pair);
	sums_free(pair);
}

/* `whole` got everything itself; NULL where the parts had less room than it. */
static void try_merges(struct laws *laws, struct sums *const parts[static PARTS],
    const struct sums *whole, const struct totals *want, size_t budget)
{
	enum {
		WAYS = 4
	};
	struct sums *merged[WAYS];
	merge_all_ways(parts, budget, merged);
	for (size_t i = 0; i < WAYS; i++) {
		struct totals got = totals_of(merged[i]);
		laws->merged_totals = laws->merged_totals && same_totals(want, &got);
		laws->bounded = laws->bounded && sums_bytes(merged[i]) <= budget;
		if (!keeps_ports(merged[i]))
			continue;
		laws->merged_records = laws->merged_records && same_records(merged[i], merged[0]) &&
				       (whole == NULL || same_records(merged[i], whole));
	}
	for (size_t i = 0; i < WAYS; i++)
		sums_free(merged[i]);
}

static void try_order(struct laws *laws, const struct sum *drawn, size_t count, size_t budget)
{
	struct sums *forwards = sums_new(budget);
	struct sums *again = sums_new(budget);
	struct sums *backwards = sums_new(budget);
	for (size_t i = 0; i < count; i++) {
		sums_add(forwards, &drawn[i]);
		sums_add(again, &drawn[i]);
		sums_add(backwards, &drawn[count - 1 - i]);
	}
	struct totals one = totals_of(forwards);
	struct totals other = totals_of(backwards);
	laws->totals = laws->totals && same_totals(&one, &other);
	laws->seedless = laws->seedless && same_records(forwards, again);
	if (keeps_ports(forwards))
		laws->ordered = laws->ordered && same_records(forwards, backwards);
	struct sums *merged[2] = {sums_new(budget), sums_new(budget)};
	sums_merge(merged[0], forwards);
	sums_merge(merged[0], backwards);
	sums_merge(merged[1], again);
	sums_merge(merged[1], backwards);
	laws->seedless = laws->seedless && same_records(merged[0], merged[1]);
	sums_free(merged[0]);
	sums_free(merged[1]);
	sums_free(forwards);
	sums_free(again);
	sums_free(backwards);
}

static void try_case(struct laws *laws, struct random *random)
{
	static struct sum drawn[20000];
	static const size_t budgets[] = {SUMS_BYTES_MIN, 20000, SMALL, 300 * KIB};
	static const uint64_t hosts[] = {10, 1000, 100000, UINT64_C(1) << 32};
	static const uint64_t ports[] = {1, 3, 100, 65536};
	const struct crowd crowd = {hosts[random_below(random, 4)], ports[random_below(random, 4)],
	    (unsigned)random_below(random, 101)};
	size_t budget = budgets[random_below(random, 4)];
	size_t count = random_below(random, random_below(random, 3) == 0 ? 200 : 20000);
	bool alike = random_below(random, 2) == 0;
	struct totals want = no_totals;
	struct sums *whole = sums_new(budget);
	struct sums *parts[PARTS];
	for (size_t part = 0; part < PARTS; part++)
		parts[part] = sums_new(alike ? budget : budgets[random_below(random, 4)]);
	for (size_t i = 0; i < count; i++) {
		drawn[i] = draw(random, &crowd);
		count_in(&want, &drawn[i]);
		sums_add(whole, &drawn[i]);
		sums_add(parts[random_below(random, PARTS)], &drawn[i]);
	}
	struct totals got = totals_of(whole);
	laws->totals = laws->totals && same_totals(&want, &got);
	laws->bounded = laws->bounded && sums_bytes(whole) <= budget;
	try_merges(laws, parts, alike ? whole : NULL, &want, budget);
	try_order(laws, drawn, count, budget);
	for (size_t part = 0; part < PARTS; part++)
		sums_free(parts[part]);
	sums_free(whole);
}

static void test_laws(void)
{
	struct laws laws = {true, true, true, true, true, true};
	struct random random;
	random_init(&random, 20260301);
	for (int i = 0; i < CASES; i++)
		try_case(&laws, &random);
	OK(laws.totals, "totals are what was added, whatever the order");
	OK(laws.bounded, "and memory is what was allowed");
	OK(laws.ordered, "while ports have names, no order of additions changes a sum");
	OK(laws.seedless, "the same additions and merges always give the same sums");
	OK(laws.merged_totals, "merged in any order, in any brackets, totals are the same");
	OK(laws.merged_records, "and the sums, while ports have names");
}

static void test_flood(void)
{
	struct sums *sums = sums_new(SMALL);
	struct random random;
	struct totals want = no_totals;
	const struct crowd forged = {UINT64_C(1) << 32, 65536, 10};
	random_init(&random, 8);
	for (int i = 0; i < FLOOD; i++) {
		const struct sum one = draw(&random, &forged);
		count_in(&want, &one);
		sums_add(sums, &one);
	}
	struct sums_counts counts;
	struct totals got = totals_of(sums);
	sums_get_counts(sums, &counts);
	printf("# %d forged sources: %d times room was made\n", FLOOD, (int)counts.coarsenings);
	OK(same_totals(&want, &got), "millions of forged sources: nothing is missing");
	OK(sums_bytes(sums) <= SMALL && counts.additions == FLOOD, "in the memory allowed");
	sums_free(sums);
}

int main(void)
{
	OK(sums_new(SUMS_BYTES_MIN - 1) == NULL, "less than the least is refused");
	sums_free(NULL);
	test_keys();
	test_adding();
	test_distinct();
	test_levels();
	test_last_level();
	test_frequent();
	test_families();
	test_laws();
	test_flood();
	return test_done();
}
