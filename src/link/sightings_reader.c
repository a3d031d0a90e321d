#include "link/sightings_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

#define READ_UP_TO "; read up to there"

struct sightings_reader {
	struct stream *stream;
	struct sightings_opener *opener;
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
	int result = sightings_opener_new(&reader->opener);
	if (result != 0)
		sightings_reader_free(reader);
	else
		*ret_reader = reader;
	return result;
}

void sightings_reader_free(struct sightings_reader *reader)
{
	if (reader == NULL)
		return;
	sightings_opener_free(reader->opener);
	stream_free(reader->stream);
	free(reader);
}

int sightings_reader_complain(
    const struct sightings_reader *reader, struct complaint *complaint, const char *format, ...)
{
	char words[SIGHTINGS_WORDS_BYTES];
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

static int open_batch(
    struct sightings_reader *reader, size_t message_bytes, struct complaint *complaint)
{
	const uint8_t *frame;
	char words[SIGHTINGS_WORDS_BYTES];
	(void)stream_get(reader->stream, &frame);
	const struct sightings_message message = {
	    .bytes = frame + SIGHTINGS_FRAME_BYTES,
	    .count = message_bytes,
	    .version = reader->version,
	};
	int result = sightings_opener_open(reader->opener, &message, &reader->batch, words);
	stream_consume(reader->stream, SIGHTINGS_FRAME_BYTES + message_bytes);
	if (result != 0)
		return sightings_reader_complain(reader, complaint, "%s" READ_UP_TO, words);
	reader->had_last = reader->batch.is_last;
	return 1;
}

static int read_batch(struct sightings_reader *reader, struct complaint *complaint)
{
	size_t message_bytes = 0;
	int result = begin_batch(reader, complaint);
	if (result > 0)
		result = read_frame(reader, &message_bytes, complaint);
	return result > 0 ? open_batch(reader, message_bytes, complaint) : result;
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
	sightings_opener_hand_on(reader->opener, sink);
}
