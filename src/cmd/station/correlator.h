/*
 * correlator.h - from sightings to incidents: ledger, detectors and casebook of a station, as they
 * work together while sightings come.
 *
 * Sightings go in by the sink, in any batches; the end of a window settles what is only known then.
 * Judging looks at what is new since the last time, and what is found goes into the casebook. The
 * canary's findings are incidents as all others; what bears its address and is no drill is
 * nobody's.
 */
#ifndef CMD_STATION_CORRELATOR_H
#define CMD_STATION_CORRELATOR_H

#include <stddef.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "cmd/station/roster.h"
#include "detect/thresholds.h"
#include "observe/observer.h"

struct correlator;

struct correlator_options {
	const struct thresholds *thresholds; /* borrowed */
	size_t memory_bytes;                 /* of the ledger */
	/* As in ledger_options. */
	bool (*is_learned_dark)(const void *learned, const struct address *address);
	const void *learned;
	struct casebook_rules casebook;
};

enum {
	/* A day's window and an hour: what was not seen for so long moves no rule any more. */
	CORRELATOR_MEMORY_HOURS = 25,
};

/* The roster is borrowed until correlator_set_roster() gives another. Returns 0 or -ENOMEM. */
int correlator_new(const struct correlator_options *options, const struct roster *roster,
    struct correlator **ret_correlator);
void correlator_free(struct correlator *correlator); /* NULL is allowed */

/* Takes what was observed; lives as long as the correlator. on_sum is NULL. */
const struct observer_sink *correlator_sink(struct correlator *correlator);

int correlator_set_roster(struct correlator *correlator, const struct roster *roster);
/* Before this time (observed) not all hosts were heard of yet. */
void correlator_set_settled(struct correlator *correlator, int64_t time_us);
/* As intake_set_clock_step(). */
void correlator_set_clock_step(struct correlator *correlator, int64_t step_us);
/* Addresses that route for others, as this machine itself knows. */
void correlator_know_router(struct correlator *correlator, const struct address *address);

/*
 * How far what is observed has come: the latest packet that was told of, or the end of the last
 * window; INT64_MIN before there was any.
 */
int64_t correlator_observed_us(const struct correlator *correlator);

/*
 * Judges what is new, and lets time pass in the casebook. Returns 0, or a negative errno when
 * memory or room was out: what was not judged is judged with the next news of it.
 */
int correlator_judge(struct correlator *correlator, const struct casebook_clocks *clocks);

/*
 * Of what was observed before the start: looks at members as a whole as correlator_judge() did when
 * the window that has just ended did. What it found then is known.
 */
void correlator_mark_members(struct correlator *correlator);

/*
 * No window ends any more: what came of the last one after its end, by a source that was late, is
 * folded as well.
 */
void correlator_settle(struct correlator *correlator);

/* The next look is at everybody, whether anything is new of them or not. */
void correlator_judge_all(struct correlator *correlator);

struct casebook *correlator_casebook(const struct correlator *correlator);

struct correlator_counts {
	uint64_t sightings;
	uint64_t judged;   /* subjects */
	uint64_t findings; /* of them, each time */
	uint64_t evicted;  /* from the ledger */
	uint64_t hosts;
};
void correlator_get_counts(
    const struct correlator *correlator, struct correlator_counts *ret_counts);

#endif
