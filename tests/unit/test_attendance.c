/* Gaps in the watching of a source: found once, whatever ended. */
#include "cmd/station/attendance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

#define AT_US (INT64_C(1700000040) * WHEN_SECOND_US)

enum {
	FIRST = 11, /* epochs */
	SECOND = 22,
};

static struct store *open_store(void)
{
	struct store *store;
	const struct store_options options = {.engine = "memory"};
	if (store_open(&options, &store, NULL) != 0)
		abort();
	return store;
}

static struct attendance read_it(struct store *store, int64_t station_began_us)
{
	struct attendance attendance;
	if (attendance_read(&attendance, store, "ring:eth0", station_began_us, NULL) != 0)
		abort();
	return attendance;
}

static void write_it(struct attendance *attendance, struct store *store)
{
	if (store_begin(store, NULL) != 0 || attendance_write(attendance, store, NULL) != 0 ||
	    store_commit(store, NULL) != 0)
		abort();
	attendance_commit(attendance);
}

/* Seconds after AT_US. */
static struct attendance_state report(
    uint64_t epoch, uint64_t sequence, int64_t since_s, int64_t until_s)
{
	return (struct attendance_state){
	    epoch, sequence, AT_US + since_s * WHEN_SECOND_US, AT_US + until_s * WHEN_SECOND_US};
}

static enum absence take(
    struct attendance *attendance, struct attendance_state state, struct attendance_gap *ret_gap)
{
	char name[64];
	(void)snprintf(name, sizeof name, "report %" PRIu64 " of %" PRIu64 " is new",
	    state.sequence, state.epoch);
	OK(attendance_take(attendance, &state, ret_gap), name);
	return ret_gap->absence;
}

static bool is_gap(const struct attendance_gap *gap, int64_t from_s, int64_t to_s)
{
	return gap->from_us == AT_US + from_s * WHEN_SECOND_US &&
	       gap->to_us == AT_US + to_s * WHEN_SECOND_US;
}

static void test_capture(void)
{
	struct store *store = open_store();
	struct attendance attendance = read_it(store, AT_US);
	struct attendance_gap gap;
	const struct attendance_state none = {.epoch = FIRST, .sequence = 1};
	OK(attendance_take(&attendance, &none, &gap) && gap.absence == ABSENCE_NONE &&
		!attendance_is_changed(&attendance),
	    "a source that is not open yet says nothing");
	OK(take(&attendance, report(FIRST, 2, 1, 1), &gap) == ABSENCE_NONE,
	    "the first time there is no gap");
	OK(take(&attendance, report(FIRST, 3, 1, 60), &gap) == ABSENCE_NONE, "nor later");
	OK(take(&attendance, report(SECOND, 1, 95, 95), &gap) == ABSENCE_CAPTURE &&
		is_gap(&gap, 60, 95) && strcmp(absence_name(gap.absence), "capture-ended") == 0,
	    "a capture that ended: from what was told last to when it was opened again");
	OK(take(&attendance, report(SECOND, 2, 95, 95), &gap) == ABSENCE_NONE, "told once");
	OK(take(&attendance, report(SECOND, 3, 120, 120), &gap) == ABSENCE_SOURCE &&
		is_gap(&gap, 95, 120),
	    "an interface that was gone");
	OK(take(&attendance, report(FIRST, 1, 60, 60), &gap) == ABSENCE_CAPTURE &&
		is_gap(&gap, 60, 60),
	    "with a clock that was set back it has no length, and is told");
	store_close(store);
}

static void test_restart(void)
{
	struct store *store = open_store();
	struct attendance attendance = read_it(store, AT_US);
	struct attendance_gap gap;
	(void)take(&attendance, report(FIRST, 7, 1, 60), &gap);
	OK(attendance_is_changed(&attendance), "there is something to write");
	write_it(&attendance, store);
	OK(!attendance_is_changed(&attendance), "it was written");
	attendance = read_it(store, AT_US);
	struct attendance_state again = report(FIRST, 7, 1, 60);
	OK(!attendance_take(&attendance, &again, &gap),
	    "a keeper that starts anew leaves out what it had");
	OK(take(&attendance, report(FIRST, 8, 1, 60), &gap) == ABSENCE_NONE,
	    "its own end is no gap: the capture went on");
	attendance = read_it(store, AT_US + 100 * WHEN_SECOND_US);
	OK(take(&attendance, report(SECOND, 1, 101, 101), &gap) == ABSENCE_STATION &&
		is_gap(&gap, 60, 101) && strcmp(absence_name(gap.absence), "station-stopped") == 0,
	    "a station that was stopped");
	attendance = read_it(store, AT_US + 100 * WHEN_SECOND_US);
	OK(take(&attendance, report(SECOND, 1, 101, 101), &gap) == ABSENCE_STATION,
	    "what was not written is found again");
	store_close(store);
}

static void test_damaged(void)
{
	static const char *const values[] = {"", "x", "1 2 3", "b 7 1 60 ", "b 7 1 60 5"};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct store *store = open_store();
		struct attendance_gap gap;
		char value[32];
		(void)snprintf(value, sizeof value, "%s", values[i]);
		struct store_meta meta = {.key = "watched.ring:eth0", .value = value};
		if (store_begin(store, NULL) != 0 ||
		    store_put(store, STORE_RECORD(&meta), STORE_REPLACE, NULL) != 0 ||
		    store_commit(store, NULL) != 0)
			abort();
		struct attendance attendance = read_it(store, AT_US);
		char name[64];
		(void)snprintf(name, sizeof name, "\"%s\" is none of ours", value);
		OK(take(&attendance, report(FIRST, 1, 1, 1), &gap) == ABSENCE_NONE, name);
		store_close(store);
	}
}

int main(void)
{
	test_capture();
	test_restart();
	test_damaged();
	return test_done();
}
