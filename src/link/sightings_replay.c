#include "link/sightings_replay.h"

#include <errno.h>
#include <stdlib.h>

#include "link/applied.h"

struct feed {
	struct sightings_reader *reader;    /* NULL when it has ended */
	const struct sightings_batch *head; /* read and not yet handed on, or NULL */
	int64_t clock_us;                   /* the highest window it came to */
	struct sightings_reading seen;      /* since its last batch: what sightings tell */
};

struct sightings_replay {
	struct applied *applied;
	struct sightings_reading reading;
	struct sightings_replay_counts counts;
	int64_t open_us;                  /* the window that files give in this step */
	bool is_ended;                    /* one of them had all of it: it ends with the step */
	int64_t step_us;                  /* the clock of this step */
	size_t next;                      /* the feed with which this step goes on */
	const struct observer_sink *sink; /* during a step */
	struct feed *now;                 /* likewise: whose records are handed on */
	size_t feed_count;
	struct feed feeds[];
};

int sightings_replay_new(
    struct sightings_reader *const *readers, size_t count, struct sightings_replay **ret_replay)
{
	struct sightings_replay *replay =
	    calloc(1, sizeof *replay + count * sizeof replay->feeds[0]);
	struct applied *applied = applied_new();
	if (replay == NULL || applied == NULL) {
		for (size_t i = 0; i < count; i++)
			sightings_reader_free(readers[i]);
		applied_free(applied);
		free(replay);
		return -ENOMEM;
	}
	replay->applied = applied;
	replay->feed_count = count;
	replay->next = count; /* a new step begins */
	sightings_reading_init(&replay->reading);
	for (size_t i = 0; i < count; i++) {
		replay->feeds[i].reader = readers[i];
		replay->feeds[i].clock_us = INT64_MIN;
		sightings_reading_init(&replay->feeds[i].seen);
	}
	*ret_replay = replay;
	return 0;
}

void sightings_replay_free(struct sightings_replay *replay)
{
	if (replay == NULL)
		return;
	for (size_t i = 0; i < replay->feed_count; i++)
		sightings_reader_free(replay->feeds[i].reader);
	applied_free(replay->applied);
	free(replay);
}

/* The file ended, with its last batch or without: what it has not summed up is counted. */
static void end_feed(struct sightings_replay *replay, struct feed *feed)
{
	sightings_reading_add(&replay->reading, &feed->seen);
	sightings_reader_free(feed->reader);
	feed->reader = NULL;
	feed->head = NULL;
}

/* Reads the next batch of the feed. Returns 1, 0 at its end, or a negative errno. */
static int read_head(
    struct sightings_replay *replay, struct feed *feed, struct complaint *complaint)
{
	int result = sightings_reader_next(feed->reader, &feed->head, complaint);
	if (result <= 0)
		end_feed(replay, feed);
	else if (feed->head->has_window && feed->head->window_us > feed->clock_us)
		feed->clock_us = feed->head->window_us;
	return result;
}

/* What a sighting says of packets, where no last batch says how many there were. */
static void note_sighting(struct feed *feed, const struct sighting *sighting)
{
	bool sends = sighting->key.kind != SIGHTING_FLOODED &&
		     sighting->key.kind != SIGHTING_REFLECTED &&
		     sighting->key.kind != SIGHTING_EXCHANGE;
	if (!sends || sighting->packets == 0)
		return;
	const struct sightings_reading told = {
	    .packets = sighting->packets,
	    .bytes = sighting->bytes,
	    .decoded = sighting->packets,
	    .first_us = sighting->first_us,
	    .last_us = sighting->last_us,
	};
	sightings_reading_add(&feed->seen, &told);
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct sightings_replay *replay = context;
	note_sighting(replay->now, sighting);
	replay->sink->on_sighting(replay->sink->context, sighting);
}

static void on_host(void *context, const struct host *host)
{
	const struct sightings_replay *replay = context;
	replay->sink->on_host(replay->sink->context, host);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	const struct sightings_replay *replay = context;
	replay->sink->on_carrier(replay->sink->context, carrier);
}

static void on_sum(void *context, const struct sum *sum)
{
	const struct sightings_replay *replay = context;
	if (replay->sink->on_sum != NULL)
		replay->sink->on_sum(replay->sink->context, sum);
}

static void end_window(struct sightings_replay *replay)
{
	if (replay->is_ended)
		replay->sink->on_window_end(replay->sink->context, replay->open_us);
	replay->is_ended = false;
}

static void open_window(struct sightings_replay *replay, int64_t window_us)
{
	if (replay->open_us != window_us)
		end_window(replay); /* of a file whose clock fell back it is another than others' */
	replay->open_us = window_us;
}

static void apply(struct sightings_replay *replay, struct feed *feed)
{
	const struct observer_sink through = {
	    .context = replay,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_sum = on_sum,
	};
	replay->counts.applied++;
	replay->now = feed;
	if (feed->head->has_window)
		open_window(replay, feed->head->window_us);
	replay->is_ended |= feed->head->ends_window;
	if (feed->head->is_last) {
		sightings_reading_add(&replay->reading, &feed->head->reading);
		sightings_reading_init(&feed->seen);
	} else {
		sightings_reader_hand_on(feed->reader, &through);
	}
}

/* Hands the head on, if it was not before. Returns 0 or a negative errno. */
static int take_head(
    struct sightings_replay *replay, struct feed *feed, struct complaint *complaint)
{
	const struct sightings_batch *head = feed->head;
	const struct applied_batch name = {
	    .sensor = head->sensor,
	    .epoch = head->epoch,
	    .sequence = head->sequence,
	    .checksum = head->checksum,
	};
	switch (applied_add(replay->applied, &name)) {
	case APPLIED_NEW:
		apply(replay, feed);
		return 0;
	case APPLIED_AGAIN:
		replay->counts.again++;
		return 0;
	case APPLIED_CONFLICT:
		replay->counts.refused++;
		return sightings_reader_complain(feed->reader, complaint,
		    "differs from another of the same sensor and number, which was read before "
		    "and counts; left out");
	case APPLIED_NO_ROOM:
		break;
	}
	replay->counts.refused++;
	return sightings_reader_complain(feed->reader, complaint,
	    "is left out: too many sensors or gaps in their numbers to know what came twice");
}

/* Every file has a head or has ended. Returns 0, or the error of one that ends with it. */
static int read_heads(struct sightings_replay *replay, struct complaint *complaint)
{
	for (size_t i = 0; i < replay->feed_count; i++) {
		struct feed *feed = &replay->feeds[i];
		int result = 0;
		if (feed->reader != NULL && feed->head == NULL)
			result = read_head(replay, feed, complaint);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Goes to the lowest clock. False when all files have ended. */
static bool begin_step(struct sightings_replay *replay)
{
	bool any = false;
	replay->next = 0;
	replay->step_us = INT64_MAX;
	for (size_t i = 0; i < replay->feed_count; i++) {
		const struct feed *feed = &replay->feeds[i];
		if (feed->reader == NULL)
			continue;
		any = true;
		if (feed->clock_us < replay->step_us)
			replay->step_us = feed->clock_us;
	}
	return any;
}

static bool is_due(const struct sightings_replay *replay, const struct feed *feed)
{
	return feed->reader != NULL && feed->clock_us == replay->step_us;
}

/* Gives one batch of the feed whose turn it is, and goes on to the next feed after its window. */
static int give_batch(
    struct sightings_replay *replay, struct feed *feed, struct complaint *complaint)
{
	bool ends_window = feed->head->ends_window;
	int result = take_head(replay, feed, complaint);
	feed->head = NULL;
	replay->next += ends_window;
	return result;
}

int sightings_replay_step(
    struct sightings_replay *replay, const struct observer_sink *sink, struct complaint *complaint)
{
	replay->sink = sink;
	if (replay->next == replay->feed_count) {
		int result = read_heads(replay, complaint);
		if (result < 0)
			return result;
		end_window(replay);
		return begin_step(replay);
	}
	struct feed *feed = &replay->feeds[replay->next];
	if (is_due(replay, feed) && feed->head == NULL) {
		int result = read_head(replay, feed, complaint);
		if (result < 0)
			return result;
	}
	if (is_due(replay, feed))
		return give_batch(replay, feed, complaint) < 0 ? -EBADMSG : 1;
	replay->next++;
	return 1;
}

void sightings_replay_get_reading(
    const struct sightings_replay *replay, struct sightings_reading *ret_reading)
{
	*ret_reading = replay->reading;
}

void sightings_replay_get_counts(
    const struct sightings_replay *replay, struct sightings_replay_counts *ret_counts)
{
	*ret_counts = replay->counts;
}
