/* Exact while small, the same whatever merged first, and honest about what found no room. */
#include "observe/address_set.h"

#include "base/hash.h"
#include "set_help.h"
#include "test.h"

enum {
	SLAB_BYTES = 64 * 1024 * 1024,
	MERGES = 300,
	PARTS = 4,
};

/* Every size up to the switch and one past it. */
static void test_exact(struct slab *slab)
{
	struct address_set set = {0};
	bool exact = true;
	bool found = true;
	for (uint32_t n = 0; n < ADDRESS_SET_EXACT; n++) {
		exact = exact && touch_at(&set, slab, n, 1000 - n, ITEM_DARK) == ADDRESS_NEW;
		exact = exact && touch_at(&set, slab, n, 2000 + n, ITEM_SILENT) == ITEM_DARK;
		exact = exact && address_set_distinct(&set) == n + 1 && address_set_is_exact(&set);
	}
	OK(exact, "1 to 256 addresses are counted exactly");
	for (uint32_t n = 0; n < ADDRESS_SET_EXACT; n++) {
		const struct address address = nth_address(n);
		const struct address_item *item = address_set_find(&set, &address);
		found = found && item != NULL && address_equal(&item->address, &address) &&
			item->first_us == 1000 - n && item->last_us == 2000 + n &&
			item->packets == 2 && item->flags == (ITEM_DARK | ITEM_SILENT);
	}
	OK(found, "each is found, with its times, packets and flags");
	const struct address other = nth_address(ADDRESS_SET_EXACT);
	OK(address_set_find(&set, &other) == NULL, "another is not");
	(void)touch_at(&set, slab, ADDRESS_SET_EXACT, 1, 0);
	OK(!address_set_is_exact(&set) && set.count == ADDRESS_SET_EXACT,
	    "the 257th turns it into a sketch that keeps 256 items");
	uint64_t distinct = address_set_distinct(&set);
	OK(distinct >= 257 && distinct <= 268, "which counts 257 within its error, never less");
	address_set_clear(&set, slab);
	OK(set.count == 0 && set.registers == NULL && address_set_distinct(&set) == 0,
	    "cleared: empty");
}

/* The items of a sketch are those with the smallest hashes, whatever came first. */
static void test_sample(struct slab *slab)
{
	struct address_set set = {0};
	uint64_t hashes[5000];
	for (uint32_t n = 0; n < 5000; n++) {
		const struct address address = nth_address(n);
		hashes[n] = hash_address(&address, HASH_SEED_FIXED);
		(void)touch_at(&set, slab, n, n, 0);
	}
	size_t smaller = 0;
	for (size_t n = 0; n < 5000; n++)
		smaller += hashes[n] <= set.items[ADDRESS_SET_EXACT - 1].hash;
	bool sorted = true;
	for (size_t i = 1; i < set.count; i++)
		sorted = sorted && set.items[i - 1].hash < set.items[i].hash;
	OK(sorted && smaller == ADDRESS_SET_EXACT, "a sketch samples the smallest hashes, sorted");
	size_t unknown = 0;
	for (uint32_t n = 0; n < 5000; n++)
		unknown += touch_at(&set, slab, n, n, ITEM_DARK) == ADDRESS_UNKNOWN;
	OK(unknown == 5000 - ADDRESS_SET_EXACT, "of what is not sampled nothing is claimed");
	bool whole = true;
	for (size_t i = 0; i < set.count; i++)
		whole = whole && set.items[i].packets == 2;
	OK(whole, "what is sampled has all its packets");
	address_set_clear(&set, slab);
}

/* All parts merged into one, in this order. */
static void merge_in_order(struct address_set *into, struct slab *slab,
    const struct address_set parts[static PARTS], const size_t order[static PARTS])
{
	for (size_t i = 0; i < PARTS; i++)
		address_set_merge(into, slab, &parts[order[i]], NULL, NULL);
}

static bool next_order(size_t order[static PARTS])
{
	size_t i = PARTS - 1;
	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	size_t j = PARTS - 1;
	while (order[j] <= order[i - 1])
		j--;
	size_t swapped = order[i - 1];
	order[i - 1] = order[j];
	order[j] = swapped;
	for (size_t low = i, high = PARTS - 1; low < high; low++, high--) {
		swapped = order[low];
		order[low] = order[high];
		order[high] = swapped;
	}
	return true;
}

struct laws {
	bool commutative;
	bool associative;
	bool idempotent;
	bool as_touched; /* the same as one set that met everything itself */
};

static void try_orders(
    struct slab *slab, const struct address_set parts[static PARTS], struct laws *laws)
{
	size_t order[PARTS] = {0, 1, 2, 3};
	struct address_set first = {0};
	merge_in_order(&first, slab, parts, order);
	while (next_order(order)) {
		struct address_set again = {0};
		merge_in_order(&again, slab, parts, order);
		laws->commutative = laws->commutative && same_sets(&first, &again);
		address_set_clear(&again, slab);
	}
	struct address_set left = {0};
	struct address_set right = {0};
	address_set_merge(&left, slab, &parts[0], NULL, NULL);
	address_set_merge(&left, slab, &parts[1], NULL, NULL);
	address_set_merge(&right, slab, &parts[2], NULL, NULL);
	address_set_merge(&right, slab, &parts[3], NULL, NULL);
	address_set_merge(&right, slab, &left, NULL, NULL);
	laws->associative = laws->associative && same_sets(&first, &right);
	address_set_merge(&right, slab, &first, NULL, NULL);
	laws->idempotent = laws->idempotent && same_but_packets(&first, &right);
	address_set_clear(&left, slab);
	address_set_clear(&right, slab);
	address_set_clear(&first, slab);
}

static void try_parts(struct slab *slab, struct random *random, struct laws *laws)
{
	struct address_set parts[PARTS] = {{0}};
	struct address_set all = {0};
	struct address_set merged = {0};
	for (size_t i = 0; i < PARTS; i++) {
		static const uint32_t most[] = {3, 20, 80, 256, 300, 3000};
		struct touches touches = {.spread = most[random_below(random, 6)]};
		touches.count = random_below(random, touches.spread * 2);
		touches.first = (uint32_t)random_below(random, 200);
		struct random again = *random;
		fill_set(&parts[i], slab, random, &touches);
		fill_set(&all, slab, &again, &touches);
	}
	try_orders(slab, parts, laws);
	merge_in_order(&merged, slab, parts, (const size_t[]){0, 1, 2, 3});
	laws->as_touched = laws->as_touched && same_sets(&merged, &all);
	for (size_t i = 0; i < PARTS; i++)
		address_set_clear(&parts[i], slab);
	address_set_clear(&all, slab);
	address_set_clear(&merged, slab);
}

static void test_merging(struct slab *slab, struct random *random)
{
	struct laws laws = {true, true, true, true};
	for (int i = 0; i < MERGES; i++)
		try_parts(slab, random, &laws);
	OK(laws.commutative, "four sets give the same in each of their 24 orders");
	OK(laws.associative, "and however they are bracketed");
	OK(laws.idempotent, "merging the same again changes nothing but packets");
	OK(laws.as_touched, "merged sets are what one set would have become");
}

struct told {
	size_t items;
	size_t fresh;
	size_t unknown;
	uint32_t flags;
};

static void count_item(void *context, int before, uint32_t after)
{
	struct told *told = context;
	told->items++;
	told->fresh += before == ADDRESS_NEW;
	told->unknown += before == ADDRESS_UNKNOWN;
	told->flags |= after;
}

static void test_telling(struct slab *slab)
{
	struct address_set into = {0};
	struct address_set from = {0};
	struct told told = {0};
	for (uint32_t n = 0; n < 10; n++)
		(void)touch_at(&into, slab, n, 1, ITEM_DARK);
	for (uint32_t n = 5; n < 20; n++)
		(void)touch_at(&from, slab, n, 1, ITEM_SILENT);
	address_set_merge(&into, slab, &from, count_item, &told);
	OK(told.items == 15 && told.fresh == 10 && told.unknown == 0 &&
		told.flags == (ITEM_DARK | ITEM_SILENT),
	    "a merge tells of each item whether it was new, and its flags since");
	for (uint32_t n = 100; n < 3000; n++)
		(void)touch_at(&into, slab, n, 1, 0);
	told = (struct told){0};
	address_set_merge(&into, slab, &from, count_item, &told);
	OK(told.items == 15 && told.unknown > 0 && told.fresh == 0,
	    "into a sketch: of most nothing is known, none is new");
	address_set_clear(&into, slab);
	address_set_clear(&from, slab);
}

static void test_saturation(struct slab *slab)
{
	struct address_set set = {0};
	const struct address address = nth_address(1);
	const struct address_touch many = {5, 5, UINT32_MAX - 1, 0};
	(void)address_set_touch(&set, slab, &address, &many);
	(void)address_set_touch(&set, slab, &address, &many);
	OK(set.items[0].packets == UINT32_MAX, "packets of an item stop at their most");
	address_set_clear(&set, slab);
}

static bool is_sound(const struct address_set *set)
{
	for (size_t i = 1; i < set->count; i++)
		if (set->items[i - 1].hash >= set->items[i].hash)
			return false;
	return set->count <= set->capacity && address_set_distinct(set) >= set->count;
}

/* A slab whose blocks of some classes are all taken, and filled, so that spoiling them shows. */
struct tight {
	struct slab *slab;
	uint8_t *blocks[16384];
	size_t classes[16384];
	size_t count;
};

enum {
	CLASSES = 6,
	TIGHT_BYTES = 1024 * 1024,
	BLOCKS_LEFT = 8,
};

static void take_class(struct tight *tight, size_t class)
{
	void *block;
	while ((block = slab_take(tight->slab, class)) != NULL) {
		memset(block, 0xa5, slab_block_bytes(tight->slab, class));
		tight->classes[tight->count] = class;
		tight->blocks[tight->count++] = block;
	}
}

static bool is_unspoilt(const struct tight *tight)
{
	for (size_t b = 0; b < tight->count; b++)
		for (size_t i = 0; i < slab_block_bytes(tight->slab, tight->classes[b]); i++)
			if (tight->blocks[b][i] != 0xa5)
				return false;
	return true;
}

/* A few blocks of the classes left are given back once all memory is used up. */
static void make_tight(struct tight *tight, unsigned classes_left)
{
	void *left[CLASSES][BLOCKS_LEFT];
	*tight = (struct tight){.slab = slab_new(TIGHT_BYTES, &slab_sizes_address_set)};
	for (size_t class = 0; class < CLASSES; class ++)
		for (size_t i = 0; i < BLOCKS_LEFT; i++)
			left[class][i] = slab_take(tight->slab, class);
	for (size_t class = CLASSES; class > 0; class --)
		take_class(tight, class - 1);
	for (size_t class = 0; class < CLASSES; class ++)
		for (size_t i = 0; i < BLOCKS_LEFT && (classes_left >> class & 1U) != 0; i++)
			slab_give(tight->slab, class, left[class][i]);
}

static void test_exhausted(struct slab *slab, struct random *random)
{
	struct address_set large = {0};
	fill_set(&large, slab, random, &(struct touches){3000, 50, 3000});
	bool sound = true;
	bool unspoilt = true;
	bool lost_shown = true;
	for (unsigned left = 0; left < 1U << CLASSES; left++) {
		struct tight tight;
		struct address_set set = {0};
		make_tight(&tight, left);
		fill_set(&set, tight.slab, random, &(struct touches){200, 0, 90});
		sound = sound && is_sound(&set);
		address_set_merge(&set, tight.slab, &large, NULL, NULL);
		sound = sound && is_sound(&set);
		fill_set(&set, tight.slab, random, &(struct touches){3000, 0, 3000});
		sound = sound && is_sound(&set);
		unspoilt = unspoilt && is_unspoilt(&tight);
		bool had_all = left == (1U << CLASSES) - 1;
		/* a larger block may be cut for a smaller one that is wanted */
		lost_shown = lost_shown && (set.lost == 0 || !had_all) &&
			     (set.lost > 0 || set.registers != NULL);
		address_set_clear(&set, tight.slab);
		slab_free(tight.slab);
	}
	OK(sound, "whatever blocks are used up, items stay sorted and within their room");
	OK(unspoilt, "and no other block is written to");
	OK(lost_shown, "what found no room is shown as lost");
	address_set_clear(&large, slab);
}

/* A slab that has room for one block of 4 addresses, and no more. */
static struct slab *slab_of_four(void)
{
	struct slab *slab = slab_new(TIGHT_BYTES, &slab_sizes_address_set);
	void *one = slab_take(slab, 0);
	void *four = slab_take(slab, 1);
	for (size_t class = CLASSES; class > 0; class --)
		while (slab_take(slab, class - 1) != NULL)
			;
	slab_give(slab, 0, one);
	slab_give(slab, 1, four);
	return slab;
}

/* `lost` counts addresses, not touches, and never too many. */
static void test_lost(void)
{
	static const struct {
		const char *name;
		uint32_t addresses;
		uint32_t rounds;
		uint32_t lost_min;
	} rows[] = {
	    {"four find room: none is lost", 4, 10, 0},
	    {"a fifth is lost, however often it comes", 5, 1000, 1},
	    {"six: two are lost", 6, 1000, 1},
	    {"a hundred: at least twenty are known to be missing", 100, 3, 20},
	    {"a hundred thousand: at least 31", 100000, 1, 31},
	};
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		struct slab *slab = slab_of_four();
		struct address_set set = {0};
		for (uint32_t i = 0; i < rows[r].rounds; i++)
			for (uint32_t n = 0; n < rows[r].addresses; n++)
				(void)touch_at(&set, slab, n, 1, 0);
		uint32_t missing = rows[r].addresses - set.count;
		uint32_t lost = address_set_lost(&set);
		OK(set.count == 4 && lost >= rows[r].lost_min && lost <= missing &&
			address_set_is_exact(&set) == (missing == 0) &&
			address_set_distinct(&set) == 4U + lost,
		    rows[r].name);
		slab_free(slab);
	}
}

/* Lost in one set, an item in the other, or lost in both: never counted twice. */
static void test_lost_merged(struct slab *slab)
{
	bool bounded = true;
	bool idempotent = true;
	bool shown = true;
	for (uint32_t first = 0; first < 2000; first += 10) {
		struct slab *small = slab_of_four();
		struct address_set part = {0};
		struct address_set whole = {0};
		for (uint32_t n = first; n < first + 8; n++) {
			(void)touch_at(&part, small, n, 1, 0);
			if (n >= first + 2)
				(void)touch_at(&whole, slab, n, 1, 0);
		}
		address_set_merge(&whole, slab, &part, NULL, NULL);
		uint64_t once = address_set_distinct(&whole);
		bounded = bounded && once == 8;
		shown = shown && whole.lost != 0 && !address_set_is_exact(&whole);
		address_set_merge(&whole, slab, &part, NULL, NULL);
		idempotent = idempotent && address_set_distinct(&whole) == once;
		address_set_clear(&whole, slab);
		slab_free(small);
	}
	OK(bounded, "what one set lost and the other holds is counted once");
	OK(shown, "a union with a set that lost addresses is not exact");
	OK(idempotent, "and says the same when united again");
}

int main(void)
{
	struct random random;
	random_init(&random, 20260215);
	struct slab *slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
	test_exact(slab);
	test_sample(slab);
	test_merging(slab, &random);
	test_telling(slab);
	test_saturation(slab);
	test_exhausted(slab, &random);
	test_lost();
	test_lost_merged(slab);
	slab_free(slab);
	return test_done();
}
