/* What a compact set says is what address_set says, for the same touches. */
#include "observe/target_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "set_help.h"
#include "test.h"

enum {
#if defined(__SANITIZE_ADDRESS__)
	LARGEST = 20000,
	STREAMS = 3,
#else
	LARGEST = 100000,
	STREAMS = 12,
#endif
	SLAB_BYTES = 16 * 1024 * 1024,
	CLASSES = 10,
};

static const int64_t base_us = INT64_C(1772000000) * 1000000;

/* Both sets, and the slabs they take from. */
struct pair {
	struct slab *slab;
	struct slab *address_slab;
	struct target_set set;
	struct address_set want;
};

static void open_pair(struct pair *pair)
{
	*pair = (struct pair){
	    .slab = slab_new(SLAB_BYTES, &slab_sizes_target_set),
	    .address_slab = slab_new(SLAB_BYTES, &slab_sizes_address_set),
	};
	if (pair->slab == NULL || pair->address_slab == NULL)
		abort();
}

static void close_pair(struct pair *pair)
{
	slab_free(pair->slab);
	slab_free(pair->address_slab);
}

/* The n-th target: IPv4, or IPv6 of which every seventh is an IPv4 address. */
static struct address nth_target(uint32_t n, bool v6)
{
	if (!v6 || n % 7 == 6)
		return address_from_v4_u32(0x0a000000 + n);
	struct address address = {.bytes = {0x20, 0x01, 0x0d, 0xb8}};
	memcpy(address.bytes + (n % 2 == 0 ? 4 : 12), &n, sizeof n);
	return address;
}

/* As the set holds it: a grid step's start, though never before the first. */
static int64_t on_grid(int64_t last_us, int64_t first_us)
{
	int64_t step = (last_us - base_us) / TARGET_GRID_US * TARGET_GRID_US + base_us;
	return step < first_us ? first_us : step;
}

static int touch_both(
    struct pair *pair, const struct address *target, uint64_t offset_us, uint32_t flags)
{
	const struct address_touch touch = {
	    .first_us = base_us + (int64_t)offset_us,
	    .last_us = base_us + (int64_t)offset_us,
	    .packets = 1,
	    .flags = flags,
	};
	target_set_prefetch(&pair->set, target);
	target_set_prefetch_item(&pair->set, target);
	int told = address_set_touch(&pair->want, pair->address_slab, target, &touch);
	int got = target_set_touch(&pair->set, pair->slab, target, offset_us, flags);
	/* the sample here is the larger one: what the other knows is known here */
	return told == ADDRESS_UNKNOWN || told == got ? got : INT32_MIN;
}

/* Everything that is reported: the count, the registers, the sampled items. */
static bool says_the_same(struct pair *pair)
{
	struct address_set got = {0};
	target_set_unite_into(&pair->set, base_us, &got, pair->address_slab);
	bool same = got.count == pair->want.count && same_registers(&got, &pair->want) &&
		    got.lost == 0 &&
		    target_set_distinct(&pair->set) == address_set_distinct(&pair->want) &&
		    target_set_is_exact(&pair->set) == address_set_is_exact(&pair->want);
	for (size_t i = 0; i < got.count && same; i++) {
		struct address_item item = pair->want.items[i];
		item.last_us = on_grid(item.last_us, item.first_us);
		same = memcmp(&item, &got.items[i], sizeof item) == 0;
	}
	address_set_clear(&got, pair->address_slab);
	return same;
}

/* A stream of touches, many of them repeated, in random order and at random times. */
static bool try_stream(struct random *random, uint32_t targets, bool v6)
{
	struct pair pair;
	open_pair(&pair);
	bool same = true;
	uint32_t first = 7 * (uint32_t)random_below(random, 1U << 20);
	const struct address begin = nth_target(first, v6); /* it decides the family */
	(void)touch_both(&pair, &begin, 0, 0);
	for (uint32_t n = 0; n < 2 * targets && same; n++) {
		uint32_t number =
		    n < targets && n % 3 > 0 ? n : (uint32_t)random_below(random, targets);
		const struct address target = nth_target(first + number, v6);
		same = touch_both(&pair, &target, random_below(random, 3600U * 1000000U),
			   (uint32_t)random_below(random, 32)) > TARGET_LOST;
		if (n < 2000 && n % 97 == 0)
			same = same && says_the_same(&pair);
	}
	same = same && says_the_same(&pair);
	target_set_clear(&pair.set, pair.slab);
	same = same && pair.set.count == 0 && pair.set.block == NULL;
	close_pair(&pair);
	return same;
}

static void test_streams(struct random *random)
{
	static const struct {
		const char *name;
		uint32_t most;
		bool v6;
	} rows[] = {
	    {"1 to 20 targets of IPv4", 20, false},
	    {"1 to 100", 100, false},
	    {"1 to 300", 300, false},
	    {"1 to 3,000", 3000, false},
	    {"1 to 100,000", LARGEST, false},
	    {"1 to 20 targets of IPv6, some of them of IPv4", 20, true},
	    {"1 to 300 of IPv6", 300, true},
	    {"1 to 100,000 of IPv6", LARGEST, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool same = try_stream(random, rows[i].most, rows[i].v6);
		for (int n = 1; n < STREAMS && same; n++)
			same = try_stream(
			    random, 1 + (uint32_t)random_below(random, rows[i].most), rows[i].v6);
		OK(same, rows[i].name);
	}
}

/* Every count around each change of the block, one past it included. */
static void test_sizes(void)
{
	for (int v6 = 0; v6 <= 1; v6++) {
		struct pair pair;
		open_pair(&pair);
		bool same = true;
		bool ordered = true;
		for (uint32_t n = 0; n <= 600; n++) {
			const struct address target = nth_target(n * 7919, v6 == 1);
			same = same && touch_both(&pair, &target, n, ITEM_DARK) != INT32_MIN &&
			       says_the_same(&pair);
			struct target_item item;
			target_set_get(&pair.set, pair.set.count - 1U, &item);
			ordered = ordered && (n >= TARGET_SET_SAMPLE || item.first_us == n);
		}
		OK(same, v6 == 1 ? "each number of IPv6 targets up to 600"
				 : "each number of IPv4 targets up to 600");
		OK(ordered, "items keep the order of arrival");
		close_pair(&pair);
	}
}

/* All that come have smaller hashes than those before, or larger ones: the sample's worst cases. */
static void test_hash_order(void)
{
	enum {
		COUNT = 3000
	};
	static struct address_item sorted[COUNT];
	struct slab *slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
	for (uint32_t n = 0; n < COUNT; n++) {
		struct address_item item = {.address = nth_target(n, false)};
		item.hash = hash_address(&item.address, HASH_SEED_FIXED);
		size_t at = n;
		for (; at > 0 && sorted[at - 1].hash > item.hash; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = item;
	}
	for (int falling = 0; falling <= 1; falling++) {
		struct pair pair;
		open_pair(&pair);
		bool same = true;
		for (uint32_t n = 0; n < COUNT; n++) {
			const struct address *target =
			    &sorted[falling == 1 ? COUNT - 1 - n : n].address;
			same = same && touch_both(&pair, target, n, 0) != INT32_MIN;
			same = same && touch_both(&pair, target, n + 5, 0) != INT32_MIN;
		}
		OK(same && says_the_same(&pair),
		    falling == 1 ? "hashes that only fall" : "hashes that only rise");
		close_pair(&pair);
	}
	slab_free(slab);
}

static void test_finding(void)
{
	struct pair pair;
	open_pair(&pair);
	const struct address there = nth_target(1, false);
	const struct address other = nth_target(2, false);
	const struct address v6 = nth_target(1, true);
	struct target_item item;
	OK(!target_set_find(&pair.set, &there, &item) && target_set_distinct(&pair.set) == 0 &&
		target_set_is_exact(&pair.set),
	    "in an empty set there is nothing");
	(void)target_set_touch(&pair.set, pair.slab, &there, 100, ITEM_DARK);
	OK(target_set_find(&pair.set, &there, &item) && item.packets == 1 &&
		item.flags == ITEM_DARK && item.first_us == 100 && item.last_us == 100 &&
		address_equal(&item.address, &there),
	    "what was touched is found");
	OK(!target_set_find(&pair.set, &other, &item) && !target_set_find(&pair.set, &v6, &item),
	    "others are not found");
	OK(target_set_touch(&pair.set, pair.slab, &v6, 1, 0) == TARGET_LOST &&
		pair.set.count == 1 && !target_set_is_exact(&pair.set) &&
		target_set_distinct(&pair.set) == 2,
	    "an IPv6 target in a set of IPv4 is lost, and shown");
	close_pair(&pair);
}

static void test_times(void)
{
	enum {
		STEP = TARGET_GRID_US
	};
	static const uint64_t most = TARGET_FIRST_MAX_US;
	static const uint64_t span = ((UINT64_C(1) << 24) - 1) * STEP;
	const struct {
		const char *name;
		uint64_t touches[3];
		uint64_t first_us;
		uint64_t last_us;
	} rows[] = {
	    {"one touch: first and last are the same", {12345, 12345, 12345}, 12345, 12345},
	    {"the same step", {STEP + 1, STEP + 5, STEP + 9}, STEP + 1, STEP + 1},
	    {"the end of a step and the start of the next", {0, STEP - 1, STEP}, 0, STEP},
	    {"a step less a microsecond", {0, 1, STEP - 1}, 0, 0},
	    {"backwards", {5 * STEP + 7, 3 * STEP, 1}, 1, 5 * STEP},
	    {"the middle last", {STEP, 9 * STEP + 2, 4 * STEP}, STEP, 9 * STEP},
	    {"the longest span", {3, 4, span + STEP - 1}, 3, span},
	    {"one past it", {3, 4, span + STEP}, 3, span},
	    {"the longest span, backwards", {span + 2 * STEP, 9 * STEP, 1}, 1, span},
	    {"the latest first touch", {most, most, most}, most, most},
	    {"one past it", {most + 1, most + 1, most + 1}, most, most + 1},
	    {"the latest of all", {UINT64_MAX, UINT64_MAX, UINT64_MAX}, most, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pair pair;
		open_pair(&pair);
		const struct address target = nth_target(1, false);
		struct target_item item = {0};
		for (size_t touch = 0; touch < 3; touch++)
			(void)target_set_touch(
			    &pair.set, pair.slab, &target, rows[i].touches[touch], 0);
		uint64_t last_us = rows[i].last_us == 0 && rows[i].first_us == most
				       ? (most / STEP * STEP) + span
				       : rows[i].last_us;
		OK(target_set_find(&pair.set, &target, &item) &&
			item.first_us == rows[i].first_us && item.last_us == last_us &&
			item.packets == 3,
		    rows[i].name);
		close_pair(&pair);
	}
}

static void test_saturation(void)
{
	struct pair pair;
	open_pair(&pair);
	const struct address target = nth_target(1, false);
	struct target_item item;
	for (uint32_t n = 0; n < TARGET_PACKETS_MAX - 1; n++)
		(void)target_set_touch(&pair.set, pair.slab, &target, 1, 0);
	(void)target_set_touch(&pair.set, pair.slab, &target, 1, TARGET_FLAGS_MAX);
	bool full = target_set_find(&pair.set, &target, &item) &&
		    item.packets == TARGET_PACKETS_MAX && item.flags == TARGET_FLAGS_MAX;
	(void)target_set_touch(&pair.set, pair.slab, &target, 1, 0);
	OK(full && target_set_find(&pair.set, &target, &item) &&
		item.packets == TARGET_PACKETS_MAX && item.flags == TARGET_FLAGS_MAX,
	    "packets stop at their most, all flags fit");
	close_pair(&pair);
}

/* A slab with one block of each class up to this one, and no more. */
static struct slab *slab_up_to(size_t first, size_t classes)
{
	struct slab *slab = slab_new((size_t)1 << 20, &slab_sizes_target_set);
	void *blocks[CLASSES] = {NULL};
	for (size_t class = first; class < first + classes; class ++)
		blocks[class] = slab_take(slab, class);
	for (size_t class = CLASSES; class > 0; class --)
		while (slab_take(slab, class - 1) != NULL)
			;
	for (size_t class = first; class < first + classes; class ++)
		slab_give(slab, class, blocks[class]);
	return slab;
}

/* Used up at each class: what is held stays whole, what is lost is shown and never overstated. */
static void test_exhausted(void)
{
	static const struct {
		const char *name;
		size_t classes;
		uint32_t holds;
	} rows[] = {
	    {"no block at all", 0, 0},
	    {"room for 4", 1, 4},
	    {"room for 16", 2, 16},
	    {"room for 64", 3, 64},
	    {"room for 256, not for a sketch", 4, 256},
	};
	for (size_t row = 0; row < 2 * sizeof rows / sizeof rows[0]; row++) {
		bool v6 = row % 2 == 1;
		uint32_t holds = rows[row / 2].holds;
		struct slab *slab = slab_up_to(v6 ? 5 : 0, rows[row / 2].classes);
		struct address_set united = {0};
		struct slab *address_slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
		struct target_set set = {0};
		bool sound = true;
		for (uint32_t n = 0; n < 3 * (holds + 10); n++) {
			const struct address target = nth_target(n % (holds + 10), v6);
			int told = target_set_touch(&set, slab, &target, n, 0);
			sound = sound && (n % (holds + 10) < holds) == (told != TARGET_LOST);
		}
		uint64_t distinct = target_set_distinct(&set);
		target_set_unite_into(&set, base_us, &united, address_slab);
		OK(sound && set.count == holds && set.lost != 0 && !target_set_is_exact(&set) &&
			distinct > holds && distinct <= holds + 10 &&
			address_set_distinct(&united) == distinct && united.count == holds &&
			!address_set_is_exact(&united),
		    rows[row / 2].name);
		address_set_clear(&united, address_slab);
		target_set_clear(&set, slab);
		slab_free(slab);
		slab_free(address_slab);
	}
}

/* Room that comes back is used; what was lost may be found then. */
static void test_recovered(void)
{
	struct slab *slab = slab_up_to(0, 2);
	void *sixteen = slab_take(slab, 1);
	struct target_set set = {0};
	for (uint32_t n = 0; n < 10; n++) {
		const struct address target = nth_target(n, false);
		(void)target_set_touch(&set, slab, &target, n, 0);
	}
	OK(set.count == 4 && target_set_distinct(&set) > 4, "six found no room");
	slab_give(slab, 1, sixteen);
	for (uint32_t n = 0; n < 10; n++) {
		const struct address target = nth_target(n, false);
		(void)target_set_touch(&set, slab, &target, n, 0);
	}
	OK(set.count == 10 && target_set_distinct(&set) == 10 && !target_set_is_exact(&set),
	    "they come again, find room, and are not counted twice");
	slab_free(slab);
}

/* Into one that holds others: as if all had touched it. */
static void test_uniting(struct random *random)
{
	static const uint32_t counts[][2] = {
	    {3, 3}, {10, 250}, {250, 250}, {256, 1}, {200, 3000}, {3000, 200}, {5000, 5000}};
	bool same = true;
	for (size_t row = 0; row < sizeof counts / sizeof counts[0]; row++) {
		struct pair pair;
		struct target_set other = {0};
		struct address_set united = {0};
		open_pair(&pair);
		for (uint32_t n = 0; n < 2 * counts[row][0]; n++) {
			const struct address target =
			    nth_target((uint32_t)random_below(random, counts[row][0]), false);
			(void)touch_both(&pair, &target, n, n % 32);
		}
		for (uint32_t n = 0; n < 2 * counts[row][1]; n++) {
			const struct address target =
			    nth_target(100 + (uint32_t)random_below(random, counts[row][1]), false);
			const struct address_touch touch = {base_us + n, base_us + n, 1, 0};
			(void)address_set_touch(&pair.want, pair.address_slab, &target, &touch);
			(void)target_set_touch(&other, pair.slab, &target, n, 0);
		}
		target_set_unite_into(&pair.set, base_us, &united, pair.address_slab);
		target_set_unite_into(&other, base_us, &united, pair.address_slab);
		same = same && united.count == pair.want.count &&
		       same_registers(&united, &pair.want) &&
		       address_set_distinct(&united) == address_set_distinct(&pair.want);
		for (size_t i = 0; i < united.count && same; i++)
			same = united.items[i].hash == pair.want.items[i].hash &&
			       united.items[i].packets == pair.want.items[i].packets &&
			       united.items[i].flags == pair.want.items[i].flags;
		close_pair(&pair);
	}
	OK(same, "several sets united are what one would have become");
}

int main(void)
{
	struct random random;
	random_init(&random, 20260302);
	OK(sizeof(struct target_set) <= 16, "an empty set costs 16 bytes");
	test_streams(&random);
	test_sizes();
	test_hash_order();
	test_finding();
	test_times();
	test_saturation();
	test_exhausted();
	test_recovered();
	test_uniting(&random);
	return test_done();
}
