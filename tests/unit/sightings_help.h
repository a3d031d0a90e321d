/* sightings_help.h - files of sightings in memory, and what a sink is told, as text. */
#ifndef SIGHTINGS_HELP_H
#define SIGHTINGS_HELP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/random.h"
#include "link/sightings_reader.h"
#include "link/sightings_replay.h"
#include "link/sightings_writer.h"
#include "observe/slab.h"
#include "source/stream.h"

#define WINDOW_US (INT64_C(1700000040) * 1000000) /* a whole minute */

/* Bytes that grow, of a file or of text. */
struct growing {
	FILE *file;
	char *bytes;
	size_t count;
};

static inline void growing_open(struct growing *growing)
{
	*growing = (struct growing){0};
	growing->file = open_memstream(&growing->bytes, &growing->count);
	if (growing->file == NULL)
		abort();
}

/* From here on `bytes` and `count` hold all. */
static inline void growing_seal(struct growing *growing)
{
	if (fclose(growing->file) != 0)
		abort();
	growing->file = NULL;
}

static inline void growing_free(struct growing *growing)
{
	free(growing->bytes);
	*growing = (struct growing){0};
}

static inline void tell_set(FILE *out, const struct address_set *set)
{
	uint64_t registers = 0;
	if (set->registers != NULL)
		registers = hash_bytes(set->registers, ADDRESS_SET_REGISTERS, 1);
	fprintf(out, " targets %u lost %08x sketch %016" PRIx64, set->count, set->lost, registers);
	for (size_t i = 0; i < set->count; i++) {
		const struct address_item *item = &set->items[i];
		char address[ADDRESS_TEXT_BYTES];
		address_format(&item->address, address);
		fprintf(out, " [%016" PRIx64 " %s %" PRId64 "-%" PRId64 " %u %u]", item->hash,
		    address, item->first_us, item->last_us, item->packets, item->flags);
	}
}

/* Every field of every record. The context is a FILE. */
static inline void tell_sighting(void *context, const struct sighting *s)
{
	FILE *out = context;
	char subject[ADDRESS_TEXT_BYTES];
	address_format(&s->key.subject, subject);
	fprintf(out, "sighting %s %u %u %u %u %u window %" PRId64, subject, s->key.kind,
	    s->key.protocol, s->key.port, s->key.variant, s->key.drill, s->window_us);
	fprintf(out, " times %" PRId64 "-%" PRId64, s->first_us, s->last_us);
	fprintf(out, " counts %ju %ju %ju %ju %ju %ju", (uintmax_t)s->packets, (uintmax_t)s->bytes,
	    (uintmax_t)s->dark_packets, (uintmax_t)s->answers, (uintmax_t)s->refusals,
	    (uintmax_t)s->silences);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		fprintf(out, " mark %ju", (uintmax_t)s->marks[i]);
	for (size_t i = 0; i < s->source_port_count; i++)
		fprintf(
		    out, " port %u@%" PRId64, s->source_ports[i].port, s->source_ports[i].first_us);
	fprintf(out, " more %d ttl %u-%u seen %u bins", s->more_source_ports, s->ttl_min,
	    s->ttl_max, s->seen);
	for (size_t i = 0; i < SIGHTING_BINS; i++)
		fprintf(out, " %u", s->bins[i]);
	tell_set(out, &s->targets);
	fputc('\n', out);
}

static inline void tell_host(void *context, const struct host *host)
{
	char address[ADDRESS_TEXT_BYTES];
	address_format(&host->address, address);
	fprintf(context, "host %s %u %02x%02x%02x%02x%02x%02x\n", address, host->flags,
	    host->mac[0], host->mac[1], host->mac[2], host->mac[3], host->mac[4], host->mac[5]);
}

static inline void tell_carrier(void *context, const struct carrier *carrier)
{
	fprintf(context, "carrier %02x%02x%02x", carrier->mac[0], carrier->mac[1], carrier->mac[5]);
	for (size_t i = 0; i < carrier->place_count; i++) {
		char place[ADDRESS_TEXT_BYTES];
		address_format(&carrier->places[i], place);
		fprintf(context, " %s", place);
	}
	fputc('\n', context);
}

static inline void tell_window_end(void *context, int64_t window_us)
{
	fprintf(context, "end %" PRId64 "\n", window_us);
}

static inline void tell_sum(void *context, const struct sum *sum)
{
	char prefix[ADDRESS_TEXT_BYTES];
	address_format(&sum->key.address, prefix);
	fprintf(context, "sum %s/%u %u %u %u %u %u times %" PRId64 "-%" PRId64, prefix,
	    sum->key.bits, sum->key.kind, sum->key.protocol, sum->key.port, sum->key.variant,
	    sum->key.drill, sum->first_us, sum->last_us);
	fprintf(context, " counts %ju %ju %ju tools %u\n", (uintmax_t)sum->packets,
	    (uintmax_t)sum->bytes, (uintmax_t)sum->sources, sum->tools);
}

static inline struct observer_sink teller(FILE *out)
{
	return (struct observer_sink){
	    .context = out,
	    .on_sighting = tell_sighting,
	    .on_host = tell_host,
	    .on_carrier = tell_carrier,
	    .on_window_end = tell_window_end,
	    .on_sum = tell_sum,
	};
}

/* A writer into memory. */
struct desk {
	struct growing growing;
	struct sightings_writer *writer;
	const struct observer_sink *sink;
};

static inline void desk_open(struct desk *desk, const char *sensor, uint64_t epoch)
{
	growing_open(&desk->growing);
	const struct sightings_writer_options options = {
	    .out = desk->growing.file, .name = "desk", .sensor = sensor, .epoch = epoch};
	if (sightings_writer_new(&options, &desk->writer) != 0)
		abort();
	desk->sink = sightings_writer_sink(desk->writer);
}

/* Ends the file, which is in desk->growing then. */
static inline int desk_finish(struct desk *desk, const struct sightings_reading *reading)
{
	struct sightings_reading nothing;
	sightings_reading_init(&nothing);
	int result =
	    sightings_writer_finish(desk->writer, reading != NULL ? reading : &nothing, NULL);
	sightings_writer_free(desk->writer);
	growing_seal(&desk->growing);
	return result;
}

/* A sighting with a few packets and targets, in the window; `number` tells one from another. */
static inline struct sighting small_sighting(
    uint32_t number, int64_t window_us, struct address_item *item)
{
	struct sighting sighting = {.key = {.subject = address_from_v4_u32(0xc0000200 + number),
					.port = 445,
					.kind = SIGHTING_REQUEST,
					.protocol = 6}};
	sighting_init(&sighting);
	sighting.window_us = window_us;
	sighting.first_us = window_us + 5;
	sighting.last_us = window_us + 7;
	sighting.packets = 3;
	sighting.bytes = 180;
	sighting.bins[0] = 3;
	*item = (struct address_item){.address = address_from_v4_u32(0xc6120000 + number),
	    .first_us = window_us + 5,
	    .last_us = window_us + 7,
	    .packets = 3,
	    .flags = ITEM_DARK};
	item->hash = hash_address(&item->address, HASH_SEED_FIXED);
	sighting.targets = (struct address_set){.items = item, .count = 1, .capacity = 1};
	return sighting;
}

static inline void write_small(struct desk *desk, uint32_t number, int64_t window_us)
{
	struct address_item item;
	const struct sighting sighting = small_sighting(number, window_us, &item);
	desk->sink->on_sighting(desk->sink->context, &sighting);
}

static inline void end_window(struct desk *desk, int64_t window_us)
{
	desk->sink->on_window_end(desk->sink->context, window_us);
}

static inline struct stream *stream_over(const void *bytes, size_t count)
{
	struct stream *stream;
	int fd = memfd_create("sightings", 0);
	if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || lseek(fd, 0, SEEK_SET) != 0 ||
	    stream_new(fd, "x.sightings", 0, &stream) != 0)
		abort();
	return stream;
}

static inline struct sightings_reader *reader_over(const void *bytes, size_t count)
{
	struct sightings_reader *reader;
	if (sightings_reader_new(stream_over(bytes, count), &reader) != 0)
		abort();
	return reader;
}

/* What came of reading. */
struct told {
	struct growing text; /* what the sink was told */
	struct complaint complaint;
	size_t complaints;
	struct sightings_replay_counts counts;
	struct sightings_reading reading;
};

static inline void told_free(struct told *told)
{
	growing_free(&told->text);
}

/* Reads files together, to the end of all. */
static inline void read_files(const struct growing *files, size_t count, struct told *ret_told)
{
	struct sightings_reader *readers[4];
	struct sightings_replay *replay;
	*ret_told = (struct told){.complaints = 0};
	growing_open(&ret_told->text);
	for (size_t i = 0; i < count; i++)
		readers[i] = reader_over(files[i].bytes, files[i].count);
	if (sightings_replay_new(readers, count, &replay) != 0)
		abort();
	const struct observer_sink sink = teller(ret_told->text.file);
	int result;
	while ((result = sightings_replay_step(replay, &sink, &ret_told->complaint)) != 0)
		ret_told->complaints += result < 0;
	sightings_replay_get_counts(replay, &ret_told->counts);
	sightings_replay_get_reading(replay, &ret_told->reading);
	sightings_replay_free(replay);
	growing_seal(&ret_told->text);
}

static inline bool told_begins(const struct told *told, const struct growing *whole)
{
	return told->text.count <= whole->count &&
	       memcmp(told->text.bytes, whole->bytes, told->text.count) == 0;
}

static inline bool told_same(const struct told *told, const struct growing *whole)
{
	return told->text.count == whole->count && told_begins(told, whole);
}

#endif
