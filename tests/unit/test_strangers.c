/* What is told of strangers at dark addresses in the end: totals, and the ports most asked for. */
#include "observe/strangers.h"

#include <stdlib.h>

#include "test.h"

#define FIRST_US  INT64_C(1700000040000000)
#define MEMORY    ((size_t)64 * 1024 * 1024)
#define DARK_ONE  0xc6120001U /* 198.18.0.1 */
#define STRANGERS 0xcb007100U /* 203.0.113.0 */
#define TOWN_ONE  0xc6336401U /* 198.51.100.1 */

enum {
	TCP = 6,
	UDP = 17,
	FIRST_PORT = 1000,
};

static void ignore_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void ignore_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void ignore_window(void *context, int64_t window_us)
{
	(void)context;
	(void)window_us;
}

struct post {
	struct registry *registry;
	struct observer *observer;
	struct chunk *chunk;
	size_t receivers;
	struct address receiver; /* the last one */
};

static void note_receiver(void *context, const struct sighting *sighting)
{
	struct post *post = context;
	if (sighting->key.kind != SIGHTING_FLOODED)
		return;
	post->receivers++;
	post->receiver = sighting->key.subject;
}

static void open_post_for(struct post *post, size_t darknet_bytes, bool members_only)
{
	*post = (struct post){.chunk = aligned_alloc(_Alignof(struct chunk), sizeof *post->chunk)};
	if (post->chunk == NULL || registry_new(&post->registry) != 0 ||
	    registry_add_dark(post->registry, "198.18.0.0/16", NULL) != 0 ||
	    registry_add_member(post->registry, "town", "198.51.100.0/24", NULL) != 0 ||
	    registry_seal(post->registry, NULL) != 0)
		abort();
	const struct observer_options options = {
	    .registry = post->registry,
	    .memory_bytes = MEMORY,
	    .darknet_bytes = darknet_bytes,
	    .members_only = members_only,
	    .answer_timeout_s = 5,
	};
	const struct observer_sink sink = {
	    .context = post,
	    .on_sighting = note_receiver,
	    .on_host = ignore_host,
	    .on_carrier = ignore_carrier,
	    .on_window_end = ignore_window,
	};
	if (observer_new(&options, &sink, &post->observer) != 0)
		abort();
}

static void open_post(struct post *post, size_t darknet_bytes)
{
	open_post_for(post, darknet_bytes, true);
}

static void close_post(struct post *post)
{
	observer_free(post->observer);
	registry_free(post->registry);
	free(post->chunk);
}

/* So many strangers, others on each port, ask one dark address once each. */
static void send_requests(struct post *post, uint8_t protocol, uint16_t port, uint32_t strangers)
{
	const struct frame frame = {.time_us = FIRST_US, .wire_bytes = 60};
	chunk_clear(post->chunk, 0);
	for (uint32_t i = 0; i < strangers; i++) {
		*chunk_next_facts(post->chunk) = (struct facts){
		    .time_us = FIRST_US,
		    .source = address_from_v4_u32(STRANGERS + port * 16U + i),
		    .target = address_from_v4_u32(DARK_ONE),
		    .seq = i * 7919,
		    .wire_bytes = 60,
		    .flags = FACTS_TRANSPORT,
		    .source_port = 50000,
		    .target_port = port,
		    .net = FACTS_V4,
		    .protocol = protocol,
		    .ttl = 64,
		    .tcp_flags = protocol == TCP ? FACTS_SYN : 0,
		};
		chunk_add(post->chunk, observer_rules(post->observer), &frame);
	}
	chunk_seal(post->chunk);
	(void)observer_learn(post->observer, &post->chunk, 1);
	observer_take(post->observer, &post->chunk, 1);
}

/* Port n is asked for by n + 1 strangers, so that the last one leads. */
static const struct {
	const char *name;
	uint32_t asked;
	size_t told;
} rows[] = {
    {"nobody came", 0, 0},
    {"one port", 1, 1},
    {"as many as are told", STRANGERS_PORTS, STRANGERS_PORTS},
    {"one more: the least asked is left out", STRANGERS_PORTS + 1, STRANGERS_PORTS},
};

static void test_ports(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct post post;
		struct strangers strangers;
		uint64_t packets = 0;
		open_post(&post, MEMORY);
		for (uint32_t n = 0; n < rows[i].asked; n++) {
			send_requests(
			    &post, n % 2 == 0 ? TCP : UDP, (uint16_t)(FIRST_PORT + n), n + 1);
			packets += n + 1;
		}
		observer_finish(post.observer);
		bool right = strangers_describe(post.observer, &strangers) == 0 &&
			     strangers.packets == packets && strangers.kept == packets &&
			     strangers.folded == 0 && strangers.refused == 0 &&
			     strangers.port_count == rows[i].told;
		for (size_t j = 0; right && j < rows[i].told; j++) {
			uint32_t n = rows[i].asked - 1 - (uint32_t)j;
			const struct strangers_port *port = &strangers.ports[j];
			right = port->port == FIRST_PORT + n && port->packets == n + 1 &&
				port->sources == n + 1 &&
				port->protocol == (n % 2 == 0 ? TCP : UDP);
		}
		OK(right, rows[i].name);
		close_post(&post);
	}
}

/* A town's machine asks a stranger, and another stranger asks it: whom do requests reach? */
static void test_receivers(void)
{
	const struct address ours = address_from_v4_u32(TOWN_ONE);
	const struct frame frame = {.time_us = FIRST_US, .wire_bytes = 60};
	for (int members_only = 0; members_only <= 1; members_only++) {
		struct post post;
		open_post_for(&post, MEMORY, members_only != 0);
		for (int inwards = 0; inwards <= 1; inwards++) {
			const struct address stranger =
			    address_from_v4_u32(STRANGERS + 1U + (uint32_t)inwards);
			const struct facts facts = {
			    .time_us = FIRST_US,
			    .source = inwards != 0 ? stranger : ours,
			    .target = inwards != 0 ? ours : stranger,
			    .wire_bytes = 60,
			    .flags = FACTS_TRANSPORT,
			    .source_port = 50000,
			    .target_port = 23,
			    .net = FACTS_V4,
			    .protocol = TCP,
			    .ttl = 64,
			    .tcp_flags = FACTS_SYN,
			};
			observer_observe(post.observer, &facts, &frame);
		}
		observer_finish(post.observer);
		if (members_only != 0)
			OK(post.receivers == 1 && address_equal(&post.receiver, &ours),
			    "members only: what strangers receive is not kept");
		else
			OK(post.receivers == 2, "strangers are judged: it is kept");
		close_post(&post);
	}
}

/* Dark addresses that ask, CHUNK_FRAMES at a time; frame n tells of address n. */
static void learn(struct post *post, uint32_t first, size_t count)
{
	chunk_clear(post->chunk, first);
	for (uint32_t i = 0; i < count; i++)
		post->chunk->new_askers[i] =
		    (struct dark_asker){address_from_v4_u32(DARK_ONE + first + i), first + i};
	post->chunk->asker_count = count;
	(void)observer_learn(post->observer, &post->chunk, 1);
}

static void test_askers(void)
{
	struct post post;
	open_post(&post, MEMORY);
	const struct chunk_rules *rules = observer_rules(post.observer);
	for (uint32_t n = 0; n < OBSERVER_ASKERS_MAX; n += CHUNK_FRAMES)
		learn(&post, n, CHUNK_FRAMES);
	learn(&post, 0, CHUNK_FRAMES);
	OK(rules->darknets_until == UINT64_MAX, "65,536 dark addresses that ask are known");
	learn(&post, OBSERVER_ASKERS_MAX, 2);
	OK(rules->darknets_until == OBSERVER_ASKERS_MAX,
	    "with one more, darknets end at its first packet");
	close_post(&post);
}

int main(void)
{
	test_ports();
	test_receivers();
	test_askers();
	struct post post;
	struct strangers strangers = {.packets = 7};
	open_post(&post, 0);
	send_requests(&post, TCP, FIRST_PORT, 1);
	OK(strangers_describe(post.observer, &strangers) == 0 && strangers.packets == 0 &&
		strangers.port_count == 0,
	    "without darknets there is nothing to tell");
	close_post(&post);
	return test_done();
}
