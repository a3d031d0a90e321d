/* set_help.h - addresses and sets of them, for tests of what is observed. */
#ifndef SET_HELP_H
#define SET_HELP_H

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "observe/address_set.h"
#include "observe/slab.h"

/* The n-th of a row of addresses: all distinct, every third of IPv6. */
static inline struct address nth_address(uint32_t n)
{
	if (n % 3 != 2)
		return address_from_v4_u32(n);
	struct address address = {.bytes = {0x20, 0x01, 0x0d, 0xb8}};
	for (size_t i = 0; i < 4; i++)
		address.bytes[12 + i] = (uint8_t)(n >> (24 - 8 * i));
	return address;
}

static inline int touch_at(
    struct address_set *set, struct slab *slab, uint32_t n, int64_t time_us, uint32_t flags)
{
	const struct address address = nth_address(n);
	const struct address_touch touch = {
	    .first_us = time_us, .last_us = time_us, .packets = 1, .flags = flags};
	return address_set_touch(set, slab, &address, &touch);
}

/* `count` touches of addresses first..first+spread. */
struct touches {
	size_t count;
	uint32_t first;
	uint32_t spread;
};

/* At random times, with random flags. */
static inline void fill_set(struct address_set *set, struct slab *slab, struct random *random,
    const struct touches *touches)
{
	for (size_t i = 0; i < touches->count; i++)
		(void)touch_at(set, slab,
		    touches->first + (uint32_t)random_below(random, touches->spread),
		    (int64_t)random_below(random, 1000000), (uint32_t)random_below(random, 32));
}

static inline bool same_registers(const struct address_set *a, const struct address_set *b)
{
	if (a->registers == NULL || b->registers == NULL)
		return a->registers == b->registers;
	return memcmp(a->registers, b->registers, ADDRESS_SET_REGISTERS) == 0;
}

/* The same items byte for byte, the same registers, hence the same answers to everything. */
static inline bool same_sets(const struct address_set *a, const struct address_set *b)
{
	return a->count == b->count && a->lost == b->lost && same_registers(a, b) &&
	       (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

/* The same but for packets, which add where sets overlap. */
static inline bool same_but_packets(const struct address_set *a, const struct address_set *b)
{
	if (a->count != b->count || a->lost != b->lost || !same_registers(a, b))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		struct address_item one = a->items[i];
		one.packets = b->items[i].packets;
		if (memcmp(&one, &b->items[i], sizeof one) != 0)
			return false;
	}
	return true;
}

#endif
