#include "observe/sums.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "observe/order.h"
#include "observe/sighting.h"

enum {
	PAGE_BYTES = 4096,
	HUGE_PAGE_BYTES = 2 * 1024 * 1024,
	LOAD_PERCENT = 75,     /* of the slots, when both families are full */
	V4_SHARE_PERCENT = 75, /* of the records */
	LEVEL_PORTS = 4,
	LEVEL_KINDS = 5,
	/* Buckets of packets: powers of two, each in eight parts. */
	PART_BITS = 3,
	BUCKETS = 64 << PART_BITS,
	/*
	 * From LEVEL_PORTS on, once the room is half used, of so many light sums on ports without a
	 * name one gives its port a name: a frequent port gets one soon, and a flood over all ports
	 * does not make room for every few of them.
	 */
	NAMELESS_PER_NAME = 8,
};

enum state {
	EMPTY,
	LIVE,
	OLD, /* while room is made: not yet cut and placed again */
};

static const uint8_t level_bits[SUMS_LEVELS][SUMS_FAMILIES] = {
    {ADDRESS_V4_BITS + 24, 64},
    {ADDRESS_V4_BITS + 16, 48},
    {ADDRESS_V4_BITS + 8, 32},
    {ADDRESS_V4_BITS, 0},
    {ADDRESS_V4_BITS, 0},
    {ADDRESS_V4_BITS, 0},
};

/*
 * What tells two sums apart. Two words, put together by shifts: bytes written one by one and read
 * as a word at once would stall.
 */
struct cut_key {
	uint64_t prefix; /* IPv4: the 32 bits; IPv6: the first 64; none is longer */
	uint64_t what;   /* the rest, at these shifts */
};

enum {
	PORT_SHIFT = 0,
	BITS_SHIFT = 16, /* as in struct sum_key: below ADDRESS_V4_BITS it is IPv6 */
	KIND_SHIFT = 24,
	PROTOCOL_SHIFT = 32,
	VARIANT_SHIFT = 40,
	DRILL_SHIFT = 48,
};

#define PORT_MASK  ((uint64_t)UINT16_MAX << PORT_SHIFT)
#define BITS_MASK  ((uint64_t)UINT8_MAX << BITS_SHIFT)
#define KINDS_MASK (BITS_MASK | (uint64_t)UINT8_MAX << KIND_SHIFT | UINT64_C(1) << DRILL_SHIFT)

struct record {
	struct cut_key key;
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources;
	uint32_t tools;
	uint32_t state; /* enum state */
};

static_assert(sizeof(struct record) == 64, "a record is a cache line");

struct sums {
	struct record *slots;
	uint32_t *order; /* for merging: as many as there are slots */
	size_t slot_count;
	size_t mapped_bytes;
	uint64_t seed;
	size_t most[SUMS_FAMILIES];
	unsigned rare_bucket[SUMS_FAMILIES]; /* up to it ports lost their names last time */
	uint64_t nameless;                   /* that came since LEVEL_PORTS */
	struct sums_counts counts;
};

static_assert(sizeof(struct sums) + 128 * (sizeof(struct record) + sizeof(uint32_t)) + PAGE_BYTES <=
		  SUMS_BYTES_MIN,
    "128 records fit the least budget");
static_assert(128 * LOAD_PERCENT / 100 * (100 - V4_SHARE_PERCENT) / 100 >= SIGHTING_KIND_COUNT * 2,
    "at the last level all kinds fit, of drill and earnest");

struct sums *sums_new(size_t budget_bytes)
{
	if (budget_bytes < SUMS_BYTES_MIN)
		return NULL;
	struct sums *sums = calloc(1, sizeof *sums);
	if (sums == NULL)
		return NULL;
	sums->mapped_bytes = (budget_bytes - sizeof *sums) / PAGE_BYTES * PAGE_BYTES;
	sums->slot_count = sums->mapped_bytes / (sizeof *sums->slots + sizeof *sums->order);
	if (sums->slot_count > UINT32_MAX)
		sums->slot_count = UINT32_MAX;
	sums->slots = mmap(
	    NULL, sums->mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sums->slots == MAP_FAILED) {
		free(sums);
		return NULL;
	}
	if (sums->mapped_bytes >= 2 * HUGE_PAGE_BYTES)
		(void)madvise(sums->slots, sums->mapped_bytes, MADV_HUGEPAGE); /* or slower */
	sums->order = (uint32_t *)(void *)(sums->slots + sums->slot_count);
	size_t records =
	    sums->slot_count / 100 * LOAD_PERCENT + sums->slot_count % 100 * LOAD_PERCENT / 100;
	sums->most[SUMS_V6] = records * (100 - V4_SHARE_PERCENT) / 100;
	sums->most[SUMS_V4] = records - sums->most[SUMS_V6];
	sums->seed = hash_seed_random();
	return sums;
}

void sums_free(struct sums *sums)
{
	if (sums == NULL)
		return;
	(void)munmap(sums->slots, sums->mapped_bytes); /* fails for none of ours */
	free(sums);
}

static uint8_t bits_of(const struct cut_key *key)
{
	return (uint8_t)(key->what >> BITS_SHIFT);
}

static enum sums_family family_of(const struct cut_key *key)
{
	return bits_of(key) >= ADDRESS_V4_BITS ? SUMS_V4 : SUMS_V6;
}

/* The first `bits` of the `width` that a prefix has. */
static uint64_t keep_bits(uint64_t prefix, unsigned bits, unsigned width)
{
	return bits == 0 ? 0 : prefix >> (width - bits) << (width - bits);
}

/* Cuts a key to the level of its family, or leaves it as coarse as it is. */
static void cut_key(const struct sums *sums, struct cut_key *key)
{
	enum sums_family family = family_of(key);
	uint8_t level = sums->counts.level[family];
	uint64_t bits = bits_of(key);
	if (bits > level_bits[level][family])
		bits = level_bits[level][family];
	key->what = (key->what & ~BITS_MASK) | bits << BITS_SHIFT;
	key->prefix = family == SUMS_V4
			  ? keep_bits(key->prefix, (unsigned)bits - ADDRESS_V4_BITS, 32)
			  : keep_bits(key->prefix, (unsigned)bits, 64);
	if (level == LEVEL_KINDS)
		key->what &= KINDS_MASK;
}

static uint64_t first_64_bits(const struct address *address)
{
	uint64_t word;
	memcpy(&word, address->bytes, sizeof word);
	return be64toh(word);
}

static struct cut_key open_key(const struct sums *sums, const struct sum_key *given)
{
	assert(given->kind < SIGHTING_KIND_COUNT && given->drill <= 1);
	assert(given->bits <= ADDRESS_BITS);
	bool is_v4 = given->bits >= ADDRESS_V4_BITS && address_is_v4(&given->address);
	uint64_t bits = is_v4 || given->bits < 64 ? given->bits : 64;
	struct cut_key key = {
	    .prefix = is_v4 ? address_low32(&given->address) : first_64_bits(&given->address),
	    .what =
		(uint64_t)given->port << PORT_SHIFT | bits << BITS_SHIFT |
		(uint64_t)given->kind << KIND_SHIFT | (uint64_t)given->protocol << PROTOCOL_SHIFT |
		(uint64_t)given->variant << VARIANT_SHIFT | (uint64_t)given->drill << DRILL_SHIFT,
	};
	cut_key(sums, &key);
	return key;
}

static struct sum_key close_key(const struct cut_key *key)
{
	struct sum_key given = {
	    .bits = bits_of(key),
	    .kind = (uint8_t)(key->what >> KIND_SHIFT),
	    .protocol = (uint8_t)(key->what >> PROTOCOL_SHIFT),
	    .variant = (uint8_t)(key->what >> VARIANT_SHIFT),
	    .port = (uint16_t)(key->what >> PORT_SHIFT),
	    .drill = (uint8_t)(key->what >> DRILL_SHIFT),
	};
	if (family_of(key) == SUMS_V4) {
		given.address = address_from_v4_u32((uint32_t)key->prefix);
		return given;
	}
	uint64_t word = htobe64(key->prefix);
	memcpy(given.address.bytes, &word, sizeof word);
	return given;
}

static size_t home_of(const struct sums *sums, const struct cut_key *key)
{
	uint64_t hash = XXH3_64bits_withSeed(key, sizeof *key, sums->seed);
	return (size_t)((hash >> 32) * sums->slot_count >> 32);
}

static size_t next_slot(const struct sums *sums, size_t at)
{
	return at + 1 == sums->slot_count ? 0 : at + 1;
}

static bool same_key(const struct cut_key *a, const struct cut_key *b)
{
	return a->prefix == b->prefix && a->what == b->what;
}

static void add_saturating(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

static void unite(struct record *into, const struct record *from)
{
	if (from->first_us < into->first_us)
		into->first_us = from->first_us;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
	add_saturating(&into->packets, from->packets);
	add_saturating(&into->bytes, from->bytes);
	add_saturating(&into->sources, from->sources);
	into->tools |= from->tools;
}

static unsigned bucket_of(uint64_t packets)
{
	if (packets < 1U << PART_BITS)
		return (unsigned)packets;
	unsigned power = 63U - (unsigned)__builtin_clzll(packets);
	unsigned part = (unsigned)(packets >> (power - PART_BITS)) & ((1U << PART_BITS) - 1);
	return ((power - PART_BITS + 1) << PART_BITS) + part;
}

/* Whose ports are given up: sums of this family in this bucket of packets or a lower one. */
struct rare {
	enum sums_family family;
	unsigned bucket;
	bool any;
};

static void cut_record(const struct sums *sums, struct record *record, const struct rare *rare)
{
	cut_key(sums, &record->key);
	if (rare->any && family_of(&record->key) == rare->family &&
	    bucket_of(record->packets) <= rare->bucket)
		record->key.what &= ~PORT_MASK;
	record->state = LIVE;
}

/*
 * Places a record that was cut. Where an old one lies that one makes way, and is cut and placed
 * next; so nothing is ever placed behind a slot that will be empty later.
 */
static void settle(struct sums *sums, struct record record, const struct rare *rare)
{
	for (;;) {
		size_t at = home_of(sums, &record.key);
		while (
		    sums->slots[at].state == LIVE && !same_key(&sums->slots[at].key, &record.key))
			at = next_slot(sums, at);
		struct record *slot = &sums->slots[at];
		if (slot->state == LIVE) {
			unite(slot, &record);
			sums->counts.sums_united++;
			return;
		}
		struct record displaced = *slot;
		*slot = record;
		sums->counts.records[family_of(&record.key)]++;
		if (displaced.state == EMPTY)
			return;
		record = displaced;
		cut_record(sums, &record, rare);
	}
}

/* Cuts all sums to the levels as they are now, and unites those that became the same, in place. */
static void cut_all(struct sums *sums, const struct rare *rare)
{
	for (size_t i = 0; i < sums->slot_count; i++)
		if (sums->slots[i].state == LIVE)
			sums->slots[i].state = OLD;
	memset(sums->counts.records, 0, sizeof sums->counts.records);
	for (size_t i = 0; i < sums->slot_count; i++) {
		if (sums->slots[i].state != OLD)
			continue;
		struct record record = sums->slots[i];
		sums->slots[i].state = EMPTY;
		cut_record(sums, &record, rare);
		settle(sums, record, rare);
	}
}

/* The bucket up to which half of the family's sums that have a port lie. */
static unsigned find_rare(const struct sums *sums, enum sums_family family)
{
	uint32_t buckets[BUCKETS] = {0};
	uint32_t count = 0;
	for (size_t i = 0; i < sums->slot_count; i++) {
		const struct record *record = &sums->slots[i];
		if (record->state == EMPTY || (record->key.what & PORT_MASK) == 0 ||
		    family_of(&record->key) != family)
			continue;
		buckets[bucket_of(record->packets)]++;
		count++;
	}
	unsigned bucket = 0;
	uint32_t below = buckets[0];
	while (bucket < BUCKETS - 1 && below < (count + 1) / 2)
		below += buckets[++bucket];
	return bucket;
}

static bool has_room(const struct sums *sums, enum sums_family family)
{
	return sums->counts.records[family] <= sums->most[family] / 8 * 7;
}

/*
 * One step coarser. From LEVEL_PORTS on a step must give an eighth of the room, so that it does
 * not have to be taken for every new sum.
 */
static void make_room(struct sums *sums, enum sums_family family)
{
	uint8_t *level = &sums->counts.level[family];
	sums->counts.coarsenings++;
	if (*level < LEVEL_PORTS - 1) {
		(*level)++;
		cut_all(sums, &(struct rare){.any = false});
		return;
	}
	assert(*level < LEVEL_KINDS);
	*level = LEVEL_PORTS;
	sums->rare_bucket[family] = find_rare(sums, family);
	cut_all(sums, &(struct rare){family, sums->rare_bucket[family], true});
	if (has_room(sums, family))
		return;
	cut_all(sums, &(struct rare){family, BUCKETS, true});
	if (has_room(sums, family))
		return;
	*level = LEVEL_KINDS;
	cut_all(sums, &(struct rare){.any = false});
}

/* The slot of the key, or the empty one where it belongs. */
static struct record *locate(const struct sums *sums, const struct cut_key *key)
{
	size_t at = home_of(sums, key);
	while (sums->slots[at].state != EMPTY && !same_key(&sums->slots[at].key, key))
		at = next_slot(sums, at);
	return &sums->slots[at];
}

/* Whether a sum that is not there yet may keep its port. */
static bool keeps_port(struct sums *sums, enum sums_family family, const struct record *one)
{
	if (sums->counts.level[family] != LEVEL_PORTS || (one->key.what & PORT_MASK) == 0)
		return true;
	return sums->counts.records[family] < sums->most[family] / 2 ||
	       bucket_of(one->packets) > sums->rare_bucket[family] ||
	       ++sums->nameless % NAMELESS_PER_NAME == 0;
}

static void add_record(struct sums *sums, struct record *one)
{
	enum sums_family family = family_of(&one->key);
	struct record *slot = locate(sums, &one->key);
	if (slot->state == EMPTY && !keeps_port(sums, family, one)) {
		one->key.what &= ~PORT_MASK;
		slot = locate(sums, &one->key);
	}
	while (slot->state == EMPTY && sums->counts.records[family] >= sums->most[family]) {
		make_room(sums, family);
		cut_key(sums, &one->key);
		slot = locate(sums, &one->key);
	}
	if (slot->state == EMPTY) {
		*slot = *one;
		sums->counts.records[family]++;
	} else {
		unite(slot, one);
	}
	sums->counts.additions++;
	add_saturating(&sums->counts.packets, one->packets);
	add_saturating(&sums->counts.bytes, one->bytes);
	add_saturating(&sums->counts.sources, one->sources);
}

void sums_add(struct sums *sums, const struct sum *one)
{
	struct record record = {
	    .key = open_key(sums, &one->key),
	    .first_us = one->first_us,
	    .last_us = one->last_us,
	    .packets = one->packets,
	    .bytes = one->bytes,
	    .sources = one->sources,
	    .tools = one->tools,
	    .state = LIVE,
	};
	add_record(sums, &record);
}

static bool is_before(const void *context, uint32_t a, uint32_t b)
{
	const struct sums *sums = context;
	const struct cut_key *left = &sums->slots[a].key;
	const struct cut_key *right = &sums->slots[b].key;
	if (left->prefix != right->prefix)
		return left->prefix < right->prefix;
	return left->what < right->what;
}

/*
 * From LEVEL_PORTS on the order of additions matters. So that it does not depend on where the
 * records of `from` happen to lie, they come in the order of their keys.
 */
static size_t list_records(const struct sums *from)
{
	size_t count = 0;
	for (size_t i = 0; i < from->slot_count; i++)
		if (from->slots[i].state == LIVE)
			from->order[count++] = (uint32_t)i;
	return count;
}

void sums_merge(struct sums *into, const struct sums *from)
{
	assert(into != from);
	bool fits = true;
	bool raised = false;
	for (int family = 0; family < SUMS_FAMILIES; family++) {
		if (into->counts.level[family] < from->counts.level[family]) {
			into->counts.level[family] = from->counts.level[family];
			raised = true;
		}
	}
	if (raised)
		cut_all(into, &(struct rare){.any = false});
	for (int family = 0; family < SUMS_FAMILIES; family++)
		fits = fits && into->counts.records[family] + from->counts.records[family] <=
				   into->most[family];
	size_t count = list_records(from);
	if (!fits)
		order_sort(from->order, count, is_before, from);
	for (size_t i = 0; i < count; i++) {
		struct record record = from->slots[from->order[i]];
		cut_key(into, &record.key);
		add_record(into, &record);
	}
}

bool sums_next(const struct sums *sums, size_t *position, struct sum *ret_sum)
{
	while (*position < sums->slot_count && sums->slots[*position].state == EMPTY)
		(*position)++;
	if (*position == sums->slot_count)
		return false;
	const struct record *record = &sums->slots[(*position)++];
	*ret_sum = (struct sum){
	    .key = close_key(&record->key),
	    .first_us = record->first_us,
	    .last_us = record->last_us,
	    .packets = record->packets,
	    .bytes = record->bytes,
	    .sources = record->sources,
	    .tools = record->tools,
	};
	return true;
}

void sums_get_counts(const struct sums *sums, struct sums_counts *ret_counts)
{
	*ret_counts = sums->counts;
}

size_t sums_bytes(const struct sums *sums)
{
	return sums->mapped_bytes + sizeof *sums;
}

int sum_key_compare(const struct sum_key *a, const struct sum_key *b)
{
	int order = address_compare(&a->address, &b->address);
	if (order != 0)
		return order;
	const uint32_t pairs[][2] = {
	    {a->bits, b->bits},
	    {a->kind, b->kind},
	    {a->protocol, b->protocol},
	    {a->port, b->port},
	    {a->variant, b->variant},
	    {a->drill, b->drill},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (pairs[i][0] != pairs[i][1])
			return pairs[i][0] < pairs[i][1] ? -1 : 1;
	return 0;
}
