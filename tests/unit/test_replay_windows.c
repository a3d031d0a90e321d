/* Which windows had ended, by the batches that came: as the intake had it while they did. */
#include "cmd/station/replay_windows.h"

#include <string.h>

#include "observe/sighting.h"
#include "test.h"

/* A batch of a window, by its number. */
struct row {
	uint64_t epoch;
	int window; /* -1: of none */
	bool ends;
	int entered; /* the window that ended before it; -1: none */
	bool left;   /* the open one ended with it */
};

static bool plays(const struct row *rows, size_t count)
{
	struct replay_windows windows;
	replay_windows_init(&windows);
	for (size_t i = 0; i < count; i++) {
		const struct sightings_batch batch = {
		    .epoch = rows[i].epoch,
		    .has_window = rows[i].window >= 0,
		    .window_us = (int64_t)rows[i].window * SIGHTING_WINDOW_US,
		    .ends_window = rows[i].ends,
		};
		int64_t ended_us = -SIGHTING_WINDOW_US;
		const bool entered = replay_windows_enter(&windows, &batch, &ended_us);
		const bool left = replay_windows_leave(&windows, &batch);
		if (entered == (rows[i].entered >= 0) && left == rows[i].left &&
		    ended_us / SIGHTING_WINDOW_US == rows[i].entered)
			continue;
		printf("# row %zu: %d %d %d\n", i, entered, left,
		    (int)(ended_us / SIGHTING_WINDOW_US));
		return false;
	}
	return true;
}

static void test_windows(void)
{
	static const struct row one[] = {{1, 5, false, -1, false}, {1, -1, false, -1, false},
	    {1, 5, true, -1, true}, {1, 5, false, -1, false}, {1, 6, false, -1, false},
	    {1, 6, true, -1, true}};
	static const struct row two[] = {{1, 5, false, -1, false}, {2, 5, true, -1, false},
	    {1, 5, true, -1, true}, {1, 6, true, -1, false}, {2, 6, true, -1, true}};
	static const struct row dead[] = {{1, 5, true, -1, true}, {2, 6, false, -1, false},
	    {2, 6, true, -1, false}, {2, 7, true, 6, true}};
	static const struct row skipped[] = {{1, 5, false, -1, false}, {1, 9, false, 5, false}};
	static const struct row back[] = {{1, 500, false, -1, false}, {1, 499, false, -1, false},
	    {1, 5, false, 500, false}, {1, 5, true, -1, true}};
	static const struct {
		const char *name;
		const struct row *rows;
		size_t count;
	} plays_of[] = {
#define PLAY(name, rows) {name, rows, sizeof rows / sizeof rows[0]}
	    PLAY("a window ends when its only sensor says so", one),
	    PLAY("of two sensors both must", two),
	    PLAY("one that told of neither this window nor the last is gone", dead),
	    PLAY("a later window ends one that nobody ended", skipped),
	    PLAY("a clock that falls back by hours begins anew", back),
#undef PLAY
	};
	for (size_t i = 0; i < sizeof plays_of / sizeof plays_of[0]; i++)
		OK(plays(plays_of[i].rows, plays_of[i].count), plays_of[i].name);
}

static void test_limit(void)
{
	struct replay_windows windows;
	int64_t ended_us;
	replay_windows_init(&windows);
	for (uint64_t epoch = 1; epoch <= REPLAY_SENSORS_MAX + 1; epoch++) {
		const struct sightings_batch batch = {.epoch = epoch,
		    .has_window = true,
		    .window_us = (int64_t)epoch * SIGHTING_WINDOW_US,
		    .ends_window = true};
		(void)replay_windows_enter(&windows, &batch, &ended_us);
		(void)replay_windows_leave(&windows, &batch);
	}
	bool has_first = false;
	for (size_t i = 0; i < windows.sensor_count; i++)
		has_first |= windows.sensors[i].epoch == 1;
	OK(windows.sensor_count == REPLAY_SENSORS_MAX && !has_first,
	    "one sensor more than there is room for: the one heard longest ago goes");
}

int main(void)
{
	test_windows();
	test_limit();
	return test_done();
}
