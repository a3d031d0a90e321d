#include "link/sightings_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/sightings_wire.h"

enum {
	/* For all fields of a batch beside its records, its sensor's name included. */
	ENVELOPE_BYTES = 1024,
	BODY_MAX_BYTES = SIGHTINGS_BATCH_MAX_BYTES - ENVELOPE_BYTES,
};

struct writer_counts {
	size_t sightings;
	size_t hosts;
	size_t carriers;
	size_t sums;
};

struct sightings_writer {
	struct observer_sink sink;
	FILE *out;
	int (*give)(void *context, const uint8_t *batch, size_t bytes);
	void *context;
	char *name;
	char sensor[SIGHTINGS_SENSOR_BYTES];
	uint64_t epoch;
	uint64_t sequence;
	int failed;        /* 0, or the first negative errno */
	int64_t window_us; /* of the sightings in the body */
	bool has_window;   /* it is known: there was a sighting */
	struct writer_counts counts;
	size_t body_bytes;
	uint8_t frame[SIGHTINGS_FRAME_BYTES + SIGHTINGS_BATCH_MAX_BYTES]; /* then the message */
};

static void put_u32(uint8_t *out, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_u64(uint8_t *out, uint64_t value)
{
	put_u32(out, (uint32_t)(value >> 32));
	put_u32(out + 4, (uint32_t)value);
}

static void put(struct sightings_writer *writer, const void *bytes, size_t count)
{
	errno = 0;
	if (writer->failed != 0 || count == 0 || fwrite(bytes, 1, count, writer->out) == count)
		return;
	writer->failed = errno != 0 ? -errno : -EIO;
}

/* What one taker refuses is lost; the next batch may find room. */
static void give(struct sightings_writer *writer, const uint8_t *batch, size_t bytes)
{
	if (writer->give == NULL) {
		put(writer, batch, bytes);
		return;
	}
	int result = writer->give(writer->context, batch, bytes);
	if (writer->failed == 0)
		writer->failed = result;
}

/* Writes the batch whose other fields `batch` has, and begins the next. */
static void write_batch(struct sightings_writer *writer, Hinomi__Batch *batch)
{
	batch->version = SIGHTINGS_VERSION;
	batch->sensor = writer->sensor;
	batch->epoch = writer->epoch;
	batch->sequence = ++writer->sequence;
	uint8_t *message = writer->frame + SIGHTINGS_FRAME_BYTES;
	size_t envelope_bytes = hinomi__batch__get_packed_size(batch);
	assert(envelope_bytes <= ENVELOPE_BYTES);
	/* fields may come in any order: those of the batch itself stand behind its records */
	(void)hinomi__batch__pack(batch, message + writer->body_bytes); /* as measured */
	size_t bytes = writer->body_bytes + envelope_bytes;
	put_u32(writer->frame, (uint32_t)bytes);
	put_u64(writer->frame + 4, sightings_checksum(message, bytes));
	give(writer, writer->frame, SIGHTINGS_FRAME_BYTES + bytes);
	writer->body_bytes = 0;
	writer->counts = (struct writer_counts){0};
}

static void write_window(struct sightings_writer *writer, bool ends_window)
{
	Hinomi__Batch batch;
	hinomi__batch__init(&batch);
	if (writer->has_window || ends_window)
		batch.window_us = writer->window_us;
	batch.ends_window = ends_window;
	write_batch(writer, &batch);
}

static void write_header(struct sightings_writer *writer)
{
	uint8_t header[SIGHTINGS_HEADER_BYTES];
	memcpy(header, sightings_magic, SIGHTINGS_MAGIC_BYTES);
	put_u32(header + SIGHTINGS_MAGIC_BYTES, SIGHTINGS_VERSION);
	put(writer, header, sizeof header);
}

/*
 * Room for one more record, of which `count` are there. The window of what comes before the first
 * sighting is not known yet; hosts and carriers need none.
 */
static uint8_t *make_room(struct sightings_writer *writer, size_t count)
{
	if (count == SIGHTINGS_RECORDS_MAX ||
	    BODY_MAX_BYTES - writer->body_bytes < SIGHTINGS_RECORD_MAX_BYTES)
		write_window(writer, false);
	return writer->frame + SIGHTINGS_FRAME_BYTES + writer->body_bytes;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct sightings_writer *writer = context;
	if (!writer->has_window)
		writer->window_us = sighting->window_us;
	writer->has_window = true;
	uint8_t *out = make_room(writer, writer->counts.sightings);
	size_t bytes = sightings_pack_sighting(sighting, writer->window_us, out);
	if (bytes == 0 && writer->failed == 0)
		writer->failed = -ERANGE;
	writer->body_bytes += bytes;
	writer->counts.sightings++;
}

static void on_host(void *context, const struct host *host)
{
	struct sightings_writer *writer = context;
	uint8_t *out = make_room(writer, writer->counts.hosts);
	writer->body_bytes += sightings_pack_host(host, out);
	writer->counts.hosts++;
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	struct sightings_writer *writer = context;
	uint8_t *out = make_room(writer, writer->counts.carriers);
	writer->body_bytes += sightings_pack_carrier(carrier, out);
	writer->counts.carriers++;
}

static void on_window_end(void *context, int64_t window_us)
{
	struct sightings_writer *writer = context;
	if (writer->counts.sightings > 0 && writer->window_us != window_us)
		write_window(writer, false);
	writer->window_us = window_us;
	write_window(writer, true);
	writer->has_window = false;
}

static void on_sum(void *context, const struct sum *sum)
{
	struct sightings_writer *writer = context;
	uint8_t *out = make_room(writer, writer->counts.sums);
	size_t bytes = sightings_pack_sum(sum, out);
	if (bytes == 0 && writer->failed == 0)
		writer->failed = -ERANGE;
	writer->body_bytes += bytes;
	writer->counts.sums++;
}

int sightings_writer_new(
    const struct sightings_writer_options *options, struct sightings_writer **ret_writer)
{
	assert(sightings_sensor_is_valid(options->sensor));
	struct sightings_writer *writer = calloc(1, sizeof *writer);
	if (writer == NULL)
		return -ENOMEM;
	writer->name = strdup(options->name);
	if (writer->name == NULL) {
		free(writer);
		return -ENOMEM;
	}
	writer->sink = (struct observer_sink){
	    .context = writer,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	    .on_sum = on_sum,
	};
	writer->out = options->out;
	writer->give = options->give;
	writer->context = options->context;
	writer->epoch = options->epoch;
	memcpy(writer->sensor, options->sensor, strlen(options->sensor) + 1);
	if (writer->give == NULL)
		write_header(writer);
	*ret_writer = writer;
	return 0;
}

void sightings_writer_free(struct sightings_writer *writer)
{
	if (writer == NULL)
		return;
	free(writer->name);
	free(writer);
}

const struct observer_sink *sightings_writer_sink(struct sightings_writer *writer)
{
	return &writer->sink;
}

int sightings_writer_flush(struct sightings_writer *writer)
{
	if (writer->body_bytes > 0)
		write_window(writer, false);
	int failed = writer->failed;
	writer->failed = 0;
	return failed;
}

static void write_last(struct sightings_writer *writer, const struct sightings_reading *reading)
{
	struct sightings_reading_scratch scratch;
	Hinomi__Batch batch;
	hinomi__batch__init(&batch);
	batch.is_last = true;
	batch.reading = &scratch.message;
	if (!sightings_pack_reading(reading, &scratch) && writer->failed == 0)
		writer->failed = -ERANGE;
	write_batch(writer, &batch);
}

int sightings_writer_finish(struct sightings_writer *writer,
    const struct sightings_reading *reading, struct complaint *complaint)
{
	if (writer->body_bytes > 0)
		write_window(writer, false);
	write_last(writer, reading);
	errno = 0;
	if (writer->out != NULL && fflush(writer->out) != 0 && writer->failed == 0)
		writer->failed = errno != 0 ? -errno : -EIO;
	if (writer->failed == -ERANGE)
		return complain(complaint, writer->failed,
		    "%s: cannot be written: a record has a time outside the years 0001 to 9999, or "
		    "counts that cannot be",
		    writer->name);
	if (writer->failed != 0)
		return complain(complaint, writer->failed, "%s: writing failed (%s)", writer->name,
		    strerror(-writer->failed));
	return 0;
}
