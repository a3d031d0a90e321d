/* sightings_set.c - sets of addresses, and single addresses and times, to and from messages. */
#include "link/sightings_wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "source/frame.h"

enum {
	V4_BYTES = 4,
	/* Flags that a sensor sets; those above are made where sets are united. */
	FLAGS_ALL = ITEM_DARK | ITEM_ANSWERED | ITEM_REFUSED | ITEM_SILENT | ITEM_EXCHANGED,
	RANK_MAX = 64 - ADDRESS_SET_BITS + 1,
	/*
	 * Were all registers above, they would stand for 2^44 addresses, more than there can be
	 * packets; and a sketch with all registers full has no estimate at all.
	 */
	LOWEST_RANK_MAX = 32,
};

static_assert(ITEM_DARK == 1 && ITEM_ANSWERED == 2 && ITEM_REFUSED == 4 && ITEM_SILENT == 8 &&
		  ITEM_EXCHANGED == 16,
    "flags are numbered as in sightings.proto");
static_assert(ADDRESS_SET_EXACT == 256 && ADDRESS_SET_BITS == 12, "sizes as in sightings.proto");

size_t sightings_pack_address(const struct address *address, uint8_t *out)
{
	if (address_is_v4(address)) {
		memcpy(out, address->bytes + ADDRESS_BYTES - V4_BYTES, V4_BYTES);
		return V4_BYTES;
	}
	memcpy(out, address->bytes, ADDRESS_BYTES);
	return ADDRESS_BYTES;
}

bool sightings_unpack_address(const ProtobufCBinaryData *bytes, struct address *ret_address)
{
	struct address address;
	if (bytes->len == V4_BYTES) {
		*ret_address = address_from_v4(bytes->data);
		return true;
	}
	if (bytes->len != ADDRESS_BYTES)
		return false;
	memcpy(address.bytes, bytes->data, ADDRESS_BYTES);
	if (address_is_v4(&address))
		return false;
	*ret_address = address;
	return true;
}

static bool is_time(int64_t time_us)
{
	return time_us >= FRAME_TIME_MIN_US && time_us <= FRAME_TIME_MAX_US;
}

bool sightings_pack_time(int64_t time_us, int64_t window_us, int64_t *ret_after_us)
{
	if (!is_time(time_us) || !is_time(window_us))
		return false;
	*ret_after_us = time_us - window_us; /* of both some 10^17 */
	return true;
}

bool sightings_unpack_time(int64_t after_us, int64_t window_us, int64_t *ret_time_us)
{
	int64_t time_us;
	if (__builtin_add_overflow(window_us, after_us, &time_us) || !is_time(time_us))
		return false;
	*ret_time_us = time_us;
	return true;
}

bool sightings_unpack_end(int64_t first_us, uint64_t span_us, int64_t *ret_last_us)
{
	int64_t last_us;
	if (__builtin_add_overflow(first_us, span_us, &last_us) || !is_time(last_us))
		return false;
	*ret_last_us = last_us;
	return true;
}

/* The number of the item among all: IPv4 first. */
static size_t place_item(
    const struct address_item *item, struct sightings_set_scratch *scratch, size_t v4_before)
{
	Hinomi__AddressSet *message = &scratch->message;
	if (address_is_v4(&item->address)) {
		message->v4.len +=
		    sightings_pack_address(&item->address, scratch->v4 + message->v4.len);
		return message->v4.len / V4_BYTES - 1;
	}
	message->v6.len += sightings_pack_address(&item->address, scratch->v6 + message->v6.len);
	return v4_before + message->v6.len / ADDRESS_BYTES - 1;
}

static size_t count_v4(const struct address_set *set)
{
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += address_is_v4(&set->items[i].address);
	return count;
}

/* A list of zeros only is left out. */
static void point_to_lists(struct sightings_set_scratch *scratch, size_t count)
{
	bool any_first = false;
	bool any_span = false;
	bool any_packets = false;
	bool any_flags = false;
	for (size_t i = 0; i < count; i++) {
		any_first |= scratch->first_us[i] != 0;
		any_span |= scratch->span_us[i] != 0;
		any_packets |= scratch->packets[i] != 0;
		any_flags |= scratch->flags[i] != 0;
	}
	Hinomi__AddressSet *message = &scratch->message;
	message->first_us = scratch->first_us;
	message->n_first_us = any_first ? count : 0;
	message->span_us = scratch->span_us;
	message->n_span_us = any_span ? count : 0;
	message->packets = scratch->packets;
	message->n_packets = any_packets ? count : 0;
	message->flags = scratch->flags;
	message->n_flags = any_flags ? count : 0;
}

bool sightings_pack_set(
    const struct address_set *set, int64_t window_us, struct sightings_set_scratch *scratch)
{
	assert(set->count <= ADDRESS_SET_EXACT);
	Hinomi__AddressSet *message = &scratch->message;
	hinomi__address_set__init(message);
	message->v4.data = scratch->v4;
	message->v6.data = scratch->v6;
	size_t v4_count = count_v4(set);
	for (size_t i = 0; i < set->count; i++) {
		const struct address_item *item = &set->items[i];
		size_t at = place_item(item, scratch, v4_count);
		int64_t end_us;
		if (item->first_us > item->last_us ||
		    !sightings_pack_time(item->first_us, window_us, &scratch->first_us[at]) ||
		    !sightings_pack_time(item->last_us, window_us, &end_us))
			return false;
		scratch->span_us[at] = (uint64_t)(item->last_us - item->first_us);
		scratch->packets[at] = item->packets;
		scratch->flags[at] = item->flags & FLAGS_ALL;
	}
	point_to_lists(scratch, set->count);
	if (set->registers != NULL) {
		message->registers.data = set->registers;
		message->registers.len = ADDRESS_SET_REGISTERS;
	}
	message->lost = set->lost;
	return true;
}

static int compare_items(const void *a, const void *b)
{
	const struct address_item *x = a;
	const struct address_item *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return address_compare(&x->address, &y->address);
}

static bool is_ascending(const struct address_item *items, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_items(&items[i - 1], &items[i]) >= 0)
			return false;
	return true;
}

static bool fits(size_t numbers, size_t items)
{
	return numbers == 0 || numbers == items;
}

static const char *read_addresses(
    const Hinomi__AddressSet *message, struct sightings_room *room, size_t *ret_count)
{
	size_t v4_count = message->v4.len / V4_BYTES;
	size_t count = v4_count + message->v6.len / ADDRESS_BYTES;
	if (message->v4.len % V4_BYTES != 0 || message->v6.len % ADDRESS_BYTES != 0)
		return "half an address among its targets";
	if (count > ADDRESS_SET_EXACT)
		return "more targets than are told one by one";
	for (size_t i = 0; i < count; i++) {
		bool is_v4 = i < v4_count;
		const ProtobufCBinaryData bytes = {
		    .len = is_v4 ? V4_BYTES : ADDRESS_BYTES,
		    .data = is_v4 ? message->v4.data + i * V4_BYTES
				  : message->v6.data + (i - v4_count) * ADDRESS_BYTES,
		};
		struct address_item *item = &room->items[i];
		*item = (struct address_item){0};
		if (!sightings_unpack_address(&bytes, &item->address))
			return "a target of IPv4 written as IPv6";
		item->hash = hash_address(&item->address, HASH_SEED_FIXED);
	}
	if (!is_ascending(room->items, v4_count) ||
	    !is_ascending(room->items + v4_count, count - v4_count))
		return "targets twice or out of order";
	*ret_count = count;
	return NULL;
}

static const char *read_lists(
    const Hinomi__AddressSet *message, int64_t window_us, struct sightings_room *room, size_t count)
{
	if (!fits(message->n_first_us, count) || !fits(message->n_span_us, count) ||
	    !fits(message->n_packets, count) || !fits(message->n_flags, count))
		return "targets and numbers about them that do not match";
	for (size_t i = 0; i < count; i++) {
		struct address_item *item = &room->items[i];
		int64_t after_us = message->n_first_us > 0 ? message->first_us[i] : 0;
		uint64_t span_us = message->n_span_us > 0 ? message->span_us[i] : 0;
		if (!sightings_unpack_time(after_us, window_us, &item->first_us) ||
		    !sightings_unpack_end(item->first_us, span_us, &item->last_us))
			return "a target at a time outside the years 0001 to 9999";
		item->packets = message->n_packets > 0 ? message->packets[i] : 0;
		item->flags = message->n_flags > 0 ? message->flags[i] : 0;
		if ((item->flags & ~(uint32_t)FLAGS_ALL) != 0)
			return "a target with an unknown flag";
	}
	return NULL;
}

static const char *check_registers(const ProtobufCBinaryData *registers)
{
	if (registers->len == 0)
		return NULL;
	if (registers->len != ADDRESS_SET_REGISTERS)
		return "a sketch that has not 4096 registers";
	uint8_t lowest = UINT8_MAX;
	for (size_t i = 0; i < ADDRESS_SET_REGISTERS; i++) {
		if (registers->data[i] > RANK_MAX)
			return "a sketch with a register above 53";
		if (registers->data[i] < lowest)
			lowest = registers->data[i];
	}
	return lowest > LOWEST_RANK_MAX ? "a sketch of more addresses than there can be" : NULL;
}

const char *sightings_unpack_set(const Hinomi__AddressSet *message, int64_t window_us,
    struct sightings_room *room, struct address_set *ret_set)
{
	size_t count = 0;
	const char *wrong = read_addresses(message, room, &count);
	if (wrong == NULL)
		wrong = read_lists(message, window_us, room, count);
	if (wrong == NULL)
		wrong = check_registers(&message->registers);
	if (wrong == NULL && message->lost != 0 && (message->lost & ADDRESS_LOST_SOME) == 0)
		wrong = "lost targets without saying that any are lost";
	if (wrong != NULL)
		return wrong;
	if (message->v4.len > 0 && message->v6.len > 0)
		qsort(room->items, count, sizeof *room->items, compare_items);
	*ret_set = (struct address_set){
	    .items = count > 0 ? room->items : NULL,
	    .registers = message->registers.len > 0 ? message->registers.data : NULL,
	    .count = (uint16_t)count,
	    .capacity = (uint16_t)count,
	    .lost = message->lost,
	};
	return NULL;
}
