/* Since when and until when a source is watched. */
#include "cmd/station/presence.h"

#include <assert.h>

#include "base/when.h"
#include "observe/sighting.h"
#include "test.h"

#define AT_US    (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */
#define SLACK_US (100 * 1000)

static_assert(AT_US % SIGHTING_WINDOW_US == 0, "a window begins then");

/* Seconds after AT_US. */
static enum presence_news look(
    struct presence *presence, int64_t at_s, bool is_open, bool is_up, uint64_t frames)
{
	const struct presence_look look = {is_open, is_up, frames, AT_US + at_s * WHEN_SECOND_US};
	return presence_look(presence, &look);
}

static int64_t since_s(const struct presence *presence)
{
	return (presence->since_us - AT_US) / WHEN_SECOND_US;
}

static int64_t until_s(const struct presence *presence, int64_t now_s)
{
	const int64_t now_us = AT_US + now_s * WHEN_SECOND_US;
	return (presence_until(presence, now_us, SLACK_US) - AT_US) / WHEN_SECOND_US;
}

static void test_up(void)
{
	struct presence presence = {.is_watching = false};
	OK(look(&presence, 1, false, false, 0) == PRESENCE_SAME && presence.since_us == 0,
	    "before there is a source nothing is watched");
	OK(look(&presence, 5, true, true, 0) == PRESENCE_BEGAN && since_s(&presence) == 5,
	    "what is opened and up is watched from then on");
	OK(look(&presence, 6, true, true, 9) == PRESENCE_SAME && since_s(&presence) == 5,
	    "and goes on");
	OK(until_s(&presence, 6) == 5, "nothing of the first window is settled");
	OK(until_s(&presence, 61) == 60, "until it has ended");
	OK(presence_until(&presence, AT_US + WHEN_MINUTE_US + SLACK_US - 1, SLACK_US) ==
		AT_US + 5 * WHEN_SECOND_US,
	    "a moment for what lies in the ring included");
	OK(presence_until(&presence, AT_US + WHEN_MINUTE_US + SLACK_US, SLACK_US) ==
		AT_US + WHEN_MINUTE_US,
	    "and no longer");
}

static void test_down(void)
{
	struct presence presence = {.is_watching = false};
	(void)look(&presence, 5, true, true, 0);
	(void)look(&presence, 70, true, true, 9);
	OK(look(&presence, 71, true, false, 12) == PRESENCE_ENDED,
	    "an interface that goes down brings nothing, whatever came before");
	OK(until_s(&presence, 300) == 69,
	    "it was watched for as long as it was seen to be up, but for the second by which the "
	    "kernel may be late");
	OK(look(&presence, 72, true, false, 12) == PRESENCE_SAME, "told once");
	OK(look(&presence, 400, true, true, 12) == PRESENCE_BEGAN && since_s(&presence) == 400,
	    "up again it is watched anew");
	OK(look(&presence, 401, false, false, 0) == PRESENCE_ENDED &&
		until_s(&presence, 500) == 400,
	    "what is removed is not watched either");
	(void)look(&presence, 402, true, true, 0);
	OK(look(&presence, 403, true, false, 0) == PRESENCE_ENDED &&
		until_s(&presence, 500) == 402 &&
		look(&presence, 404, false, false, 0) == PRESENCE_SAME,
	    "what goes down at once was never watched before it was there");
	OK(look(&presence, 405, true, false, 0) == PRESENCE_SAME && since_s(&presence) == 402,
	    "nor what is made anew and down");
	OK(look(&presence, 406, true, true, 0) == PRESENCE_BEGAN && since_s(&presence) == 406,
	    "until it is up");
}

static void test_dormant(void)
{
	struct presence presence = {.is_watching = false};
	(void)look(&presence, 5, true, false, 0);
	OK(look(&presence, 6, true, false, 3) == PRESENCE_SAME,
	    "frames that came before it was down say nothing");
	OK(look(&presence, 7, true, false, 4) == PRESENCE_BEGAN,
	    "what is called down for long, and brings frames all the same, is watched");
	OK(look(&presence, 8, true, false, 4) == PRESENCE_ENDED, "as long as it does");
}

int main(void)
{
	test_up();
	test_down();
	test_dormant();
	return test_done();
}
