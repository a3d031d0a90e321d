/*
 * address_set.h - which addresses were touched: exact while few, then counted by a sketch, with a
 * sample of real addresses kept throughout.
 *
 * Format. Up to ADDRESS_SET_EXACT addresses each have an item of 48 bytes: when first and last
 * touched, how often, with what outcome; items are sorted by the hash of the address. The next
 * address turns the set into a sketch, which has two halves. The registers count: ADDRESS_SET_BITS
 * bits of the hash choose one of 4096 bytes, which keeps the largest number of leading zeros met in
 * the other 52 bits, plus one (HyperLogLog: Flajolet et al. 2007). The items show: those of the
 * ADDRESS_SET_EXACT smallest hashes stay, a uniform sample whatever order the addresses came in
 * (bottom-k: Cohen and Kaplan 2007). An item of the sample has been there since its first touch, so
 * it has all its packets, and questions such as "what share of the targets failed" are answered
 * from the sample.
 *
 *   distinct    bytes      a touch    standard error    99 % within
 *   1           48         12 ns      none              -
 *   2 - 4       192        17 ns      none              -
 *   5 - 16      768        26 ns      none              -
 *   17 - 64     3072       35 ns      none              -
 *   65 - 256    12288      45 ns      none              -
 *   257 - 1000  16384      20 ns      1.2 %             3.5 %, never below 257
 *   - 4096      16384      18 ns      1.4 %             3.9 %
 *   above       16384      17 ns      1.7 %             4.6 %
 *
 * (touches of a set that the cache has: tests/bench/bench_targets.c; errors: measured and asserted
 * by tests/unit/test_sketch_error.c, for sets and for unions, over two hundred of each size.)
 * Estimating the count of a sketch takes 3 us, uniting two sketches 10 us, two sets of ten 0.1 us.
 *
 * Why this estimator. Below a few times 4096 plain HyperLogLog is biased, and needs either a switch
 * to counting empty registers, with a bump where it switches, or tables of corrections (Heule et
 * al. 2013). Ertl's improved estimator (2017, algorithm 6) uses how often each register value
 * occurs, is unbiased from the first address on, and needs neither. Its error is that of counting
 * empty registers while most are empty, and tends to 1.04 / sqrt(4096) = 1.63 %. Registers of a
 * byte waste two bits of eight, and are updated without shifting. Sketches with less error for the
 * same memory are known (ExtendedHyperLogLog, UltraLogLog, CPC); they need more code, and no rule
 * needs less error: all thresholds but one are below 257, where the count is exact, and that one
 * (500 senders, ddos.incoming) was chosen among numbers much farther apart than 1.2 %.
 *
 * Both halves merge by union: commutative, associative and (but for the counts of packets, which
 * add) idempotent. Whether a set is a sketch depends only on how many addresses it has met. For
 * want of memory the sample of a sketch may be smaller: it ends with its last item, and that of a
 * union where the sample of any part ends, so that what is kept is never half of what was met. The
 * hash has a fixed seed, since counts are reported: an attacker who picks addresses by hash can
 * mislead the count of his own targets, which the exact part below 257 shows as a scan all the
 * same.
 */
#ifndef OBSERVE_ADDRESS_SET_H
#define OBSERVE_ADDRESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct slab;
struct slab_sizes;

enum {
	ADDRESS_SET_EXACT = 256,
	ADDRESS_SET_BITS = 12,
	ADDRESS_SET_REGISTERS = 1 << ADDRESS_SET_BITS,
};

/* What became of a contact with the address; bits of address_item.flags. */
enum {
	ITEM_DARK = 1 << 0,     /* declared dark */
	ITEM_ANSWERED = 1 << 1, /* it answered */
	ITEM_REFUSED = 1 << 2,  /* RST or an ICMP error came back */
	ITEM_SILENT = 1 << 3,   /* nothing came back in time */
	ITEM_EXCHANGED =
	    1 << 4, /* the sender went on to a further exchange: no flood, no backscatter */
	/* Set only in united sets (detect/dossier.h): by which protocols it was asked. */
	ITEM_BY_UDP = 1 << 5,
	ITEM_BY_OTHER = 1 << 6,
};

struct address_item {
	uint64_t hash; /* hash_address with HASH_SEED_FIXED; items are sorted by it */
	struct address address;
	int64_t first_us;
	int64_t last_us;
	uint32_t packets;
	uint32_t flags;
};

struct address_set {
	struct address_item *items; /* from the slab */
	uint8_t *registers;         /* from the slab; NULL while exact */
	uint16_t count;             /* of items */
	uint16_t capacity;
	uint32_t lost; /* 0, or what is known of those that found no room: address_set_lost */
};

/* What the sets of one slab take. */
extern const struct slab_sizes slab_sizes_address_set;

/* What is noted of one touch. */
struct address_touch {
	int64_t first_us;
	int64_t last_us;
	uint32_t packets;
	uint32_t flags;
};

/*
 * Notes the hash of an address in registers. The first ADDRESS_SET_BITS bits choose the register,
 * which keeps the largest number of leading zeros met in the rest, plus one.
 */
static inline void address_set_count_hash(uint8_t *registers, uint64_t hash)
{
	size_t index = hash >> (64 - ADDRESS_SET_BITS);
	uint64_t rest = hash << ADDRESS_SET_BITS | UINT64_C(1) << (ADDRESS_SET_BITS - 1);
	uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
	if (registers[index] < rank)
		registers[index] = rank;
}

/* Frees what the set holds, and empties it. */
void address_set_clear(struct address_set *set, struct slab *slab);

enum {
	ADDRESS_NEW = -1,     /* it is an item now, and was none before */
	ADDRESS_UNKNOWN = -2, /* counted, but not of the sample: whether it is new cannot be said */
};

/*
 * Adds an address or updates it: times widen, packets add, flags are or-ed. Returns the flags it
 * had before, ADDRESS_NEW or ADDRESS_UNKNOWN.
 */
int address_set_touch(struct address_set *set, struct slab *slab, const struct address *address,
    const struct address_touch *touch);

/* NULL when it is not among the items. */
struct address_item *address_set_find(const struct address_set *set, const struct address *address);

/*
 * Adds all of `from`. `on_item`, when not NULL, is called for each item of `from` with what
 * address_set_touch said of it and the flags it has now.
 */
void address_set_merge(struct address_set *into, struct slab *slab, const struct address_set *from,
    void (*on_item)(void *context, int flags_before, uint32_t flags_after), void *context);

/*
 * When memory is out, addresses are lost: touched, but neither items nor counted by a sketch.
 * `lost` then has ADDRESS_LOST_SOME, and one of 31 other bits, by its hash, for each of those
 * addresses while it is known that it is no item. So however often one address is lost, it is one
 * bit; a bit is cleared when an address of its hash finds room after all; and the number of bits
 * is a lower bound of how many addresses are missing, which unites by or.
 */
#define ADDRESS_LOST_SOME (UINT32_C(1) << 31)

static inline uint32_t address_lost_bit(uint64_t hash)
{
	return UINT32_C(1) << ((hash >> 32) * 31 >> 32);
}

/* At least so many distinct addresses were met and are not in the set. */
static inline uint32_t address_set_lost(const struct address_set *set)
{
	return (uint32_t)__builtin_popcount(set->lost & ~ADDRESS_LOST_SOME);
}

static inline bool address_set_is_exact(const struct address_set *set)
{
	return set->registers == NULL && set->lost == 0;
}

/*
 * How many distinct addresses: exact below the switch, else the estimate. Where addresses were
 * lost it is a lower bound: what is held and what is known to be missing.
 */
uint64_t address_set_distinct(const struct address_set *set);

#endif
