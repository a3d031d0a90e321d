#include "cmd/station/upkeep.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cmd/station/upkeep_internal.h"

enum {
	ROWS_FIRST = 128,
	HEADROOM_BYTES = 4 << 20, /* free pages that are used again before the file grows */
	/* Given back to the disk now and then: an eighth of the file, if it is so much. */
	IDLE_SHARE = 8,
	IDLE_BYTES = 16 << 20,
	SLACK_SHARE = 16, /* above low_disk, before it counts as over; likewise of batches_max */
	TEXT_BYTES = 512,
	KEY_BYTES = 64,
	VALUE_BYTES = 96,
};

#define KEY_PREFIX "removed."
/* After a failure, and where nothing is left that may go. */
#define PAUSE_US WHEN_SECOND_US
#define IDLE_US  (10 * WHEN_SECOND_US)
#define LOG_US   WHEN_MINUTE_US

enum motive {
	MOTIVE_AGE,
	MOTIVE_SIZE,
	MOTIVE_SPACE,
};

static const char *const motives[] = {
    [MOTIVE_AGE] = "age",
    [MOTIVE_SIZE] = "size",
    [MOTIVE_SPACE] = "space",
};

/* The least valuable first. */
static const enum upkeep_class space_order[] = {UPKEEP_STATISTICS_5M, UPKEEP_STATISTICS_HOUR,
    UPKEEP_BATCHES, UPKEEP_GAPS, UPKEEP_NOTICES, UPKEEP_STATISTICS_DAY};

enum {
	SPACE_CLASSES = sizeof space_order / sizeof space_order[0],
};

/* A walk through classes: where it is. */
struct walk {
	bool is_running;
	size_t at; /* the class, by its place in the order */
	int64_t after_id;
};

struct upkeep {
	struct upkeep_options options;
	struct upkeep_counts counts;
	struct upkeep_disk disk;
	uint64_t low_bytes;
	struct upkeep_removed removed[UPKEEP_CLASSES];
	uint64_t unlogged[UPKEEP_CLASSES];
	enum motive unlogged_motive;
	int64_t rows[UPKEEP_CLASSES]; /* of the next step */
	struct walk age;
	struct walk space;
	int64_t round_us; /* when the next one by age begins; monotonic, as all here */
	int64_t measured_us;
	int64_t pause_us; /* nothing is done before */
	int64_t idle_us;  /* nothing that may go was left: it is not looked for before */
	bool is_cutting;  /* batches are past their size */
	int64_t logged_us;
	int64_t told_us; /* that batches are cut */
};

/* ---- What went, in the store ---- */

static int visit_removed(void *context, const void *record)
{
	struct upkeep_removed *removed = context;
	const struct store_meta *meta = record;
	for (int i = 0; i < UPKEEP_CLASSES; i++) {
		char word[16] = "";
		struct upkeep_removed read = {0};
		if (strcmp(meta->key + strlen(KEY_PREFIX),
			upkeep_class_name((enum upkeep_class)i)) != 0 ||
		    sscanf(meta->value, "%" SCNu64 " %" SCNd64 " %" SCNd64 " %15s", &read.count,
			&read.until_us, &read.at_us, word) != 4)
			continue;
		read.for_space = strcmp(word, motives[MOTIVE_AGE]) != 0;
		removed[i] = read;
	}
	return 0;
}

int upkeep_read_removed(struct store *store,
    struct upkeep_removed ret_removed[static UPKEEP_CLASSES], struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = KEY_PREFIX},
		/* the sign after the full stop */
		{.column = "key", .test = STORE_BELOW, .text = "removed/"}},
	};
	memset(ret_removed, 0, UPKEEP_CLASSES * sizeof *ret_removed);
	return store_each(store, &query, visit_removed, ret_removed, complaint);
}

static int write_removed(struct upkeep *upkeep, enum upkeep_class class, enum motive motive,
    const struct upkeep_removed *removed, struct complaint *complaint)
{
	char key[KEY_BYTES];
	char value[VALUE_BYTES];
	(void)snprintf(key, sizeof key, KEY_PREFIX "%s", upkeep_class_name(class));
	(void)snprintf(value, sizeof value, "%" PRIu64 " %" PRId64 " %" PRId64 " %s",
	    removed->count, removed->until_us, removed->at_us, motives[motive]);
	struct store_meta meta = {.key = key, .value = value};
	return store_put(upkeep->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

/* ---- The beginning ---- */

int upkeep_new(
    const struct upkeep_options *options, struct upkeep **ret_upkeep, struct complaint *complaint)
{
	struct upkeep *upkeep = calloc(1, sizeof *upkeep);
	if (upkeep == NULL)
		return complain(complaint, -ENOMEM, "out of memory for upkeep");
	upkeep->options = *options;
	for (size_t i = 0; i < UPKEEP_CLASSES; i++)
		upkeep->rows[i] = ROWS_FIRST;
	upkeep->round_us = INT64_MIN;
	upkeep->measured_us = INT64_MIN;
	upkeep->logged_us = INT64_MIN;
	upkeep->told_us = INT64_MIN;
	upkeep->pause_us = INT64_MIN;
	upkeep->idle_us = INT64_MIN;
	int result = upkeep_read_removed(options->store, upkeep->removed, complaint);
	if (result != 0) {
		upkeep_free(upkeep);
		return result;
	}
	for (size_t i = 0; i < UPKEEP_CLASSES; i++)
		upkeep->counts.removed[i] = upkeep->removed[i].count;
	*ret_upkeep = upkeep;
	return 0;
}

void upkeep_free(struct upkeep *upkeep)
{
	free(upkeep);
}

void upkeep_note_batches(struct upkeep *upkeep, uint64_t bytes)
{
	upkeep->counts.batch_bytes += bytes;
}

/* ---- The log ---- */

static void say(const struct upkeep *upkeep, const char *event, const char *text)
{
	upkeep->options.log(upkeep->options.context, event, text);
}

/* One line of what went since the last. */
static void log_removed(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	static const char *const whys[] = {
	    [MOTIVE_AGE] = "older than store.retention says",
	    [MOTIVE_SIZE] = "store.batches_max is reached",
	    [MOTIVE_SPACE] = "the disk is nearly full",
	};
	char text[TEXT_BYTES];
	size_t used = 0;
	for (size_t i = 0; i < UPKEEP_CLASSES; i++) {
		if (upkeep->unlogged[i] == 0)
			continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %" PRIu64,
		    used == 0 ? "" : ", ", upkeep_class_name((enum upkeep_class)i),
		    upkeep->unlogged[i]);
		assert(used < sizeof text); /* nine names and numbers */
		upkeep->unlogged[i] = 0;
	}
	if (used == 0)
		return;
	upkeep->logged_us = clock->monotonic_us;
	(void)snprintf(text + used, sizeof text - used, ": %s", whys[upkeep->unlogged_motive]);
	say(upkeep, "store.removed", text);
}

static void log_seldom(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	if (upkeep->logged_us == INT64_MIN || clock->monotonic_us - upkeep->logged_us >= LOG_US)
		log_removed(upkeep, clock);
}

/* ---- The disk ---- */

static uint64_t disk_size(const struct upkeep *upkeep)
{
	struct statvfs status;
	if (upkeep->options.path == NULL || statvfs(upkeep->options.path, &status) != 0)
		return 0;
	return (uint64_t)status.f_blocks * status.f_frsize;
}

static void measure(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	struct complaint complaint;
	struct upkeep_disk *disk = &upkeep->disk;
	const uint64_t size = disk_size(upkeep);
	upkeep->measured_us = clock->monotonic_us;
	if (size == 0 ||
	    store_measure(upkeep->options.store, &upkeep->counts.health, &complaint) != 0)
		return;
	upkeep->low_bytes = station_config_low_disk(upkeep->options.config, size);
	const uint64_t free_bytes = (uint64_t)upkeep->counts.health.disk_bytes;
	const uint64_t slack = disk->is_low ? upkeep->low_bytes / SLACK_SHARE : 0;
	const bool was_low = disk->is_low;
	disk->is_low = free_bytes < upkeep->low_bytes + slack;
	disk->percent = (unsigned)(free_bytes * 100 / size);
	disk->free_bytes = upkeep->counts.health.disk_bytes;
	if (disk->is_low && !was_low) {
		upkeep->space = (struct walk){.is_running = true};
		upkeep->idle_us = INT64_MIN;
	}
}

void upkeep_note_full(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	struct upkeep_disk *disk = &upkeep->disk;
	if (!disk->is_full) {
		disk->is_full = true;
		disk->full_us = clock->wall_us;
		upkeep->space = (struct walk){.is_running = true};
		upkeep->pause_us = INT64_MIN;
		upkeep->idle_us = INT64_MIN;
	}
	/* again, should it have been taken anew meanwhile */
	store_use_reserve(upkeep->options.store);
}

void upkeep_note_commit(struct upkeep *upkeep, bool *ret_over)
{
	*ret_over = upkeep->disk.is_full;
	upkeep->disk.is_full = false;
	upkeep->disk.full_us = 0;
}

void upkeep_get_disk(const struct upkeep *upkeep, struct upkeep_disk *ret_disk)
{
	*ret_disk = upkeep->disk;
}

/* ---- Steps ---- */

static void fail(
    struct upkeep *upkeep, const struct upkeep_clock *clock, const struct complaint *complaint)
{
	upkeep->pause_us = clock->monotonic_us + PAUSE_US;
	if (upkeep->logged_us != INT64_MIN && clock->monotonic_us - upkeep->logged_us < LOG_US)
		return;
	upkeep->logged_us = clock->monotonic_us;
	say(upkeep, "store", complaint->text);
}

/* What went of a class, with what goes now. */
static struct upkeep_removed add_up(const struct upkeep *upkeep, enum upkeep_class class,
    const struct upkeep_outcome *outcome, int64_t wall_us)
{
	struct upkeep_removed removed = upkeep->removed[class];
	removed.count += (uint64_t)outcome->count;
	removed.at_us = wall_us;
	if (outcome->latest_us > removed.until_us)
		removed.until_us = outcome->latest_us;
	return removed;
}

static void note_removed(struct upkeep *upkeep, const struct upkeep_clock *clock,
    enum upkeep_class class, enum motive motive, const struct upkeep_outcome *outcome)
{
	uint64_t *bytes = &upkeep->counts.batch_bytes;
	if (motive != upkeep->unlogged_motive)
		log_removed(upkeep, clock); /* what went for another reason has its own line */
	upkeep->counts.removed[class] = upkeep->removed[class].count;
	upkeep->unlogged[class] += (uint64_t)outcome->count;
	upkeep->unlogged_motive = motive;
	*bytes -= outcome->bytes < *bytes ? outcome->bytes : *bytes;
}

/* So that the next one takes as long as a step should. What the disk takes for it is its own. */
static void adapt(struct upkeep *upkeep, enum upkeep_class class, int64_t taken_us)
{
	int64_t *rows = &upkeep->rows[class];
	if (taken_us > UPKEEP_STEP_US)
		*rows /= 2;
	else if (taken_us < UPKEEP_STEP_US / 2)
		*rows *= 2;
	*rows = *rows < UPKEEP_ROWS_MIN   ? UPKEEP_ROWS_MIN
		: *rows > UPKEEP_ROWS_MAX ? UPKEEP_ROWS_MAX
					  : *rows;
}

static int64_t now_us(const struct upkeep *upkeep)
{
	return upkeep->options.monotonic_us(upkeep->options.context);
}

/* Removes, and notes in the store what went, in a transaction. */
static int remove_some(struct upkeep *upkeep, const struct upkeep_order *order, enum motive motive,
    struct upkeep_outcome *outcome, struct complaint *complaint)
{
	const int64_t begun_us = now_us(upkeep);
	struct upkeep_removed removed = upkeep->removed[order->class];
	int result = store_begin(upkeep->options.store, complaint);
	if (result != 0)
		return result;
	result = upkeep_remove(&upkeep->options, order, outcome, complaint);
	if (result == 0 && outcome->count > 0) {
		removed = add_up(upkeep, order->class, outcome, order->wall_us);
		result = write_removed(upkeep, order->class, motive, &removed, complaint);
	}
	adapt(upkeep, order->class, now_us(upkeep) - begun_us);
	if (result != 0 || outcome->count == 0) {
		store_rollback(upkeep->options.store);
		return result;
	}
	result = store_commit(upkeep->options.store, complaint);
	if (result == 0)
		upkeep->removed[order->class] = removed;
	return result;
}

/* A step. False when it failed. */
static bool step(struct upkeep *upkeep, const struct upkeep_clock *clock,
    const struct upkeep_order *given, enum motive motive, struct upkeep_outcome *ret_outcome)
{
	struct complaint complaint = {""};
	struct upkeep_order order = *given;
	const int64_t begun_us = now_us(upkeep);
	order.rows = upkeep->rows[order.class];
	order.wall_us = clock->wall_us;
	*ret_outcome = (struct upkeep_outcome){.latest_us = INT64_MIN};
	int result = remove_some(upkeep, &order, motive, ret_outcome, &complaint);
	upkeep->counts.steps++;
	if (now_us(upkeep) - begun_us > upkeep->counts.longest_us)
		upkeep->counts.longest_us = now_us(upkeep) - begun_us;
	if (result == -ENOSPC)
		upkeep_note_full(upkeep, clock);
	if (result != 0)
		fail(upkeep, clock, &complaint);
	else
		note_removed(upkeep, clock, order.class, motive, ret_outcome);
	return result == 0;
}

/* Goes on to the next class where nothing of this one is left. False at the end of all. */
static bool go_on(struct walk *walk, const struct upkeep_outcome *outcome, size_t count)
{
	walk->after_id = outcome->after_id;
	if (outcome->count > 0 || outcome->after_id != 0)
		return true;
	walk->at++;
	walk->is_running = walk->at < count;
	return walk->is_running;
}

/* What is older goes. Whichever of the two clocks is behind counts: the other may be wrong. */
static int64_t age_limit(
    const struct upkeep *upkeep, const struct upkeep_clock *clock, enum upkeep_class class)
{
	const int64_t length_us =
	    upkeep_retention_us(&upkeep->options.config->store.retention, class);
	int64_t now_us = clock->wall_us;
	if (upkeep_is_observed(class) && clock->observed_us < now_us)
		now_us = clock->observed_us;
	return now_us == INT64_MIN ? INT64_MIN : now_us - length_us;
}

static void step_age(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	struct walk *walk = &upkeep->age;
	const enum upkeep_class class = (enum upkeep_class)walk->at;
	const struct upkeep_order order = {
	    .class = class,
	    .before_us = age_limit(upkeep, clock, class),
	    .after_id = walk->after_id,
	};
	struct upkeep_outcome outcome;
	if (step(upkeep, clock, &order, MOTIVE_AGE, &outcome) &&
	    !go_on(walk, &outcome, UPKEEP_CLASSES))
		log_removed(upkeep, clock);
}

/* Somewhat less than there may be, so that it is seldom. */
static uint64_t cut_goal(const struct upkeep *upkeep)
{
	const uint64_t max = upkeep->options.config->store.batches_max;
	return max - max / SLACK_SHARE;
}

static bool must_cut(struct upkeep *upkeep)
{
	if (upkeep->counts.batch_bytes > upkeep->options.config->store.batches_max)
		upkeep->is_cutting = true;
	else if (upkeep->counts.batch_bytes <= cut_goal(upkeep))
		upkeep->is_cutting = false;
	return upkeep->is_cutting;
}

static void tell_memory(struct upkeep *upkeep, const struct upkeep_clock *clock, int64_t until_us)
{
	char text[TEXT_BYTES];
	char when[WHEN_TEXT_BYTES];
	if (upkeep->told_us != INT64_MIN && clock->monotonic_us - upkeep->told_us < UPKEEP_ROUND_US)
		return;
	upkeep->told_us = clock->monotonic_us;
	when_format_utc(until_us, when);
	(void)snprintf(text, sizeof text,
	    "store.batches_max is reached: a restart would remember back to %s only", when);
	say(upkeep, "store.batches", text);
}

/*
 * Batches past their size, the oldest first, whatever their times: those that come after one of a
 * clock that was wrong stand behind it in their order, and so in the future.
 */
static void step_size(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	const struct upkeep_order order = {
	    .class = UPKEEP_BATCHES,
	    .before_us = INT64_MAX,
	    .bytes_max = upkeep->counts.batch_bytes - cut_goal(upkeep),
	};
	struct upkeep_outcome outcome;
	if (!step(upkeep, clock, &order, MOTIVE_SIZE, &outcome))
		return;
	if (outcome.count == 0)
		upkeep->counts.batch_bytes = 0; /* it was counted wrongly */
	else
		tell_memory(upkeep, clock, outcome.latest_us);
	log_seldom(upkeep, clock);
}

/* ---- Room on the disk ---- */

static uint64_t content_bytes(const struct upkeep *upkeep)
{
	return (uint64_t)(upkeep->counts.health.bytes - upkeep->counts.health.free_bytes);
}

/* What is missing for the disk to be well again, once free pages are given back to it. */
static uint64_t missing_bytes(const struct upkeep *upkeep)
{
	const uint64_t wanted = upkeep->low_bytes + upkeep->low_bytes / SLACK_SHARE;
	const uint64_t there =
	    (uint64_t)(upkeep->counts.health.disk_bytes + upkeep->counts.health.free_bytes);
	return wanted > there ? wanted - there : 0;
}

/* Whether giving up what we hold makes the disk well; else somebody else fills it. */
static bool helps(const struct upkeep *upkeep)
{
	return missing_bytes(upkeep) <= content_bytes(upkeep);
}

static bool must_remove(const struct upkeep *upkeep)
{
	if (upkeep->disk.is_full)
		return true;
	if (!upkeep->disk.is_low)
		return false;
	return helps(upkeep) ? missing_bytes(upkeep) > 0
			     : upkeep->counts.health.free_bytes < HEADROOM_BYTES;
}

static void shrink(struct upkeep *upkeep, const struct upkeep_clock *clock, int64_t bytes)
{
	struct complaint complaint = {""};
	if (store_shrink(upkeep->options.store, bytes, &complaint) != 0)
		fail(upkeep, clock, &complaint);
	measure(upkeep, clock);
}

/* Removes some of the least valuable. */
static void step_space(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	struct walk *walk = &upkeep->space;
	const enum upkeep_class class = space_order[walk->at];
	const struct upkeep_order order = {
	    .class = class,
	    .before_us = clock->wall_us - (class == UPKEEP_BATCHES ? UPKEEP_KEEP_US : 0),
	    .after_id = walk->after_id,
	};
	struct upkeep_outcome outcome;
	if (!step(upkeep, clock, &order, MOTIVE_SPACE, &outcome))
		return;
	if (!go_on(walk, &outcome, SPACE_CLASSES)) {
		*walk = (struct walk){.is_running = true}; /* from the beginning, later */
		upkeep->idle_us = clock->monotonic_us + IDLE_US;
	}
	log_seldom(upkeep, clock);
	if (upkeep->disk.is_full)
		shrink(upkeep, clock, STORE_RESERVE_BYTES);
	else
		measure(upkeep, clock);
}

/* Free pages that the disk should have. */
static bool must_shrink(const struct upkeep *upkeep)
{
	const struct store_health *health = &upkeep->counts.health;
	if (upkeep->disk.is_low)
		return health->free_bytes >= UPKEEP_SHRINK_BYTES && helps(upkeep);
	return health->free_bytes >= IDLE_BYTES && health->free_bytes >= health->bytes / IDLE_SHARE;
}

/* ---- A turn ---- */

static void begin_round(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	if (upkeep->round_us == INT64_MIN)
		upkeep->round_us = clock->monotonic_us + UPKEEP_FIRST_US;
	if (upkeep->age.is_running || clock->monotonic_us < upkeep->round_us)
		return;
	upkeep->age = (struct walk){.is_running = true};
	upkeep->round_us = clock->monotonic_us + UPKEEP_ROUND_US;
}

bool upkeep_run(struct upkeep *upkeep, const struct upkeep_clock *clock)
{
	if (upkeep->options.config == NULL)
		return false;
	if (upkeep->measured_us == INT64_MIN ||
	    clock->monotonic_us - upkeep->measured_us >= UPKEEP_MEASURE_US)
		measure(upkeep, clock);
	begin_round(upkeep, clock);
	if (clock->monotonic_us < upkeep->pause_us)
		return false;
	if (must_remove(upkeep) && clock->monotonic_us >= upkeep->idle_us)
		step_space(upkeep, clock);
	else if (must_shrink(upkeep))
		shrink(upkeep, clock, UPKEEP_SHRINK_BYTES);
	else if (must_cut(upkeep))
		step_size(upkeep, clock);
	else if (upkeep->age.is_running)
		step_age(upkeep, clock);
	else
		return false;
	return clock->monotonic_us >= upkeep->pause_us;
}

void upkeep_get_counts(const struct upkeep *upkeep, struct upkeep_counts *ret_counts)
{
	*ret_counts = upkeep->counts;
}
