#include "link/sightings_opener.h"

#include <errno.h>
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
};

struct sightings_opener {
	struct arena arena;
	Hinomi__Batch *message; /* in the arena; NULL before the first */
};

int sightings_opener_new(struct sightings_opener **ret_opener)
{
	struct sightings_opener *opener = calloc(1, sizeof *opener);
	if (opener == NULL)
		return -ENOMEM;
	arena_init(&opener->arena, MESSAGE_MAX_BYTES);
	*ret_opener = opener;
	return 0;
}

void sightings_opener_free(struct sightings_opener *opener)
{
	if (opener == NULL)
		return;
	arena_release(&opener->arena);
	free(opener);
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

/* What is wrong with the batch itself, or NULL. */
static const char *check_envelope(const Hinomi__Batch *message, uint32_t version)
{
	int64_t window_us;
	if (message->version != version)
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

static void note_time(struct sightings_batch *batch, int64_t time_us)
{
	if (time_us > batch->latest_us)
		batch->latest_us = time_us;
}

static const char *check_sightings(const Hinomi__Batch *message, struct sightings_batch *batch)
{
	struct sightings_room room;
	struct sighting sighting;
	const char *wrong = NULL;
	for (size_t i = 0; i < message->n_sightings && wrong == NULL; i++) {
		wrong = sightings_unpack_sighting(
		    message->sightings[i], message->window_us, &room, &sighting);
		if (wrong != NULL)
			break;
		note_time(batch, sighting.window_us);
		if (sighting.packets > 0)
			note_time(batch, sighting.last_us);
	}
	return wrong;
}

static const char *check_sums(const Hinomi__Batch *message, struct sightings_batch *batch)
{
	struct sum sum;
	const char *wrong = NULL;
	for (size_t i = 0; i < message->n_sums && wrong == NULL; i++) {
		wrong = sightings_unpack_sum(message->sums[i], &sum);
		if (wrong == NULL)
			note_time(batch, sum.last_us);
	}
	return wrong;
}

/* What is wrong with a record, or NULL; `*ret_what` says which. */
static const char *check_records(
    const Hinomi__Batch *message, struct sightings_batch *batch, const char **ret_what)
{
	struct host host;
	struct carrier carrier;
	const char *wrong = check_sightings(message, batch);
	*ret_what = "a sighting";
	for (size_t i = 0; i < message->n_hosts && wrong == NULL; i++) {
		*ret_what = "a host";
		wrong = sightings_unpack_host(message->hosts[i], &host);
	}
	for (size_t i = 0; i < message->n_carriers && wrong == NULL; i++) {
		*ret_what = "a carrier";
		wrong = sightings_unpack_carrier(message->carriers[i], &carrier);
	}
	if (wrong == NULL) {
		*ret_what = "a sum";
		wrong = check_sums(message, batch);
	}
	if (wrong == NULL && message->reading != NULL) {
		*ret_what = "the end";
		wrong = sightings_unpack_reading(message->reading, &batch->reading);
	}
	return wrong;
}

__attribute__((format(printf, 2, 3))) static int refuse(
    char words[static SIGHTINGS_WORDS_BYTES], const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(words, SIGHTINGS_WORDS_BYTES, format, arguments); /* cut where too long */
	va_end(arguments);
	return -EBADMSG;
}

static void describe(const Hinomi__Batch *message, struct sightings_batch *batch)
{
	batch->sensor = message->sensor;
	batch->epoch = message->epoch;
	batch->sequence = message->sequence;
	batch->window_us = message->window_us;
	batch->ends_window = message->ends_window != 0;
	batch->has_window = batch->ends_window || message->n_sightings > 0;
	batch->is_last = message->is_last != 0;
	if (batch->has_window)
		note_time(batch, batch->window_us);
}

int sightings_opener_open(struct sightings_opener *opener, const struct sightings_message *message,
    struct sightings_batch *batch, char ret_words[static SIGHTINGS_WORDS_BYTES])
{
	ProtobufCAllocator allocator = {
	    .alloc = take, .free = leave, .allocator_data = &opener->arena};
	arena_clear(&opener->arena);
	opener->message = NULL;
	Hinomi__Batch *opened = hinomi__batch__unpack(&allocator, message->count, message->bytes);
	if (opened == NULL)
		return refuse(ret_words, "is wrong: it is no batch of sightings");
	const char *what;
	const char *wrong = check_envelope(opened, message->version);
	if (wrong != NULL)
		return refuse(ret_words, "%s", wrong);
	sightings_reading_init(&batch->reading);
	batch->latest_us = INT64_MIN;
	wrong = check_records(opened, batch, &what);
	if (wrong != NULL)
		return refuse(ret_words, "is wrong: %s has %s", what, wrong);
	describe(opened, batch);
	opener->message = opened;
	return 0;
}

void sightings_opener_hand_on(
    const struct sightings_opener *opener, const struct observer_sink *sink)
{
	const Hinomi__Batch *message = opener->message;
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

int sightings_frame_check(const uint8_t *frame, size_t bytes, struct sightings_message *ret_message,
    uint64_t *ret_checksum)
{
	if (bytes <= SIGHTINGS_FRAME_BYTES ||
	    bytes > SIGHTINGS_FRAME_BYTES + SIGHTINGS_BATCH_MAX_BYTES)
		return -EBADMSG;
	const size_t count = bytes - SIGHTINGS_FRAME_BYTES;
	const uint64_t checksum = (uint64_t)be32(frame + 4) << 32 | be32(frame + 8);
	if (be32(frame) != count ||
	    sightings_checksum(frame + SIGHTINGS_FRAME_BYTES, count) != checksum)
		return -EBADMSG;
	*ret_message = (struct sightings_message){
	    .bytes = frame + SIGHTINGS_FRAME_BYTES, .count = count, .version = SIGHTINGS_VERSION};
	*ret_checksum = checksum;
	return 0;
}
