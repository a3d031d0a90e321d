/* How long something was watched: pauses do not count. */
#include "cmd/station/watched_time.h"

#include <errno.h>
#include <string.h>

#include "test.h"

#define MINUTE WHEN_MINUTE_US
#define HOUR   WHEN_HOUR_US
#define START  (INT64_C(1775001600) * WHEN_SECOND_US)

/* Minute by minute, and something is heard in each, where `is_heard`. */
static void go(struct watched_time *watched, int64_t from_us, int64_t to_us, bool is_heard)
{
	for (int64_t now_us = from_us; now_us <= to_us; now_us += MINUTE) {
		if (is_heard)
			watched_note(watched, now_us);
		watched_advance(watched, now_us);
	}
}

static void test_flow(void)
{
	struct watched_time watched;
	watched_init(&watched);
	OK(watched_since(&watched, START) == 0 && watched_before(&watched, HOUR) == INT64_MIN,
	    "before anything nothing was watched");
	go(&watched, START, START + 2 * HOUR, true);
	OK(watched_since(&watched, START) == 2 * HOUR, "minute by minute all of it was");
	OK(watched_since(&watched, START + 3 * HOUR) == 0, "what is to come was not");
	OK(watched_before(&watched, HOUR) == START + HOUR, "and back again");
}

static void test_jump(void)
{
	struct watched_time watched;
	watched_init(&watched);
	go(&watched, START, START + HOUR, true);
	watched_note(&watched, START + HOUR + WATCHED_JUMP_US);
	watched_advance(&watched, START + HOUR + WATCHED_JUMP_US);
	OK(watched.count == 0, "ten minutes are no pause");
	const int64_t off_us = watched.now_us;
	const int64_t on_us = off_us + 7 * WHEN_DAY_US;
	go(&watched, on_us, on_us + HOUR, true);
	OK(watched.count == 1 && watched_since(&watched, START) == 2 * HOUR + WATCHED_JUMP_US,
	    "a week in which the station was off does not count");
	OK(watched_since(&watched, off_us - HOUR) == 2 * HOUR &&
		watched_since(&watched, off_us + WHEN_DAY_US) == HOUR,
	    "from before it, and from within it");
	OK(watched_before(&watched, 2 * HOUR) == off_us - HOUR, "and back over it");
}

static void test_silence(void)
{
	struct watched_time watched;
	watched_init(&watched);
	go(&watched, START, START + HOUR, true);
	go(&watched, START + HOUR + MINUTE, START + 2 * HOUR, false);
	OK(watched.count == 0, "an hour in which nobody spoke is a quiet hour");
	go(&watched, START + 2 * HOUR + MINUTE, START + 9 * HOUR, false);
	OK(watched.count == 1 && watched_since(&watched, START) == HOUR,
	    "more is a cable that was pulled: since the last word nothing was watched");
	go(&watched, START + 9 * HOUR + MINUTE, START + 10 * HOUR, true);
	OK(watched.count == 1 && watched_since(&watched, START) == 2 * HOUR,
	    "when somebody speaks again it goes on");
}

static void test_backward(void)
{
	struct watched_time watched;
	watched_init(&watched);
	go(&watched, START, START + 3 * HOUR, true);
	go(&watched, START, START + HOUR, true);
	OK(watched.count == 0 && watched_since(&watched, START) == HOUR,
	    "a clock that was set back makes nothing longer");
	OK(watched_since(&watched, START + 2 * HOUR) == 0, "what lies ahead again is to come");
}

static void test_many_pauses(void)
{
	struct watched_time watched;
	watched_init(&watched);
	for (int i = 0; i < WATCHED_PAUSES_MAX; i++)
		go(&watched, START + i * WHEN_DAY_US, START + i * WHEN_DAY_US + HOUR, true);
	OK(watched.count == WATCHED_PAUSES_MAX - 1 &&
		watched_since(&watched, START) == WATCHED_PAUSES_MAX * HOUR,
	    "each day's hour counts");
	for (int i = WATCHED_PAUSES_MAX; i <= WATCHED_PAUSES_MAX + 1; i++)
		go(&watched, START + i * WHEN_DAY_US, START + i * WHEN_DAY_US + HOUR, true);
	OK(watched.count == WATCHED_PAUSES_MAX &&
		watched_since(&watched, START) == (WATCHED_PAUSES_MAX + 1) * HOUR,
	    "one pause too many: the hour between the oldest two is given up");
	watched_forget(&watched, 10 * HOUR);
	OK(watched.count == 10 && watched_since(&watched, watched.now_us - WHEN_DAY_US) == HOUR,
	    "pauses that lie back far enough are forgotten");
}

static void test_text(void)
{
	struct watched_time watched;
	struct watched_time again;
	char text[WATCHED_TEXT_BYTES];
	watched_init(&watched);
	for (int i = 0; i < WATCHED_PAUSES_MAX + 1; i++)
		go(&watched, START + i * WHEN_DAY_US, START + i * WHEN_DAY_US + HOUR, true);
	watched_format(&watched, text);
	OK(watched_parse(text, &again) == 0 && again.count == watched.count &&
		again.now_us == watched.now_us &&
		memcmp(again.pauses, watched.pauses, sizeof again.pauses) == 0,
	    "written and read again");
	static const char *const wrong[] = {
	    "", "x", "1 2", "1 3:2", "1 5:6 4:9", "1 2:3x", "99999999999999999999", "1 2:3:4"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		OK(watched_parse(wrong[i], &again) == -EINVAL, wrong[i]);
	const size_t used = strlen(text);
	(void)snprintf(text + used, sizeof text - used, " 9000000000000000:9000000000000001");
	OK(watched_parse(text, &again) == -EINVAL, "one pause too many");
}

int main(void)
{
	test_flow();
	test_jump();
	test_silence();
	test_backward();
	test_many_pauses();
	test_text();
	return test_done();
}
