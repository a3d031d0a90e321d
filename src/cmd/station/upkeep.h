/*
 * upkeep.h - what of the store goes, and when: what is older than its retention, batches past
 * their size, and, where the disk gets full, statistics before all else. Open incidents and letters
 * that wait never go.
 *
 * Work is done in steps of some ten milliseconds between the keeper's turns, each a transaction of
 * its own. What went is kept in the store, a record for each class ("removed.CLASS"), and told in
 * the log, one line for each round.
 *
 * Below store.low_disk room is made as long as that can help: where all that the station holds is
 * less than what is missing, somebody else fills the disk, and then the station only takes care
 * that it does not grow itself. When a commit meets a full disk, room is made until one goes well.
 * The least valuable goes first:
 *
 *     statistics of five minutes, of an hour, batches older than an hour, gaps, letters about
 *     closed incidents, statistics of days
 */
#ifndef CMD_STATION_UPKEEP_H
#define CMD_STATION_UPKEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"
#include "cmd/station/config.h"
#include "store/store.h"
#include "store/upkeep.h"

struct upkeep;

enum upkeep_class {
	UPKEEP_STATISTICS_5M,
	UPKEEP_STATISTICS_HOUR,
	UPKEEP_STATISTICS_DAY,
	UPKEEP_BATCHES,
	UPKEEP_GAPS,
	UPKEEP_AUDIT,   /* by age alone: who fills a disk erases no traces by it */
	UPKEEP_NOTICES, /* delivered, or given up */
	UPKEEP_EVENTS,  /* of closed incidents */
	UPKEEP_INCIDENTS,
	/* Closed incidents of canaries, with their letters and histories: nearly a hundred a day,
	   and nobody's. */
	UPKEEP_CANARIES,
	UPKEEP_CLASSES,
};

/* As the keys below store.retention: "statistics_5m" ..., and "canaries". */
const char *upkeep_class_name(enum upkeep_class class);

enum {
	UPKEEP_ROWS_MIN = 16, /* of a step; adapted to what a step takes */
	UPKEEP_ROWS_MAX = 8192,
	UPKEEP_SHRINK_BYTES = 1 << 20, /* given back to the disk in one step */
};

#define UPKEEP_STEP_US  (20 * 1000) /* what a step should take */
#define UPKEEP_ROUND_US WHEN_HOUR_US
/* The first round by age: a clock that is wrong after booting is right by then. */
#define UPKEEP_FIRST_US   (10 * WHEN_MINUTE_US)
#define UPKEEP_MEASURE_US (5 * WHEN_SECOND_US)
#define UPKEEP_CANARY_US  WHEN_DAY_US  /* so long it may be of interest how a canary flew */
#define UPKEEP_KEEP_US    WHEN_HOUR_US /* batches younger than this stay also on a full disk */

/* How the disk is, for alarms. */
struct upkeep_disk {
	bool is_low;
	bool is_full;     /* a commit found no room, and none went well since */
	unsigned percent; /* that is free */
	int64_t full_us;  /* wall, since when; 0: it is not */
	int64_t free_bytes;
};

struct upkeep_options {
	struct store *store; /* borrowed, as all */
	/* store.retention, low_disk, batches_max; NULL: nothing ever goes */
	const struct station_config *config;
	const char *path; /* a file on the store's disk; NULL: its size is not known */
	void *context;
	/* The record of a closed incident is to go; false where it has to stay. */
	bool (*may_remove)(void *context, int64_t incident);
	void (*log)(void *context, const char *event, const char *text);
	int64_t (*monotonic_us)(void *context); /* as it passes within a step */
};

/* What keeper_turn knows of the time. */
struct upkeep_clock {
	int64_t wall_us;
	int64_t monotonic_us;
	/* Of what is observed: statistics, incidents and their histories are as old as it says.
	   INT64_MIN: not known yet, and none of them goes by age. */
	int64_t observed_us;
};

/* Reads what was removed so far. Returns 0, or a negative errno with a complaint. */
int upkeep_new(
    const struct upkeep_options *options, struct upkeep **ret_upkeep, struct complaint *complaint);
void upkeep_free(struct upkeep *upkeep); /* NULL is allowed */

/* Batches of so many bytes are in the store (also those found there at the start). */
void upkeep_note_batches(struct upkeep *upkeep, uint64_t bytes);
/* A commit found the disk full: room is made at once. */
void upkeep_note_full(struct upkeep *upkeep, const struct upkeep_clock *clock);
/* A commit went well: *ret_over when the disk had been full. */
void upkeep_note_commit(struct upkeep *upkeep, bool *ret_over);

/*
 * Does a step, if there is one to do. In no transaction, and not with a suspect store. True when
 * there is more to do soon.
 */
bool upkeep_run(struct upkeep *upkeep, const struct upkeep_clock *clock);

void upkeep_get_disk(const struct upkeep *upkeep, struct upkeep_disk *ret_disk);

struct upkeep_counts {
	uint64_t removed[UPKEEP_CLASSES]; /* since the station was made */
	uint64_t batch_bytes;
	uint64_t steps;
	int64_t longest_us; /* of all steps */
	struct store_health health;
};
void upkeep_get_counts(const struct upkeep *upkeep, struct upkeep_counts *ret_counts);

/* What went, as the store tells: for whoever shows it. */
struct upkeep_removed {
	uint64_t count;   /* in all; 0: nothing went yet */
	int64_t until_us; /* what is older may be missing */
	int64_t at_us;    /* when some went last */
	bool for_space;   /* the last time not by age */
};
int upkeep_read_removed(struct store *store,
    struct upkeep_removed ret_removed[static UPKEEP_CLASSES], struct complaint *complaint);

#endif
