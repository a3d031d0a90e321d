#include "drill/trouble.h"

#include <string.h>

#include "decode/decode.h"
#include "drill/payload.h"

enum {
	PORT_DNS = 53,
	PORT_SNMP = 161,
	PORT_IPP = 631,
	PORT_RAW_PRINT = 9100,
	PROTOCOL_TCP = 6,
	ICMP_UNREACHABLE = 3,
	ICMP_HOST_UNREACHABLE = 1,
	BLOCK_TARGETS = 64,
	WINDOW = 64240,
};

static uint16_t draw_port(struct stage *stage)
{
	return (uint16_t)stage_between(stage, 1024, 65535);
}

static uint32_t draw_u32(struct stage *stage)
{
	return (uint32_t)(random_u64(&stage->random) >> 32);
}

static struct address draw_dark(struct stage *stage, const struct prefix *dark)
{
	uint64_t host = stage_below(stage, prefix_size(dark));
	return address_from_v4_u32(address_low32(&dark->address) | (uint32_t)host);
}

static struct packet *plan_tcp(struct stage *stage, int64_t when_us, struct host *source,
    const struct host *outside, struct address target)
{
	struct packet *packet = talk_packet_to(stage, when_us, source, outside, target);
	packet->kind = PACKET_TCP;
	packet->window = WINDOW;
	return packet;
}

struct prober {
	struct actor actor;
	struct prober_plan plan;
	struct address target;
	uint32_t left_in_block;
	uint16_t source_port;
};

static struct address next_target(struct stage *stage, struct prober *prober)
{
	const struct prober_plan *plan = &prober->plan;
	if (plan->by_blocks && prober->left_in_block > 0) {
		prober->left_in_block--;
		return address_from_v4_u32(address_low32(&prober->target) + 1);
	}
	prober->left_in_block = BLOCK_TARGETS - 1;
	struct address target = stage_one_in(stage, plan->dark_one_in)
				    ? draw_dark(stage, &plan->dark)
				    : address_far(random_u64(&stage->random));
	if (plan->by_blocks)
		target.bytes[15] = 1;
	return target;
}

/* Whoever has this address, as seen from the border. */
static struct host far_host(const struct host *outside, struct address address)
{
	struct host host = {.v4 = address, .ttl = 50, .next_id = 1};
	memcpy(host.mac, outside->mac, MAC_BYTES);
	return host;
}

/* A router before the target says that there is nobody. */
static void plan_unreachable(struct stage *stage, const struct prober_plan *plan, int64_t when_us,
    const struct packet *probe)
{
	struct host router =
	    far_host(plan->outside, address_far(address_low32(&probe->target) >> 8));
	struct packet *packet = talk_packet(stage, when_us, &router, plan->host, false);
	packet->kind = PACKET_ICMP_ERROR;
	packet->icmp_type = ICMP_UNREACHABLE;
	packet->icmp_code = ICMP_HOST_UNREACHABLE;
	packet->quote = (struct packet_quote){
	    .source = probe->source,
	    .target = probe->target,
	    .seq = probe->seq,
	    .source_port = probe->source_port,
	    .target_port = probe->target_port,
	    .protocol = PROTOCOL_TCP,
	    .ttl = 40,
	};
}

static void plan_answer(struct stage *stage, const struct prober_plan *plan, int64_t when_us,
    const struct packet *probe, uint8_t flags)
{
	struct host server = far_host(plan->outside, probe->target);
	struct packet *packet = talk_packet(stage, when_us, &server, plan->host, false);
	packet->kind = PACKET_TCP;
	packet->tcp_flags = flags;
	packet->source_port = probe->target_port;
	packet->target_port = probe->source_port;
	packet->ack = probe->seq + 1;
	if ((flags & FACTS_RST) != 0)
		return;
	packet->seq = draw_u32(stage);
	packet->window = WINDOW;
	packet->options = PACKET_OPTIONS_MSS;

	/* A SYN that the scanner built by itself: its own stack knows of no connection. */
	packet = plan_tcp(stage, when_us + 200, plan->host, plan->outside, probe->target);
	packet->tcp_flags = FACTS_RST;
	packet->source_port = probe->source_port;
	packet->target_port = probe->target_port;
	packet->seq = probe->seq + 1;
	packet->window = 0;
}

/* One target in a hundred has a service, two refuse, for one a router answers. */
static void answer_probe(
    struct stage *stage, const struct prober_plan *plan, const struct packet *probe)
{
	int64_t when_us = stage->now_us + stage_between(stage, 9000, 250000);
	switch (stage_below(stage, 100)) {
	case 0:
		plan_answer(stage, plan, when_us, probe, FACTS_SYN | FACTS_ACK);
		break;
	case 1:
	case 2:
		plan_answer(stage, plan, when_us, probe, FACTS_RST | FACTS_ACK);
		break;
	case 3:
		plan_unreachable(stage, plan, when_us, probe);
		break;
	default:
		break;
	}
}

static void fill_probe(struct stage *stage, struct prober *prober, struct packet *packet)
{
	const struct prober_plan *plan = &prober->plan;
	packet->tcp_flags = FACTS_SYN;
	packet->target_port = plan->port;
	if (plan->second_port != 0 && stage_one_in(stage, 10))
		packet->target_port = plan->second_port;
	if (plan->mirai) {
		packet->source_port = prober->source_port;
		packet->seq = address_low32(&packet->target);
		packet->window = (uint16_t)draw_u32(stage);
		packet->ip_id = (uint16_t)draw_u32(stage);
		packet->dont_fragment = false;
	} else {
		packet->source_port = host_take_port(plan->host);
		packet->seq = draw_u32(stage);
		packet->options = plan->host->options;
		packet->tsval = plan->host->boot + (uint32_t)(stage->now_us / 1000);
	}
}

static int64_t prober_step(struct stage *stage, struct actor *actor)
{
	struct prober *prober = (struct prober *)actor;
	const struct prober_plan *plan = &prober->plan;
	if (stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	prober->target = next_target(stage, prober);
	struct packet *packet =
	    plan_tcp(stage, stage->now_us, plan->host, plan->outside, prober->target);
	fill_probe(stage, prober, packet);
	struct packet probe = *packet;
	if (!plan->mirai && stage_one_in(stage, 2)) { /* unanswered, so repeated */
		packet = plan_tcp(stage, stage->now_us + 3 * WHEN_SECOND_US, plan->host,
		    plan->outside, prober->target);
		uint16_t ip_id = packet->ip_id;
		*packet = probe;
		packet->ip_id = ip_id;
	} else if (!prefix_contains(&plan->dark, &prober->target)) {
		answer_probe(stage, plan, &probe);
	}
	return stage_after(stage, plan->span.mean_gap_us);
}

void prober_start(struct stage *stage, const struct prober_plan *plan)
{
	struct prober *prober =
	    stage_add_actor(stage, sizeof *prober, prober_step, plan->span.from_us);
	prober->plan = *plan;
	prober->source_port = draw_port(stage);
}

struct victim {
	struct actor actor;
	struct victim_plan plan;
	size_t phase;
};

/* What a server without SYN cookies does: it repeats its SYN+ACK after 1, 3 and 7 s. */
static void plan_syn_ack(struct stage *stage, struct victim *victim, bool repeats)
{
	static const int64_t after_s[] = {0, 1, 3, 7};
	const struct victim_plan *plan = &victim->plan;
	struct address target = draw_dark(stage, &plan->dark);
	uint16_t port = draw_port(stage);
	uint32_t seq = draw_u32(stage), ack = draw_u32(stage);
	size_t times = repeats ? sizeof after_s / sizeof after_s[0] : 1;
	for (size_t i = 0; i < times; i++) {
		struct packet *packet = plan_tcp(stage, stage->now_us + after_s[i] * WHEN_SECOND_US,
		    plan->host, plan->outside, target);
		packet->tcp_flags = FACTS_SYN | FACTS_ACK;
		packet->source_port = plan->port;
		packet->target_port = port;
		packet->seq = seq;
		packet->ack = ack;
		packet->ip_id = 0; /* as Linux answers a SYN */
		packet->options = PACKET_OPTIONS_MSS;
	}
}

/* Full, it refuses; restarted in the middle, it knows nothing of the connection. */
static void plan_reset(struct stage *stage, struct victim *victim)
{
	const struct victim_plan *plan = &victim->plan;
	struct packet *packet = plan_tcp(
	    stage, stage->now_us, plan->host, plan->outside, draw_dark(stage, &plan->dark));
	bool refuses = stage_one_in(stage, 2);
	packet->tcp_flags = refuses ? FACTS_RST | FACTS_ACK : FACTS_RST;
	packet->source_port = plan->port;
	packet->target_port = draw_port(stage);
	packet->ack = refuses ? draw_u32(stage) : 0;
	packet->seq = refuses ? 0 : draw_u32(stage);
	packet->window = 0;
}

static int64_t victim_step(struct stage *stage, struct actor *actor)
{
	struct victim *victim = (struct victim *)actor;
	const struct victim_plan *plan = &victim->plan;
	if (stage->now_us >= plan->phases[victim->phase].until_us) {
		victim->phase++;
		return victim->phase < plan->phase_count ? plan->phases[victim->phase].from_us
							 : STAGE_NEVER;
	}
	uint64_t chance = stage_below(stage, 100);
	if (chance < 12)
		plan_reset(stage, victim);
	else
		plan_syn_ack(stage, victim, chance >= 96);
	return stage_after(stage, plan->phases[victim->phase].mean_gap_us);
}

void victim_start(struct stage *stage, const struct victim_plan *plan)
{
	struct victim *victim =
	    stage_add_actor(stage, sizeof *victim, victim_step, plan->phases[0].from_us);
	victim->plan = *plan;
}

struct reflector {
	struct actor actor;
	struct reflector_plan plan;
	struct address target;
	uint64_t name;
	uint16_t port;
	uint32_t left; /* of this target's answers */
};

static int64_t reflector_step(struct stage *stage, struct actor *actor)
{
	struct reflector *reflector = (struct reflector *)actor;
	const struct reflector_plan *plan = &reflector->plan;
	if (stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	if (reflector->left == 0) {
		uint64_t number = stage_below(stage, plan->targets);
		uint64_t key = stage_mix(reflector->name + number);
		reflector->target =
		    address_from_v4_u32(address_low32(&plan->dark.address) |
					(uint32_t)(key & (prefix_size(&plan->dark) - 1)));
		reflector->port = (uint16_t)(1024 + (key >> 32) % 64512);
		reflector->left = (uint32_t)stage_between(stage, 2, 12);
	}
	reflector->left--;
	struct packet *packet =
	    talk_packet_to(stage, stage->now_us, plan->host, plan->outside, reflector->target);
	packet->kind = PACKET_UDP;
	packet->source_port = PORT_DNS;
	packet->target_port = reflector->port;
	uint16_t id = (uint16_t)draw_u32(stage);
	uint16_t bytes = (uint16_t)stage_between(stage, 1100, 1400);
	payload_set_dns_answer(packet, id, reflector->name, bytes);
	return stage_after(stage, plan->span.mean_gap_us);
}

void reflector_start(struct stage *stage, const struct reflector_plan *plan)
{
	struct reflector *reflector =
	    stage_add_actor(stage, sizeof *reflector, reflector_step, plan->span.from_us);
	reflector->plan = *plan;
	reflector->name = random_u64(&stage->random);
}

struct seeker {
	struct actor actor;
	struct seeker_plan plan;
	unsigned round;
};

/* As the print spooler does: three SYNs of one connection, then nothing until the next round. */
static void seek_port(
    struct stage *stage, const struct seeker_plan *plan, struct address printer, uint16_t port)
{
	static const int64_t after_s[] = {0, 3, 9};
	uint16_t source_port = host_take_port(plan->host);
	uint32_t seq = draw_u32(stage);
	for (size_t i = 0; i < sizeof after_s / sizeof after_s[0]; i++) {
		struct packet *packet = plan_tcp(stage, stage->now_us + after_s[i] * WHEN_SECOND_US,
		    plan->host, plan->outside, printer);
		packet->tcp_flags = FACTS_SYN;
		packet->source_port = source_port;
		packet->target_port = port;
		packet->seq = seq;
		packet->options = PACKET_OPTIONS_WINDOWS;
	}
}

static void seek_status(struct stage *stage, const struct seeker_plan *plan, struct address printer)
{
	struct packet *packet =
	    talk_packet_to(stage, stage->now_us, plan->host, plan->outside, printer);
	packet->kind = PACKET_UDP;
	packet->source_port = host_take_port(plan->host);
	packet->target_port = PORT_SNMP;
	payload_set_request(packet, 0);
}

static int64_t seeker_step(struct stage *stage, struct actor *actor)
{
	struct seeker *seeker = (struct seeker *)actor;
	const struct seeker_plan *plan = &seeker->plan;
	if (stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	seek_port(stage, plan, plan->printer, PORT_RAW_PRINT);
	if (seeker->round % 2 == 0) {
		seek_status(stage, plan, plan->printer);
		seek_status(stage, plan, plan->second_printer);
	}
	if (seeker->round % 3 == 0)
		seek_port(stage, plan, plan->second_printer, PORT_IPP);
	seeker->round++;
	return stage->now_us + plan->span.mean_gap_us + stage_between(stage, 0, WHEN_SECOND_US);
}

void seeker_start(struct stage *stage, const struct seeker_plan *plan)
{
	struct seeker *seeker =
	    stage_add_actor(stage, sizeof *seeker, seeker_step, plan->span.from_us);
	seeker->plan = *plan;
}

struct forger {
	struct actor actor;
	struct forger_plan plan;
	uint32_t done;
	uint32_t first; /* where among the addresses it begins */
};

static int64_t forger_step(struct stage *stage, struct actor *actor)
{
	enum {
		/* The upper part of the /24: our other stories play below. */
		FIRST = 100,
		HOSTS = 154,
		STEP = 3, /* prime to HOSTS, so no address comes twice */
		SPREAD_US = 20 * 1000 * 1000,
	};
	struct forger *forger = (struct forger *)actor;
	const struct forger_plan *plan = &forger->plan;
	if (forger->done == plan->addresses || stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	uint32_t number = FIRST + (forger->first + forger->done * STEP) % HOSTS;
	struct host claimed = far_host(plan->outside, address_from_v4_u32(plan->network | number));
	int64_t packets = stage_between(stage, 1, 3);
	for (int64_t i = 0; i < packets; i++) {
		int64_t when_us = stage->now_us + stage_between(stage, 0, SPREAD_US);
		struct address target = draw_dark(stage, &plan->dark);
		struct packet *packet = plan_tcp(stage, when_us, &claimed, plan->outside, target);
		packet->tcp_flags = FACTS_SYN;
		packet->source_port = draw_port(stage);
		packet->target_port = plan->port;
		packet->seq = draw_u32(stage);
		packet->ip_id = (uint16_t)draw_u32(stage);
		packet->ttl = (uint8_t)stage_between(stage, 30, 250);
	}
	forger->done++;
	return stage_after(stage, plan->span.mean_gap_us);
}

void forger_start(struct stage *stage, const struct forger_plan *plan)
{
	struct forger *forger =
	    stage_add_actor(stage, sizeof *forger, forger_step, plan->span.from_us);
	forger->plan = *plan;
	forger->first = (uint32_t)stage_below(stage, 154);
}

struct flood {
	struct actor actor;
	struct flood_plan plan;
};

static int64_t flood_step(struct stage *stage, struct actor *actor)
{
	const struct flood_plan *plan = &((struct flood *)actor)->plan;
	if (stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	struct host forged;
	host_init_far(&forged, plan->outside, random_u64(&stage->random));
	forged.ttl = (uint8_t)stage_between(stage, 40, 240);
	struct packet *packet = talk_packet(stage, stage->now_us, &forged, plan->host, false);
	uint16_t port = draw_port(stage);
	uint32_t seq = draw_u32(stage);
	packet->kind = PACKET_TCP;
	packet->tcp_flags = FACTS_SYN;
	packet->source_port = port;
	packet->target_port = plan->port;
	packet->seq = seq;
	packet->window = WINDOW;
	if (stage_one_in(stage, 3)) { /* the others find its backlog full */
		packet = plan_tcp(stage, stage->now_us + 150, plan->host, plan->outside, forged.v4);
		packet->tcp_flags = FACTS_SYN | FACTS_ACK;
		packet->source_port = plan->port;
		packet->target_port = port;
		packet->seq = draw_u32(stage);
		packet->ack = seq + 1;
		packet->options = PACKET_OPTIONS_MSS;
	}
	return stage_after(stage, plan->span.mean_gap_us);
}

void flood_start(struct stage *stage, const struct flood_plan *plan)
{
	struct flood *flood = stage_add_actor(stage, sizeof *flood, flood_step, plan->span.from_us);
	flood->plan = *plan;
}

struct amplification {
	struct actor actor;
	struct amplification_plan plan;
	uint64_t key;
	uint16_t port;
};

static int64_t amplification_step(struct stage *stage, struct actor *actor)
{
	struct amplification *amplification = (struct amplification *)actor;
	const struct amplification_plan *plan = &amplification->plan;
	if (stage->now_us >= plan->span.until_us)
		return STAGE_NEVER;

	struct host resolver;
	host_init_far(
	    &resolver, plan->outside, amplification->key + stage_below(stage, plan->resolvers));
	struct packet *packet = talk_packet(stage, stage->now_us, &resolver, plan->host, false);
	packet->kind = PACKET_UDP;
	packet->source_port = PORT_DNS;
	packet->target_port = amplification->port;
	uint16_t id = (uint16_t)draw_u32(stage);
	uint16_t bytes = (uint16_t)stage_between(stage, 1200, 1400);
	payload_set_dns_answer(packet, id, amplification->key, bytes);
	return stage_after(stage, plan->span.mean_gap_us);
}

void amplification_start(struct stage *stage, const struct amplification_plan *plan)
{
	struct amplification *amplification =
	    stage_add_actor(stage, sizeof *amplification, amplification_step, plan->span.from_us);
	amplification->plan = *plan;
	amplification->key = random_u64(&stage->random);
	amplification->port = draw_port(stage);
}
