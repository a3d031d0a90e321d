#include "cmd/station/replay_windows.h"

#include "base/when.h"
#include "observe/sighting.h"

/* As in intake.c: a clock that falls back by more makes another time of what follows. */
#define CLOCK_STEP_US WHEN_HOUR_US

void replay_windows_init(struct replay_windows *windows)
{
	*windows = (struct replay_windows){.window_us = INT64_MIN};
}

static struct replay_sensor *sensor_of(struct replay_windows *windows, uint64_t epoch)
{
	struct replay_sensor *oldest = &windows->sensors[0];
	for (size_t i = 0; i < windows->sensor_count; i++) {
		if (windows->sensors[i].epoch == epoch)
			return &windows->sensors[i];
		if (windows->sensors[i].window_us < oldest->window_us)
			oldest = &windows->sensors[i];
	}
	if (windows->sensor_count < REPLAY_SENSORS_MAX)
		oldest = &windows->sensors[windows->sensor_count++];
	*oldest = (struct replay_sensor){.epoch = epoch, .ended_us = INT64_MIN};
	return oldest;
}

bool replay_windows_enter(
    struct replay_windows *windows, const struct sightings_batch *batch, int64_t *ret_window_us)
{
	const bool is_first = windows->window_us == INT64_MIN;
	if (!batch->has_window)
		return false;
	const bool fell_back = !is_first && batch->window_us < windows->window_us - CLOCK_STEP_US;
	if (fell_back)
		windows->sensor_count = 0;
	if (!is_first && !fell_back && batch->window_us <= windows->window_us)
		return false;
	const bool has_ended = windows->is_open;
	if (has_ended)
		*ret_window_us = windows->window_us;
	windows->window_us = batch->window_us;
	windows->is_open = true;
	return has_ended;
}

bool replay_windows_leave(struct replay_windows *windows, const struct sightings_batch *batch)
{
	if (!batch->has_window)
		return false;
	struct replay_sensor *sensor = sensor_of(windows, batch->epoch);
	sensor->window_us = batch->window_us;
	if (batch->ends_window)
		sensor->ended_us = batch->window_us;
	if (!windows->is_open)
		return false;
	for (size_t i = 0; i < windows->sensor_count; i++) {
		const struct replay_sensor *other = &windows->sensors[i];
		if (other->window_us >= windows->window_us - SIGHTING_WINDOW_US &&
		    other->ended_us < windows->window_us)
			return false;
	}
	windows->is_open = false;
	return true;
}
