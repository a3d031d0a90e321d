#include "cmd/station/peers.h"

#include <errno.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

#define BEGIN_US INT64_C(1775001600000000)

static struct peers_clock clock = {BEGIN_US, 1000};

static void wait_s(int64_t seconds)
{
	clock.wall_us += seconds * WHEN_SECOND_US;
	clock.monotonic_us += seconds * WHEN_SECOND_US;
}

static bool was_silent[STATION_EXPECT_MAX];

/* The one whose state is another than it was at the last look; NULL for none. */
static const struct peer *look(struct peers *peers)
{
	const struct peer *changed = NULL;
	peers_tick(peers, &clock);
	for (size_t i = 0; i < peers_count(peers); i++) {
		const struct peer *peer = peers_get(peers, i);
		changed = peer->is_silent != was_silent[i] ? peer : changed;
		was_silent[i] = peer->is_silent;
	}
	return changed;
}

/* Looks every second, as the keeper does; the last change there was. */
static const struct peer *look_s(struct peers *peers, int64_t seconds)
{
	const struct peer *changed = NULL;
	for (int64_t i = 0; i < seconds; i++) {
		wait_s(1);
		const struct peer *peer = look(peers);
		changed = peer != NULL ? peer : changed;
	}
	return changed;
}

static int hear(struct peers *peers, const char *name, int64_t time_us)
{
	struct heartbeat heartbeat = {.time_us = time_us, .packets = 5, .waiting = 1};
	(void)snprintf(heartbeat.name, sizeof heartbeat.name, "%s", name);
	return peers_hear(peers, &heartbeat, &clock);
}

static struct peers *open_two(void)
{
	static const struct station_config_expect expect = {
	    .count = 2, .list = {{"north", 60 * WHEN_SECOND_US}, {"south", 600 * WHEN_SECOND_US}}};
	struct peers *peers = NULL;
	memset(was_silent, 0, sizeof was_silent);
	if (peers_new(&expect, &clock, &peers) != 0)
		return NULL;
	peers_set_listening(peers, true, &clock);
	return peers;
}

static void test_silence(void)
{
	struct peers *peers = open_two();
	OK(peers_count(peers) == 2 && peers_get(peers, 0)->heard_us == 0, "two are expected");
	OK(look_s(peers, 60) == NULL && !peers_get(peers, 0)->is_known,
	    "to its deadline one may be silent, from the start on");
	const struct peer *peer = look_s(peers, 1);
	OK(peer != NULL && strcmp(peer->name, "north") == 0 && peer->is_silent && peer->is_known &&
		peer->silent_us == 61 * WHEN_SECOND_US,
	    "then it is silent");
	OK(look_s(peers, 100) == NULL, "which is told once");
	OK(hear(peers, "north", clock.wall_us) == 0 && peers_get(peers, 0)->packets == 5,
	    "it is heard");
	peer = look_s(peers, 1);
	OK(peer != NULL && !peer->is_silent && peer->is_known &&
		peer->heard_us == clock.wall_us - WHEN_SECOND_US,
	    "and is back");
	for (int i = 0; i < 10; i++) {
		(void)hear(peers, "north", clock.wall_us);
		OK(look_s(peers, 55) == (i == 7 ? peers_get(peers, 1) : NULL),
		    i == 7 ? "the other had longer" : "who is heard in time is not silent");
	}
	peers_free(peers);
}

static void test_again(void)
{
	struct peers *peers = open_two();
	const int64_t signed_us = clock.wall_us;
	OK(hear(peers, "north", signed_us) == 0, "a sign of life");
	OK(hear(peers, "north", signed_us) == -EALREADY, "the same again");
	OK(hear(peers, "south", signed_us) == 0, "another's at the same time");
	OK(hear(peers, "east", signed_us) == -ENOENT, "of one that is not expected");
	wait_s(60);
	OK(hear(peers, "north", signed_us - 1) == 0, "one that was signed before");
	wait_s(239);
	OK(hear(peers, "north", signed_us) == -EALREADY, "the same as long as it is believed");
	const int64_t later_us = clock.wall_us;
	(void)hear(peers, "north", later_us);
	(void)look_s(peers, 1); /* before it nobody looked */
	(void)look_s(peers, 30);
	const int64_t silent_us = peers_get(peers, 0)->silent_us;
	OK(hear(peers, "north", later_us) == -EALREADY && look_s(peers, 1) == NULL &&
		peers_get(peers, 0)->silent_us == silent_us + WHEN_SECOND_US,
	    "what is refused is not heard");
	peers_free(peers);
}

static void test_many(void)
{
	struct peers *peers = open_two();
	bool all = true;
	for (int i = 0; i < PEERS_HEARD_MAX; i++)
		all = hear(peers, "north", clock.wall_us + i) == 0 && all;
	OK(all, "as many as can be told apart");
	OK(hear(peers, "north", clock.wall_us + PEERS_HEARD_MAX) == -EBUSY, "one more is refused");
	OK(hear(peers, "south", clock.wall_us) == 0, "which is no other's fault");
	wait_s(301);
	OK(hear(peers, "north", clock.wall_us) == 0, "later there is room again");
	peers_free(peers);
}

/* What does not count. */
static void test_ourselves(void)
{
	struct peers *peers = open_two();
	(void)look_s(peers, 30);
	wait_s(3600);
	OK(look(peers) == NULL, "who did not look for an hour accuses nobody");
	OK(look_s(peers, 30) == NULL, "what counted before still counts");
	OK(look_s(peers, 1) != NULL, "and so much only");

	(void)hear(peers, "north", clock.wall_us);
	(void)look_s(peers, 30);
	peers_set_listening(peers, false, &clock);
	OK(look_s(peers, 300) == NULL, "where nobody listens nobody is silent");
	peers_set_listening(peers, true, &clock);
	OK(look_s(peers, 30) == NULL, "afterwards it goes on");
	OK(look_s(peers, 1) != NULL, "to its deadline");

	(void)hear(peers, "north", clock.wall_us);
	(void)look_s(peers, 1);
	clock.wall_us -= 3600 * WHEN_SECOND_US;
	OK(look_s(peers, 59) == NULL, "a clock that jumps back is no silence");
	clock.wall_us += 7200 * WHEN_SECOND_US;
	OK(hear(peers, "north", clock.wall_us) == 0 && look_s(peers, 59) == NULL,
	    "nor one that jumps forward");
	peers_free(peers);
}

/* Heard while this process was waiting for its turn, then found that it did not look. */
static void test_heard_late(void)
{
	struct peers *peers = open_two();
	wait_s(100);
	OK(hear(peers, "north", clock.wall_us) == 0 && look(peers) == NULL,
	    "heard before the first look");
	OK(peers_get(peers, 0)->silent_us == 0, "and no time is owed");
	peers_free(peers);
}

int main(void)
{
	test_silence();
	test_again();
	test_many();
	test_ourselves();
	test_heard_late();
	peers_free(NULL);
	return test_done();
}
