#include "observe/target_set.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "observe/order.h"

/* A block holds so many items, behind an index of so many slots. */
enum {
	SHAPE_4,
	SHAPE_16,
	SHAPE_64,
	SHAPE_256,
	SHAPE_SKETCH,
	SHAPE_COUNT,

	SLOTS_64 = 2 * 64,
	SLOTS_256 = 2 * TARGET_SET_EXACT,
	SLOTS_SKETCH = 2 * TARGET_SET_SAMPLE,
};

/* Bits of a slot: the item's number + 1 (0: no item), and a tag that spares most looks at items. */
enum {
	SLOT_NUMBER_BITS = 10,
	SLOT_NUMBER_MASK = (1 << SLOT_NUMBER_BITS) - 1,
	TAG_BITS = 16 - SLOT_NUMBER_BITS,
};

enum {
	SPAN_BITS = 24,
	SPAN_MAX = (1 << SPAN_BITS) - 1,
	FLAG_BITS = 8,
};

static_assert(TARGET_SET_SAMPLE < 1 << SLOT_NUMBER_BITS, "a slot can name every item");

/* An IPv4 item, and how an IPv6 item begins. */
struct item {
	uint64_t times;   /* first touch << SPAN_BITS | grid steps from it to the last */
	uint32_t packets; /* << FLAG_BITS | flags */
	uint32_t low;     /* the IPv4 address; of IPv6 32 bits of its mix */
};

struct item_v6 {
	struct item item;
	struct address address;
};

/* The items of a sketch are the targets not above the bound, by hash and then by address. */
struct sketch {
	uint64_t bound;
	struct address bound_address;
	uint8_t unused[40];
	uint16_t slots[SLOTS_SKETCH];
	uint8_t registers[ADDRESS_SET_REGISTERS];
};

static_assert(sizeof(struct item) == 16 && sizeof(struct item_v6) == 32, "four or two a line");
static_assert(offsetof(struct sketch, slots) == 64, "what every touch reads is one line");

static const struct shape {
	uint16_t capacity;
	uint16_t slot_count; /* 0: searched from end to end */
	uint16_t slots_at;
	uint16_t items_at;
} shapes[SHAPE_COUNT] = {
    [SHAPE_4] = {4, 0, 0, 0},
    [SHAPE_16] = {16, 0, 0, 0},
    [SHAPE_64] = {64, SLOTS_64, 0, SLOTS_64 * sizeof(uint16_t)},
    [SHAPE_256] = {TARGET_SET_EXACT, SLOTS_256, 0, SLOTS_256 * sizeof(uint16_t)},
    [SHAPE_SKETCH] = {TARGET_SET_SAMPLE, SLOTS_SKETCH, offsetof(struct sketch, slots),
	sizeof(struct sketch)},
};

/* A class of the slab is a shape, or SHAPE_COUNT + a shape of IPv6. */
const struct slab_sizes slab_sizes_target_set = {
    .count = 2 * SHAPE_COUNT,
    .bytes =
	{
	    4 * sizeof(struct item),
	    16 * sizeof(struct item),
	    SLOTS_64 * sizeof(uint16_t) + 64 * sizeof(struct item),
	    SLOTS_256 * sizeof(uint16_t) + TARGET_SET_EXACT * sizeof(struct item),
	    sizeof(struct sketch) + TARGET_SET_SAMPLE * sizeof(struct item),
	    4 * sizeof(struct item_v6),
	    16 * sizeof(struct item_v6),
	    SLOTS_64 * sizeof(uint16_t) + 64 * sizeof(struct item_v6),
	    SLOTS_256 * sizeof(uint16_t) + TARGET_SET_EXACT * sizeof(struct item_v6),
	    sizeof(struct sketch) + TARGET_SET_SAMPLE * sizeof(struct item_v6),
	},
};

/* A target as it is looked for. */
struct probe {
	const struct address *address;
	uint64_t mix; /* says the slot and the tag */
	uint32_t low;
	bool fits; /* not IPv6 in a set of IPv4 */
};

static bool is_v6(const struct target_set *set)
{
	return set->class >= SHAPE_COUNT;
}

static const struct shape *shape_of(const struct target_set *set)
{
	return &shapes[set->class % SHAPE_COUNT];
}

static size_t stride_of(const struct target_set *set)
{
	return is_v6(set) ? sizeof(struct item_v6) : sizeof(struct item);
}

static struct item *item_at(const struct target_set *set, size_t number)
{
	uint8_t *items = (uint8_t *)set->block + shape_of(set)->items_at;
	return (struct item *)(void *)(items + number * stride_of(set));
}

static uint16_t *slots_of(const struct target_set *set)
{
	return (uint16_t *)(void *)((uint8_t *)set->block + shape_of(set)->slots_at);
}

static struct sketch *sketch_of(const struct target_set *set)
{
	assert(set->is_sketch);
	return set->block;
}

/* Fibonacci hashing (Knuth 1973, section 6.4): rows of addresses spread evenly. */
static uint64_t mix_of(uint64_t word)
{
	return word * UINT64_C(0x9e3779b97f4a7c15);
}

static struct probe probe_of(const struct target_set *set, const struct address *address)
{
	if (!is_v6(set)) {
		uint32_t low = address_low32(address);
		return (struct probe){address, mix_of(low), low, address_is_v4(address)};
	}
	uint64_t words[2];
	memcpy(words, address->bytes, sizeof words);
	uint64_t mix = mix_of(mix_of(words[0]) ^ words[1]);
	mix = mix_of(mix ^ mix >> 32);
	return (struct probe){address, mix, (uint32_t)mix, true};
}

static struct address address_of(const struct target_set *set, const struct item *item)
{
	if (!is_v6(set))
		return address_from_v4_u32(item->low);
	const struct item_v6 *item_v6 = (const struct item_v6 *)(const void *)item;
	return item_v6->address;
}

static bool is_item(
    const struct target_set *set, const struct item *item, const struct probe *probe)
{
	if (item->low != probe->low)
		return false;
	if (!is_v6(set))
		return true;
	const struct item_v6 *item_v6 = (const struct item_v6 *)(const void *)item;
	return address_equal(&item_v6->address, probe->address);
}

static size_t home_of(uint64_t mix, size_t slot_count)
{
	return (size_t)(mix >> 48) * slot_count >> 16;
}

static uint16_t tag_of(uint64_t mix)
{
	return (uint16_t)((mix >> 32 & ((1 << TAG_BITS) - 1)) << SLOT_NUMBER_BITS);
}

/* NULL when it is no item. */
static struct item *find_indexed(const struct target_set *set, const struct probe *probe)
{
	const uint16_t *slots = slots_of(set);
	size_t mask = shape_of(set)->slot_count - 1U;
	uint16_t tag = tag_of(probe->mix);
	for (size_t at = home_of(probe->mix, mask + 1); slots[at] != 0; at = (at + 1) & mask) {
		if ((slots[at] & ~SLOT_NUMBER_MASK) != tag)
			continue;
		struct item *item = item_at(set, (slots[at] & SLOT_NUMBER_MASK) - 1U);
		if (is_item(set, item, probe))
			return item;
	}
	return NULL;
}

/* Of the items from `at` on, four at most, those that may be the one: a bit each. */
static unsigned match_four(const struct target_set *set, size_t at, uint32_t low)
{
	const uint8_t *items = (const uint8_t *)set->block + at * stride_of(set);
	unsigned matches = 0;
	for (unsigned i = 0; i < 4; i++) {
		const struct item *item =
		    (const struct item *)(const void *)(items + i * stride_of(set));
		matches |= (unsigned)(item->low == low) << i;
	}
	size_t there = set->count - at;
	return there < 4 ? matches & ((1U << there) - 1) : matches;
}

/* Without a branch for each item: which of them it is nobody can predict. */
static struct item *find_in_row(const struct target_set *set, const struct probe *probe)
{
	for (size_t at = 0; at < set->count; at += 4) {
		unsigned matches = match_four(set, at, probe->low);
		for (; matches != 0; matches &= matches - 1) {
			struct item *item = item_at(set, at + (size_t)__builtin_ctz(matches));
			if (is_item(set, item, probe))
				return item;
		}
	}
	return NULL;
}

static struct item *find_item(const struct target_set *set, const struct probe *probe)
{
	return shape_of(set)->slot_count > 0 ? find_indexed(set, probe) : find_in_row(set, probe);
}

static void add_to_index(struct target_set *set, uint64_t mix, size_t number)
{
	uint16_t *slots = slots_of(set);
	size_t mask = shape_of(set)->slot_count - 1U;
	size_t at = home_of(mix, mask + 1);
	while (slots[at] != 0)
		at = (at + 1) & mask;
	slots[at] = (uint16_t)(tag_of(mix) | (number + 1));
}

static void index_all(struct target_set *set)
{
	size_t slot_count = shape_of(set)->slot_count;
	if (slot_count == 0)
		return;
	memset(slots_of(set), 0, slot_count * sizeof(uint16_t));
	for (size_t i = 0; i < set->count; i++) {
		const struct address address = address_of(set, item_at(set, i));
		add_to_index(set, probe_of(set, &address).mix, i);
	}
}

static uint64_t span_of(uint64_t first_us, uint64_t last_step)
{
	uint64_t span = last_step - (first_us >> TARGET_GRID_BITS);
	return span > SPAN_MAX ? SPAN_MAX : span;
}

static uint64_t times_of(uint64_t offset_us)
{
	uint64_t first_us = offset_us > TARGET_FIRST_MAX_US ? TARGET_FIRST_MAX_US : offset_us;
	return first_us << SPAN_BITS | span_of(first_us, offset_us >> TARGET_GRID_BITS);
}

/* One more packet; returns the flags there were. */
static int note_packet(struct item *item, uint64_t offset_us, uint32_t flags)
{
	uint64_t first_us = item->times >> SPAN_BITS;
	uint64_t last_step = (first_us >> TARGET_GRID_BITS) + (item->times & SPAN_MAX);
	uint64_t step = offset_us >> TARGET_GRID_BITS;
	if (offset_us < first_us)
		first_us = offset_us;
	if (step > last_step)
		last_step = step;
	item->times = first_us << SPAN_BITS | span_of(first_us, last_step);

	uint32_t before = item->packets & TARGET_FLAGS_MAX;
	uint32_t packets = item->packets >> FLAG_BITS;
	if (packets < TARGET_PACKETS_MAX)
		packets++;
	item->packets = packets << FLAG_BITS | before | flags;
	return (int)before;
}

static void append(
    struct target_set *set, const struct probe *probe, uint64_t offset_us, uint32_t flags)
{
	struct item *item = item_at(set, set->count);
	item->times = times_of(offset_us);
	item->packets = 1U << FLAG_BITS | flags;
	item->low = probe->low;
	if (is_v6(set)) {
		struct item_v6 *item_v6 = (struct item_v6 *)(void *)item;
		item_v6->address = *probe->address;
	}
	if (shape_of(set)->slot_count > 0)
		add_to_index(set, probe->mix, set->count);
	set->count++;
}

static void count_items(const struct target_set *set, uint8_t *registers)
{
	memset(registers, 0, ADDRESS_SET_REGISTERS);
	for (size_t i = 0; i < set->count; i++) {
		const struct address address = address_of(set, item_at(set, i));
		address_set_count_hash(registers, hash_address(&address, HASH_SEED_FIXED));
	}
}

/* Into the next larger block of the family; false when memory is out. */
static bool grow(struct target_set *set, struct slab *slab)
{
	assert(!set->is_sketch);
	struct target_set grown = *set;
	grown.class = (uint8_t)(set->class + 1);
	grown.block = slab_take(slab, grown.class);
	if (grown.block == NULL)
		return false;
	memcpy(item_at(&grown, 0), item_at(set, 0), set->count * stride_of(set));
	index_all(&grown);
	if (grown.class % SHAPE_COUNT == SHAPE_SKETCH) {
		grown.is_sketch = true;
		grown.lost &= ADDRESS_LOST_SOME; /* if they come again, the registers count them */
		struct sketch *sketch = sketch_of(&grown);
		sketch->bound = UINT64_MAX;
		memset(&sketch->bound_address, UINT8_MAX, sizeof sketch->bound_address);
		count_items(set, sketch->registers);
	}
	slab_give(slab, set->class, set->block);
	*set = grown;
	return true;
}

static bool begin(struct target_set *set, struct slab *slab, const struct address *target)
{
	uint8_t class = address_is_v4(target) ? SHAPE_4 : SHAPE_COUNT + SHAPE_4;
	void *block = slab_take(slab, class);
	if (block == NULL)
		return false;
	set->block = block;
	set->class = class;
	return true;
}

static int lose(struct target_set *set, const struct address *target)
{
	set->lost |= ADDRESS_LOST_SOME;
	if (!set->is_sketch)
		set->lost |= address_lost_bit(hash_address(target, HASH_SEED_FIXED));
	return TARGET_LOST;
}

/* Items by hash, then by address. */
struct by_hash {
	const struct target_set *set;
	uint64_t hashes[TARGET_SET_SAMPLE];
	uint32_t numbers[TARGET_SET_SAMPLE];
};

static bool is_below(const void *context, uint32_t a, uint32_t b)
{
	const struct by_hash *items = context;
	if (items->hashes[a] != items->hashes[b])
		return items->hashes[a] < items->hashes[b];
	const struct address left = address_of(items->set, item_at(items->set, a));
	const struct address right = address_of(items->set, item_at(items->set, b));
	return address_compare(&left, &right) < 0;
}

static void sort_items(const struct target_set *set, struct by_hash *items)
{
	items->set = set;
	for (size_t i = 0; i < set->count; i++) {
		const struct address address = address_of(set, item_at(set, i));
		items->hashes[i] = hash_address(&address, HASH_SEED_FIXED);
		items->numbers[i] = (uint32_t)i;
	}
	order_sort(items->numbers, set->count, is_below, items);
}

/* The smaller half of the items stays, in order of arrival; its largest is the new bound. */
static void prune(struct target_set *set)
{
	struct by_hash items;
	bool stays[TARGET_SET_SAMPLE] = {false};
	struct sketch *sketch = sketch_of(set);
	sort_items(set, &items);
	for (size_t i = 0; i < TARGET_SET_EXACT; i++)
		stays[items.numbers[i]] = true;
	uint32_t last = items.numbers[TARGET_SET_EXACT - 1];
	sketch->bound = items.hashes[last];
	sketch->bound_address = address_of(set, item_at(set, last));

	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++)
		if (stays[i])
			memmove(item_at(set, kept++), item_at(set, i), stride_of(set));
	set->count = (uint16_t)kept;
	index_all(set);
}

static bool is_above_bound(const struct sketch *sketch, uint64_t hash, const struct address *target)
{
	return hash > sketch->bound ||
	       (hash == sketch->bound && address_compare(target, &sketch->bound_address) > 0);
}

static int touch_sketch(
    struct target_set *set, const struct address *target, uint64_t offset_us, uint32_t flags)
{
	struct sketch *sketch = sketch_of(set);
	uint64_t hash = hash_address(target, HASH_SEED_FIXED);
	const struct probe probe = probe_of(set, target);
	if (!probe.fits)
		return lose(set, target);
	address_set_count_hash(sketch->registers, hash);
	if (is_above_bound(sketch, hash, target))
		return TARGET_UNKNOWN;
	struct item *item = find_indexed(set, &probe);
	if (item != NULL)
		return note_packet(item, offset_us, flags);
	if (set->count == TARGET_SET_SAMPLE)
		prune(set);
	if (is_above_bound(sketch, hash, target))
		return TARGET_UNKNOWN;
	append(set, &probe, offset_us, flags);
	return TARGET_NEW;
}

int target_set_touch(struct target_set *set, struct slab *slab, const struct address *target,
    uint64_t offset_us, uint32_t flags)
{
	assert(flags <= TARGET_FLAGS_MAX);
	if (set->is_sketch)
		return touch_sketch(set, target, offset_us, flags);
	if (set->block == NULL && !begin(set, slab, target))
		return lose(set, target);
	const struct probe probe = probe_of(set, target);
	if (!probe.fits)
		return lose(set, target);
	struct item *item = find_item(set, &probe);
	if (item != NULL)
		return note_packet(item, offset_us, flags);
	if (set->count == shape_of(set)->capacity && !grow(set, slab))
		return lose(set, target);
	if (set->is_sketch)
		return touch_sketch(set, target, offset_us, flags);
	if (set->lost != 0) /* it may be the very one that was lost */
		set->lost &= ~address_lost_bit(hash_address(target, HASH_SEED_FIXED));
	append(set, &probe, offset_us, flags);
	return TARGET_NEW;
}

void target_set_clear(struct target_set *set, struct slab *slab)
{
	slab_give(slab, set->class, set->block);
	*set = (struct target_set){0};
}

static struct item *find_target(const struct target_set *set, const struct address *target)
{
	if (set->block == NULL)
		return NULL;
	const struct probe probe = probe_of(set, target);
	return probe.fits ? find_item(set, &probe) : NULL;
}

static struct target_item open_item(const struct target_set *set, const struct item *item)
{
	uint64_t first_us = item->times >> SPAN_BITS;
	uint64_t last_us = ((first_us >> TARGET_GRID_BITS) + (item->times & SPAN_MAX))
			   << TARGET_GRID_BITS;
	return (struct target_item){
	    .address = address_of(set, item),
	    .first_us = first_us,
	    .last_us = last_us < first_us ? first_us : last_us,
	    .packets = item->packets >> FLAG_BITS,
	    .flags = item->packets & TARGET_FLAGS_MAX,
	};
}

bool target_set_find(
    const struct target_set *set, const struct address *target, struct target_item *ret_item)
{
	const struct item *item = find_target(set, target);
	if (item == NULL)
		return false;
	*ret_item = open_item(set, item);
	return true;
}

void target_set_get(const struct target_set *set, size_t at, struct target_item *ret_item)
{
	assert(at < set->count);
	*ret_item = open_item(set, item_at(set, at));
}

void target_set_prefetch(const struct target_set *set, const struct address *target)
{
	enum {
		LINE_BYTES = 64
	};
	if (set->block == NULL)
		return;
	const struct shape *shape = shape_of(set);
	if (set->is_sketch) {
		uint64_t hash = hash_address(target, HASH_SEED_FIXED);
		const struct sketch *sketch = sketch_of(set);
		__builtin_prefetch(sketch, 0);
		__builtin_prefetch(&sketch->registers[hash >> (64 - ADDRESS_SET_BITS)], 1);
	} else if (shape->slot_count > 0) {
		uint64_t mix = probe_of(set, target).mix;
		__builtin_prefetch(&slots_of(set)[home_of(mix, shape->slot_count)], 1);
		__builtin_prefetch(item_at(set, set->count), 1);
	} else {
		for (size_t at = 0; at < set->count * stride_of(set); at += LINE_BYTES)
			__builtin_prefetch((const uint8_t *)set->block + at, 1);
	}
}

void target_set_prefetch_item(const struct target_set *set, const struct address *target)
{
	const struct shape *shape = shape_of(set);
	if (set->block == NULL || set->is_sketch || shape->slot_count == 0)
		return;
	const struct probe probe = probe_of(set, target);
	uint16_t slot = slots_of(set)[home_of(probe.mix, shape->slot_count)];
	if ((slot & ~SLOT_NUMBER_MASK) == tag_of(probe.mix) && slot != 0)
		__builtin_prefetch(item_at(set, (slot & SLOT_NUMBER_MASK) - 1U), 1);
}

/* What address_set.c asks of a set: the sketch's registers, or how many items there are. */
static struct address_set view_of(const struct target_set *set)
{
	size_t count = set->count < TARGET_SET_EXACT ? set->count : TARGET_SET_EXACT;
	return (struct address_set){
	    .registers = set->is_sketch ? sketch_of(set)->registers : NULL,
	    .count = (uint16_t)count,
	    .capacity = TARGET_SET_EXACT,
	    .lost = set->lost,
	};
}

uint64_t target_set_distinct(const struct target_set *set)
{
	const struct address_set view = view_of(set);
	return address_set_distinct(&view);
}

void target_set_unite_into(
    const struct target_set *set, int64_t base_us, struct address_set *into, struct slab *into_slab)
{
	struct by_hash sorted;
	struct address_item items[TARGET_SET_EXACT];
	struct address_set view = view_of(set);
	sort_items(set, &sorted);
	for (size_t i = 0; i < view.count; i++) {
		const struct target_item item = open_item(set, item_at(set, sorted.numbers[i]));
		items[i] = (struct address_item){
		    .hash = sorted.hashes[sorted.numbers[i]],
		    .address = item.address,
		    .first_us = base_us + (int64_t)item.first_us,
		    .last_us = base_us + (int64_t)item.last_us,
		    .packets = item.packets,
		    .flags = item.flags,
		};
	}
	view.items = items;
	address_set_merge(into, into_slab, &view, NULL, NULL);
}
