/*
 * sightings.h - batches of sightings in a file: the layout, the limits, what every part shares.
 *
 * A file is a header and batches one after the other; numbers are big-endian:
 *
 *   header   8 bytes   89 'H' 'N' 'M' 'S' 0d 0a 1a: no text, and a transfer as text shows
 *            4 bytes   version of the schema
 *   batch    4 bytes   length of the message that follows
 *            8 bytes   XXH3 of the message, with its length in the seed (sightings_checksum):
 *                      damage is found at its batch
 *            ...       the message Batch of link/sightings.proto
 *
 * Batches are small, so a reader needs little memory whatever the file claims; a window with more
 * is split. The last batch says so: a file without it was cut, or its writer interrupted. Another
 * file may follow it, header and all, so that files can be joined with cat(1). Files may be packed
 * with gzip or zstd.
 *
 * Versions: writers write SIGHTINGS_VERSION, readers read that and the one before, so that sensors
 * and hub are renewed one after the other. What each version brought stands in the schema.
 */
#ifndef LINK_SIGHTINGS_H
#define LINK_SIGHTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe/strangers.h"

enum {
	SIGHTINGS_VERSION = 2,
	SIGHTINGS_VERSION_MIN = 1,
	SIGHTINGS_VERSION_SUMS = 2, /* brought sums, and strangers */

	SIGHTINGS_MAGIC_BYTES = 8,
	SIGHTINGS_MARK_BYTES = 5, /* of the magic: enough to tell that a file means to be one */
	SIGHTINGS_HEADER_BYTES = SIGHTINGS_MAGIC_BYTES + 4,
	SIGHTINGS_FRAME_BYTES = 12, /* length and checksum */
	/* What a message may have: of a carrier such as NATS the usual limit of one message. */
	SIGHTINGS_BATCH_MAX_BYTES = 1 << 20,
	/* Of each kind in one batch. */
	SIGHTINGS_RECORDS_MAX = 4096,
	/* No sighting, host or carrier takes more: 256 targets of 16 bytes with their times, and
	   4096 registers, are 15 kB. */
	SIGHTINGS_RECORD_MAX_BYTES = 32 << 10,
	SIGHTINGS_SENSOR_BYTES = 128, /* of a sensor's name, with the byte that ends it */
};

/* No sensor sees more packets of one source, and sums of millions of them still fit 64 bits. */
#define SIGHTINGS_COUNT_MAX (UINT64_C(1) << 40)

extern const uint8_t sightings_magic[SIGHTINGS_MAGIC_BYTES];

/* Also of no message it depends on the length. */
uint64_t sightings_checksum(const uint8_t *message, size_t bytes);

/* What a sensor read in all: the last batch tells it. */
struct sightings_reading {
	uint64_t packets;
	uint64_t bytes;
	uint64_t filtered;
	uint64_t decoded;
	uint64_t truncated;
	uint64_t malformed;
	uint64_t unsupported;
	int64_t first_us; /* INT64_MAX and INT64_MIN when no packet had a time */
	int64_t last_us;
	uint64_t hosts;
	uint64_t dropped;
	uint64_t evicted;
	uint64_t forged_sources;
	uint64_t clock_steps;
	uint64_t inner_mismatch;
	uint64_t unsupported_links;
	uint32_t unsupported_link_type;
	struct strangers strangers;
};

/* A reading of nothing. */
void sightings_reading_init(struct sightings_reading *reading);
/*
 * Adds up; counts stop at the largest number. Of ports the most asked for stay: where sensors name
 * different ones, the numbers of those that some left out are too low.
 */
void sightings_reading_add(struct sightings_reading *into, const struct sightings_reading *from);

/* Whether a sensor may have this name: 1 to 127 bytes of UTF-8 without control characters. */
bool sightings_sensor_is_valid(const char *name);

#endif
