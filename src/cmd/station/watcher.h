/*
 * watcher.h - from frames to batches of sightings: what a capture duty does beside waiting.
 *
 * One thread. Frames are decoded and observed as they come, whatever their source; what was
 * observed goes out in batches (link/sightings.h): at each flush what may need a warning, at the
 * end of each window the rest.
 */
#ifndef CMD_STATION_WATCHER_H
#define CMD_STATION_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/first_frames.h"
#include "observe/observer.h"
#include "registry/registry.h"
#include "source/frame.h"

struct watcher;

struct watcher_options {
	const struct registry *registry; /* borrowed, until watcher_set_registry() gives another */
	size_t memory_bytes;             /* of all tables */
	uint32_t answer_timeout_s;
	unsigned first_frames; /* of each kind and port that are kept; 0: none */
	const char *sensor;    /* sightings_sensor_is_valid() */
	uint64_t epoch;
	/* Takes a batch with its frame; borrowed for the call. 0, or a negative errno: it is lost.
	 */
	int (*give)(void *context, const uint8_t *batch, size_t bytes);
	void *context;
};

struct watcher_counts {
	uint64_t packets;
	uint64_t bytes;
	uint64_t verdicts[DECODE_VERDICT_COUNT];
	uint64_t lost_batches;
	int64_t last_us; /* the latest time of a packet; INT64_MIN before */
	struct observer_counts observer;
};

enum {
	/* Below, half a dozen tables have no room for anything. */
	WATCHER_MEMORY_MIN_BYTES = 16 * 1024 * 1024,
};

/* Returns 0 or -ENOMEM. */
int watcher_new(const struct watcher_options *options, struct watcher **ret_watcher);
void watcher_free(struct watcher *watcher); /* NULL is allowed */

void watcher_take(struct watcher *watcher, const struct frame_batch *batch);
/*
 * Time passed: windows end and contacts are judged without packets. `now_us` is that of the source:
 * frames of before it are not to come any more.
 */
void watcher_tick(struct watcher *watcher, int64_t now_us);
/* As observer_set_clock_step(): while a clock that was set settles. */
void watcher_set_clock_step(struct watcher *watcher, int64_t step_us);
/* Gives what was told so far. Returns 0, or the first negative errno since the last flush. */
int watcher_flush(struct watcher *watcher);
/* Gives the sums of what strangers did since they were given last. Returns 0 or -ENOMEM. */
int watcher_give_strangers(struct watcher *watcher);
/* Hosts are told of again with their next packet. */
void watcher_tell_hosts_again(struct watcher *watcher);
/* Frames that are taken until it is called again are no evidence: those of a canary. */
void watcher_set_keeping(struct watcher *watcher, bool keeps);
/* As first_frames_find(); none where none are kept. */
size_t watcher_find_frames(const struct watcher *watcher, const struct first_frames_wish *wish,
    struct frame ret_frames[static FIRST_FRAMES_SHELF]);
void watcher_set_registry(struct watcher *watcher, const struct registry *registry);
/* There is no more: judges what is open, and gives all. Returns as watcher_flush(). */
int watcher_finish(struct watcher *watcher);

void watcher_get_counts(const struct watcher *watcher, struct watcher_counts *ret_counts);

#endif
