/*
 * target_set.h - which dark addresses one stranger touched: address_set.h at a third of the memory
 * and of the time, for hundreds of thousands of sources at once.
 *
 * Up to TARGET_SET_EXACT targets each have an item, in the order of arrival: how often it was
 * touched, with what outcome, when first and last. The next one turns the set into a sketch: the
 * registers that address_set would hold over the same addresses (HyperLogLog, same hash), and the
 * items of all targets whose hash is not above a bound. The bound falls as targets come: when
 * TARGET_SET_SAMPLE items are there, the TARGET_SET_EXACT smallest by hash stay. So an item in the
 * sample has been there since its first touch and knows all its packets, and the smallest
 * TARGET_SET_EXACT of them are the very items that address_set would hold. target_set_unite_into
 * gives exactly that.
 *
 *   distinct    v4 bytes  v6 bytes  lines read by a touch    error of the count
 *   1 - 4       64        128       1                        none
 *   5 - 16      256       512       1 - 4                    none
 *   17 - 64     1280      2304      2                        none
 *   65 - 256    5120      9216      2                        none
 *   above       14400     22592     2, of sampled ones 4     as in address_set.h
 *
 * (and the 16 bytes of the struct, which the owner keeps). A touch takes 9 to 21 ns where the cache
 * has the set, 28 to 45 where it has not and was asked (tests/bench/bench_targets.c). Small sets
 * are searched from end to end; from 17 targets on a small open-addressing index in the block says
 * where the item is. Whoever chooses targets by its hash makes touches of his own set slower, by at
 * most 512 slots of two bytes.
 *
 * Resolution. Times are given from a base that the owner knows. The first touch is held in
 * microseconds up to TARGET_FIRST_MAX_US (12.7 days; later ones are held as that); the last touch
 * on a grid of TARGET_GRID_US, rounded down (never later than the truth, at most 16.4 ms earlier,
 * never before the first), and at most 2^24 - 1 grid steps (3.2 days) after the first. Packets stop
 * at TARGET_PACKETS_MAX.
 *
 * Families. The first target decides whether items have 4 or 16 bytes of address. A set of IPv6
 * takes IPv4 targets as ::ffff:a.b.c.d; in a set of IPv4 an IPv6 target is lost.
 *
 * Lost. When the slab is used up the set keeps what it has, and targets that found no room are
 * shown in `lost` as address_set.h says; the set is not exact then.
 */
#ifndef OBSERVE_TARGET_SET_H
#define OBSERVE_TARGET_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/address_set.h"
#include "observe/slab.h"

enum {
	TARGET_SET_EXACT = ADDRESS_SET_EXACT,
	TARGET_SET_SAMPLE = 2 * TARGET_SET_EXACT,
	TARGET_GRID_BITS = 14,
	TARGET_GRID_US = 1 << TARGET_GRID_BITS,
	TARGET_PACKETS_MAX = (1 << 24) - 1,
	TARGET_FLAGS_MAX = 0xff, /* ITEM_... of address_set.h */
};

#define TARGET_FIRST_MAX_US ((UINT64_C(1) << 40) - 1)

/* An empty set is all zero. */
struct target_set {
	void *block;    /* from the slab */
	uint32_t lost;  /* as in struct address_set */
	uint16_t count; /* of items */
	uint8_t class;  /* of the slab; also tells the family */
	bool is_sketch;
};

/* One item, unpacked. */
struct target_item {
	struct address address;
	uint64_t first_us; /* from the base */
	uint64_t last_us;
	uint32_t packets;
	uint32_t flags;
};

enum {
	TARGET_NEW = ADDRESS_NEW,         /* it is an item now, and was none before */
	TARGET_UNKNOWN = ADDRESS_UNKNOWN, /* counted, not of the sample: new or not, who knows */
	TARGET_LOST = -3,                 /* no room: not counted */
};

/* What the sets of one slab take. */
extern const struct slab_sizes slab_sizes_target_set;

/* Gives back what the set holds, and empties it. */
void target_set_clear(struct target_set *set, struct slab *slab);

/*
 * One packet to `target`, `offset_us` after the base, adding `flags`. Returns the flags the item
 * had before, or TARGET_NEW, TARGET_UNKNOWN, TARGET_LOST. Touches need not come in order of time.
 */
int target_set_touch(struct target_set *set, struct slab *slab, const struct address *target,
    uint64_t offset_us, uint32_t flags);

/* False when it is not among the items. */
bool target_set_find(
    const struct target_set *set, const struct address *target, struct target_item *ret_item);

/* The items in order of arrival: `at` < count. */
void target_set_get(const struct target_set *set, size_t at, struct target_item *ret_item);

/*
 * Ask for the lines that a touch of `target` will read: first, as far as can be told without
 * reading any, then, some dozen touches later, the item that the index tells of. The set itself
 * must have been asked for before. Without the second call half of the wait is left.
 */
void target_set_prefetch(const struct target_set *set, const struct address *target);
void target_set_prefetch_item(const struct target_set *set, const struct address *target);

/* As address_set_distinct. */
uint64_t target_set_distinct(const struct target_set *set);

static inline bool target_set_is_exact(const struct target_set *set)
{
	return !set->is_sketch && set->lost == 0;
}

/*
 * Adds all to an address_set: what touching it directly would have given, with times to the
 * resolution above. `base_us` is what the offsets count from.
 */
void target_set_unite_into(const struct target_set *set, int64_t base_us, struct address_set *into,
    struct slab *into_slab);

#endif
