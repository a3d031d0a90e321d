/* When windows close, when contacts are judged, and what clocks may do. */
#include "observer_help.h"
#include "test.h"

#include "base/random.h"

/* Times of packets in seconds after the base, one SYN each; and what windows they make. */
static const struct {
	const char *name;
	int64_t at_us[6];
	size_t packets;
	int64_t windows[4]; /* in minutes after the base, in the order in which they close */
	size_t window_count;
	uint64_t clock_steps;
} borders[] = {
    {"no packet: no window", {0}, 0, {0}, 0, 0},
    {"one packet: its window closes at the end", {0}, 1, {0}, 1, 0},
    {"the last microsecond of a window", {0, MINUTE_US - 1}, 2, {0}, 1, 0},
    {"the first of the next", {0, MINUTE_US}, 2, {0, 1}, 2, 0},
    {"windows follow the clock, not the first packet", {59 * SECOND_US, 61 * SECOND_US}, 2, {0, 1},
	2, 0},
    {"silent hours leave no empty windows", {0, 5 * HOUR_US}, 2, {0, 300}, 2, 0},
    {"seven days as well", {0, 7 * 24 * HOUR_US}, 2, {0, 7 * 24 * 60}, 2, 0},
    {"a packet from before its window counts into it", {MINUTE_US, 0, MINUTE_US + 1}, 3, {1}, 1, 0},
    {"an hour back as well", {HOUR_US, 0, HOUR_US + 1}, 3, {60}, 1, 0},
    {"more than an hour back begins anew", {HOUR_US, -1, 1}, 3, {60, -1, 0}, 3, 1},
    {"and once more", {2 * HOUR_US, 0, 2 * HOUR_US, 0}, 4, {120, 0, 120, 0}, 4, 2},
};

static void test_borders(void)
{
	for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++) {
		struct post post;
		open_post(&post, 64);
		for (size_t p = 0; p < borders[i].packets; p++)
			send_syn(&post, 1, (uint32_t)p, BASE_US + borders[i].at_us[p]);
		observer_finish(post.observer);
		bool good = post.window_count == borders[i].window_count &&
			    get_counts(&post).clock_steps == borders[i].clock_steps &&
			    post.packets == borders[i].packets;
		for (size_t w = 0; good && w < post.window_count; w++)
			good = post.windows[w] == BASE_US + borders[i].windows[w] * MINUTE_US;
		OK(good, borders[i].name);
		close_post(&post);
	}
}

/* In which 10 s of its window a packet counts. */
static const struct {
	const char *name;
	int64_t at_us;
	size_t bin;
} bins[] = {
    {"at once", 0, 0},
    {"just below 10 s", 10 * SECOND_US - 1, 0},
    {"at 10 s", 10 * SECOND_US, 1},
    {"the last moment", MINUTE_US - 1, 5},
    {"from before the window", -30 * SECOND_US, 0},
};

static void test_bins(void)
{
	for (size_t i = 0; i < sizeof bins / sizeof bins[0]; i++) {
		struct post post;
		open_post(&post, 64);
		send_syn(&post, 9, 9, BASE_US);
		send_syn(&post, 1, 1, BASE_US + bins[i].at_us);
		observer_finish(post.observer);
		OK(post.last.packets == 1 && post.last.bins[bins[i].bin] == 1 &&
			post.last.first_us == BASE_US + bins[i].at_us,
		    bins[i].name);
		close_post(&post);
	}
}

/*
 * A SYN, then a packet of somebody else, then the answer: where the SYN was judged in between, its
 * silence is told besides the answer.
 */
static const struct {
	const char *name;
	int64_t syn_us;
	int64_t next_us;
	uint64_t silences;
} waits[] = {
    {"at once nothing is judged", 0, 1, 0},
    {"contacts are judged every 10 s, not before", 0, 10 * SECOND_US - 2, 0},
    {"then silence is a failure", 0, 10 * SECOND_US, 1},
    {"5 s old: silent", 5 * SECOND_US, 10 * SECOND_US, 1},
    {"4.999999 s old: still open", 5 * SECOND_US + 1, 10 * SECOND_US, 0},
    {"a second old at the border of the window: still open", 59 * SECOND_US, MINUTE_US, 0},
    {"5 s old at the border: silent", 55 * SECOND_US, MINUTE_US, 1},
    {"silent hours are silence", 0, 3 * HOUR_US, 1},
    {"a clock that fell back a little leaves it open", 0, -HOUR_US, 0},
    {"a clock that fell back by more ends it", 0, -HOUR_US - 1, 1},
};

static void test_waiting(void)
{
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		struct post post;
		open_post(&post, 64);
		send_syn(&post, 1, 1, BASE_US + waits[i].syn_us);
		send_answer(&post, 9, 9, BASE_US + waits[i].next_us);
		send_answer(&post, 1, 1, BASE_US + waits[i].next_us + 1);
		observer_finish(post.observer);
		OK(post.silences == waits[i].silences && post.answers == 1, waits[i].name);
		close_post(&post);
	}
}

static void test_end(void)
{
	struct post post;
	open_post(&post, 64);
	for (uint32_t n = 0; n < 300; n++)
		send_syn(&post, 1, n, BASE_US);
	OK(post.silences == 0 && post.window_count == 0, "one time stamp throughout: all is open");
	observer_finish(post.observer);
	OK(post.silences == 300 && post.packets == 300 && post.window_count == 1,
	    "and the end judges all of it");
	observer_finish(post.observer);
	OK(post.silences == 300 && post.packets == 300, "a second end adds nothing");
	close_post(&post);
	open_post(&post, 64);
	observer_finish(post.observer);
	OK(post.window_count == 0, "nothing seen: nothing ends");
	close_post(&post);
}

/* Beyond these the caller bounds them (cmd/analysis.c). */
static void test_extremes(void)
{
	static const int64_t most = INT64_C(1) << 61;
	const int64_t times[] = {
	    0, most, -most, most, 0, -most, -most + 1, most - 1, 1, -1, -MINUTE_US, -MINUTE_US - 1};
	struct post post;
	open_post(&post, 64);
	uint64_t sent = 0;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		for (uint32_t n = 0; n < 3; n++, sent++)
			send_syn(&post, n, (uint32_t)i, times[i]);
	observer_finish(post.observer);
	OK(post.packets == sent && post.silences == sent, "times at the ends of all time");
	OK(post.misaligned == 0, "windows begin on the minute, before 1970 too");
	close_post(&post);
}

/* Whatever the times, each packet is in one sighting, each first contact gets one outcome. */
static void test_random_times(void)
{
	struct random random;
	random_init(&random, 20260218);
	bool whole = true;
	for (int round = 0; round < 30; round++) {
		struct post post;
		open_post(&post, 512);
		int64_t time_us = BASE_US;
		for (uint32_t n = 0; n < 500; n++) {
			static const int64_t steps[] = {
			    1, SECOND_US, 9 * SECOND_US, MINUTE_US, HOUR_US, 3 * HOUR_US};
			int64_t step_us = steps[random_below(&random, 6)];
			bool back = random_below(&random, 4) == 0;
			time_us += back ? -step_us : step_us;
			send_syn(&post, n % 7, n, time_us);
			if (random_below(&random, 2) == 0)
				send_answer(&post, n % 7, n, time_us + 1);
		}
		observer_finish(post.observer);
		whole = whole && post.packets == 500 && post.misaligned == 0 &&
			post.answers + post.silences == 500 && post.outside == 0;
		close_post(&post);
	}
	OK(whole, "no packet and no outcome is lost or told twice, however the clock runs");
}

/* Both directions of a pair meet, though 64 shards divide the pairs. */
static void test_pairs(void)
{
	struct post post;
	open_post(&post, 64);
	for (uint32_t n = 0; n < 1000; n++) {
		send_syn(&post, n % 50, n, BASE_US + n);
		send_answer(&post, n % 50, n, BASE_US + n + 1);
	}
	observer_finish(post.observer);
	OK(post.answers == 1000 && post.silences == 0 && post.replies == 0,
	    "a thousand answers find their thousand requests");
	close_post(&post);
}

/* So many members' machines and strangers, each at once or a window later than the one before. */
static const struct {
	const char *name;
	uint32_t members;
	uint32_t strangers;
	int64_t step_us;
	bool missing;
} crowds[] = {
    {"as many of ours as there is room for", 2000, 0, 1, false},
    {"too many of them in one window", 20000, 0, 1, true},
    {"one after the other they find room: they were handed on", 20000, 0, SECOND_US, false},
    {"strangers without number are not missed", 2000, 60000, 1, false},
};

static void test_missing_hosts(void)
{
	for (size_t i = 0; i < sizeof crowds / sizeof crowds[0]; i++) {
		struct post post;
		open_post(&post, 1);
		int64_t time_us = BASE_US;
		for (uint32_t n = 0; n < crowds[i].members; n++, time_us += crowds[i].step_us)
			send_syn(&post, n, 1, time_us);
		for (uint32_t n = 0; n < crowds[i].strangers; n++, time_us += crowds[i].step_us)
			send_syn(&post, 0x20000000 + n, 1, time_us);
		observer_finish(post.observer);
		OK((post.missing > 0) == crowds[i].missing, crowds[i].name);
		OK(crowds[i].missing || post.hosts >= crowds[i].members,
		    "else all of ours are told of");
		close_post(&post);
	}
}

int main(void)
{
	test_borders();
	test_bins();
	test_waiting();
	test_end();
	test_extremes();
	test_random_times();
	test_pairs();
	test_missing_hosts();
	return test_done();
}
