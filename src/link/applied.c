#include "link/applied.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "link/sightings.h"

enum {
	RANGES_MIN = 4,
};

struct range {
	uint64_t first;
	uint64_t last; /* included */
};

struct stream_key {
	uint64_t epoch;
	char sensor[SIGHTINGS_SENSOR_BYTES]; /* zeros after its end */
};

struct known_stream {
	struct stream_key key;
	uint32_t number;
	size_t count;
	size_t max;
	struct range *ranges; /* in order, with gaps between them */
};

struct checksum_key {
	uint64_t sequence;
	uint64_t stream;
};

struct known_checksum {
	struct checksum_key key;
	uint64_t checksum;
};

struct applied {
	struct table *streams;
	struct table *checksums;
	uint64_t seed;
};

struct applied *applied_new(void)
{
	struct applied *applied = calloc(1, sizeof *applied);
	if (applied == NULL)
		return NULL;
	applied->seed = hash_seed_random();
	applied->streams =
	    table_new(sizeof(struct stream_key), sizeof(struct known_stream), APPLIED_STREAMS_MAX);
	applied->checksums = table_new(
	    sizeof(struct checksum_key), sizeof(struct known_checksum), APPLIED_CHECKSUMS_MAX);
	if (applied->streams == NULL || applied->checksums == NULL) {
		applied_free(applied);
		return NULL;
	}
	return applied;
}

void applied_free(struct applied *applied)
{
	if (applied == NULL)
		return;
	size_t position = 0;
	struct known_stream *stream;
	while (
	    applied->streams != NULL && (stream = table_next(applied->streams, &position)) != NULL)
		free(stream->ranges);
	table_free(applied->streams);
	table_free(applied->checksums);
	free(applied);
}

static struct known_stream *get_stream(struct applied *applied, const struct applied_batch *batch)
{
	struct stream_key key = {.epoch = batch->epoch};
	memcpy(key.sensor, batch->sensor, strnlen(batch->sensor, sizeof key.sensor - 1));
	uint64_t hash = hash_bytes(&key, sizeof key, applied->seed);
	struct known_stream *stream = table_find(applied->streams, &key, hash);
	if (stream != NULL)
		return stream;
	uint32_t number = (uint32_t)table_count(applied->streams);
	stream = table_insert(applied->streams, &key, hash);
	if (stream != NULL)
		stream->number = number;
	return stream;
}

/* The first range that ends at or after the sequence. */
static size_t find_range(const struct known_stream *stream, uint64_t sequence)
{
	size_t low = 0;
	size_t high = stream->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (stream->ranges[middle].last < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool grow(struct known_stream *stream)
{
	if (stream->count < stream->max)
		return true;
	if (stream->max == APPLIED_RANGES_MAX)
		return false;
	size_t max = stream->max == 0 ? RANGES_MIN : 2 * stream->max;
	struct range *ranges = reallocarray(stream->ranges, max, sizeof *ranges);
	if (ranges == NULL)
		return false;
	stream->ranges = ranges;
	stream->max = max;
	return true;
}

static void remove_range(struct known_stream *stream, size_t at)
{
	stream->count--;
	memmove(&stream->ranges[at], &stream->ranges[at + 1],
	    (stream->count - at) * sizeof *stream->ranges);
}

/* Adds a sequence that no range has, before range `at`. False when there is no room for it. */
static bool add_sequence(struct known_stream *stream, size_t at, uint64_t sequence)
{
	struct range *ranges = stream->ranges;
	bool joins_before = at > 0 && ranges[at - 1].last + 1 == sequence;
	bool joins_after = at < stream->count && ranges[at].first - 1 == sequence;
	if (joins_before && joins_after) {
		ranges[at - 1].last = ranges[at].last;
		remove_range(stream, at);
	} else if (joins_before) {
		ranges[at - 1].last = sequence;
	} else if (joins_after) {
		ranges[at].first = sequence;
	} else {
		if (!grow(stream))
			return false;
		ranges = stream->ranges;
		memmove(&ranges[at + 1], &ranges[at], (stream->count - at) * sizeof *ranges);
		ranges[at] = (struct range){sequence, sequence};
		stream->count++;
	}
	return true;
}

static bool is_other(
    const struct applied *applied, const struct checksum_key *key, uint64_t hash, uint64_t checksum)
{
	const struct known_checksum *known = table_find(applied->checksums, key, hash);
	return known != NULL && known->checksum != checksum;
}

enum applied_answer applied_add(struct applied *applied, const struct applied_batch *batch)
{
	struct known_stream *stream = get_stream(applied, batch);
	if (stream == NULL)
		return APPLIED_NO_ROOM;
	const struct checksum_key key = {batch->sequence, stream->number};
	uint64_t hash = hash_bytes(&key, sizeof key, applied->seed);
	size_t at = find_range(stream, batch->sequence);
	if (at < stream->count && stream->ranges[at].first <= batch->sequence)
		return is_other(applied, &key, hash, batch->checksum) ? APPLIED_CONFLICT
								      : APPLIED_AGAIN;
	if (!add_sequence(stream, at, batch->sequence))
		return APPLIED_NO_ROOM;
	struct known_checksum *known = table_insert(applied->checksums, &key, hash);
	if (known != NULL) /* else a repeat is believed to be one */
		known->checksum = batch->checksum;
	return APPLIED_NEW;
}
