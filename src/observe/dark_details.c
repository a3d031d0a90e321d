#include "observe/dark_details.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "observe/darknet.h"
#include "observe/slab.h"
#include "observe/target_set.h"

enum {
	RECORDS_PERCENT = 55,
	RECORD_COST = 290, /* a record with its place in the index */
	OTHERS_PERCENT = 5,
	TARGETS_PERCENT = 40,
	LEAST_RECORDS = 16,
	SCRATCH_BYTES = 512 * 1024,
	AHEAD_MAX = 32,
};

/* Of one stranger, kind and port. What most packets change comes first. */
struct detail {
	struct sighting_key key;
	uint8_t ttl_min;
	uint8_t ttl_max;
	int64_t base_us;  /* of the first packet: what the times of targets count from */
	int64_t first_us; /* of the present time of activity */
	int64_t last_us;
	uint64_t packets; /* in it */
	uint64_t bytes;   /* over all */
	struct target_set targets;
	uint32_t marks[TOOL_COUNT];
	bool more_ports;
	uint8_t port_count;
	struct sighting_port ports[SIGHTING_PORTS_MAX];
};

/* A time of activity that has ended. */
struct past {
	struct sighting_key key;
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
};

struct dark_details {
	struct dark_details_options options;
	struct table *records;
	struct slab *slab;
	struct past *past;
	size_t past_count;
	size_t past_max;
	size_t past_limit;
	bool wants_room; /* a target found none */
	uint64_t lost;
};

struct dark_details *dark_details_new(const struct dark_details_options *options)
{
	struct dark_details *details = calloc(1, sizeof *details);
	if (details == NULL)
		return NULL;
	size_t bytes = options->memory_bytes;
	size_t records_max = bytes / 100 * RECORDS_PERCENT / RECORD_COST;
	details->options = *options;
	details->past_limit = bytes / 100 * OTHERS_PERCENT / sizeof(struct past);
	details->records = table_new(sizeof(struct sighting_key), sizeof(struct detail),
	    records_max < LEAST_RECORDS ? LEAST_RECORDS : records_max);
	details->slab = slab_new(bytes / 100 * TARGETS_PERCENT, &slab_sizes_target_set);
	if (details->records == NULL || details->slab == NULL) {
		dark_details_free(details);
		return NULL;
	}
	return details;
}

void dark_details_free(struct dark_details *details)
{
	if (details == NULL)
		return;
	table_free(details->records);
	slab_free(details->slab);
	free(details->past);
	free(details);
}

static uint64_t hash_of(const struct dark_details *details, const struct dark_event *event)
{
	return hash_address(
	    &event->subject, details->options.seed ^ event->key * UINT64_C(0x9e3779b97f4a7c15));
}

void dark_details_prefetch(
    struct dark_details *details, const struct dark_event *const *events, size_t count)
{
	uint64_t hashes[AHEAD_MAX];
	struct detail *guessed[AHEAD_MAX];
	if (count > AHEAD_MAX)
		count = AHEAD_MAX;
	for (size_t i = 0; i < count; i++) {
		hashes[i] = hash_of(details, events[i]);
		table_prefetch(details->records, hashes[i]);
	}
	for (size_t i = 0; i < count; i++) {
		guessed[i] = table_guess(details->records, hashes[i]);
		if (guessed[i] == NULL)
			continue;
		const char *line = (const char *)guessed[i];
		__builtin_prefetch(line, 1);
		__builtin_prefetch(line + LINE_BYTES, 1);
	}
	for (size_t i = 0; i < count; i++)
		if (guessed[i] != NULL)
			target_set_prefetch(&guessed[i]->targets, &events[i]->target);
	for (size_t i = 0; i < count; i++)
		if (guessed[i] != NULL)
			target_set_prefetch_item(&guessed[i]->targets, &events[i]->target);
}

static bool is_light(const struct dark_details *details, const struct detail *detail)
{
	return detail->packets < details->options.least_packets &&
	       detail->marks[TOOL_MIRAI] + detail->marks[TOOL_UNICORNSCAN] == 0;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* The time before which the half of the records (of the light ones only) was last seen. */
static bool find_half(const struct dark_details *details, bool only_light, int64_t *ret_time_us)
{
	int64_t *times = calloc(table_count(details->records) + 1, sizeof *times);
	if (times == NULL)
		return false;
	size_t count = 0;
	size_t position = 0;
	const struct detail *detail;
	while ((detail = table_next(details->records, &position)) != NULL)
		if (!only_light || is_light(details, detail))
			times[count++] = detail->last_us;
	bool enough = count >= table_count(details->records) / 4 && count > 0;
	if (enough) {
		qsort(times, count, sizeof *times, compare_times);
		*ret_time_us = times[(count - 1) / 2];
	}
	free(times);
	return enough;
}

static void make_room(struct dark_details *details)
{
	int64_t limit_us;
	bool only_light = find_half(details, true, &limit_us);
	if (!only_light && !find_half(details, false, &limit_us))
		return;
	size_t position = 0;
	struct detail *detail;
	while ((detail = table_next(details->records, &position)) != NULL) {
		if (detail->last_us > limit_us || (only_light && !is_light(details, detail)))
			continue;
		target_set_clear(&detail->targets, details->slab);
		table_remove(details->records, detail);
		details->lost++;
	}
	details->wants_room = false;
}

static struct detail *get_detail(struct dark_details *details, const struct dark_event *event)
{
	const struct sighting_key key = dark_key_open(&event->subject, event->key);
	uint64_t hash = hash_of(details, event);
	struct detail *detail = table_find(details->records, &key, hash);
	if (detail != NULL)
		return detail;
	if (details->wants_room || table_count(details->records) == table_max(details->records))
		make_room(details);
	detail = table_insert(details->records, &key, hash);
	if (detail == NULL) {
		details->lost++;
		return NULL;
	}
	detail->base_us = event->time_us;
	detail->first_us = event->time_us;
	detail->last_us = event->time_us;
	detail->ttl_min = event->ttl;
	detail->ttl_max = event->ttl;
	return detail;
}

/* What was before the gap is set apart; without room for it the times run on. */
static void end_activity(struct dark_details *details, struct detail *detail, int64_t time_us)
{
	if (details->past_count == details->past_max) {
		size_t more = details->past_max == 0 ? 16 : details->past_max * 2;
		if (more > details->past_limit)
			return;
		struct past *past = reallocarray(details->past, more, sizeof *past);
		if (past == NULL)
			return;
		details->past = past;
		details->past_max = more;
	}
	details->past[details->past_count++] = (struct past){
	    .key = detail->key,
	    .first_us = detail->first_us,
	    .last_us = detail->last_us,
	    .packets = detail->packets,
	};
	detail->first_us = time_us;
	detail->last_us = time_us;
	detail->packets = 0;
}

static void note_port(struct detail *detail, uint16_t port, int64_t time_us)
{
	bool is_full = detail->more_ports && detail->port_count == SIGHTING_PORTS_MAX;
	if (port == 0 || (is_full && time_us >= detail->ports[SIGHTING_PORTS_MAX - 1].first_us))
		return;
	detail->more_ports |=
	    sighting_ports_note(detail->ports, &detail->port_count, port, time_us);
}

void dark_details_count(
    struct dark_details *details, const struct dark_event *event, unsigned marks)
{
	struct detail *detail = get_detail(details, event);
	if (detail == NULL)
		return;
	int64_t time_us = event->time_us;
	if (time_us - detail->last_us > details->options.gap_us)
		end_activity(details, detail, time_us);
	if (time_us < detail->first_us)
		detail->first_us = time_us;
	if (time_us > detail->last_us)
		detail->last_us = time_us;
	detail->packets++;
	detail->bytes += event->wire_bytes;
	if (event->ttl < detail->ttl_min)
		detail->ttl_min = event->ttl;
	if (event->ttl > detail->ttl_max)
		detail->ttl_max = event->ttl;
	uint64_t offset_us = time_us < detail->base_us ? 0 : (uint64_t)(time_us - detail->base_us);
	if (target_set_touch(&detail->targets, details->slab, &event->target, offset_us,
		ITEM_DARK) == TARGET_LOST) {
		details->wants_room = true;
		details->lost++;
	}
	for (unsigned tool = 0; tool < TOOL_COUNT; tool++)
		detail->marks[tool] += marks >> tool & 1U;
	note_port(detail, event->source_port, time_us);
}

static int64_t window_of(int64_t time_us)
{
	int64_t window_us = time_us / SIGHTING_WINDOW_US * SIGHTING_WINDOW_US;
	return window_us > time_us ? window_us - SIGHTING_WINDOW_US : window_us;
}

static void fill_sighting(
    const struct detail *detail, struct slab *scratch, struct sighting *ret_sighting)
{
	*ret_sighting = (struct sighting){.key = detail->key};
	sighting_init(ret_sighting);
	ret_sighting->first_us = detail->first_us;
	ret_sighting->last_us = detail->last_us;
	ret_sighting->packets = detail->packets;
	ret_sighting->dark_packets = detail->packets;
	ret_sighting->bytes = detail->bytes;
	ret_sighting->ttl_min = detail->ttl_min;
	ret_sighting->ttl_max = detail->ttl_max;
	ret_sighting->window_us = window_of(detail->last_us);
	ret_sighting->source_port_count = detail->port_count;
	ret_sighting->more_source_ports = detail->more_ports;
	memcpy(ret_sighting->source_ports, detail->ports, sizeof detail->ports);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		ret_sighting->marks[i] = detail->marks[i];
	target_set_unite_into(&detail->targets, detail->base_us, &ret_sighting->targets, scratch);
}

static void hand_on_past(const struct past *past,
    void (*on_sighting)(void *context, const struct sighting *sighting), void *context)
{
	struct sighting sighting = {.key = past->key};
	sighting_init(&sighting);
	sighting.first_us = past->first_us;
	sighting.last_us = past->last_us;
	sighting.packets = past->packets;
	sighting.dark_packets = past->packets;
	sighting.window_us = window_of(past->last_us);
	on_sighting(context, &sighting);
}

static bool is_heavy(const struct darknet *darknet, const struct sighting_key *key, uint64_t least)
{
	return darknet_is_heavy(darknet, &key->subject, key->drill != 0, least);
}

void dark_details_hand_on(const struct dark_details *details, const struct darknet *darknet,
    void (*on_sighting)(void *context, const struct sighting *sighting), void *context)
{
	const uint64_t least = details->options.least_packets;
	struct slab *scratch = slab_new(SCRATCH_BYTES, &slab_sizes_address_set);
	if (scratch == NULL)
		return;
	for (size_t i = 0; i < details->past_count; i++)
		if (is_heavy(darknet, &details->past[i].key, least))
			hand_on_past(&details->past[i], on_sighting, context);
	size_t position = 0;
	const struct detail *detail;
	while ((detail = table_next(details->records, &position)) != NULL) {
		if (!is_heavy(darknet, &detail->key, least))
			continue;
		struct sighting sighting;
		fill_sighting(detail, scratch, &sighting);
		on_sighting(context, &sighting);
		sighting_clear(&sighting, scratch);
	}
	slab_free(scratch);
}

uint64_t dark_details_lost(const struct dark_details *details)
{
	return details->lost;
}

size_t dark_details_bytes(const struct dark_details *details)
{
	return sizeof *details + table_bytes(details->records) + slab_bytes(details->slab) +
	       details->past_max * sizeof *details->past;
}
