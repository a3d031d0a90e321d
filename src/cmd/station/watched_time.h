/*
 * watched_time.h - how long something was watched: time, less the pauses in which nobody watched.
 *
 * A machine that was last heard eight days ago, of which the station was off for seven, has been
 * silent for one day. So silence is measured by the clock of what is observed, and times at which
 * it stood still, jumped, or went on without anything to be heard, do not count.
 */
#ifndef CMD_STATION_WATCHED_TIME_H
#define CMD_STATION_WATCHED_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"

enum {
	/* Past it the oldest two become one, which is too long rather than too short. */
	WATCHED_PAUSES_MAX = 64,
	WATCHED_TEXT_BYTES = WATCHED_PAUSES_MAX * 42 + 24, /* two numbers each, and the clock */
};

/* From one minute to the next the clock takes a minute; what is longer was not watched. */
#define WATCHED_JUMP_US (10 * WHEN_MINUTE_US)
/* On a network that is alive somebody speaks within this. */
#define WATCHED_SILENT_US WHEN_HOUR_US

struct watched_pause {
	int64_t from_us;
	int64_t to_us;
};

struct watched_time {
	int64_t now_us;   /* how far it has come; INT64_MIN before anything */
	int64_t heard_us; /* when something was heard last */
	struct watched_pause pauses[WATCHED_PAUSES_MAX]; /* in order, apart from each other */
	size_t count;
};

void watched_init(struct watched_time *watched);
/* Something was heard at this time. */
void watched_note(struct watched_time *watched, int64_t time_us);
/* The clock goes on to this time, or falls back to it. */
void watched_advance(struct watched_time *watched, int64_t time_us);
/* How long was watched since then; 0 for times to come. */
int64_t watched_since(const struct watched_time *watched, int64_t time_us);
/* The latest time since which so long was watched. */
int64_t watched_before(const struct watched_time *watched, int64_t length_us);
/* Forgets pauses since whose end so long was watched: whoever asks for longer gets more. */
void watched_forget(struct watched_time *watched, int64_t length_us);

/* As one line, and back again: -EINVAL for what is none. */
void watched_format(const struct watched_time *watched, char out[static WATCHED_TEXT_BYTES]);
int watched_parse(const char *text, struct watched_time *ret_watched);

#endif
