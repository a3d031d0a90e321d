/* What is told before a window ends: when, of whom, and that nothing is told twice. */
#include "observer_help.h"
#include "test.h"

enum {
	TOLD_MAX = 512,
};

struct told {
	uint64_t packets;
	bool is_late; /* at the end of its window */
};

/* What the sink was told of requests. */
struct ear {
	struct registry *registry;
	struct observer *observer;
	struct told told[TOLD_MAX];
	size_t count;
	uint64_t packets;
	uint64_t refusals;
	uint64_t asks; /* on the wire, told early */
	uint32_t bins;
	bool is_ending;
	size_t ends;
	size_t empty; /* sightings of nothing */
};

static void hear_sighting(void *context, const struct sighting *sighting)
{
	struct ear *ear = context;
	ear->empty += sighting_is_empty(sighting);
	if (sighting->key.kind == SIGHTING_NEIGHBOUR)
		ear->asks += sighting->packets;
	if (sighting->key.kind != SIGHTING_REQUEST)
		return;
	if (ear->count < TOLD_MAX)
		ear->told[ear->count] = (struct told){sighting->packets, ear->is_ending};
	ear->count++;
	ear->packets += sighting->packets;
	ear->refusals += sighting->refusals;
	ear->bins += sighting->bins[0];
}

static void hear_host(void *context, const struct host *host)
{
	struct ear *ear = context;
	(void)host;
	ear->is_ending = true; /* hosts are told first when a window ends */
}

static void hear_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void hear_end(void *context, int64_t window_us)
{
	struct ear *ear = context;
	(void)window_us;
	ear->ends++;
	ear->is_ending = false;
}

static void open_ear(struct ear *ear)
{
	struct complaint complaint;
	*ear = (struct ear){.count = 0};
	int result = registry_new(&ear->registry);
	if (result == 0)
		result = registry_add_member(ear->registry, "town", "10.0.0.0/8", &complaint);
	if (result == 0)
		result = registry_add_dark(ear->registry, "198.51.100.0/24", &complaint);
	if (result == 0)
		result = registry_seal(ear->registry, &complaint);
	const struct observer_options options = {
	    .registry = ear->registry,
	    .memory_bytes = 64U << 20,
	    .darknet_bytes = 16U << 20,
	    .members_only = true,
	    .answer_timeout_s = 5,
	};
	const struct observer_sink sink = {
	    .context = ear,
	    .on_sighting = hear_sighting,
	    .on_host = hear_host,
	    .on_carrier = hear_carrier,
	    .on_window_end = hear_end,
	};
	if (result != 0 || observer_new(&options, &sink, &ear->observer) != 0)
		abort();
}

static void close_ear(struct ear *ear)
{
	observer_free(ear->observer);
	registry_free(ear->registry);
}

static void send_packet(struct ear *ear, const struct facts *facts)
{
	static const uint8_t bytes[60];
	const struct frame frame = {.bytes = bytes,
	    .captured_bytes = sizeof bytes,
	    .wire_bytes = sizeof bytes,
	    .time_us = facts->time_us,
	    .link_type = LINK_ETHERNET};
	observer_observe(ear->observer, facts, &frame);
}

static struct facts syn_to(uint32_t source, uint32_t target, int64_t time_us)
{
	return (struct facts){
	    .time_us = time_us,
	    .source = address_from_v4_u32(source),
	    .target = address_from_v4_u32(target),
	    .seq = 77 + target * 7919,
	    .wire_bytes = 60,
	    .flags = FACTS_TRANSPORT,
	    .source_port = 50000,
	    .target_port = 23,
	    .net = FACTS_V4,
	    .protocol = 6,
	    .ttl = 64,
	    .tcp_flags = FACTS_SYN,
	};
}

#define MEMBER 0x0a000001U /* 10.0.0.1 */
#define DARK   0xc6336400U /* 198.51.100.0 */
#define SERVER 0xc0000200U /* 192.0.2.0: of nobody */
#define OTHER  0xcb007101U /* 203.0.113.1: a stranger */

static void test_doubling(void)
{
	struct ear ear;
	open_ear(&ear);
	for (uint32_t i = 0; i < 100; i++) {
		const struct facts syn = syn_to(MEMBER, DARK + i, BASE_US + i);
		send_packet(&ear, &syn);
	}
	static const uint64_t expected[] = {1, 1, 2, 4, 8, 16, 32};
	bool good = ear.count == 7;
	for (size_t i = 0; good && i < 7; i++)
		good = ear.told[i].packets == expected[i];
	OK(good, "dark addresses: told at the first packet and at each doubling");
	OK(ear.ends == 0, "before any window ends");
	observer_finish(ear.observer);
	OK(ear.packets == 100 && ear.told[7].packets == 36 && ear.told[7].is_late,
	    "the rest is told at the end, and nothing twice");
	OK(ear.bins == 100, "so are the packets of each ten seconds");
	OK(ear.empty == 0, "what was told whole is not told again as nothing");
	close_ear(&ear);
}

static void test_next_window(void)
{
	struct ear ear;
	open_ear(&ear);
	for (uint32_t i = 0; i < 3; i++) {
		const struct facts syn = syn_to(MEMBER, DARK + i, BASE_US + i * MINUTE_US);
		send_packet(&ear, &syn);
	}
	OK(ear.count == 3 && ear.told[2].packets == 1, "each window begins to count anew");
	close_ear(&ear);
}

static void test_harmless(void)
{
	struct ear ear;
	open_ear(&ear);
	for (uint32_t i = 0; i < 8; i++) {
		const struct facts syn = syn_to(MEMBER, SERVER + i, BASE_US + i);
		send_packet(&ear, &syn);
	}
	OK(ear.count == 0, "what may be answered yet waits for its window");
	for (uint32_t i = 0; i < 8; i++) {
		struct facts reset = syn_to(SERVER + i, MEMBER, BASE_US + 100 + i);
		reset.tcp_flags = FACTS_RST | FACTS_ACK;
		reset.source_port = 23;
		reset.target_port = 50000;
		reset.ack = 78 + (SERVER + i) * 7919;
		send_packet(&ear, &reset);
	}
	OK(ear.count > 0 && ear.refusals > 0, "refusals are told early");
	observer_finish(ear.observer);
	OK(ear.packets == 8 && ear.refusals == 8, "and all of them once");
	close_ear(&ear);
}

static void test_mark(void)
{
	struct ear ear;
	open_ear(&ear);
	struct facts syn = syn_to(MEMBER, SERVER, BASE_US);
	syn.seq = SERVER;
	send_packet(&ear, &syn);
	OK(ear.count == 1, "a strong mark is told at once, wherever it goes");
	close_ear(&ear);
}

static void test_neighbour(void)
{
	struct ear ear;
	open_ear(&ear);
	const struct facts ask = {
	    .time_us = BASE_US,
	    .source = address_from_v4_u32(MEMBER),
	    .target = address_from_v4_u32(MEMBER + 9),
	    .wire_bytes = 60,
	    .net = FACTS_ARP,
	    .flags = FACTS_ARP_REQUEST,
	};
	send_packet(&ear, &ask);
	OK(ear.asks == 1, "who asks the wire is told of at once");
	close_ear(&ear);
}

static void test_stranger(void)
{
	struct ear ear;
	open_ear(&ear);
	for (uint32_t i = 0; i < 8; i++) {
		const struct facts syn = syn_to(OTHER, DARK + i, BASE_US + i);
		send_packet(&ear, &syn);
	}
	OK(ear.count == 0, "a stranger has time");
	close_ear(&ear);
}

int main(void)
{
	test_doubling();
	test_next_window();
	test_harmless();
	test_mark();
	test_neighbour();
	test_stranger();
	return test_done();
}
