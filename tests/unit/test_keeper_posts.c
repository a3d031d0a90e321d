/*
 * Interfaces that are down, silent or too fast, as a keeper lives through it: one letter to the
 * operator when it begins, one when it is over, also over restarts.
 */
#include "town_help.h"

enum {
	PACE = 10, /* packets a second, as usual */
};

static struct town town;

/* What the capture reports. */
static struct {
	bool is_up;
	bool is_mute;
	uint64_t frames;
	uint64_t lost; /* each second */
	uint64_t pace;
} wire;

static void begin(void)
{
	town_init(&town, "memory", NULL);
	town.posts = (struct post_limits){WHEN_MINUTE_US, 10 * WHEN_MINUTE_US};
	(void)town_open_in_memory(&town);
	wire.is_up = true;
	wire.is_mute = false;
	wire.frames = wire.lost = 0;
	wire.pace = PACE;
}

/* So many seconds with a report each, and a turn. */
static void live(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		town_turn(&town, WHEN_SECOND_US);
		const struct keeper_clock clock = town_clock(&town);
		wire.frames += wire.is_up ? wire.pace : 0;
		const struct post_news news = {wire.is_up, wire.frames, wire.lost};
		keeper_note_post(town.keeper, 0, wire.is_mute ? NULL : &news, &clock);
	}
}

struct subjects {
	int count;
	char last[256];
};

static int visit_alarm(void *context, const void *record)
{
	struct subjects *subjects = context;
	const struct store_notice *notice = record;
	if (notice->kind != NOTICE_ALARM)
		return 0;
	subjects->count++;
	(void)snprintf(subjects->last, sizeof subjects->last, "%s", notice->subject);
	return 0;
}

/* Letters about the station itself that were written; all of them go to the operator. */
static struct subjects letters(void)
{
	struct subjects subjects = {0};
	const struct store_query query = {.kind = STORE_NOTICE, .order = "id"};
	if (store_each(town.store, &query, visit_alarm, &subjects, NULL) != 0)
		abort();
	return subjects;
}

/* The last letter is number `count`, and has these words in its subject. */
static bool told(int count, const char *words)
{
	const struct subjects subjects = letters();
	if (subjects.count == count && strstr(subjects.last, words) != NULL)
		return true;
	printf("# %d letters, the last: %s\n", subjects.count, subjects.last);
	return false;
}

static void test_down(void)
{
	begin();
	live(600);
	wire.is_up = false;
	live(59);
	OK(letters().count == 0, "an interface that is down for less than a minute is no alarm");
	live(3);
	OK(told(1, "STATION ALARM: eth0 is down"), "of a minute it is told");
	live(3600);
	OK(letters().count == 1, "once, as long as it lasts");
	wire.is_up = true;
	live(60);
	wire.is_up = false;
	live(120);
	wire.is_up = true;
	live(100);
	OK(letters().count == 1, "what is up for a moment is not over");
	live(30);
	OK(told(2, "Station alarm over: eth0 is down"), "what is up for two minutes is");
	live(3600);
	OK(letters().count == 2, "and that was all");
	town_release(&town);
}

static void test_mute(void)
{
	begin();
	live(10);
	wire.is_mute = true;
	live(63);
	OK(told(1, "eth0 is down"), "a capture that reports nothing sees nothing");
	town_release(&town);
}

static void test_down_over_restart(void)
{
	begin();
	live(10);
	wire.is_up = false;
	live(63);
	town_restart_in_memory(&town);
	live(300);
	OK(told(1, "eth0 is down"), "after a restart it is told neither again nor as over");
	wire.is_up = true;
	live(130);
	OK(told(2, "over: eth0 is down"), "its end is");
	town_release(&town);
}

static void test_silent(void)
{
	begin();
	live(3660);
	wire.pace = 0;
	live(590);
	OK(letters().count == 0,
	    "an interface that hears nothing for ten minutes less is no alarm");
	live(15);
	OK(told(1, "STATION ALARM: eth0 hears nothing"), "of ten minutes it is told");
	live(3600);
	wire.pace = 1;
	live(130);
	OK(told(2, "Station alarm over: eth0 hears nothing"), "and that there is traffic again");
	town_release(&town);
}

/* The mirror was switched off over the restart, and nothing tells but what was usual. */
static void test_silent_over_restart(void)
{
	begin();
	live(3700);
	town_restart_in_memory(&town);
	wire.pace = 0;
	live(615);
	OK(told(1, "eth0 hears nothing"), "what is usual is known over a restart");
	town_restart_in_memory(&town);
	live(300);
	OK(told(1, "eth0 hears nothing"), "and after another one nothing is over without proof");
	live(400);
	OK(told(1, "eth0 hears nothing"), "nor told again");
	wire.pace = PACE;
	live(130);
	OK(told(2, "over: eth0 hears nothing"), "a packet is proof");
	town_release(&town);
}

static void put_usual(const char *value)
{
	char text[64];
	char key[] = "usual.ring:eth0";
	struct store_meta meta = {.key = key, .value = text};
	(void)snprintf(text, sizeof text, "%s", value);
	if (store_begin(town.store, NULL) != 0)
		abort();
	town_put(&town, STORE_RECORD(&meta));
	if (store_commit(town.store, NULL) != 0)
		abort();
}

static void test_damaged(void)
{
	static const char *const values[] = {"", "60", "60 x", "60 10000 ", "-1 10000", "181 10000",
	    "60 -1", "60 1125899906842625", "99999999999999999999 10000"};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		begin();
		put_usual(values[i]);
		town_restart_in_memory(&town);
		wire.pace = 0;
		live(700);
		OK(letters().count == 0, values[i]);
		town_release(&town);
	}
	begin();
	put_usual("60 10000");
	town_restart_in_memory(&town);
	wire.pace = 0;
	live(610);
	OK(told(1, "hears nothing"), "what is whole is believed");
	town_release(&town);
}

static void test_losses(void)
{
	begin();
	wire.lost = 1;
	live(605);
	OK(told(1, "STATION ALARM: packets are lost on eth0"), "losses of ten minutes are told");
	wire.lost = 0;
	live(590);
	OK(letters().count == 1, "and last as long");
	live(150);
	OK(told(2, "Station alarm over: packets are lost on eth0"), "and end");
	town_release(&town);
}

static void attend(uint64_t epoch, uint64_t sequence)
{
	const struct attendance_state state = {.epoch = epoch,
	    .sequence = sequence,
	    .since_us = town.wall_us,
	    .until_us = town.wall_us};
	(void)keeper_note_report(town.keeper, 0, &state);
	live(15);
}

/* Nothing of the station ran for so long. */
static void test_station_down(int64_t for_us, int letters_after, const char *name)
{
	begin();
	attend(1, 1);
	town.wall_us += for_us;
	town.began_us = town.wall_us;
	town_restart_in_memory(&town);
	attend(2, 1);
	OK(letters().count == letters_after, name);
	town_release(&town);
}

int main(void)
{
	test_down();
	test_mute();
	test_down_over_restart();
	test_silent();
	test_silent_over_restart();
	test_damaged();
	test_losses();
	test_station_down(2 * WHEN_MINUTE_US, 0, "a station that was off for minutes is restarted");
	test_station_down(10 * WHEN_MINUTE_US, 1, "one that was off for longer says so");
	return test_done();
}
