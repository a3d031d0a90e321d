#include "drill/background.h"

#include <assert.h>
#include <string.h>

#include "decode/decode.h"
#include "drill/payload.h"
#include "drill/talk.h"

enum {
	/* Shares are per thousand; the tables are powers of two, so that looking up is a shift. */
	TABLE_BITS = 10,
	TABLE_SIZE = 1 << TABLE_BITS,
	SHARE_SUM = 1000,
	OCTAVE_HEAVY = 5, /* who ranks below 2^5 sends much */
	OCTAVE_LAST = 40,
	OCTAVE_PARTS = 256, /* the last octave may be drawn less often than the others */
	HALVINGS = 40,      /* until the number of sources is known to a millionth */
	PORT_RANDOM = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PORT_DNS = 53,
	ICMP6_ECHO = 128,
};

#define SOURCES_MOST ((double)(UINT64_C(1) << OCTAVE_LAST)) /* as many as all octaves have */

struct weight {
	uint16_t port;
	uint16_t share; /* per thousand */
};

/* What bots and worms without a tool's mark look for; NICTER's order, roughly its shares. */
static const struct weight bot_ports[] = {{23, 240}, {445, 200}, {22, 140}, {80, 92}, {8080, 78},
    {3389, 60}, {443, 20}, {1433, 26}, {5555, 16}, {6379, 18}, {81, 12}, {8443, 10}, {2222, 8},
    {5900, 8}, {3306, 8}, {21, 6}, {25, 5}, {139, 6}, {8888, 5}, {9200, 2}, {5432, 2}, {2375, 4},
    {1883, 2}, {PORT_RANDOM, 32}};

static const struct weight mirai_ports[] = {{23, 720}, {80, 50}, {8080, 50}, {7547, 40},
    {37215, 40}, {5555, 30}, {52869, 20}, {60001, 20}, {81, 15}, {443, 15}};

/* Survey scanners: a long tail of every port. */
static const struct weight survey_ports[] = {{80, 62}, {443, 40}, {22, 56}, {8080, 46}, {23, 40},
    {3389, 36}, {445, 24}, {21, 22}, {25, 18}, {8443, 22}, {5900, 14}, {3306, 14}, {6379, 14},
    {1433, 14}, {5432, 10}, {27017, 10}, {9200, 10}, {2375, 10}, {5985, 10}, {8888, 10},
    {PORT_RANDOM, 518}};

static const struct weight udp_ports[] = {{161, 150}, {1900, 130}, {53, 130}, {5060, 140},
    {123, 80}, {11211, 60}, {389, 60}, {3702, 40}, {137, 40}, {500, 30}, {1434, 20}, {5683, 30},
    {19, 15}, {69, 15}, {47808, 10}, {PORT_RANDOM, 50}};

/* What is flooded: web servers first, then games, names, logins. */
static const struct weight victim_ports[] = {{80, 330}, {443, 340}, {22, 60}, {53, 50}, {25565, 60},
    {8080, 40}, {3389, 20}, {30120, 30}, {PORT_RANDOM, 70}};

struct source {
	uint64_t hash;   /* everything about the source follows from it */
	uint64_t chance; /* drawn for this packet */
	uint32_t place;  /* spreads ports evenly over the ranks: what it looks for */
	uint8_t member;  /* its place in a fleet that shares a /24 */
	bool is_heavy;
};

struct background;

struct component {
	void (*fill)(struct background *background, struct packet *packet, struct source source);
	uint16_t share;        /* of the packets, per thousand */
	uint16_t source_share; /* of the sources, per thousand */
	uint8_t octave_first;  /* ranks below 2^this do not exist: no source is larger */
	uint8_t fleet_bits;    /* so many ranks share a /24 and an errand */
};

enum table {
	TABLE_BOT,
	TABLE_MIRAI,
	TABLE_SURVEY,
	TABLE_UDP,
	TABLE_VICTIM,
	TABLE_COUNT,
};

enum {
	COMPONENTS_MAX = 16
};

struct background {
	struct actor actor;
	struct background_plan plan;
	uint64_t key;
	uint64_t left;
	int64_t start_us;
	int64_t elapsed_ns; /* finer than a stage's time: 70 million packets in a day */
	double mean_gap_ns;
	uint32_t dark_base;
	uint32_t dark_mask;
	int64_t now_us;
	uint16_t octaves[COMPONENTS_MAX]; /* in parts of OCTAVE_PARTS */
	uint8_t component_of[TABLE_SIZE];
	uint16_t ports[TABLE_COUNT][TABLE_SIZE];
};

static uint16_t port_at(
    const struct background *background, enum table table, uint32_t place, uint64_t chance)
{
	uint16_t port = background->ports[table][place >> (32 - TABLE_BITS)];
	return port == PORT_RANDOM ? (uint16_t)(1 + (chance & 0xffffU) * 65535 / 65536) : port;
}

static uint8_t worn_ttl(unsigned initial, uint64_t hash)
{
	return (uint8_t)(initial - 5 - (hash >> 40) % 20);
}

static uint16_t ephemeral_port(uint64_t chance)
{
	return (uint16_t)(32768 + (chance >> 48) % 28232);
}

static struct address source_address(struct source source)
{
	struct address address = address_far(source.hash);
	if (source.member != 0)
		address.bytes[15] = (uint8_t)(address.bytes[15] + source.member * 3);
	return address;
}

/* From one of the sources to a random dark address. */
static void aim(struct background *b, struct packet *packet, struct source source)
{
	packet->source = source_address(source);
	packet->target =
	    address_from_v4_u32(b->dark_base | ((uint32_t)source.chance & b->dark_mask));
	packet->ip_id = (uint16_t)(source.chance >> 32);
}

static void aim_syn(struct background *b, struct packet *packet, struct source source)
{
	aim(b, packet, source);
	packet->kind = PACKET_TCP;
	packet->tcp_flags = FACTS_SYN;
	packet->source_port = ephemeral_port(source.chance);
}

static void fill_bot(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	unsigned stack = (unsigned)(source.hash >> 32) % 16;
	packet->target_port = port_at(b, TABLE_BOT, source.place, source.chance >> 16);
	packet->seq = (uint32_t)(stage_mix(source.chance) >> 8);
	packet->dont_fragment = true;
	packet->window = 29200;
	packet->ttl = worn_ttl(64, source.hash);
	if (stack < 8) {
		packet->options = PACKET_OPTIONS_LINUX;
		packet->tsval = (uint32_t)(source.hash + (uint64_t)(b->now_us / 1000));
	} else if (stack < 13) {
		packet->options = PACKET_OPTIONS_WINDOWS;
		packet->window = 64240;
		packet->ttl = worn_ttl(128, source.hash);
	} else if (stack < 15) {
		packet->options = PACKET_OPTIONS_MSS;
	}
}

/* RULES of the family: seq is the target's address, whatever the port. */
static void fill_mirai(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = port_at(b, TABLE_MIRAI, source.place, source.chance >> 16);
	if (packet->target_port == 23 && (source.chance >> 20) % 10 == 0)
		packet->target_port = 2323; /* as the published source does */
	packet->source_port = (uint16_t)(1024 + (source.hash >> 16) % 64512);
	packet->seq = address_low32(&packet->target);
	packet->window = (uint16_t)(source.chance >> 40);
	packet->ttl = worn_ttl(64, source.hash);
}

/* One in three of the smaller survey runs has one port; all others have every port. */
static uint16_t survey_port(const struct background *b, struct source source)
{
	bool has_one = !source.is_heavy && source.hash % 3 == 0;
	uint32_t place = has_one ? source.place : (uint32_t)(stage_mix(source.chance) >> 32);
	return port_at(b, TABLE_SURVEY, place, has_one ? source.hash : source.chance);
}

/* ZMap's answers must prove themselves, so seq and source port follow from target and port. */
static uint64_t validation(const struct packet *packet, struct source source)
{
	uint64_t flow = (uint64_t)address_low32(&packet->target) << 16 | packet->target_port;
	return stage_mix(source.hash ^ flow * UINT64_C(0x9e3779b97f4a7c15));
}

static void fill_zmap_old(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = survey_port(b, source);
	uint64_t proof = validation(packet, source);
	packet->seq = (uint32_t)proof;
	packet->source_port = ephemeral_port(proof);
	packet->ip_id = 54321;
	packet->window = 65535;
	packet->ttl = worn_ttl(255, source.hash);
	if ((source.hash >> 20) % 2 == 0)
		packet->options = PACKET_OPTIONS_MSS; /* since 3.0 */
}

static void fill_zmap_new(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = survey_port(b, source);
	uint64_t proof = validation(packet, source);
	packet->seq = (uint32_t)proof;
	packet->source_port = ephemeral_port(proof);
	packet->ip_id = (uint16_t)(proof >> 32);
	packet->window = 65535;
	packet->ttl = worn_ttl(64, source.hash);
	unsigned style = (unsigned)(source.hash >> 24) % 10;
	packet->options = PACKET_OPTIONS_WINDOWS;
	if (style >= 7) {
		packet->options = style >= 9 ? PACKET_OPTIONS_BSD : PACKET_OPTIONS_LINUX;
		packet->tsval = (uint32_t)(b->now_us / WHEN_SECOND_US);
	}
}

static void fill_masscan(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = survey_port(b, source);
	packet->source_port = (uint16_t)(40000 + (source.hash >> 16) % 20000);
	packet->seq = (uint32_t)validation(packet, source);
	packet->ip_id =
	    (uint16_t)(address_low32(&packet->target) ^ packet->target_port ^ packet->seq);
	packet->window = 1024;
	packet->ttl = worn_ttl(255, source.hash);
	packet->options = PACKET_OPTIONS_MSS;
}

static void fill_nmap(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = survey_port(b, source);
	packet->source_port = (uint16_t)(33000 + (source.hash >> 16) % 31000);
	uint32_t half = (uint32_t)(source.chance >> 40) & 0xffffU;
	packet->seq = (uint32_t)source.hash ^ (half << 16 | half);
	packet->window = 1024;
	packet->ttl = worn_ttl(64, stage_mix(source.chance)); /* it varies its TTL on purpose */
	packet->options = PACKET_OPTIONS_MSS;
}

static void fill_unicornscan(struct background *b, struct packet *packet, struct source source)
{
	aim_syn(b, packet, source);
	packet->target_port = survey_port(b, source);
	uint32_t target = address_low32(&packet->target);
	if (source.hash >> 63 != 0)
		target = __builtin_bswap32(target); /* built on a machine of the other order */
	packet->seq = (uint32_t)source.hash ^ target ^
		      (((uint32_t)packet->target_port << 16) + packet->source_port);
	packet->window = 5840;
	packet->ttl = worn_ttl(64, source.hash);
	packet->options = PACKET_OPTIONS_MSS;
}

static void aim_reply(struct background *b, struct packet *packet, struct source source)
{
	aim(b, packet, source);
	packet->kind = PACKET_TCP;
	packet->source_port = port_at(b, TABLE_VICTIM, source.place, source.hash);
	packet->target_port = (uint16_t)(1024 + (source.chance >> 16) % 64512);
	packet->ttl = worn_ttl(source.hash % 4 == 0 ? 128 : 64, source.hash);
}

static void fill_syn_ack(struct background *b, struct packet *packet, struct source source)
{
	aim_reply(b, packet, source);
	uint64_t more = stage_mix(source.chance);
	packet->tcp_flags = FACTS_SYN | FACTS_ACK;
	packet->seq = (uint32_t)more;
	packet->ack = (uint32_t)(more >> 32);
	packet->window = 65160;
	packet->ip_id = 0; /* Linux answers so */
	packet->dont_fragment = true;
	packet->options = PACKET_OPTIONS_MSS;
}

/* A refusal acknowledges a SYN; what met an established connection resets without ACK. */
static void fill_reset(struct background *b, struct packet *packet, struct source source)
{
	aim_reply(b, packet, source);
	uint32_t number = (uint32_t)stage_mix(source.chance);
	bool refuses = source.place % 2 == 0;
	packet->tcp_flags = refuses ? FACTS_RST | FACTS_ACK : FACTS_RST;
	packet->ack = refuses ? number : 0;
	packet->seq = refuses ? 0 : number;
}

/* The victim, or a router before it, answers what a forged packet asked of the victim. */
static void fill_icmp_error(struct background *b, struct packet *packet, struct source source)
{
	static const uint8_t kinds[][2] = {{3, 1}, {3, 3}, {3, 13}, {3, 10}, {11, 0}};
	const uint8_t *kind = kinds[(source.hash >> 8) % (sizeof kinds / sizeof kinds[0])];
	aim(b, packet, source);
	bool by_victim = kind[1] == 3;
	packet->kind = PACKET_ICMP_ERROR;
	packet->icmp_type = kind[0];
	packet->icmp_code = kind[1];
	packet->ttl = worn_ttl(by_victim ? 64 : 255, source.hash);
	packet->quote = (struct packet_quote){
	    .source = packet->target,
	    .target = packet->source,
	    .seq = (uint32_t)stage_mix(source.chance),
	    .source_port = (uint16_t)(1024 + (source.chance >> 16) % 64512),
	    .target_port = port_at(b, TABLE_VICTIM, source.place, source.hash),
	    .ip_id = (uint16_t)(source.chance >> 32),
	    .protocol = by_victim ? PROTOCOL_UDP : PROTOCOL_TCP,
	    .ttl = 1,
	};
	if (!by_victim)
		packet->source = address_far(source.hash + 1);
}

static void fill_dns_answer(struct background *b, struct packet *packet, struct source source)
{
	aim_reply(b, packet, source);
	packet->kind = PACKET_UDP;
	packet->source_port = PORT_DNS;
	payload_set_dns_answer(packet, (uint16_t)(source.chance >> 20), source.hash >> 8,
	    (uint16_t)(80 + source.hash % 400));
}

static void fill_udp(struct background *b, struct packet *packet, struct source source)
{
	aim(b, packet, source);
	packet->kind = PACKET_UDP;
	packet->source_port = (uint16_t)(1024 + (source.hash >> 16) % 64512);
	packet->target_port = port_at(b, TABLE_UDP, source.place, source.chance >> 16);
	packet->ttl = worn_ttl(source.hash % 2 == 0 ? 255 : 64, source.hash);
	payload_set_request(packet, source.hash >> 8);
}

static void fill_echo(struct background *b, struct packet *packet, struct source source)
{
	aim(b, packet, source);
	packet->kind = PACKET_ICMP;
	packet->icmp_type = 8;
	packet->icmp_id = (uint16_t)(source.hash >> 16);
	packet->icmp_seq = (uint16_t)(source.chance >> 20);
	packet->ttl = worn_ttl(source.hash % 2 == 0 ? 128 : 64, source.hash);
	packet->payload_bytes = source.hash % 2 == 0 ? 32 : 56;
}

/* Stealth probes and protocols without ports. */
static void fill_odd(struct background *b, struct packet *packet, struct source source)
{
	static const uint8_t flags[] = {0, FACTS_FIN, FACTS_FIN | FACTS_PSH | FACTS_URG, FACTS_ACK};
	aim(b, packet, source);
	packet->ttl = worn_ttl(64, source.hash);
	if (source.hash % 8 == 7) {
		packet->kind = PACKET_OTHER;
		packet->protocol = 50; /* ESP */
		packet->payload_bytes = 64;
		return;
	}
	packet->kind = PACKET_TCP;
	packet->tcp_flags = flags[source.hash % (sizeof flags / sizeof flags[0])];
	packet->source_port = ephemeral_port(source.hash);
	packet->target_port = survey_port(b, source);
	packet->seq = (uint32_t)stage_mix(source.chance);
	packet->window = 1024;
}

/* Low interface numbers in a few subnets: nobody sweeps a /48. */
static struct address dark_v6_address(const struct background *b, uint64_t chance)
{
	struct address address = b->plan.dark_v6.address;
	address.bytes[7] = (uint8_t)((chance >> 8) % 8);
	address.bytes[15] = (uint8_t)chance;
	return address;
}

static void fill_v6(struct background *b, struct packet *packet, struct source source)
{
	packet->source = address_far_v6(source.hash);
	packet->target = dark_v6_address(b, source.chance);
	packet->ttl = worn_ttl(64, source.hash);
	packet->source_port = ephemeral_port(source.chance);
	packet->target_port = survey_port(b, source);
	packet->seq = (uint32_t)validation(packet, source);
	packet->kind = PACKET_TCP;
	unsigned what = source.place >> 28;
	if (what < 10) {
		packet->tcp_flags = FACTS_SYN;
		packet->window = 65535;
		packet->options = PACKET_OPTIONS_MSS;
	} else if (what < 12) {
		packet->kind = PACKET_ICMP;
		packet->icmp_type = ICMP6_ECHO;
		packet->icmp_id = (uint16_t)source.hash;
		packet->icmp_seq = (uint16_t)source.chance;
		packet->payload_bytes = 8;
	} else if (what < 13) {
		packet->kind = PACKET_UDP;
		packet->target_port = PORT_DNS;
		payload_set_dns_question(packet, (uint16_t)source.chance, source.hash);
	} else { /* backscatter */
		packet->tcp_flags = what < 15 ? FACTS_SYN | FACTS_ACK : FACTS_RST | FACTS_ACK;
		packet->source_port = port_at(b, TABLE_VICTIM, source.place << 4, source.hash);
		packet->target_port = ephemeral_port(source.chance);
		packet->ack = (uint32_t)(source.chance >> 16);
	}
}

/* Bots are many and alike; survey scanners and victims are few, and some send very much. */
static const struct component components[] = {
    {fill_bot, 360, 580, 4, 0},
    {fill_mirai, 100, 210, 4, 0},
    {fill_zmap_old, 80, 10, 1, 2},
    {fill_zmap_new, 100, 20, 1, 3},
    {fill_masscan, 120, 30, 1, 2},
    {fill_nmap, 10, 5, 2, 0},
    {fill_unicornscan, 5, 1, 2, 0},
    {fill_syn_ack, 52, 32, 3, 0},
    {fill_reset, 20, 15, 3, 0},
    {fill_icmp_error, 10, 8, 3, 0},
    {fill_dns_answer, 8, 5, 3, 0},
    {fill_udp, 75, 30, 3, 0},
    {fill_echo, 35, 25, 3, 1},
    {fill_odd, 5, 9, 3, 0},
    {fill_v6, 20, 20, 3, 0},
};
static_assert(sizeof components / sizeof components[0] <= COMPONENTS_MAX, "room for each");

/*
 * Who sends much sends long: lifetimes are 2^36 microseconds (19 hours) for ranks of few, down to
 * 2^33 (2.4 hours) for most.
 */
static unsigned lifetime_bits(unsigned octave)
{
	static const uint8_t bits[] = {36, 36, 36, 36, 36, 36, 35, 35, 34, 34};
	return octave < sizeof bits ? bits[octave] : 33;
}

static struct source draw_source(struct background *b, unsigned component, uint64_t chance)
{
	/* Weyl sequences: consecutive ranks and generations fall evenly over the ports. */
	const uint32_t rank_step = 0x9e3779b1, generation_step = 0x7f4a7c15;
	unsigned octave =
	    components[component].octave_first +
	    (unsigned)((chance & 0xffffU) * b->octaves[component] / OCTAVE_PARTS >> 16);
	uint64_t within = (UINT64_C(1) << octave) - 1;
	uint64_t rank = (within + 1) | (chance >> 16 & within);
	uint64_t fleet = rank >> components[component].fleet_bits;

	uint64_t key = stage_mix(b->key + component + fleet * UINT64_C(0x9e3779b97f4a7c15));
	unsigned life_bits = lifetime_bits(octave);
	uint64_t phase = key & ((UINT64_C(1) << life_bits) - 1);
	uint64_t generation = ((uint64_t)(b->elapsed_ns / 1000) + phase) >> life_bits;
	return (struct source){
	    .hash = stage_mix(key + generation * UINT64_C(0xd1342543de82ef95)),
	    .place = (uint32_t)b->key + (uint32_t)fleet * rank_step +
		     (uint32_t)generation * generation_step,
	    .member = (uint8_t)(rank ^ fleet << components[component].fleet_bits),
	    .is_heavy = octave < OCTAVE_HEAVY,
	};
}

static int64_t background_step(struct stage *stage, struct actor *actor)
{
	static const uint8_t telescope[MAC_BYTES] = {0x02, 0xda, 0x4b, 0, 0, 2};
	static const uint8_t router[MAC_BYTES] = {0x02, 0xda, 0x4b, 0, 0, 1};
	struct background *b = (struct background *)actor;

	uint64_t chance = random_u64(&stage->random);
	unsigned component = b->component_of[chance >> (64 - TABLE_BITS)];
	struct packet *packet = stage_send(stage);
	struct source source = draw_source(b, component, chance);
	source.chance = random_u64(&stage->random);
	b->now_us = stage->now_us;
	memcpy(packet->source_mac, router, MAC_BYTES);
	memcpy(packet->target_mac, telescope, MAC_BYTES);
	components[component].fill(b, packet, source);

	if (--b->left == 0)
		return STAGE_NEVER;
	b->elapsed_ns += (int64_t)random_exponential(&stage->random, b->mean_gap_ns);
	return b->start_us + b->elapsed_ns / 1000;
}

static void fill_port_table(uint16_t *table, const struct weight *weights, size_t count)
{
	size_t filled = 0;
	unsigned sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += weights[i].share;
		for (; filled < sum * TABLE_SIZE / SHARE_SUM; filled++)
			table[filled] = weights[i].port;
	}
	assert(sum == SHARE_SUM);
}

static void fill_tables(struct background *b)
{
#define FILL(table, weights)                                                                       \
	fill_port_table(b->ports[table], weights, sizeof weights / sizeof weights[0])
	FILL(TABLE_BOT, bot_ports);
	FILL(TABLE_MIRAI, mirai_ports);
	FILL(TABLE_SURVEY, survey_ports);
	FILL(TABLE_UDP, udp_ports);
	FILL(TABLE_VICTIM, victim_ports);
#undef FILL

	size_t filled = 0;
	unsigned sum = 0;
	for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
		sum += components[i].share;
		for (; filled < sum * TABLE_SIZE / SHARE_SUM; filled++)
			b->component_of[filled] = (uint8_t)i;
	}
	assert(sum == SHARE_SUM);
}

/* How many sources an octave has in this time, each rank being several. */
static double octave_sources(unsigned octave, int64_t duration_us)
{
	double ranks = (double)(UINT64_C(1) << octave);
	double lifetime_us = (double)(UINT64_C(1) << lifetime_bits(octave));
	return ranks * (1 + (double)duration_us / lifetime_us);
}

/* As many octaves as give about so many sources, if all of them send. */
static unsigned octaves_for(unsigned first, double sources, int64_t duration_us)
{
	unsigned octave = first;
	double sum = 0;
	for (; octave < OCTAVE_LAST; octave++) {
		double mine = octave_sources(octave, duration_us);
		if (sum + mine / 2 > sources)
			break;
		sum += mine;
	}
	return (octave > first ? octave - first : 1) * OCTAVE_PARTS;
}

/* The same in finer steps. */
static unsigned octave_parts_for(unsigned first, double sources, int64_t duration_us)
{
	unsigned parts = 0;
	for (unsigned octave = first; octave < OCTAVE_LAST && sources > 0; octave++) {
		double mine = octave_sources(octave, duration_us);
		parts += sources < mine ? (unsigned)(sources / mine * OCTAVE_PARTS) : OCTAVE_PARTS;
		sources -= mine;
	}
	return parts > OCTAVE_PARTS ? parts : OCTAVE_PARTS;
}

/* Of `sources` that are drawn alike, how many are drawn at least once: n (1 - exp(-packets/n)). */
static double count_drawn(double sources, double packets)
{
	enum {
		SQUARINGS = 24
	};
	double missed = 1 - packets / sources / (1 << SQUARINGS);
	if (missed <= 0)
		return sources;
	for (int i = 0; i < SQUARINGS; i++) /* exp() is not the same on every machine */
		missed *= missed;
	return sources * (1 - missed);
}

/* How many sources are seen when so many would send in the long run. */
static double count_seen(const struct background_plan *plan, double sources)
{
	double seen = 0;
	for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
		unsigned first = components[i].octave_first;
		double mine = sources * components[i].source_share / SHARE_SUM;
		unsigned parts = octave_parts_for(first, mine, plan->duration_us);
		double packets = (double)plan->packets * components[i].share / SHARE_SUM / parts;
		for (unsigned octave = first; parts > 0; octave++) {
			unsigned taken = parts < OCTAVE_PARTS ? parts : OCTAVE_PARTS;
			seen +=
			    count_drawn(octave_sources(octave, plan->duration_us), packets * taken);
			parts -= taken;
		}
	}
	return seen;
}

/* How many have to be there for plan->sources of them to be seen. */
static double solve_sources(const struct background_plan *plan)
{
	double low = 1, high = 2;
	while (high < SOURCES_MOST && count_seen(plan, high) < (double)plan->sources)
		high *= 2;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;
		if (count_seen(plan, middle) < (double)plan->sources)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void set_octaves(struct background *b)
{
	const struct background_plan *plan = &b->plan;
	double sources = plan->sources_are_seen ? solve_sources(plan) : (double)plan->sources;
	for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
		unsigned first = components[i].octave_first;
		double mine = sources * components[i].source_share / SHARE_SUM;
		unsigned parts = plan->sources_are_seen
				     ? octave_parts_for(first, mine, plan->duration_us)
				     : octaves_for(first, mine, plan->duration_us);
		b->octaves[i] = (uint16_t)parts;
	}
}

void background_start(struct stage *stage, const struct background_plan *plan)
{
	if (plan->packets == 0)
		return;
	int64_t first_us = stage->now_us;
	struct background *b = stage_add_actor(stage, sizeof *b, background_step, first_us);
	b->plan = *plan;
	b->key = random_u64(&stage->random);
	b->left = plan->packets;
	b->start_us = first_us;
	b->mean_gap_ns = (double)plan->duration_us * 1000 / (double)plan->packets;
	b->dark_mask = (uint32_t)(prefix_size(&plan->dark_v4) - 1);
	b->dark_base = address_low32(&plan->dark_v4.address);
	fill_tables(b);
	set_octaves(b);
}
