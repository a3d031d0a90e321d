/*
 * prefix_table.h - longest prefix match for both families, once or twice per packet.
 *
 * What is asked of it. A telescope asks for nearly every packet: whose is the source, whose is the
 * target, is it dark? Sources are random over all of IPv4, targets lie in a few ranges. A town has
 * a handful of prefixes, a nation's hub some ten thousand. So the usual answer ("nobody's") should
 * cost one load from a table that fits the first-level cache, and ten thousand prefixes should
 * still fit the second.
 *
 * How. Prefixes nest or are apart, so they cut the line of all addresses into at most 2n + 1
 * intervals, each with one value. These lie sorted by their first address. Over them lies one index
 * per family: a cell for each value of the address's first k bits (of 32; IPv6 uses its first 32).
 * A cell whose addresses all share one value holds that value: one load and done. Only a cell that
 * is cut by a boundary names a bucket, a run of intervals, in which a binary search without
 * branches finds the last start not after the address. k is the smallest, 10 to 16, that crowds few
 * more intervals together than 16 would: a town's index is 4 KiB, the largest 256 KiB, and where 16
 * bits are too few the search takes log2 of what is left.
 *
 * Rejected: DIR-24-8 (Gupta, Lin, McKeown 1998) needs 32 MiB and a cache miss for each random
 * source; its 16-8-8 form spends 512 bytes on every lone /24; a compressed trie is smaller for
 * hundreds of thousands of prefixes, but takes two to four dependent loads where this takes one.
 *
 * Values overlay. A prefix sets only the bits of its mask and leaves the others as the shorter
 * prefixes around it set them, so that "member 7" on a /16 and "dark" on a /24 inside it are one
 * table and one lookup.
 */
#ifndef REGISTRY_PREFIX_TABLE_H
#define REGISTRY_PREFIX_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* Values have 31 bits; the highest marks an index cell that names a bucket. */
#define PREFIX_TABLE_VALUE_MAX UINT32_C(0x7fffffff)

/* One prefix to be entered: within it, the bits of `mask` are those of `value`. */
struct prefix_overlay {
	struct prefix prefix;
	uint32_t mask;
	uint32_t value;
};

struct prefix_table; /* immutable, so any thread may read it */

/*
 * Builds the table of `count` overlays (borrowed for the call), in any order; of equal prefixes the
 * later one counts where their masks meet. Returns 0 and gives *ret_table, or -ENOMEM.
 */
int prefix_table_new(
    const struct prefix_overlay *overlays, size_t count, struct prefix_table **ret_table);
void prefix_table_free(struct prefix_table *table); /* NULL is allowed */

/* The value at this address; 0 where no prefix holds it. */
uint32_t prefix_table_find(const struct prefix_table *table, const struct address *address);

/* IPv4 addresses, in host order, that share one value. */
struct prefix_range {
	uint32_t first;
	uint32_t last;
	uint32_t value;
};

/* The value at this IPv4 address, and how far around it reaches. */
struct prefix_range prefix_table_find_range(const struct prefix_table *table, uint32_t v4);

/* The index of IPv4, for lookups without a call. Valid as long as the table. */
struct prefix_table_view {
	const struct prefix_table *table;
	const uint32_t *cells;
	unsigned shift;
};

struct prefix_table_view prefix_table_view(const struct prefix_table *table);

/*
 * prefix_table_find for loops over packets. `*last` is the caller's, zeroed before the first call:
 * where the index does not know enough, the range found last is tried first, since a telescope's
 * targets lie in few ranges. `v4` is in host order.
 */
static inline uint32_t prefix_table_view_find_v4(
    const struct prefix_table_view *view, uint32_t v4, struct prefix_range *last)
{
	uint32_t value = view->cells[v4 >> view->shift];
	if (value <= PREFIX_TABLE_VALUE_MAX)
		return value;
	if (v4 - last->first > last->last - last->first || last->last == 0)
		*last = prefix_table_find_range(view->table, v4);
	return last->value;
}

static inline uint32_t prefix_table_view_find(
    const struct prefix_table_view *view, const struct address *address, struct prefix_range *last)
{
	if (!address_is_v4(address))
		return prefix_table_find(view->table, address);
	return prefix_table_view_find_v4(view, address_low32(address), last);
}

/* How many IPv4 addresses have any bit of `mask` in their value. */
uint64_t prefix_table_count_v4(const struct prefix_table *table, uint32_t mask);

/* What all of it takes, for measuring. */
size_t prefix_table_bytes(const struct prefix_table *table);

#endif
