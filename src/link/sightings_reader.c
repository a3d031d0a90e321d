#include "link/sightings_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "link/arena.h"
#include "link/sightings_wire.h"

enum {
	/*
	 * A batch of the largest size, unpacked: lists of numbers take eight times their bytes,
	 * and 4096 sightings some 1 MB by themselves. What claims more is no batch of ours.
	 */
	MESSAGE_MAX_BYTES = 16 << 20,
	WORDS_BYTES = 160,
};

#define READ_UP_TO "; read up to there"

struct sightings_reader {
	struct stream *stream;
	struct arena arena;
	Hinomi__Batch *message; /* in the arena; NULL before the first */
	struct sightings_batch batch;
	uint32_t version; /* 0: a header comes next */
	bool had_last;    /* a file of its own ended here */
	bool is_done;
};

bool sightings_recognise(const uint8_t *bytes, size_t count)
{
	return count >= SIGHTINGS_MARK_BYTES &&
	       memcmp(bytes, sightings_magic, SIGHTINGS_MARK_BYTES) == 0;
}

int sightings_reader_new(struct stream *stream, struct sightings_reader **ret_reader)
{
	struct sightings_reader *reader = calloc(1, sizeof *reader);
	if (reader == NULL) {
		stream_free(stream);
		return -ENOMEM;
	}
	reader->stream = stream;
	arena_init(&reader->arena, MESSAGE_MAX_BYTES);
	*ret_reader = reader;
	return 0;
}

void sightings_reader_free(struct sightings_reader *reader)
{
	if (reader == NULL)
		return;
	arena_release(&reader->arena);
	stream_free(reader->stream);
	free(reader);
}

int sightings_reader_complain(
    const struct sightings_reader *reader, struct complaint *complaint, const char *format, ...)
{
	char words[WORDS_BYTES];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(words, sizeof words, format, arguments); /* cut where it is too long */
	va_end(arguments);
	return stream_complain(reader->stream, complaint, reader->batch.offset,
	    "batch %" PRIu64 " %s", reader->batch.number, words);
}

/* Reads until `want` bytes are at hand. Returns 1, or a negative errno: the file ends before. */
static int need(
    struct sightings_reader *reader, size_t want, const char *unit, struct complaint *complaint)
{
	int result = stream_fill(reader->stream, want, complaint);
	if (result != 0)
		return result;
	const uint8_t *bytes;
	size_t left = stream_get(reader->stream, &bytes);
	return stream_complain(reader->stream, complaint, stream_get_offset(reader->stream),
	    "the file ends in the middle of %s: %zu bytes are left, expected %zu" READ_UP_TO, unit,
	    left, want);
}

static int read_header(struct sightings_reader *reader, struct complaint *complaint)
{
	const uint8_t *bytes;
	uint64_t offset = stream_get_offset(reader->stream);
	int result = need(reader, SIGHTINGS_HEADER_BYTES, "its header", complaint);
	if (result < 0)
		return result;
	(void)stream_get(reader->stream, &bytes);
	if (memcmp(bytes, sightings_magic, SIGHTINGS_MAGIC_BYTES) != 0)
		return stream_complain(reader->stream, complaint, offset,
		    "is not the header of a file of sightings; a transfer as text may have "
		    "damaged it");
	uint32_t version = be32(bytes + SIGHTINGS_MAGIC_BYTES);
	if (version < SIGHTINGS_VERSION_MIN || version > SIGHTINGS_VERSION)
		return stream_complain(reader->stream, complaint, offset + SIGHTINGS_MAGIC_BYTES,
		    "sightings of version %" PRIu32 ", expected %d to %d%s", version,
		    SIGHTINGS_VERSION_MIN, SIGHTINGS_VERSION,
		    version > SIGHTINGS_VERSION ? "; a newer Hinomi can read them" : "");
	stream_consume(reader->stream, SIGHTINGS_HEADER_BYTES);
	reader->version = version;
	reader->had_last = false;
	return 1;
}

/* Between batches: a header where a file begins. Returns 1, 0 at the end, or a negative errno. */
static int begin_batch(struct sightings_reader *reader, struct complaint *complaint)
{
	bool at_start = reader->version == 0;
	if (!at_start && !reader->had_last)
		return 1;
	int result = at_start ? 1 : stream_fill(reader->stream, 1, complaint);
	return result <= 0 ? result : read_header(reader, complaint);
}

/* Brings a whole batch to hand. Returns 1 or a negative errno. */
static int read_frame(
    struct sightings_reader *reader, size_t *ret_message_bytes, struct complaint *complaint)
{
	const uint8_t *frame;
	reader->batch.offset = stream_get_offset(reader->stream);
	reader->batch.number++;
	int result = stream_fill(reader->stream, 1, complaint);
	if (result == 0)
		return stream_complain(reader->stream, complaint, reader->batch.offset,
		    "the file ends after batch %" PRIu64
		    " without a last one: was its writer interrupted?",
		    reader->batch.number - 1);
	if (result > 0)
		result = need(reader, SIGHTINGS_FRAME_BYTES, "a batch", complaint);
	if (result < 0)
		return result;
	(void)stream_get(reader->stream, &frame);
	size_t bytes = be32(frame);
	if (bytes == 0 || bytes > SIGHTINGS_BATCH_MAX_BYTES)
		return sightings_reader_complain(reader, complaint,
		    "is damaged (a length of %zu, expected 1 to %d)" READ_UP_TO, bytes,
		    SIGHTINGS_BATCH_MAX_BYTES);
	result = need(reader, SIGHTINGS_FRAME_BYTES + bytes, "a batch", complaint);
	if (result < 0)
		return result;
	(void)stream_get(reader->stream, &frame);
	reader->batch.checksum = (uint64_t)be32(frame + 4) << 32 | be32(frame + 8);
	if (sightings_checksum(frame + SIGHTINGS_FRAME_BYTES, bytes) != reader->batch.checksum)
		return sightings_reader_complain(
		    reader, complaint, "is damaged (checksum)" READ_UP_TO);
	*ret_message_bytes = bytes;
	return 1;
}

static void *take(void *arena, size_t bytes)
{
	return arena_take(arena, bytes);
}

static void leave(void *arena, void *taken)
{
	(void)arena; /* all is given back at once */
	(void)taken;
}

static void unpack(struct sightings_reader *reader, size_t message_bytes)
{
	const uint8_t *frame;
	ProtobufCAllocator allocator = {
	    .alloc = take, .free = leave, .allocator_data = &reader->arena};
	arena_clear(&reader->arena);
	(void)stream_get(reader->stream, &frame);
	reader->message =
	    hinomi__batch__unpack(&allocator, message_bytes, frame + SIGHTINGS_FRAME_BYTES);
	stream_consume(reader->stream, SIGHTINGS_FRAME_BYTES + message_bytes);
}

/* What is wrong with the batch itself, or NULL. */
static const char *check_envelope(const struct sightings_reader *reader)
{
	const Hinomi__Batch *message = reader->message;
	int64_t window_us;
	if (message->version != reader->version)
		return "is of another version than its file";
	if (!sightings_sensor_is_valid(message->sensor))
		return "has a sensor without a proper name";
	if (message->sequence == 0)
		return "has no number";
	if (message->n_sightings > SIGHTINGS_RECORDS_MAX ||
	    message->n_hosts > SIGHTINGS_RECORDS_MAX ||
	    message->n_carriers > SIGHTINGS_RECORDS_MAX || message->n_sums > SIGHTINGS_RECORDS_MAX)
		return "has more records than a batch may";
	bool has_sums = message->n_sums > 0 ||
			(message->reading != NULL && message->reading->strangers != NULL);
	if (has_sums && message->version < SIGHTINGS_VERSION_SUMS)
		return "has what its version did not know";
	if (!sightings_unpack_time(message->window_us, 0, &window_us))
		return "has a window outside the years 0001 to 9999";
	if (message->is_last != (message->reading != NULL))
		return message->is_last ? "is the last and does not sum up" : "sums up too early";
	if (message->is_last &&
	    (message->ends_window ||
		message->n_sightings + message->n_hosts + message->n_carriers + message->n_sums >
		    0))
		return "is the last and has records";
	return NULL;
}

static const char *check_sightings(const Hinomi__Batch *message)
{
	struct sightings_room room;
	struct sighting sighting;
	const char *wrong = NULL;
	for (size_t i = 0; i < message->n_sightings && wrong == NULL; i++)
		wrong = sightings_unpack_sighting(
		    message->sightings[i], message->window_us, &room, &sighting);
	return wrong;
}

/* Whether every record is right; else complains. */
static int check_records(struct sightings_reader *reader, struct complaint *complaint)
{
	const Hinomi__Batch *message = reader->message;
	struct host host;
	struct carrier carrier;
	struct sum sum;
	const char *what = "a sighting";
	const char *wrong = check_sightings(message);
	for (size_t i = 0; i < message->n_hosts && wrong == NULL; i++) {
		what = "a host";
		wrong = sightings_unpack_host(message->hosts[i], &host);
	}
	for (size_t i = 0; i < message->n_carriers && wrong == NULL; i++) {
		what = "a carrier";
		wrong = sightings_unpack_carrier(message->carriers[i], &carrier);
	}
	for (size_t i = 0; i < message->n_sums && wrong == NULL; i++) {
		what = "a sum";
		wrong = sightings_unpack_sum(message->sums[i], &sum);
	}
	if (wrong == NULL && message->reading != NULL) {
		what = "the end";
		wrong = sightings_unpack_reading(message->reading, &reader->batch.reading);
	}
	if (wrong == NULL)
		return 1;
	return sightings_reader_complain(
	    reader, complaint, "is wrong: %s has %s" READ_UP_TO, what, wrong);
}

static int check(struct sightings_reader *reader, struct complaint *complaint)
{
	if (reader->message == NULL)
		return sightings_reader_complain(
		    reader, complaint, "is wrong: it is no batch of sightings" READ_UP_TO);
	const char *wrong = check_envelope(reader);
	if (wrong != NULL)
		return sightings_reader_complain(reader, complaint, "%s" READ_UP_TO, wrong);
	return check_records(reader, complaint);
}

static void describe(struct sightings_reader *reader)
{
	const Hinomi__Batch *message = reader->message;
	struct sightings_batch *batch = &reader->batch;
	batch->sensor = message->sensor;
	batch->epoch = message->epoch;
	batch->sequence = message->sequence;
	batch->window_us = message->window_us;
	batch->ends_window = message->ends_window != 0;
	batch->has_window = batch->ends_window || message->n_sightings > 0;
	batch->is_last = message->is_last != 0;
	reader->had_last = batch->is_last;
}

static int read_batch(struct sightings_reader *reader, struct complaint *complaint)
{
	size_t message_bytes = 0;
	int result = begin_batch(reader, complaint);
	if (result > 0)
		result = read_frame(reader, &message_bytes, complaint);
	if (result <= 0)
		return result;
	unpack(reader, message_bytes);
	sightings_reading_init(&reader->batch.reading);
	result = check(reader, complaint);
	if (result > 0)
		describe(reader);
	return result;
}

int sightings_reader_next(struct sightings_reader *reader, const struct sightings_batch **ret_batch,
    struct complaint *complaint)
{
	if (reader->is_done)
		return 0;
	int result = read_batch(reader, complaint);
	reader->is_done = result <= 0;
	if (result > 0)
		*ret_batch = &reader->batch;
	return result;
}

void sightings_reader_hand_on(
    const struct sightings_reader *reader, const struct observer_sink *sink)
{
	const Hinomi__Batch *message = reader->message;
	struct sightings_room room;
	for (size_t i = 0; i < message->n_hosts; i++) {
		struct host host;
		if (sightings_unpack_host(message->hosts[i], &host) == NULL)
			sink->on_host(sink->context, &host);
	}
	for (size_t i = 0; i < message->n_carriers; i++) {
		struct carrier carrier;
		if (sightings_unpack_carrier(message->carriers[i], &carrier) == NULL)
			sink->on_carrier(sink->context, &carrier);
	}
	for (size_t i = 0; i < message->n_sightings; i++) {
		struct sighting sighting;
		if (sightings_unpack_sighting(
			message->sightings[i], message->window_us, &room, &sighting) == NULL)
			sink->on_sighting(sink->context, &sighting);
	}
	for (size_t i = 0; i < message->n_sums && sink->on_sum != NULL; i++) {
		struct sum sum;
		if (sightings_unpack_sum(message->sums[i], &sum) == NULL)
			sink->on_sum(sink->context, &sum);
	}
}
