/*
 * replay_windows.h - which windows had ended, where batches are read again after a start: as the
 * intake (intake.h) ended them while they came, so that what is observed stands where it stood.
 *
 * A window ended when everybody who told of it, or of the one before, had ended it, or when
 * somebody told of a later one.
 */
#ifndef CMD_STATION_REPLAY_WINDOWS_H
#define CMD_STATION_REPLAY_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/sightings_opener.h"

enum {
	REPLAY_SENSORS_MAX = 64, /* in one life each; of more the one heard longest ago goes */
};

struct replay_sensor {
	uint64_t epoch;
	int64_t window_us; /* that it told of last */
	int64_t ended_us;  /* that it ended last; INT64_MIN: none */
};

struct replay_windows {
	int64_t window_us; /* the last; INT64_MIN before any */
	bool is_open;
	struct replay_sensor sensors[REPLAY_SENSORS_MAX];
	size_t sensor_count;
};

void replay_windows_init(struct replay_windows *windows);
/* Before this batch is handed on. True when a window ended by it: *ret_window_us. */
bool replay_windows_enter(
    struct replay_windows *windows, const struct sightings_batch *batch, int64_t *ret_window_us);
/* After it was: true when the window that is open has ended. */
bool replay_windows_leave(struct replay_windows *windows, const struct sightings_batch *batch);

#endif
