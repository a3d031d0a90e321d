/*
 * clock_watch.h - whether somebody set the clock, told by the one that nobody can set.
 *
 * What is planned by the wall clock, and what was observed by it, moves with it then: a step of an
 * hour makes nothing late, and nothing wait for an hour. For a while afterwards there is still to
 * come what was observed before, so that time may fall back more than once.
 */
#ifndef CMD_STATION_CLOCK_WATCH_H
#define CMD_STATION_CLOCK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

/* Less is what clocks do by themselves, and matters to nothing here. */
#define CLOCK_SET_MIN_US (2 * WHEN_SECOND_US)
/* Batches, and frames in a ring, are older than this only where nobody takes them. */
#define CLOCK_SETTLE_US (10 * WHEN_SECOND_US)
/* Time that falls back by more than this begins anew: usually, and while a clock settles. */
#define CLOCK_FALL_US        WHEN_HOUR_US
#define CLOCK_FALL_SETTLE_US WHEN_MINUTE_US

struct clock_watch {
	bool has_begun;
	int64_t ahead_us; /* the wall of the monotonic clock, when they were looked at last */
	int64_t set_us;   /* monotonic: when it was set; INT64_MIN: it never was */
};

/* By how much the clock was set since the last look; 0 where it was not. */
int64_t clock_watch_look(struct clock_watch *watch, int64_t wall_us, int64_t monotonic_us);
/* CLOCK_FALL_SETTLE_US or CLOCK_FALL_US. */
int64_t clock_watch_fall_us(const struct clock_watch *watch, int64_t monotonic_us);

#endif
