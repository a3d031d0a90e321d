/* What is told of strangers at dark addresses in the end: totals, and the ports most asked for. */
#include "observe/strangers.h"

#include <stdlib.h>

#include "test.h"

#define FIRST_US  INT64_C(1700000040000000)
#define MEMORY    ((size_t)64 * 1024 * 1024)
#define DARK_ONE  0xc6120001U /* 198.18.0.1 */
#define STRANGERS 0xcb007100U /* 203.0.113.0 */

enum {
	TCP = 6,
	UDP = 17,
	FIRST_PORT = 1000,
};

static void ignore_sighting(void *context, const struct sighting *sighting)
{
	(void)context;
	(void)sighting;
}

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
	struct crew *crew;
	struct chunk *chunk;
};

static void open_post(struct post *post, size_t darknet_bytes)
{
	*post = (struct post){.chunk = calloc(1, sizeof *post->chunk)};
	if (post->chunk == NULL || registry_new(&post->registry) != 0 ||
	    registry_add_dark(post->registry, "198.18.0.0/16", NULL) != 0 ||
	    registry_seal(post->registry, NULL) != 0)
		abort();
	const struct observer_options options = {
	    .registry = post->registry,
	    .memory_bytes = MEMORY,
	    .darknet_bytes = darknet_bytes,
	    .answer_timeout_s = 5,
	};
	const struct observer_sink sink = {
	    .on_sighting = ignore_sighting,
	    .on_host = ignore_host,
	    .on_carrier = ignore_carrier,
	    .on_window_end = ignore_window,
	};
	if (observer_new(&options, &sink, &post->observer) != 0 || crew_new(1, &post->crew) != 0)
		abort();
}

static void close_post(struct post *post)
{
	crew_free(post->crew);
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
	observer_take(post->observer, &post->chunk, 1, post->crew);
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

int main(void)
{
	test_ports();
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
