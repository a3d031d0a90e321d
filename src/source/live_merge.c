/*
 * live_merge.c - several live sources as one, in order of time as far as that is known.
 *
 * Each source is read ahead without waiting. The frame with the lowest time goes first, unless one
 * that has given nothing may still hand over an older one: what the kernel stamped SOURCE_HOLD_MS
 * ago it has handed over by now. Should a clock be set back, no frame is held longer than that.
 *
 * A source that gave its last frame to the batch being filled is read again by the next read only,
 * so that what it gave stays valid as long as the batch.
 */
#include "source/source.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	US_PER_MS = 1000,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	HELD_MS = 5, /* while frames are held back, so often is looked for others */
};

struct feed {
	struct source *source;
	bool has_ended;
	bool is_used;             /* by the batch that is being filled */
	int64_t read_us;          /* on the monotonic clock */
	int64_t empty_us;         /* on the wall: it had nothing then */
	size_t next;              /* of the batch */
	struct frame_batch batch; /* read and not yet given */
};

struct merge {
	struct source source;
	size_t feed_count;
	struct feed *feeds[SOURCE_LIVE_MAX];
};

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now); /* both clocks exist */
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

static bool is_empty(const struct feed *feed)
{
	return feed->next == feed->batch.count;
}

/* Returns 0, or what its source failed with. */
static int read_ahead(struct feed *feed, struct complaint *complaint)
{
	feed->empty_us = clock_us(CLOCK_REALTIME);
	feed->read_us = clock_us(CLOCK_MONOTONIC);
	feed->batch.count = 0;
	feed->next = 0;
	int result = source_read(feed->source, &feed->batch, FRAME_BATCH_MAX, complaint);
	feed->has_ended = result <= 0;
	return result < 0 ? result : 0;
}

/* Reads each that has nothing left, where it may. */
static int read_all_ahead(struct merge *merge, struct complaint *complaint)
{
	for (size_t i = 0; i < merge->feed_count; i++) {
		struct feed *feed = merge->feeds[i];
		if (!is_empty(feed) || feed->has_ended || feed->is_used)
			continue;
		int result = read_ahead(feed, complaint);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Older frames than this can come no more. */
static int64_t find_limit(const struct merge *merge)
{
	int64_t limit_us = INT64_MAX;
	for (size_t i = 0; i < merge->feed_count; i++) {
		const struct feed *feed = merge->feeds[i];
		int64_t since_us = feed->empty_us - (int64_t)SOURCE_HOLD_MS * US_PER_MS;
		if (is_empty(feed) && !feed->has_ended && since_us < limit_us)
			limit_us = since_us;
	}
	return limit_us;
}

/* The one that has the oldest frame, the first of equals; NULL where none has any. */
static struct feed *find_first(const struct merge *merge)
{
	struct feed *first = NULL;
	for (size_t i = 0; i < merge->feed_count; i++) {
		struct feed *feed = merge->feeds[i];
		if (!is_empty(feed) &&
		    (first == NULL || feed->batch.frames[feed->next].time_us <
					  first->batch.frames[first->next].time_us))
			first = feed;
	}
	return first;
}

/* Until one runs out: then an older frame may be waiting in it. */
static void give(struct merge *merge, struct frame_batch *batch, size_t max)
{
	const int64_t limit_us = find_limit(merge);
	const int64_t overdue_us = clock_us(CLOCK_MONOTONIC) - (int64_t)SOURCE_HOLD_MS * US_PER_MS;
	struct feed *first;
	while (batch->count < max && (first = find_first(merge)) != NULL) {
		const struct frame *frame = &first->batch.frames[first->next];
		if (frame->time_us > limit_us && first->read_us > overdue_us)
			return;
		batch->frames[batch->count++] = *frame;
		first->next++;
		first->is_used = true;
		if (is_empty(first) && !first->has_ended)
			return;
	}
}

/* Until one that has nothing may have something. False where all have ended. */
static bool await_any(const struct merge *merge)
{
	struct pollfd waiting[SOURCE_LIVE_MAX];
	nfds_t count = 0;
	bool holds = false;
	for (size_t i = 0; i < merge->feed_count; i++) {
		const struct feed *feed = merge->feeds[i];
		holds = holds || !is_empty(feed);
		if (is_empty(feed) && !feed->has_ended)
			waiting[count++] =
			    (struct pollfd){.fd = source_get_fd(feed->source), .events = POLLIN};
	}
	if (count == 0 && !holds)
		return false;
	(void)poll(waiting, count, holds ? HELD_MS : SOURCE_STOP_MS); /* whatever it gives */
	return true;
}

/* What is removed while nothing comes is told by asking only. */
static void refresh_all(struct merge *merge)
{
	struct source_state state;
	for (size_t i = 0; i < merge->feed_count; i++)
		if (!merge->feeds[i]->has_ended)
			source_get_state(merge->feeds[i]->source, &state);
}

static int merge_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct merge *merge = (struct merge *)source;
	int64_t asked_us = clock_us(CLOCK_MONOTONIC);
	for (size_t i = 0; i < merge->feed_count; i++)
		merge->feeds[i]->is_used = false;
	for (;;) {
		int result = read_all_ahead(merge, complaint);
		if (result < 0)
			return result;
		give(merge, batch, max);
		if (batch->count > 0)
			return 1;
		if (!await_any(merge))
			return 0;
		int64_t now_us = clock_us(CLOCK_MONOTONIC);
		if (now_us - asked_us < (int64_t)SOURCE_STOP_MS * US_PER_MS)
			continue;
		asked_us = now_us;
		refresh_all(merge);
	}
}

static void merge_get_state(struct source *source, struct source_state *ret_state)
{
	struct merge *merge = (struct merge *)source;
	struct source_state sum = {.is_removed = true};
	for (size_t i = 0; i < merge->feed_count; i++) {
		struct source_state state;
		source_get_state(merge->feeds[i]->source, &state);
		sum.is_up = sum.is_up || state.is_up;
		sum.is_removed = sum.is_removed && state.is_removed;
		sum.frames += state.frames;
		sum.bytes += state.bytes;
		sum.dropped += state.dropped;
		sum.refused += state.refused;
		sum.passed += state.passed;
		sum.stalls += state.stalls;
	}
	*ret_state = sum;
}

static void merge_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	(void)source;
	*ret_progress = (struct source_progress){0};
}

static void merge_close(struct source *source)
{
	struct merge *merge = (struct merge *)source;
	for (size_t i = 0; i < merge->feed_count; i++) {
		source_close(merge->feeds[i]->source);
		free(merge->feeds[i]);
	}
	free(merge);
}

/* Each source was told of by itself. */
static const char *merge_get_notice(const struct source *source)
{
	(void)source;
	return NULL;
}

static const struct source_live merge_live = {
    .get_state = merge_get_state,
    .get_notice = merge_get_notice,
};

static const struct source_kind source_merged_live = {
    .name = "live",
    .read = merge_read,
    .get_progress = merge_get_progress,
    .close = merge_close,
    .live = &merge_live,
};

static void close_all(struct source **sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		source_close(sources[i]);
}

/* Takes the sources one by one; those that it took are closed with it. */
static int fill(struct merge *merge, struct source **sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct feed *feed = calloc(1, sizeof *feed);
		if (feed == NULL) {
			close_all(sources + i, count - i);
			return -ENOMEM;
		}
		feed->source = sources[i];
		source_set_waiting(feed->source, false);
		merge->feeds[merge->feed_count++] = feed;
	}
	return 0;
}

int source_merge_live(
    struct source **sources, size_t count, struct source **ret_source, struct complaint *complaint)
{
	assert(count > 0);
	if (count == 1) {
		*ret_source = sources[0];
		return 0;
	}
	if (count > SOURCE_LIVE_MAX) {
		close_all(sources, count);
		return complain(complaint, -E2BIG,
		    "%zu interfaces at once: expected at most %d in one process", count,
		    SOURCE_LIVE_MAX);
	}
	struct merge *merge = calloc(1, sizeof *merge);
	if (merge == NULL) {
		close_all(sources, count);
		return complain(complaint, -ENOMEM, "out of memory for interfaces");
	}
	merge->source.kind = &source_merged_live;
	if (fill(merge, sources, count) != 0) {
		merge_close(&merge->source);
		return complain(complaint, -ENOMEM, "out of memory for interfaces");
	}
	*ret_source = &merge->source;
	return 0;
}
