/*
 * merge.c - several sources as one, by packet time.
 *
 * Each source has a clock: the highest time it has given so far, or that of its next frame. A heap
 * holds the sources by clock, then by the order in which they were given; the first goes on. So
 * the order of the frames follows from the frames alone, not from how many are read at once.
 *
 * Frames point into their source's memory until it is read once more after the next time. A source
 * is read again only when none of its frames are in the batch being filled; that batch is given
 * before. So what it gave last may be in the batch before, which is still worked on, and what it
 * gave before that is in neither. A source that has ended is closed when the batch before is done
 * with, too.
 *
 * With thousands of files most wait for their hour to come: their first time is found once,
 * without holding anything, and they are read from when their clock is the lowest.
 */
#include "source/source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
	/* Frames read ahead: of all sources together, and of one at least and at most. */
	AHEAD_TOTAL = 65536,
	AHEAD_MIN = 16,
	AHEAD_MAX = FRAME_BATCH_MAX,
};

struct feed {
	struct source *source; /* NULL when it has ended */
	size_t order;
	/* The clock; before the source was asked, and while `next` has none, the least it can be.
	 */
	int64_t clock_us;
	struct frame *ahead; /* read and not yet given: ahead[next..count) */
	size_t next;
	size_t count;
	uint64_t used_in;                /* the last read whose batch has frames of it, or 0 */
	struct source_progress progress; /* when it has ended */
	int failed;                      /* an error that is due when its frames are given */
	struct complaint failure;
	struct feed *next_ended;
};

struct merge {
	struct source source;
	size_t feed_count;
	struct feed *feeds;
	struct feed **heap; /* those that have not ended */
	size_t heap_count;
	struct feed *ended; /* those whose last frames are in the batch before */
	size_t ahead_max;
	bool is_started;
	uint64_t reads;
	struct frame_batch batch; /* what a feed gave last, before it is put ahead */
};

static bool is_before(const struct feed *a, const struct feed *b)
{
	if (a->clock_us != b->clock_us)
		return a->clock_us < b->clock_us;
	return a->order < b->order;
}

static void sift_down(struct merge *merge, size_t at)
{
	struct feed *feed = merge->heap[at];
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= merge->heap_count)
			break;
		if (child + 1 < merge->heap_count &&
		    is_before(merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!is_before(merge->heap[child], feed))
			break;
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = feed;
}

/* The one that goes on when the first does not, or NULL. */
static const struct feed *get_second(const struct merge *merge)
{
	if (merge->heap_count < 2)
		return NULL;
	const struct feed *second = merge->heap[1];
	if (merge->heap_count > 2 && is_before(merge->heap[2], second))
		second = merge->heap[2];
	return second;
}

static void start(struct merge *merge)
{
	for (size_t i = 0; i < merge->feed_count; i++) {
		struct feed *feed = &merge->feeds[i];
		const struct source_kind *kind = feed->source->kind;
		feed->clock_us = INT64_MIN; /* asks for reading at once */
		if (kind->find_first_time != NULL)
			(void)kind->find_first_time(feed->source, &feed->clock_us);
	}
	for (size_t i = merge->heap_count / 2; i-- > 0;)
		sift_down(merge, i);
	merge->is_started = true;
}

static void close_feed(struct feed *feed)
{
	source_get_progress(feed->source, &feed->progress);
	source_close(feed->source);
	feed->source = NULL;
	free(feed->ahead);
	feed->ahead = NULL;
}

static void end_feed(struct merge *merge, struct feed *feed)
{
	if (feed->used_in == 0 || feed->used_in + 1 < merge->reads) {
		close_feed(feed);
		return;
	}
	feed->next_ended = merge->ended;
	merge->ended = feed;
}

static void close_ended(struct merge *merge)
{
	for (; merge->ended != NULL; merge->ended = merge->ended->next_ended)
		close_feed(merge->ended);
}

/* The clock goes up to the next frame's time, never back. */
static void advance_clock(struct feed *feed)
{
	int64_t time_us = feed->ahead[feed->next].time_us;
	if (time_us > feed->clock_us)
		feed->clock_us = time_us;
}

/* Reads frames ahead of the feed whose frames are all given. Returns 1, 0 at its end, or an error.
 */
static int read_ahead(struct merge *merge, struct feed *feed)
{
	if (feed->failed != 0)
		return feed->failed;
	if (feed->ahead == NULL)
		feed->ahead = calloc(merge->ahead_max, sizeof *feed->ahead);
	if (feed->ahead == NULL)
		return complain(&feed->failure, -ENOMEM, "out of memory while merging captures");

	merge->batch.count = 0;
	int result = source_read(feed->source, &merge->batch, merge->ahead_max, &feed->failure);
	for (size_t i = 0; i < merge->batch.count; i++)
		feed->ahead[i] = merge->batch.frames[i];
	feed->next = 0;
	feed->count = merge->batch.count;
	if (feed->count == 0)
		return result;
	feed->failed = result < 0 ? result : 0;
	advance_clock(feed);
	return 1;
}

/* Brings the first feed to its next frame, or takes it out. Returns 0, or its error. */
static int refill_first(struct merge *merge, struct complaint *complaint)
{
	struct feed *feed = merge->heap[0];
	int result = read_ahead(merge, feed);
	if (result <= 0) {
		if (result < 0 && complaint != NULL)
			*complaint = feed->failure;
		end_feed(merge, feed);
		merge->heap[0] = merge->heap[--merge->heap_count];
	}
	if (merge->heap_count > 0)
		sift_down(merge, 0);
	return result < 0 ? result : 0;
}

/* Gives frames of the first feed for as long as it stays the first. */
static void give_first(struct merge *merge, struct frame_batch *batch, size_t max)
{
	struct feed *feed = merge->heap[0];
	const struct feed *second = get_second(merge);
	feed->used_in = merge->reads;
	while (batch->count < max) {
		batch->frames[batch->count++] = feed->ahead[feed->next++];
		if (feed->next == feed->count)
			break;
		advance_clock(feed);
		if (second != NULL && !is_before(feed, second))
			break;
	}
	sift_down(merge, 0);
}

static int merge_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct merge *merge = (struct merge *)source;
	if (!merge->is_started)
		start(merge);
	merge->reads++;
	close_ended(merge);
	while (batch->count < max && merge->heap_count > 0) {
		struct feed *first = merge->heap[0];
		if (first->next < first->count) {
			give_first(merge, batch, max);
			continue;
		}
		if (first->used_in == merge->reads)
			break;
		int result = refill_first(merge, complaint);
		if (result < 0)
			return result;
	}
	return batch->count > 0;
}

static void merge_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	const struct merge *merge = (const struct merge *)source;
	struct source_progress sum = {0};
	bool is_known = true;
	for (size_t i = 0; i < merge->feed_count; i++) {
		struct source_progress progress = merge->feeds[i].progress;
		if (merge->feeds[i].source != NULL)
			source_get_progress(merge->feeds[i].source, &progress);
		if (progress.bytes_total == 0 && progress.bytes_done > 0)
			is_known = false;
		sum.bytes_done += progress.bytes_done;
		sum.bytes_total += progress.bytes_total;
	}
	if (!is_known)
		sum.bytes_total = 0;
	*ret_progress = sum;
}

static void merge_close(struct source *source)
{
	struct merge *merge = (struct merge *)source;
	for (size_t i = 0; i < merge->feed_count; i++) {
		source_close(merge->feeds[i].source);
		free(merge->feeds[i].ahead);
	}
	free(merge->feeds);
	free(merge->heap);
	free(merge);
}

static const struct source_kind source_merged = {
    .name = "merge",
    .read = merge_read,
    .get_progress = merge_get_progress,
    .close = merge_close,
};

static size_t choose_ahead(size_t count)
{
	size_t ahead = AHEAD_TOTAL / count;
	if (ahead < AHEAD_MIN)
		return AHEAD_MIN;
	return ahead < AHEAD_MAX ? ahead : AHEAD_MAX;
}

static struct merge *new_merge(size_t count)
{
	struct merge *merge = calloc(1, sizeof *merge);
	if (merge == NULL)
		return NULL;
	merge->feeds = calloc(count, sizeof *merge->feeds);
	merge->heap = calloc(count, sizeof(struct feed *));
	if (merge->feeds == NULL || merge->heap == NULL) {
		free(merge->feeds);
		free(merge->heap);
		free(merge);
		return NULL;
	}
	merge->source.kind = &source_merged;
	merge->feed_count = merge->heap_count = count;
	merge->ahead_max = choose_ahead(count);
	return merge;
}

int source_merge(
    struct source **sources, size_t count, struct source **ret_source, struct complaint *complaint)
{
	assert(count > 0);
	if (count == 1) {
		*ret_source = sources[0];
		return 0;
	}
	struct merge *merge = new_merge(count);
	if (merge == NULL) {
		for (size_t i = 0; i < count; i++)
			source_close(sources[i]);
		return complain(complaint, -ENOMEM, "out of memory while merging captures");
	}
	for (size_t i = 0; i < count; i++) {
		merge->feeds[i].source = sources[i];
		merge->feeds[i].order = i;
		merge->heap[i] = &merge->feeds[i];
	}
	*ret_source = &merge->source;
	return 0;
}
