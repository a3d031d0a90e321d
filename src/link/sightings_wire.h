/*
 * sightings_wire.h - single records to and from the messages of sightings.proto. Included by
 * src/link/ and its tests only.
 *
 * Packing gives a message Batch that holds just this record: messages put one after the other are
 * one message with all of their records, so a batch is written without being held twice.
 *
 * Unpacking believes nothing. What is wrong is told by a phrase that completes "a sighting has",
 * and the record is not used.
 */
#ifndef LINK_SIGHTINGS_WIRE_H
#define LINK_SIGHTINGS_WIRE_H

#include <stdint.h>

#include "link/sightings.h"
#include "link/sightings.pb-c.h"
#include "observe/shard.h"
#include "observe/sighting.h"
#include "observe/sums.h"

/*
 * Writes at most SIGHTINGS_RECORD_MAX_BYTES and returns how many; 0 when the record cannot be
 * written: a kind that only a ledger makes, a time outside the years 0001 to 9999, or counts that
 * nobody would believe.
 */
size_t sightings_pack_sighting(const struct sighting *sighting, int64_t window_us, uint8_t *out);
size_t sightings_pack_host(const struct host *host, uint8_t *out);
size_t sightings_pack_carrier(const struct carrier *carrier, uint8_t *out);
size_t sightings_pack_sum(const struct sum *sum, uint8_t *out);

/* What a sighting's targets lie in while it is handed on. */
struct sightings_room {
	struct address_item items[ADDRESS_SET_EXACT];
};

/*
 * Each returns NULL and the record, or what is wrong with it. The sighting's targets lie in `room`
 * and in the message.
 */
const char *sightings_unpack_sighting(const Hinomi__Sighting *message, int64_t window_us,
    struct sightings_room *room, struct sighting *ret_sighting);
const char *sightings_unpack_host(const Hinomi__Host *message, struct host *ret_host);
const char *sightings_unpack_carrier(const Hinomi__Carrier *message, struct carrier *ret_carrier);
const char *sightings_unpack_sum(const Hinomi__Sum *message, struct sum *ret_sum);

/* All that the message of a reading points to. */
struct sightings_reading_scratch {
	Hinomi__Reading message;
	Hinomi__Strangers strangers;
	Hinomi__StrangersPort ports[STRANGERS_PORTS];
	Hinomi__StrangersPort *port_list[STRANGERS_PORTS];
};
/* False when a time cannot be written. The message points into the scratch. */
bool sightings_pack_reading(
    const struct sightings_reading *reading, struct sightings_reading_scratch *scratch);
const char *sightings_unpack_reading(
    const Hinomi__Reading *message, struct sightings_reading *ret_reading);

/* The parts of records (sightings_set.c). */
struct sightings_set_scratch {
	Hinomi__AddressSet message;
	uint8_t v4[4 * ADDRESS_SET_EXACT];
	uint8_t v6[ADDRESS_BYTES * ADDRESS_SET_EXACT];
	int64_t first_us[ADDRESS_SET_EXACT];
	uint64_t span_us[ADDRESS_SET_EXACT];
	uint32_t packets[ADDRESS_SET_EXACT];
	uint32_t flags[ADDRESS_SET_EXACT];
};
/* False when a time cannot be written. The message points into the scratch and the set. */
bool sightings_pack_set(
    const struct address_set *set, int64_t window_us, struct sightings_set_scratch *scratch);
const char *sightings_unpack_set(const Hinomi__AddressSet *message, int64_t window_us,
    struct sightings_room *room, struct address_set *ret_set);

/* Numbers of ours for kinds and variants, and those of files. */
struct sightings_names {
	uint8_t kind;
	uint8_t variant;
};
/* False for a kind that only a ledger makes. */
bool sightings_pack_names(
    const struct sightings_names *names, Hinomi__Kind *ret_kind, Hinomi__Variant *ret_variant);
const char *sightings_unpack_names(
    Hinomi__Kind kind, Hinomi__Variant variant, struct sightings_names *ret_names);

/* Writes a batch of one record. */
size_t sightings_pack_batch(const Hinomi__Batch *batch, uint8_t *out);

/* 4 bytes for IPv4, 16 for IPv6; `out` has room for 16. */
size_t sightings_pack_address(const struct address *address, uint8_t *out);
bool sightings_unpack_address(const ProtobufCBinaryData *bytes, struct address *ret_address);

/* Times within a window's message; false when out of the years 0001 to 9999. */
bool sightings_pack_time(int64_t time_us, int64_t window_us, int64_t *ret_after_us);
bool sightings_unpack_time(int64_t after_us, int64_t window_us, int64_t *ret_time_us);
bool sightings_unpack_end(int64_t first_us, uint64_t span_us, int64_t *ret_last_us);

#endif
