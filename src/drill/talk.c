#include "drill/talk.h"

#include <string.h>

#include "decode/decode.h"
#include "drill/payload.h"

enum {
	SEGMENT_BYTES = 1400,
	PORT_DNS = 53,
	ICMP_ECHO = 8,
	ICMP_ECHO_REPLY = 0,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,
	PING_BYTES = 56,
	WINDOW_FULL = 64240,
	THINKING_US = 1500, /* what a host needs to answer what it has received */
	ARP_ANSWER_US = 350,
};

void host_init(struct host *host, struct stage *stage, struct address v4, enum stack stack)
{
	static const struct {
		uint8_t ttl;
		uint8_t options;
		uint16_t first_port;
		uint16_t ports;
	} stacks[] = {
	    [STACK_WINDOWS] = {128, PACKET_OPTIONS_WINDOWS, 49152, 8192},
	    [STACK_LINUX] = {64, PACKET_OPTIONS_LINUX, 32768, 16384},
	    [STACK_DEVICE] = {64, PACKET_OPTIONS_MSS, 1024, 4096},
	};
	uint64_t chance = random_u64(&stage->random);
	*host = (struct host){
	    .v4 = v4,
	    .mac = {0x02},
	    .ttl = stacks[stack].ttl,
	    .options = stacks[stack].options,
	    .next_port = (uint16_t)(stacks[stack].first_port + chance % stacks[stack].ports),
	    .next_id = (uint16_t)(chance >> 16),
	    .boot = (uint32_t)(chance >> 32),
	};
	memcpy(host->mac + 2, v4.bytes + 12, 4);
}

/* Special-use ranges (RFC 6890) and the networks that stand for members and dark ranges here. */
static bool is_in_special_range(uint32_t v4)
{
	static const struct {
		uint32_t network;
		uint32_t mask;
	} special[] = {
	    {0x00000000, 0xff000000}, /* 0/8 */
	    {0x0a000000, 0xff000000}, /* 10/8 */
	    {0x64400000, 0xffc00000}, /* 100.64/10 */
	    {0x7f000000, 0xff000000}, /* 127/8 */
	    {0xa9fe0000, 0xffff0000}, /* 169.254/16 */
	    {0xac100000, 0xfff00000}, /* 172.16/12 */
	    {0xc0000000, 0xffff0000}, /* 192.0/16: protocol assignments and 192.0.2/24 */
	    {0xc0586300, 0xffffff00}, /* 192.88.99/24 */
	    {0xc0a80000, 0xffff0000}, /* 192.168/16 */
	    {0xc6120000, 0xfffe0000}, /* 198.18/15 */
	    {0xc6336400, 0xffffff00}, /* 198.51.100/24 */
	    {0xcb007100, 0xffffff00}, /* 203.0.113/24 */
	    {0xe0000000, 0xe0000000}, /* 224/3: multicast and reserved */
	};
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
		if ((v4 & special[i].mask) == special[i].network)
			return true;
	}
	return false;
}

/* The same; by far the most addresses begin with a byte with which no such range does. */
static bool is_special(uint32_t v4)
{
	switch (v4 >> 24) {
	case 0:
	case 10:
	case 100:
	case 127:
	case 169:
	case 172:
	case 192:
	case 198:
	case 203:
		return is_in_special_range(v4);
	default:
		return v4 >= 0xe0000000U;
	}
}

struct address address_far(uint64_t key)
{
	uint64_t mixed = stage_mix(key);
	while (is_special((uint32_t)mixed))
		mixed = stage_mix(mixed + 1);
	return address_from_v4_u32((uint32_t)mixed);
}

struct address address_far_v6(uint64_t key)
{
	/* Blocks of the regional registries; the 2001:db8::/32 of documentation is in none. */
	static const uint16_t blocks[] = {
	    0x2400, 0x2404, 0x240b, 0x2600, 0x2604, 0x2800, 0x2a00, 0x2a02, 0x2c0f};
	uint64_t mixed = stage_mix(key);
	uint16_t block = blocks[mixed % (sizeof blocks / sizeof blocks[0])];
	struct address address = {.bytes = {(uint8_t)(block >> 8), (uint8_t)block}};
	uint64_t interface = stage_mix(mixed);
	for (int i = 0; i < 6; i++)
		address.bytes[2 + i] = (uint8_t)(mixed >> (8 * i));
	for (int i = 0; i < 8; i++)
		address.bytes[8 + i] = (uint8_t)(interface >> (8 * i));
	return address;
}

void host_init_far(struct host *host, const struct host *router, uint64_t key)
{
	uint64_t mixed = stage_mix(key ^ UINT64_C(0x686f7374));
	bool is_linux = mixed % 4 != 0;
	*host = (struct host){
	    .v4 = address_far(key),
	    .v6 = address_far_v6(key),
	    .ttl = (uint8_t)((is_linux ? 64 : 128) - (mixed >> 8) % 20 - 4),
	    .options = is_linux ? PACKET_OPTIONS_LINUX : PACKET_OPTIONS_WINDOWS,
	    .next_port = (uint16_t)(1024 + (mixed >> 16) % 60000),
	    .next_id = (uint16_t)(mixed >> 32),
	    .boot = (uint32_t)(mixed >> 24),
	};
	memcpy(host->mac, router->mac, MAC_BYTES);
}

uint16_t host_take_port(struct host *host)
{
	uint16_t port = host->next_port;
	host->next_port = port == UINT16_MAX ? 32768 : (uint16_t)(port + 1);
	return port;
}

static void set_route(struct packet *packet, struct host *source, const struct host *next_hop)
{
	memcpy(packet->source_mac, source->mac, MAC_BYTES);
	memcpy(packet->target_mac, next_hop->mac, MAC_BYTES);
	packet->ttl = source->ttl;
	packet->ip_id = source->next_id++;
	packet->dont_fragment = source->options == PACKET_OPTIONS_LINUX;
}

struct packet *talk_packet(
    struct stage *stage, int64_t when_us, struct host *source, const struct host *target, bool v6)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->source = v6 ? source->v6 : source->v4;
	packet->target = v6 ? target->v6 : target->v4;
	set_route(packet, source, target);
	return packet;
}

struct packet *talk_packet_to(struct stage *stage, int64_t when_us, struct host *source,
    const struct host *router, struct address target)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->source = address_is_v4(&target) ? source->v4 : source->v6;
	packet->target = target;
	set_route(packet, source, router);
	return packet;
}

struct packet *talk_shout(
    struct stage *stage, int64_t when_us, struct host *source, struct address group, uint16_t port)
{
	struct packet *packet = talk_packet_to(stage, when_us, source, source, group);
	if (!mac_of_group(&group, packet->target_mac))
		memset(packet->target_mac, 0xff, MAC_BYTES); /* a network's own broadcast */
	if (!address_is_v4(&group))
		packet->source = source->v6_local;
	packet->kind = PACKET_UDP;
	packet->ttl = 1;
	packet->source_port = port;
	packet->target_port = port;
	return packet;
}

/* A TCP connection under way: what each side says next. */
struct connection {
	struct stage *stage;
	const struct talk *talk;
	int64_t at_us;
	uint32_t client_seq;
	uint32_t server_seq;
	uint16_t client_port;
};

static struct connection open_connection(
    struct stage *stage, int64_t when_us, const struct talk *talk)
{
	uint64_t chance = random_u64(&stage->random);
	uint16_t port = talk->client_port;
	if (port == 0)
		port = host_take_port(talk->client);
	return (struct connection){
	    .stage = stage,
	    .talk = talk,
	    .at_us = when_us,
	    .client_seq = (uint32_t)chance,
	    .server_seq = (uint32_t)(chance >> 32),
	    .client_port = port,
	};
}

static uint32_t clock_of(const struct host *host, int64_t time_us)
{
	return host->boot + (uint32_t)(time_us / 1000);
}

/* Options of a segment: those of the SYN, then time stamps if both sides have them. */
static uint8_t options_of(const struct connection *c, const struct host *source, uint8_t flags)
{
	bool both = c->talk->client->options == PACKET_OPTIONS_LINUX &&
		    c->talk->server->options == PACKET_OPTIONS_LINUX;
	if ((flags & FACTS_SYN) == 0)
		return both ? PACKET_OPTIONS_TIMESTAMP : PACKET_OPTIONS_NONE;
	if ((flags & FACTS_ACK) != 0 && !both)
		return PACKET_OPTIONS_MSS;
	return source->options;
}

static struct packet *plan_segment(
    struct connection *c, bool from_client, uint8_t flags, uint32_t bytes)
{
	struct host *source = from_client ? c->talk->client : c->talk->server;
	const struct host *target = from_client ? c->talk->server : c->talk->client;
	struct packet *packet = talk_packet(c->stage, c->at_us, source, target, c->talk->v6);
	packet->kind = PACKET_TCP;
	packet->tcp_flags = flags;
	packet->source_port = from_client ? c->client_port : c->talk->server_port;
	packet->target_port = from_client ? c->talk->server_port : c->client_port;
	packet->seq = from_client ? c->client_seq : c->server_seq;
	if ((flags & FACTS_ACK) != 0)
		packet->ack = from_client ? c->server_seq : c->client_seq;
	packet->window = (flags & FACTS_RST) != 0 ? 0 : WINDOW_FULL;
	packet->options =
	    (flags & FACTS_RST) != 0 ? (uint8_t)PACKET_OPTIONS_NONE : options_of(c, source, flags);
	packet->tsval = clock_of(source, c->at_us);
	packet->tsecr = (flags & FACTS_ACK) != 0 ? clock_of(target, c->at_us) : 0;
	packet->payload_bytes = (uint16_t)bytes;
	return packet;
}

/* Plans one segment and counts what it takes of the sequence space. */
static void say(struct connection *c, bool from_client, uint8_t flags, uint32_t bytes)
{
	plan_segment(c, from_client, flags, bytes);
	uint32_t taken = bytes + ((flags & (FACTS_SYN | FACTS_FIN)) != 0 ? 1 : 0);
	if (from_client)
		c->client_seq += taken;
	else
		c->server_seq += taken;
}

static void pause_half(struct connection *c)
{
	c->at_us += c->talk->round_trip_us / 2 + 1 + (int64_t)stage_below(c->stage, 200);
}

/* `bytes` in segments; the other side acknowledges every second one, and the last. */
static void say_much(struct connection *c, bool from_client, uint32_t bytes)
{
	bool repeat = c->talk->lossy && !from_client;
	for (unsigned segment = 1; bytes > 0; segment++) {
		uint32_t part = bytes < SEGMENT_BYTES ? bytes : SEGMENT_BYTES;
		bytes -= part;
		if (repeat) { /* lost further on, so seen here twice */
			plan_segment(c, from_client, FACTS_PSH | FACTS_ACK, part);
			c->at_us += c->talk->round_trip_us + 200000;
			repeat = false;
		}
		say(c, from_client, bytes == 0 ? FACTS_PSH | FACTS_ACK : FACTS_ACK, part);
		c->at_us += 120;
		if (segment % 2 != 0 && bytes > 0)
			continue;
		pause_half(c);
		say(c, !from_client, FACTS_ACK, 0);
	}
}

static void say_goodbye(struct connection *c)
{
	if (c->talk->end == TALK_END_OPEN)
		return;
	c->at_us += c->talk->round_trip_us + (int64_t)stage_below(c->stage, 3000000);
	if (c->talk->end == TALK_END_RESET) {
		say(c, true, FACTS_RST | FACTS_ACK, 0);
		return;
	}
	say(c, true, FACTS_FIN | FACTS_ACK, 0);
	pause_half(c);
	say(c, false, FACTS_FIN | FACTS_ACK, 0);
	pause_half(c);
	say(c, true, FACTS_ACK, 0);
}

int64_t talk_tcp(struct stage *stage, int64_t when_us, const struct talk *talk)
{
	struct connection c = open_connection(stage, when_us, talk);
	say(&c, true, FACTS_SYN, 0);
	c.at_us += talk->round_trip_us;
	say(&c, false, FACTS_SYN | FACTS_ACK, 0);
	pause_half(&c);
	say(&c, true, FACTS_ACK, 0);
	c.at_us += THINKING_US;
	say_much(&c, true, talk->up_bytes);
	c.at_us += THINKING_US;
	say_much(&c, false, talk->down_bytes);
	say_goodbye(&c);
	return c.at_us;
}

int64_t talk_tcp_refused(struct stage *stage, int64_t when_us, const struct talk *talk)
{
	struct connection c = open_connection(stage, when_us, talk);
	say(&c, true, FACTS_SYN, 0);
	c.at_us += talk->round_trip_us;
	c.server_seq = 0;
	say(&c, false, FACTS_RST | FACTS_ACK, 0);
	return c.at_us;
}

int64_t talk_tcp_silent(struct stage *stage, int64_t when_us, const struct talk *talk)
{
	static const int64_t after_s[] = {0, 1, 3, 7};
	struct connection c = open_connection(stage, when_us, talk);
	for (size_t i = 0; i < sizeof after_s / sizeof after_s[0]; i++) {
		c.at_us = when_us + after_s[i] * WHEN_SECOND_US;
		plan_segment(&c, true, FACTS_SYN, 0);
	}
	return c.at_us;
}

int64_t talk_udp(struct stage *stage, int64_t when_us, const struct talk *talk)
{
	uint16_t port = talk->client_port;
	if (port == 0)
		port = host_take_port(talk->client);
	struct packet *packet = talk_packet(stage, when_us, talk->client, talk->server, talk->v6);
	packet->kind = PACKET_UDP;
	packet->source_port = port;
	packet->target_port = talk->server_port;
	packet->payload_bytes = (uint16_t)talk->up_bytes;
	if (talk->down_bytes == 0)
		return when_us;

	when_us += talk->round_trip_us;
	packet = talk_packet(stage, when_us, talk->server, talk->client, talk->v6);
	packet->kind = PACKET_UDP;
	packet->source_port = talk->server_port;
	packet->target_port = port;
	packet->payload_bytes = (uint16_t)talk->down_bytes;
	return when_us;
}

int64_t talk_dns(struct stage *stage, int64_t when_us, const struct talk *talk, uint64_t name)
{
	uint16_t port = host_take_port(talk->client);
	uint16_t id = (uint16_t)random_u64(&stage->random);
	struct packet *packet = talk_packet(stage, when_us, talk->client, talk->server, talk->v6);
	packet->kind = PACKET_UDP;
	packet->source_port = port;
	packet->target_port = PORT_DNS;
	payload_set_dns_question(packet, id, name);

	when_us += talk->round_trip_us;
	packet = talk_packet(stage, when_us, talk->server, talk->client, talk->v6);
	packet->kind = PACKET_UDP;
	packet->source_port = PORT_DNS;
	packet->target_port = port;
	payload_set_dns_answer(packet, id, name, 0);
	return when_us;
}

int64_t talk_ping(struct stage *stage, int64_t when_us, const struct talk *talk, uint16_t id)
{
	uint16_t seq = (uint16_t)stage_below(stage, 1000);
	struct packet *packet = talk_packet(stage, when_us, talk->client, talk->server, talk->v6);
	packet->kind = PACKET_ICMP;
	packet->icmp_type = talk->v6 ? ICMP6_ECHO : ICMP_ECHO;
	packet->icmp_id = id;
	packet->icmp_seq = seq;
	packet->payload_bytes = PING_BYTES;
	if (talk->down_bytes == 0)
		return when_us;

	when_us += talk->round_trip_us;
	packet = talk_packet(stage, when_us, talk->server, talk->client, talk->v6);
	packet->kind = PACKET_ICMP;
	packet->icmp_type = talk->v6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY;
	packet->icmp_id = id;
	packet->icmp_seq = seq;
	packet->payload_bytes = PING_BYTES;
	return when_us;
}

static void plan_who_has(
    struct stage *stage, int64_t when_us, const struct host *asker, struct address address)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ARP_REQUEST;
	packet->source = asker->v4;
	packet->target = address;
	memcpy(packet->source_mac, asker->mac, MAC_BYTES);
	memset(packet->target_mac, 0xff, MAC_BYTES);
}

int64_t talk_arp(struct stage *stage, int64_t when_us, const struct host *asker,
    const struct host *owner, struct address address)
{
	plan_who_has(stage, when_us, asker, address);
	if (owner == NULL) {
		plan_who_has(stage, when_us + WHEN_SECOND_US, asker, address);
		plan_who_has(stage, when_us + 2 * WHEN_SECOND_US, asker, address);
		return when_us + 2 * WHEN_SECOND_US;
	}
	struct packet *packet = stage_plan(stage, when_us + ARP_ANSWER_US);
	packet->kind = PACKET_ARP_REPLY;
	packet->source = address;
	packet->target = asker->v4;
	memcpy(packet->source_mac, owner->mac, MAC_BYTES);
	memcpy(packet->target_mac, asker->mac, MAC_BYTES);
	return when_us + ARP_ANSWER_US;
}

int64_t talk_nd(
    struct stage *stage, int64_t when_us, const struct host *asker, const struct host *owner)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ND_SOLICIT;
	packet->source = asker->v6_local;
	packet->target = owner->v6_local;
	packet->multicast = true;
	memcpy(packet->source_mac, asker->mac, MAC_BYTES);

	when_us += ARP_ANSWER_US;
	packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ND_ADVERT;
	packet->source = owner->v6_local;
	packet->target = asker->v6_local;
	memcpy(packet->source_mac, owner->mac, MAC_BYTES);
	memcpy(packet->target_mac, asker->mac, MAC_BYTES);
	return when_us;
}
