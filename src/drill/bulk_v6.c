#include "decode/decode.h"
#include "drill/bulk.h"
#include "drill/payload.h"
#include "drill/talk.h"

enum {
	ICMP6_ECHO = 128,
	ECHO_BYTES = 8,
	PORT_DNS = 53,
	PORT_TABLE = 16, /* a power of two */
	SUBNETS = 8,     /* where addresses are looked for: nobody sweeps a /48 */
	SUBNET_BYTE = 7,
	WINDOW = 65535,
};

struct bulk_v6 {
	struct actor actor;
	struct bulk_pace pace;
	struct prefix dark;
	uint64_t sources;
	uint64_t key;
};

static uint16_t service_port(uint64_t hash)
{
	static const uint16_t ports[PORT_TABLE] = {
	    80, 80, 80, 443, 443, 443, 22, 22, 25, 53, 21, 23, 8080, 8443, 5060, 3389};
	return ports[hash % PORT_TABLE];
}

static uint16_t client_port(uint64_t chance)
{
	return (uint16_t)(32768 + (chance >> 48) % 28232);
}

static void fill_syn(struct packet *packet, uint64_t hash, uint64_t chance)
{
	packet->kind = PACKET_TCP;
	packet->tcp_flags = FACTS_SYN;
	packet->source_port = client_port(chance);
	packet->target_port = service_port(hash >> 8);
	packet->seq = (uint32_t)stage_mix(chance);
	packet->window = WINDOW;
	packet->options = PACKET_OPTIONS_MSS;
}

static void fill_reply(struct packet *packet, uint64_t hash, uint64_t chance)
{
	packet->kind = PACKET_TCP;
	packet->tcp_flags = hash % 3 == 0 ? FACTS_RST | FACTS_ACK : FACTS_SYN | FACTS_ACK;
	packet->source_port = service_port(hash >> 8);
	packet->target_port = client_port(chance);
	packet->seq = (packet->tcp_flags & FACTS_RST) != 0 ? 0 : (uint32_t)stage_mix(chance);
	packet->ack = (uint32_t)(chance >> 16);
}

static void fill_echo(struct packet *packet, uint64_t hash, uint64_t chance)
{
	packet->kind = PACKET_ICMP;
	packet->icmp_type = ICMP6_ECHO;
	packet->icmp_id = (uint16_t)hash;
	packet->icmp_seq = (uint16_t)(chance >> 16);
	packet->payload_bytes = ECHO_BYTES;
}

static void fill_question(struct packet *packet, uint64_t hash, uint64_t chance)
{
	packet->kind = PACKET_UDP;
	packet->source_port = client_port(chance);
	packet->target_port = PORT_DNS;
	payload_set_dns_question(packet, (uint16_t)chance, hash >> 8);
}

/* Low interface numbers, those that administrators give, then any. */
static struct address draw_target(const struct bulk_v6 *bulk, uint64_t chance)
{
	struct address address = bulk->dark.address;
	uint64_t interface = stage_mix(chance);
	address.bytes[SUBNET_BYTE] = (uint8_t)((chance >> 8) % SUBNETS);
	address.bytes[15] = (uint8_t)interface;
	if ((chance >> 16) % 4 == 0)
		for (int i = 8; i < 15; i++)
			address.bytes[i] = (uint8_t)(interface >> (8 * (i - 7)));
	return address;
}

static int64_t bulk_v6_step(struct stage *stage, struct actor *actor)
{
	struct bulk_v6 *bulk = (struct bulk_v6 *)actor;
	uint64_t number = bulk_pick(stage, bulk->sources);
	uint64_t chance = random_u64(&stage->random);
	uint64_t hash = stage_mix(bulk->key + number);
	struct packet *packet = stage_send(stage);
	bulk_set_route(packet, true);
	packet->source = address_far_v6(hash);
	packet->target = draw_target(bulk, chance);
	packet->ttl = (uint8_t)(64 - 5 - (hash >> 40) % 20);
	unsigned kind = (unsigned)(hash >> 56) % 16;
	if (kind < 10)
		fill_syn(packet, hash, chance);
	else if (kind < 13)
		fill_echo(packet, hash, chance);
	else if (kind < 14)
		fill_question(packet, hash, chance);
	else
		fill_reply(packet, hash, chance);
	return bulk_pace_next(&bulk->pace, stage);
}

void bulk_v6_start(struct stage *stage, const struct bulk_plan *plan)
{
	struct bulk_v6 *bulk = stage_add_actor(stage, sizeof *bulk, bulk_v6_step, stage->now_us);
	bulk_pace_init(&bulk->pace, stage, plan);
	bulk->dark = plan->dark;
	bulk->sources = plan->sources;
	bulk->key = random_u64(&stage->random);
}
