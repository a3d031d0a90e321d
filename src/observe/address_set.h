/*
 * address_set.h - which addresses were touched: exact while few, then counted by a sketch, with a
 * sample of real addresses kept throughout.
 *
 * Up to ADDRESS_SET_EXACT addresses each have an item: when first and last touched, how often, with
 * what outcome. The next one turns the set into a sketch: HyperLogLog registers over all addresses
 * (Flajolet et al. 2007; estimator of Ertl 2017, which needs no bias tables), and the items of the
 * ADDRESS_SET_EXACT addresses with the smallest hashes (a bottom-k sample: Cohen and Kaplan 2007),
 * which is a uniform sample whatever order they came in. Questions such as "what share of the
 * targets failed" are answered from the sample.
 *
 *   distinct    memory of one set          error of the count
 *   1           48 bytes                   none
 *   2 - 4       192 bytes                  none
 *   5 - 16      768 bytes                  none
 *   17 - 64     3 kB                       none
 *   65 - 256    12 kB                      none
 *   above       16 kB                      standard error 1.04/sqrt(4096) = 1.6 %; 99 % within 4.2
 * %
 *
 * Both halves merge by union: commutative, associative and (but for the counts of packets, which
 * add) idempotent. Whether a set is a sketch depends only on how many addresses it has met. The
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
