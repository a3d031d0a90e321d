/*
 * peers.h - stations that report to this one: when each was heard last, and which is silent for
 * longer than it may be.
 *
 * Time in which nobody could have been heard does not count: before the start, while this process
 * did not run, and while nobody listens (peers_set_listening).
 *
 * What was heard within the window in which it is believed (HEARTBEAT_WINDOW_US) is known again by
 * its signed time. Not over a restart of this process: then a sign of life may be told once more,
 * and five minutes of silence be hidden.
 */
#ifndef CMD_STATION_PEERS_H
#define CMD_STATION_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/station/config.h"
#include "web/heartbeat.h"

struct peers;

struct peers_clock {
	int64_t wall_us;
	int64_t monotonic_us;
};

enum {
	/* Of one station, as long as they could be heard again: one every 5 s makes 120. */
	PEERS_HEARD_MAX = 128,
};

/* Who looks less often than this did not run. */
#define PEERS_TICK_MAX_US INT64_C(5000000)

/* Copies what is expected. 0 or -ENOMEM. */
int peers_new(const struct station_config_expect *expect, const struct peers_clock *clock,
    struct peers **ret_peers);
void peers_free(struct peers *peers); /* NULL is allowed */

/*
 * A sign of life, whose signature was right. 0; -ENOENT of a station that is not expected,
 * -EALREADY when it was heard before, -EBUSY past PEERS_HEARD_MAX.
 */
int peers_hear(
    struct peers *peers, const struct heartbeat *heartbeat, const struct peers_clock *clock);

/* Whether anybody can be heard now. At the start nobody can. */
void peers_set_listening(struct peers *peers, bool is_listening, const struct peers_clock *clock);

struct peer {
	const char *name;
	bool is_silent;    /* for longer than it may be */
	bool is_known;     /* to be so or not: it was heard, or is silent */
	int64_t heard_us;  /* wall; 0: not since this process started */
	int64_t silent_us; /* for how long, counting what counts */
	uint64_t packets;  /* that it saw before it was heard last */
	uint64_t waiting;
};

/* Time passed: who is silent by now. At least every PEERS_TICK_MAX_US, since what is more is not
 * counted. */
void peers_tick(struct peers *peers, const struct peers_clock *clock);

size_t peers_count(const struct peers *peers);
const struct peer *peers_get(const struct peers *peers, size_t number);

#endif
