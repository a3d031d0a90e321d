/*
 * sums.h - what is left of strangers' light sources when memory is full: sums per prefix, kind,
 * protocol, port and variant, so that nothing is missing from the totals.
 *
 * A source that has to make room is folded into the sum of its prefix (IPv4 /24, IPv6 /64) and of
 * what it did. Each sum is one record of 64 bytes in an open-addressing table whose size is the
 * budget: an addition reads one cache line, as a rule. When there are more sums than room, they
 * coarsen together, each family by itself (IPv4 may have three quarters of the records, IPv6 one):
 *
 *   level   IPv4   IPv6   ports
 *   0       /24    /64    each
 *   1       /16    /48    each
 *   2       /8     /32    each
 *   3       /0     /0     each
 *   4       /0     /0     those of the sums with few packets become 0, "other", again and again
 *   5       /0     /0     protocol, port and variant are 0: only the kind is left
 *
 * Packets, bytes and sources are never lost by this, nor by merging: totals are the same whatever
 * the order and the bracketing. Up to level 3 so are all the records, since a family's level is
 * the smallest at which its sums find room, and a record depends on the level alone. From level 4
 * on, which ports have names depends on what was frequent when room was made, and a port without
 * one gets it with the eighth or so light source that comes on such ports.
 *
 * Where a record lies depends on a seed of the process, so that nobody chooses addresses that
 * collide; whoever reports walks and sorts (sum_key_compare).
 *
 * A `sums` is used by one thread at a time.
 */
#ifndef OBSERVE_SUMS_H
#define OBSERVE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum {
	SUMS_LEVELS = 6,
	SUMS_FAMILIES = 2,
	/* A quarter of the records holds all kinds, of drill and earnest, at the last level. */
	SUMS_BYTES_MIN = 13 * 1024,
};

enum sums_family {
	SUMS_V4,
	SUMS_V6
};

struct sum_key {
	struct address address; /* bits past `bits` need not be 0 when given, and are 0 when got */
	uint8_t bits;           /* as in struct prefix; 128 for a full address */
	uint8_t kind;           /* enum sighting_kind; below SIGHTING_KIND_COUNT */
	uint8_t protocol;
	uint8_t variant; /* enum sighting_variant */
	uint16_t port;   /* 0 also stands for "other", from level 4 on */
	uint8_t drill;   /* 0 or 1 */
};

struct sum {
	struct sum_key key;
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
	uint64_t bytes;
	/*
	 * Sources folded into this sum. One that comes back after it was folded counts again: an
	 * upper bound of the distinct ones.
	 */
	uint64_t sources;
	uint32_t tools; /* 1 << enum tool: marks that some of the packets bore */
};

struct sums_counts {
	uint64_t records[SUMS_FAMILIES]; /* sums there are */
	uint64_t additions;              /* calls of sums_add, and records merged */
	uint64_t coarsenings;            /* times that room was made */
	uint64_t sums_united;            /* sums that became part of another by that */
	uint8_t level[SUMS_FAMILIES];
	/* Totals over all sums. */
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources;
};

struct sums;

/* Takes no more than `budget_bytes`. NULL when memory is out, or the budget below SUMS_BYTES_MIN.
 */
struct sums *sums_new(size_t budget_bytes);
void sums_free(struct sums *sums); /* NULL is allowed */

/*
 * Adds one source, or a sum (sources > 1). The key is cut to the level; one that is coarser stays
 * as coarse as it came. Counts stop at UINT64_MAX.
 */
void sums_add(struct sums *sums, const struct sum *one);

/*
 * Adds all of `from`, which is another one and not changed; each family has the higher of the two
 * levels afterwards, or a higher one.
 */
void sums_merge(struct sums *into, const struct sums *from);

/* Walks in no order that means anything: `*position` starts at 0. False at the end. */
bool sums_next(const struct sums *sums, size_t *position, struct sum *ret_sum);

void sums_get_counts(const struct sums *sums, struct sums_counts *ret_counts);
/* What is taken from the system. */
size_t sums_bytes(const struct sums *sums);

/* By address, bits, kind, protocol, port, variant, drill: an order for output. */
int sum_key_compare(const struct sum_key *a, const struct sum_key *b);

#endif
