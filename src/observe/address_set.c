#include "observe/address_set.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "observe/slab.h"

/* Classes of the slab. */
enum {
	ITEMS_1,
	ITEMS_4,
	ITEMS_16,
	ITEMS_64,
	ITEMS_256,
	REGISTERS,
	CLASS_COUNT,
};

static const uint16_t capacities[] = {
    [ITEMS_1] = 1,
    [ITEMS_4] = 4,
    [ITEMS_16] = 16,
    [ITEMS_64] = 64,
    [ITEMS_256] = ADDRESS_SET_EXACT,
};

enum {
	SIZE_COUNT = sizeof capacities / sizeof capacities[0],
};

const struct slab_sizes slab_sizes_address_set = {
    .count = CLASS_COUNT,
    .bytes =
	{
	    [ITEMS_1] = 1 * sizeof(struct address_item),
	    [ITEMS_4] = 4 * sizeof(struct address_item),
	    [ITEMS_16] = 16 * sizeof(struct address_item),
	    [ITEMS_64] = 64 * sizeof(struct address_item),
	    [ITEMS_256] = ADDRESS_SET_EXACT * sizeof(struct address_item),
	    [REGISTERS] = ADDRESS_SET_REGISTERS,
	},
};

static size_t class_of(uint16_t capacity)
{
	size_t i = 0;
	while (i < SIZE_COUNT && capacities[i] != capacity)
		i++;
	assert(i < SIZE_COUNT);
	return i;
}

void address_set_clear(struct address_set *set, struct slab *slab)
{
	if (set->items != NULL)
		slab_give(slab, class_of(set->capacity), set->items);
	slab_give(slab, REGISTERS, set->registers);
	*set = (struct address_set){0};
}

/* The first item whose hash is not below `hash`. */
static size_t lower_bound(const struct address_set *set, uint64_t hash)
{
	size_t low = 0;
	size_t high = set->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (set->items[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int compare_items(const struct address_item *a, const struct address_item *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return address_compare(&a->address, &b->address);
}

/* The place of the address, or where it belongs; two addresses of one hash stand side by side. */
static size_t locate(
    const struct address_set *set, uint64_t hash, const struct address *address, bool *ret_found)
{
	size_t at = lower_bound(set, hash);
	*ret_found = false;
	for (; at < set->count && set->items[at].hash == hash; at++) {
		int order = address_compare(&set->items[at].address, address);
		if (order >= 0) {
			*ret_found = order == 0;
			break;
		}
	}
	return at;
}

static bool grow(struct address_set *set, struct slab *slab)
{
	size_t next = 0;
	while (next < SIZE_COUNT && capacities[next] <= set->capacity)
		next++;
	assert(next < SIZE_COUNT);
	struct address_item *items = slab_take(slab, next);
	if (items == NULL)
		return false;
	if (set->items != NULL) {
		memcpy(items, set->items, set->count * sizeof *items);
		slab_give(slab, class_of(set->capacity), set->items);
	}
	set->items = items;
	set->capacity = capacities[next];
	return true;
}

static bool become_sketch(struct address_set *set, struct slab *slab)
{
	uint8_t *registers = slab_take(slab, REGISTERS);
	if (registers == NULL)
		return false;
	memset(registers, 0, ADDRESS_SET_REGISTERS);
	for (size_t i = 0; i < set->count; i++)
		address_set_count_hash(registers, set->items[i].hash);
	set->registers = registers;
	set->lost &= ADDRESS_LOST_SOME; /* if they come again, the registers count them */
	return true;
}

static void widen(struct address_item *item, const struct address_touch *touch)
{
	if (touch->first_us < item->first_us)
		item->first_us = touch->first_us;
	if (touch->last_us > item->last_us)
		item->last_us = touch->last_us;
	item->packets = item->packets > UINT32_MAX - touch->packets
			    ? UINT32_MAX
			    : item->packets + touch->packets;
	item->flags |= touch->flags;
}

/* Makes room for one more item, or the sketch that counts it; false when memory is out. */
static bool make_room(struct address_set *set, struct slab *slab, uint64_t hash)
{
	if (set->count < set->capacity)
		return true;
	if (set->capacity < ADDRESS_SET_EXACT)
		return grow(set, slab) || set->registers != NULL;
	if (set->registers != NULL)
		return true;
	if (!become_sketch(set, slab))
		return false;
	address_set_count_hash(set->registers, hash);
	return true;
}

static int touch_hashed(struct address_set *set, struct slab *slab, uint64_t hash,
    const struct address *address, const struct address_touch *touch)
{
	if (set->registers != NULL)
		address_set_count_hash(set->registers, hash);
	/* the usual case of a sketch, without a search: it is not of the sample */
	if (set->registers != NULL && set->count == set->capacity && set->count > 0 &&
	    hash > set->items[set->count - 1].hash) {
		set->lost &= ~address_lost_bit(hash);
		return ADDRESS_UNKNOWN;
	}
	bool found;
	size_t at = locate(set, hash, address, &found);
	if (found) {
		int before = (int)set->items[at].flags;
		widen(&set->items[at], touch);
		return before;
	}
	/* a sample ends with its last item: of what comes after it nothing was kept before */
	if (set->registers != NULL && at == set->count)
		return ADDRESS_UNKNOWN;
	if (!make_room(set, slab, hash)) {
		set->lost |= ADDRESS_LOST_SOME | address_lost_bit(hash);
		return ADDRESS_UNKNOWN;
	}
	set->lost &= ~address_lost_bit(hash); /* it may be the very one that was lost */
	if (at == set->capacity)
		return ADDRESS_UNKNOWN; /* counted, but not of the sample */
	if (set->count == set->capacity)
		set->count--; /* the largest hash leaves the sample */
	memmove(&set->items[at + 1], &set->items[at], (set->count - at) * sizeof *set->items);
	set->items[at] = (struct address_item){
	    .hash = hash,
	    .address = *address,
	    .first_us = touch->first_us,
	    .last_us = touch->last_us,
	    .packets = touch->packets,
	    .flags = touch->flags,
	};
	set->count++;
	return ADDRESS_NEW;
}

int address_set_touch(struct address_set *set, struct slab *slab, const struct address *address,
    const struct address_touch *touch)
{
	return touch_hashed(set, slab, hash_address(address, HASH_SEED_FIXED), address, touch);
}

struct address_item *address_set_find(const struct address_set *set, const struct address *address)
{
	bool found;
	size_t at = locate(set, hash_address(address, HASH_SEED_FIXED), address, &found);
	return found ? &set->items[at] : NULL;
}

static void merge_registers(
    struct address_set *into, struct slab *slab, const struct address_set *from)
{
	if (from->registers == NULL)
		return;
	if (into->registers == NULL && !become_sketch(into, slab)) {
		into->lost |= ADDRESS_LOST_SOME;
		return;
	}
	for (size_t i = 0; i < ADDRESS_SET_REGISTERS; i++)
		if (into->registers[i] < from->registers[i])
			into->registers[i] = from->registers[i];
}

/*
 * For want of memory a sketch may have a smaller sample. Beyond its end it counts addresses without
 * knowing what was known of them, so the sample of a union ends there as well.
 */
static void cut_sample(struct address_set *into, const struct address_set *from)
{
	if (from->registers == NULL || into->registers == NULL)
		return;
	while (into->count > 0 && (from->count == 0 || compare_items(&into->items[into->count - 1],
							   &from->items[from->count - 1]) > 0))
		into->count--;
}

/*
 * What `from` lost and `into` lacks for sure: an item of `into` that `from` does not hold may be
 * what `from` lost.
 */
static uint32_t lost_to_both(const struct address_set *into, const struct address_set *from)
{
	uint32_t lost = from->lost;
	for (size_t i = 0; i < into->count && lost != 0; i++) {
		const struct address_item *item = &into->items[i];
		bool found;
		(void)locate(from, item->hash, &item->address, &found);
		if (!found)
			lost &= ~address_lost_bit(item->hash);
	}
	return lost;
}

void address_set_merge(struct address_set *into, struct slab *slab, const struct address_set *from,
    void (*on_item)(void *context, int flags_before, uint32_t flags_after), void *context)
{
	uint32_t lost = lost_to_both(into, from);
	for (size_t i = 0; i < from->count; i++) {
		const struct address_item *item = &from->items[i];
		const struct address_touch touch = {
		    .first_us = item->first_us,
		    .last_us = item->last_us,
		    .packets = item->packets,
		    .flags = item->flags,
		};
		int before = touch_hashed(into, slab, item->hash, &item->address, &touch);
		if (on_item != NULL)
			on_item(
			    context, before, (before < 0 ? 0U : (uint32_t)before) | item->flags);
	}
	merge_registers(into, slab, from);
	cut_sample(into, from);
	into->lost |= into->registers == NULL ? lost : lost & ADDRESS_LOST_SOME;
}

/* Ertl 2017, algorithm 6: sigma corrects for empty registers, tau for saturated ones. */
static double sigma(double x)
{
	if (x >= 1)
		return INFINITY;
	double y = 1;
	double z = x;
	double before;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double tau(double x)
{
	if (x <= 0 || x >= 1)
		return 0;
	double y = 1;
	double z = 1 - x;
	double before;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

static double estimate(const uint8_t *registers)
{
	enum {
		RANK_MAX = 64 - ADDRESS_SET_BITS + 1
	};
	uint32_t histogram[RANK_MAX + 1] = {0};
	for (size_t i = 0; i < ADDRESS_SET_REGISTERS; i++)
		histogram[registers[i] > RANK_MAX ? RANK_MAX : registers[i]]++;

	const double m = ADDRESS_SET_REGISTERS;
	double z = m * tau(1 - histogram[RANK_MAX] / m);
	for (int rank = RANK_MAX - 1; rank >= 1; rank--)
		z = (z + histogram[rank]) / 2;
	z += m * sigma(histogram[0] / m);
	return m * m / (2 * M_LN2 * z);
}

uint64_t address_set_distinct(const struct address_set *set)
{
	if (set->registers == NULL)
		return (uint64_t)set->count + address_set_lost(set);
	double distinct = estimate(set->registers);
	/* A sketch has met more than it holds exactly; never say less. */
	if (distinct < ADDRESS_SET_EXACT + 1)
		return ADDRESS_SET_EXACT + 1;
	return (uint64_t)(distinct + 0.5);
}
