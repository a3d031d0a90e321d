#include "cmd/station/peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	struct peer peer;
	int64_t deadline_us;
	int64_t begin_us; /* monotonic: since when it is silent, moved by what does not count */
	int64_t times_us[PEERS_HEARD_MAX]; /* signed; in the order in which they came */
	size_t time_count;
};

struct peers {
	int64_t ticked_us;
	bool is_listening;
	size_t count;
	struct kept list[STATION_EXPECT_MAX];
	struct station_config_expect expect; /* their names */
};

int peers_new(const struct station_config_expect *expect, const struct peers_clock *clock,
    struct peers **ret_peers)
{
	struct peers *peers = calloc(1, sizeof *peers);
	if (peers == NULL)
		return -ENOMEM;
	peers->expect = *expect;
	peers->count = expect->count;
	peers->ticked_us = clock->monotonic_us;
	for (size_t i = 0; i < peers->count; i++) {
		struct kept *kept = &peers->list[i];
		kept->peer.name = peers->expect.list[i].name;
		kept->deadline_us = peers->expect.list[i].deadline_us;
		kept->begin_us = clock->monotonic_us;
	}
	*ret_peers = peers;
	return 0;
}

void peers_free(struct peers *peers)
{
	free(peers);
}

static struct kept *find(struct peers *peers, const char *name)
{
	for (size_t i = 0; i < peers->count; i++)
		if (strcmp(peers->list[i].peer.name, name) == 0)
			return &peers->list[i];
	return NULL;
}

/* What would not be believed any more need not be known. */
static void forget_old(struct kept *kept, int64_t wall_us)
{
	size_t left = 0;
	for (size_t i = 0; i < kept->time_count; i++)
		if (kept->times_us[i] >= wall_us - HEARTBEAT_WINDOW_US)
			kept->times_us[left++] = kept->times_us[i];
	kept->time_count = left;
}

static bool was_heard(const struct kept *kept, int64_t time_us)
{
	for (size_t i = 0; i < kept->time_count; i++)
		if (kept->times_us[i] == time_us)
			return true;
	return false;
}

int peers_hear(
    struct peers *peers, const struct heartbeat *heartbeat, const struct peers_clock *clock)
{
	struct kept *kept = find(peers, heartbeat->name);
	if (kept == NULL)
		return -ENOENT;
	forget_old(kept, clock->wall_us);
	if (was_heard(kept, heartbeat->time_us))
		return -EALREADY;
	if (kept->time_count == PEERS_HEARD_MAX)
		return -EBUSY;
	kept->times_us[kept->time_count++] = heartbeat->time_us;
	kept->peer.heard_us = clock->wall_us;
	kept->peer.packets = heartbeat->packets;
	kept->peer.waiting = heartbeat->waiting;
	kept->begin_us = clock->monotonic_us;
	return 0;
}

/* Time passed; where nobody could be heard it counts for nobody. */
static void pass(struct peers *peers, const struct peers_clock *clock)
{
	const int64_t passed_us = clock->monotonic_us - peers->ticked_us;
	peers->ticked_us = clock->monotonic_us;
	if (peers->is_listening && passed_us <= PEERS_TICK_MAX_US)
		return;
	for (size_t i = 0; i < peers->count; i++) {
		struct kept *kept = &peers->list[i];
		kept->begin_us += passed_us;
		/* it was heard meanwhile */
		if (kept->begin_us > clock->monotonic_us)
			kept->begin_us = clock->monotonic_us;
	}
}

void peers_set_listening(struct peers *peers, bool is_listening, const struct peers_clock *clock)
{
	pass(peers, clock);
	peers->is_listening = is_listening;
}

void peers_tick(struct peers *peers, const struct peers_clock *clock)
{
	pass(peers, clock);
	for (size_t i = 0; i < peers->count; i++) {
		struct kept *kept = &peers->list[i];
		kept->peer.silent_us = clock->monotonic_us - kept->begin_us;
		kept->peer.is_silent = kept->peer.silent_us > kept->deadline_us;
		kept->peer.is_known = kept->peer.heard_us != 0 || kept->peer.is_silent;
	}
}

size_t peers_count(const struct peers *peers)
{
	return peers->count;
}

const struct peer *peers_get(const struct peers *peers, size_t number)
{
	return &peers->list[number].peer;
}
