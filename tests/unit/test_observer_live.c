/* An observer that goes on: time without packets, members that change, strangers told of again. */
#include <stdlib.h>

#include "base/when.h"
#include "observe/observer.h"
#include "test.h"

#define BASE_US  (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */
#define DARK     0xc6120000U                            /* 198.18.0.0 */
#define STRANGER 0xcb007100U                            /* 203.0.113.0 */
#define TOWN     0xc6336400U                            /* 198.51.100.0 */

enum {
	TCP = 6,
	BUDGET = 4 << 20,
};

struct post {
	struct registry *registry;
	struct observer *observer;
	struct chunk *chunk;
	uint64_t frames;
	size_t ends;
	int64_t ended_us;
	size_t hosts;
	size_t requests; /* sightings */
	size_t sums;
	uint64_t sum_packets;
	uint64_t sum_sources;
};

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct post *post = context;
	post->requests += sighting->key.kind == SIGHTING_REQUEST;
}

static void on_host(void *context, const struct host *host)
{
	struct post *post = context;
	post->hosts += host->flags != 0;
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void on_window_end(void *context, int64_t window_us)
{
	struct post *post = context;
	post->ends++;
	post->ended_us = window_us;
}

static void on_sum(void *context, const struct sum *sum)
{
	struct post *post = context;
	post->sums++;
	post->sum_packets += sum->packets;
	post->sum_sources += sum->sources;
}

static struct registry *make_registry(const char *member, const char *prefixes)
{
	struct registry *registry;
	if (registry_new(&registry) != 0 ||
	    registry_add_dark(registry, "198.18.0.0/16", NULL) != 0 ||
	    registry_add_member(registry, member, prefixes, NULL) != 0 ||
	    registry_seal(registry, NULL) != 0)
		abort();
	return registry;
}

static void open_post(struct post *post)
{
	*post = (struct post){.chunk = aligned_alloc(_Alignof(struct chunk), sizeof *post->chunk)};
	post->registry = make_registry("town", "198.51.100.0/24");
	const struct observer_options options = {
	    .registry = post->registry,
	    .memory_bytes = 64U << 20,
	    .darknet_bytes = 16U << 20,
	    .members_only = true,
	    .answer_timeout_s = 5,
	};
	const struct observer_sink sink = {
	    .context = post,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	    .on_sum = on_sum,
	};
	if (post->chunk == NULL || observer_new(&options, &sink, &post->observer) != 0)
		abort();
}

static void close_post(struct post *post)
{
	observer_free(post->observer);
	registry_free(post->registry);
	free(post->chunk);
}

static void send_syn(struct post *post, uint32_t source, uint32_t target, int64_t time_us)
{
	chunk_clear(post->chunk, post->frames++);
	*chunk_next_facts(post->chunk) = (struct facts){
	    .time_us = time_us,
	    .source = address_from_v4_u32(source),
	    .target = address_from_v4_u32(target),
	    .wire_bytes = 60,
	    .flags = FACTS_TRANSPORT,
	    .source_port = 50000,
	    .target_port = 23,
	    .net = FACTS_V4,
	    .protocol = TCP,
	    .ttl = 64,
	    .tcp_flags = FACTS_SYN,
	};
	chunk_add(post->chunk, observer_rules(post->observer), NULL);
	observer_take(post->observer, &post->chunk, 1);
}

static void test_time(void)
{
	struct post post;
	open_post(&post);
	observer_tick(post.observer, BASE_US);
	OK(post.ends == 0, "time begins with the first tick as with a packet");
	observer_tick(post.observer, BASE_US + WHEN_MINUTE_US - 1);
	OK(post.ends == 0, "its window is open until the minute is over");
	observer_tick(post.observer, BASE_US + WHEN_MINUTE_US);
	OK(post.ends == 1 && post.ended_us == BASE_US, "then it ends without any packet");
	observer_tick(post.observer, BASE_US - 2 * WHEN_HOUR_US);
	OK(post.ends == 1, "a tick never goes back: only packets tell that the clock did");
	send_syn(&post, TOWN + 1, DARK + 1, BASE_US + WHEN_MINUTE_US + 1);
	OK(post.requests == 1, "a packet after a tick counts into the window that the tick began");
	close_post(&post);
}

/* As while a clock that was set settles. */
static void test_clock_step(void)
{
	struct post post;
	const int64_t now_us = BASE_US + WHEN_HOUR_US;
	open_post(&post);
	send_syn(&post, TOWN + 1, DARK + 1, now_us);
	send_syn(&post, TOWN + 1, DARK + 2, now_us - WHEN_HOUR_US);
	OK(post.ends == 0, "usually an hour back is late");
	observer_set_clock_step(post.observer, WHEN_MINUTE_US);
	send_syn(&post, TOWN + 1, DARK + 3, now_us - WHEN_MINUTE_US);
	OK(post.ends == 0, "of a smaller step what is not more is late as well");
	send_syn(&post, TOWN + 1, DARK + 4, now_us - WHEN_MINUTE_US - 1);
	OK(post.ends == 1 && post.ended_us == now_us, "and more than it begins anew");
	observer_tick(post.observer, now_us);
	OK(post.ends == 2 && post.ended_us == now_us - 2 * WHEN_MINUTE_US,
	    "in a window that ends with its minute");
	close_post(&post);
}

static void test_members(void)
{
	struct post post;
	open_post(&post);
	send_syn(&post, STRANGER + 1, DARK + 1, BASE_US);
	OK(post.requests == 0, "a stranger at a dark address is only counted");
	struct registry *changed = make_registry("other", "203.0.113.0/24");
	observer_set_registry(post.observer, changed);
	registry_free(post.registry);
	post.registry = changed;
	send_syn(&post, STRANGER + 1, DARK + 2, BASE_US + 1);
	OK(post.requests == 1, "as a member it is told of");
	send_syn(&post, TOWN + 1, DARK + 2, BASE_US + 2);
	OK(post.requests == 1, "and who is a member no more is a stranger");
	close_post(&post);
}

static void test_hosts(void)
{
	struct post post;
	open_post(&post);
	for (uint32_t i = 0; i < 3; i++) {
		send_syn(&post, TOWN + 1, DARK + 1, BASE_US + i * WHEN_MINUTE_US);
		observer_tick(post.observer, BASE_US + (i + 1) * WHEN_MINUTE_US);
	}
	OK(post.hosts == 1, "a host is news once");
	observer_tell_hosts_again(post.observer);
	for (uint32_t i = 3; i < 6; i++) {
		send_syn(&post, TOWN + 1, DARK + 1, BASE_US + i * WHEN_MINUTE_US);
		observer_tick(post.observer, BASE_US + (i + 1) * WHEN_MINUTE_US);
	}
	OK(post.hosts == 2, "and once more when it is asked for, with its next packet");
	close_post(&post);
}

static void test_strangers(void)
{
	struct post post;
	open_post(&post);
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 100; i++)
			send_syn(&post, STRANGER + i, DARK + i, BASE_US + i);
	OK(observer_drain_strangers(post.observer, BUDGET) == 0 && post.sum_packets == 300 &&
		post.sum_sources == 100,
	    "strangers are told of: all packets, each source once");
	post.sum_packets = 0;
	OK(observer_drain_strangers(post.observer, BUDGET) == 0 && post.sum_packets == 0,
	    "and forgotten");
	send_syn(&post, STRANGER + 1, DARK + 1, BASE_US + 1000);
	post.sum_sources = 0;
	OK(observer_drain_strangers(post.observer, BUDGET) == 0 && post.sum_packets == 1 &&
		post.sum_sources == 1,
	    "what comes after is counted anew");
	observer_finish(post.observer);
	OK(observer_host_count(post.observer) == 100, "hosts are still those of the whole time");
	OK(observer_drain_strangers(post.observer, SUMS_BYTES_MIN - 1) == -12,
	    "without memory it says so");
	close_post(&post);
}

int main(void)
{
	test_time();
	test_clock_step();
	test_members();
	test_hosts();
	test_strangers();
	return test_done();
}
