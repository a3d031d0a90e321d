/* Whether somebody set the clock. */
#include "cmd/station/clock_watch.h"

#include "test.h"

#define NOON_US INT64_C(1700000000000000)

static void test_steps(void)
{
	struct clock_watch watch = {.has_begun = false};
	OK(clock_watch_look(&watch, NOON_US, 5) == 0, "the first look knows of no other");
	OK(clock_watch_look(&watch, NOON_US + WHEN_DAY_US, 5 + WHEN_DAY_US) == 0,
	    "time that passes is no step, however long");
	const int64_t now_us = NOON_US + WHEN_DAY_US;
	OK(clock_watch_look(&watch, now_us + CLOCK_SET_MIN_US - 1, 5 + WHEN_DAY_US) == 0,
	    "less than the least step is none");
	OK(clock_watch_look(&watch, now_us + 2 * CLOCK_SET_MIN_US - 2, 5 + WHEN_DAY_US) == 0,
	    "nor are two of that, one after the other");
	OK(clock_watch_look(&watch, now_us + 3 * CLOCK_SET_MIN_US - 2, 5 + WHEN_DAY_US) ==
		CLOCK_SET_MIN_US,
	    "the least step is one");
	OK(clock_watch_look(&watch, now_us - WHEN_HOUR_US, 5 + WHEN_DAY_US) ==
		-WHEN_HOUR_US - 3 * CLOCK_SET_MIN_US + 2,
	    "back as well");
	OK(clock_watch_look(&watch, now_us - WHEN_HOUR_US + 7, 12 + WHEN_DAY_US) == 0,
	    "and is told once");
}

static void test_settling(void)
{
	struct clock_watch watch = {.has_begun = false};
	OK(clock_watch_fall_us(&watch, 0) == CLOCK_FALL_US,
	    "before the first look nothing settles");
	(void)clock_watch_look(&watch, NOON_US, 0);
	OK(clock_watch_fall_us(&watch, 0) == CLOCK_FALL_US, "nor at the start");
	(void)clock_watch_look(&watch, NOON_US + WHEN_HOUR_US, WHEN_SECOND_US);
	OK(clock_watch_fall_us(&watch, WHEN_SECOND_US + CLOCK_SETTLE_US - 1) ==
		CLOCK_FALL_SETTLE_US,
	    "after a step it settles");
	OK(clock_watch_fall_us(&watch, WHEN_SECOND_US + CLOCK_SETTLE_US) == CLOCK_FALL_US,
	    "for a while");
}

int main(void)
{
	test_steps();
	test_settling();
	return test_done();
}
