/*
 * fuzz_sightings.c - files of sightings: read, judged, and written again.
 *
 * Byte 0 decides: with bit 0 the rest is a file as it stands. Else it is messages, each behind its
 * length of 2 bytes, which get the header and checksums that random bytes never have. With bit 1
 * the file is read twice at once, with bit 2 in blocks of a few bytes, with bit 3 members are
 * known.
 *
 * What was believed once must be written and believed again, the very same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/sightings_help.h"
#include "cmd/analysis.h"
#include "link/sightings_wire.h"
#include "registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	RAW = 1,
	TWICE = 2,
	SMALL_BLOCKS = 4,
	MEMBERS = 8,
	OLD_VERSION = 16,
	SMALL_BLOCK_BYTES = 7,
};

static void put_number(FILE *out, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		fputc((int)(value >> 8 * i & 0xff), out);
}

static void put_messages(FILE *out, uint32_t version, const uint8_t *data, size_t data_bytes)
{
	(void)fwrite(sightings_magic, 1, SIGHTINGS_MAGIC_BYTES, out); /* into memory */
	put_number(out, version, 4);
	while (data_bytes > 2) {
		size_t bytes = (size_t)data[0] << 8 | data[1];
		if (bytes > data_bytes - 2)
			bytes = data_bytes - 2;
		put_number(out, bytes, 4);
		put_number(out, sightings_checksum(data + 2, bytes), 8);
		(void)fwrite(data + 2, 1, bytes, out); /* into memory */
		data += 2 + bytes;
		data_bytes -= 2 + bytes;
	}
}

static struct sightings_reader *open_reader(const struct growing *file, size_t block_bytes)
{
	struct stream *stream;
	struct sightings_reader *reader;
	int fd = memfd_create("sightings", 0);
	if (fd < 0 || write(fd, file->bytes, file->count) != (ssize_t)file->count ||
	    lseek(fd, 0, SEEK_SET) != 0 || stream_new(fd, "fuzz", block_bytes, &stream) != 0 ||
	    sightings_reader_new(stream, &reader) != 0)
		abort();
	return reader;
}

static struct registry *make_registry(bool members)
{
	struct registry *registry = NULL;
	struct complaint complaint;
	int result = registry_new(&registry);
	if (result == 0 && members)
		result =
		    registry_add_member(registry, "town", "192.0.2.0/24,2001:db8::/32", &complaint);
	else if (result == 0)
		result = registry_add_local(registry, &complaint);
	if (result == 0 && members)
		result = registry_add_dark(registry, "198.18.0.0/16", &complaint);
	if (result == 0)
		result = registry_seal(registry, &complaint);
	if (result != 0)
		abort();
	return registry;
}

static void replay(
    struct sightings_reader *const *readers, size_t count, const struct observer_sink *sink)
{
	struct sightings_replay *files;
	struct sightings_reading reading;
	struct complaint complaint;
	int result;
	if (sightings_replay_new(readers, count, &files) != 0)
		abort();
	while ((result = sightings_replay_step(files, sink, &complaint)) != 0)
		if (result < 0 && complaint.text[0] == '\0')
			abort();
	sightings_replay_get_reading(files, &reading);
	sightings_replay_free(files);
}

/* Reads and judges; the tap is told everything. */
static void judge(struct sightings_reader *const *readers, size_t count, bool members,
    const struct observer_sink *tap)
{
	struct registry *registry = make_registry(members);
	struct thresholds thresholds;
	struct analysis *analysis;
	struct findings findings = {0};
	struct observer_sink sink;
	thresholds_init(&thresholds);
	const struct analysis_options options = {
	    .registry = registry,
	    .thresholds = &thresholds,
	    .tap = tap,
	    .memory_bytes = ANALYSIS_MEMORY_MIN,
	    .workers = 1,
	    .infer_dark = true,
	};
	if (analysis_new(&options, &analysis) != 0)
		abort();
	analysis_get_sink(analysis, &sink);
	replay(readers, count, &sink);
	if (analysis_finish(analysis, &findings) != 0)
		abort();
	findings_release(&findings);
	analysis_free(analysis);
	registry_free(registry);
}

/* Hands all on to a writer and to a text. */
struct copying {
	const struct observer_sink *writer;
	struct observer_sink text;
};

static void copy_sighting(void *context, const struct sighting *sighting)
{
	const struct copying *copying = context;
	copying->writer->on_sighting(copying->writer->context, sighting);
	copying->text.on_sighting(copying->text.context, sighting);
}

static void copy_host(void *context, const struct host *host)
{
	const struct copying *copying = context;
	copying->writer->on_host(copying->writer->context, host);
}

static void copy_carrier(void *context, const struct carrier *carrier)
{
	const struct copying *copying = context;
	copying->writer->on_carrier(copying->writer->context, carrier);
}

static void copy_window_end(void *context, int64_t window_us)
{
	const struct copying *copying = context;
	copying->writer->on_window_end(copying->writer->context, window_us);
}

static void keep_sighting(void *context, const struct sighting *sighting)
{
	tell_sighting(context, sighting);
}

static void leave_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void leave_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void leave_window_end(void *context, int64_t window_us)
{
	(void)context;
	(void)window_us;
}

/* What was written must say the same. */
static void compare(const struct growing *file, const struct growing *text)
{
	struct growing again;
	struct complaint complaint;
	struct sightings_replay *replay;
	struct sightings_reader *reader = open_reader(file, 0);
	growing_open(&again);
	const struct observer_sink sink = {
	    .context = again.file,
	    .on_sighting = keep_sighting,
	    .on_host = leave_host,
	    .on_carrier = leave_carrier,
	    .on_window_end = leave_window_end,
	};
	if (sightings_replay_new(&reader, 1, &replay) != 0)
		abort();
	int result;
	while ((result = sightings_replay_step(replay, &sink, &complaint)) != 0)
		if (result < 0)
			abort();
	sightings_replay_free(replay);
	growing_seal(&again);
	if (again.count != text->count || memcmp(again.bytes, text->bytes, again.count) != 0)
		abort();
	growing_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct growing file;
	struct growing text;
	struct desk desk;
	if (data_bytes < 1)
		return 0;
	uint32_t version = (data[0] & OLD_VERSION) != 0 ? SIGHTINGS_VERSION_MIN : SIGHTINGS_VERSION;
	growing_open(&file);
	if ((data[0] & RAW) != 0)
		(void)fwrite(data + 1, 1, data_bytes - 1, file.file); /* into memory */
	else
		put_messages(file.file, version, data + 1, data_bytes - 1);
	growing_seal(&file);

	size_t block_bytes = (data[0] & SMALL_BLOCKS) != 0 ? SMALL_BLOCK_BYTES : 0;
	size_t count = (data[0] & TWICE) != 0 ? 2 : 1;
	struct sightings_reader *readers[2];
	for (size_t i = 0; i < count; i++)
		readers[i] = open_reader(&file, block_bytes);
	desk_open(&desk, "fuzz", 1);
	growing_open(&text);
	struct copying copying = {desk.sink, teller(text.file)};
	const struct observer_sink tap = {
	    .context = &copying,
	    .on_sighting = copy_sighting,
	    .on_host = copy_host,
	    .on_carrier = copy_carrier,
	    .on_window_end = copy_window_end,
	};
	judge(readers, count, (data[0] & MEMBERS) != 0, &tap);
	growing_seal(&text);
	if (desk_finish(&desk, NULL) != 0)
		abort();
	compare(&desk.growing, &text);
	growing_free(&desk.growing);
	growing_free(&text);
	growing_free(&file);
	return 0;
}
