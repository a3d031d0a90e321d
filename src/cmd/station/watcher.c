#include "cmd/station/watcher.h"

#include <errno.h>
#include <stdlib.h>

#include "link/sightings_writer.h"
#include "observe/strangers.h"

enum {
	CHUNKS_MAX = (FRAME_BATCH_MAX + CHUNK_FRAMES - 1) / CHUNK_FRAMES,
	/* Where nothing is declared dark the darknets' half is never taken from the system. */
	DARKNETS_PERCENT = 50,
	STRANGERS_SHARE = 16, /* of memory, for the sums while they are handed on */
	FIRST_FRAMES_SHARE = 16,
	/* Some 70,000 frames: of more machines than that few will be asked for. */
	FIRST_FRAMES_MEMORY_MAX_BYTES = 32 << 20,
};

struct watcher {
	struct observer *observer;
	struct first_frames *first_frames; /* NULL: none are kept */
	struct sightings_writer *writer;
	struct chunk *chunks;
	struct chunk *chunk_list[CHUNKS_MAX];
	struct watcher_counts counts;
	uint64_t frames; /* so far */
	size_t strangers_bytes;
};

/* Takes its part of the memory. 0 or -ENOMEM. */
static int open_first_frames(
    struct watcher *watcher, const struct watcher_options *options, size_t *memory_bytes)
{
	size_t bytes = *memory_bytes / FIRST_FRAMES_SHARE;
	if (options->first_frames == 0)
		return 0;
	if (bytes > FIRST_FRAMES_MEMORY_MAX_BYTES)
		bytes = FIRST_FRAMES_MEMORY_MAX_BYTES;
	watcher->first_frames = first_frames_new(bytes, options->first_frames);
	*memory_bytes -= bytes;
	return watcher->first_frames == NULL ? -ENOMEM : 0;
}

static int open_observer(struct watcher *watcher, const struct watcher_options *options)
{
	size_t memory_bytes = options->memory_bytes;
	int result = open_first_frames(watcher, options, &memory_bytes);
	if (result != 0)
		return result;
	const size_t darknet_bytes = memory_bytes / 100 * DARKNETS_PERCENT;
	const struct observer_options observer_options = {
	    .registry = options->registry,
	    .memory_bytes = memory_bytes - darknet_bytes,
	    .darknet_bytes = darknet_bytes,
	    .members_only = true,
	    .answer_timeout_s = options->answer_timeout_s,
	    .first_frames = watcher->first_frames,
	};
	return observer_new(
	    &observer_options, sightings_writer_sink(watcher->writer), &watcher->observer);
}

int watcher_new(const struct watcher_options *options, struct watcher **ret_watcher)
{
	const struct sightings_writer_options writer_options = {
	    .give = options->give,
	    .context = options->context,
	    .name = "relay",
	    .sensor = options->sensor,
	    .epoch = options->epoch,
	};
	struct watcher *watcher = calloc(1, sizeof *watcher);
	if (watcher == NULL)
		return -ENOMEM;
	watcher->counts.last_us = INT64_MIN;
	watcher->strangers_bytes = options->memory_bytes / STRANGERS_SHARE;
	watcher->chunks =
	    aligned_alloc(_Alignof(struct chunk), CHUNKS_MAX * sizeof *watcher->chunks);
	int result = watcher->chunks == NULL
			 ? -ENOMEM
			 : sightings_writer_new(&writer_options, &watcher->writer);
	if (result == 0)
		result = open_observer(watcher, options);
	if (result != 0) {
		watcher_free(watcher);
		return result;
	}
	for (size_t i = 0; i < CHUNKS_MAX; i++)
		watcher->chunk_list[i] = &watcher->chunks[i];
	*ret_watcher = watcher;
	return 0;
}

void watcher_free(struct watcher *watcher)
{
	if (watcher == NULL)
		return;
	observer_free(watcher->observer);
	first_frames_free(watcher->first_frames);
	sightings_writer_free(watcher->writer);
	free(watcher->chunks);
	free(watcher);
}

/* Fills one chunk from the frames. */
static void fill(struct watcher *watcher, struct chunk *chunk, const struct frame *frames,
    size_t count, uint64_t verdicts[static DECODE_VERDICT_COUNT])
{
	const struct chunk_rules *rules = observer_rules(watcher->observer);
	for (size_t i = 0; i < count; i++) {
		if (frames[i].link_type == LINK_NONE)
			verdicts[DECODE_UNSUPPORTED]++;
		else
			verdicts[chunk_take(chunk, rules, &frames[i])]++;
	}
}

/* Returns how many chunks there are; counts verdicts into a zeroed array. */
static size_t fill_all(struct watcher *watcher, const struct frame_batch *batch,
    uint64_t verdicts[static DECODE_VERDICT_COUNT])
{
	size_t chunks = 0;
	for (size_t first = 0; first < batch->count; first += CHUNK_FRAMES) {
		struct chunk *chunk = watcher->chunk_list[chunks++];
		const size_t left = batch->count - first;
		chunk_clear(chunk, watcher->frames + first);
		fill(watcher, chunk, &batch->frames[first],
		    left < CHUNK_FRAMES ? left : CHUNK_FRAMES, verdicts);
	}
	return chunks;
}

void watcher_take(struct watcher *watcher, const struct frame_batch *batch)
{
	struct watcher_counts *counts = &watcher->counts;
	uint64_t verdicts[DECODE_VERDICT_COUNT] = {0};
	size_t chunks = fill_all(watcher, batch, verdicts);
	while (observer_learn(watcher->observer, watcher->chunk_list, chunks)) {
		uint64_t ignored[DECODE_VERDICT_COUNT] = {0};
		chunks = fill_all(watcher, batch, ignored);
	}
	observer_take(watcher->observer, watcher->chunk_list, chunks);
	watcher->frames += batch->count;
	counts->packets += batch->count;
	for (size_t i = 0; i < batch->count; i++)
		counts->bytes += batch->frames[i].wire_bytes;
	for (size_t i = 0; i < DECODE_VERDICT_COUNT; i++)
		counts->verdicts[i] += verdicts[i];
	for (size_t i = 0; i < chunks; i++)
		if (watcher->chunk_list[i]->latest_us > counts->last_us)
			counts->last_us = watcher->chunk_list[i]->latest_us;
}

void watcher_tick(struct watcher *watcher, int64_t now_us)
{
	observer_tick(watcher->observer, now_us);
}

void watcher_set_clock_step(struct watcher *watcher, int64_t step_us)
{
	observer_set_clock_step(watcher->observer, step_us);
}

int watcher_flush(struct watcher *watcher)
{
	int result = sightings_writer_flush(watcher->writer);
	watcher->counts.lost_batches += result != 0;
	return result;
}

int watcher_give_strangers(struct watcher *watcher)
{
	return observer_drain_strangers(watcher->observer, watcher->strangers_bytes);
}

void watcher_tell_hosts_again(struct watcher *watcher)
{
	observer_tell_hosts_again(watcher->observer);
}

void watcher_set_keeping(struct watcher *watcher, bool keeps)
{
	if (watcher->first_frames != NULL)
		first_frames_set_keeping(watcher->first_frames, keeps);
}

size_t watcher_find_frames(const struct watcher *watcher, const struct first_frames_wish *wish,
    struct frame ret_frames[static FIRST_FRAMES_SHELF])
{
	return watcher->first_frames == NULL
		   ? 0
		   : first_frames_find(watcher->first_frames, wish, ret_frames);
}

void watcher_set_registry(struct watcher *watcher, const struct registry *registry)
{
	observer_set_registry(watcher->observer, registry);
}

int watcher_finish(struct watcher *watcher)
{
	int result = watcher_give_strangers(watcher);
	observer_finish(watcher->observer);
	int flushed = watcher_flush(watcher);
	return result != 0 ? result : flushed;
}

void watcher_get_counts(const struct watcher *watcher, struct watcher_counts *ret_counts)
{
	*ret_counts = watcher->counts;
	observer_get_counts(watcher->observer, &ret_counts->observer);
}
