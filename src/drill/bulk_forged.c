#include "decode/decode.h"
#include "drill/bulk.h"
#include "drill/payload.h"

enum {
	ICMP_ECHO = 8,
	ECHO_BYTES = 32,
	PORT_TABLE = 16, /* a power of two */
};

struct forged {
	struct actor actor;
	struct bulk_pace pace;
	uint64_t sources;
	uint64_t sent;
	uint32_t next; /* the number that becomes the next address */
	uint32_t key;
	uint32_t dark_base;
	uint32_t dark_mask;
};

/* One to one over all numbers of 32 bits: an odd factor and a shift can both be undone. */
static uint32_t scatter(uint32_t number, uint32_t key)
{
	number = (number ^ key) * 0x7feb352dU;
	number = (number ^ number >> 15) * 0x846ca68bU;
	return number ^ number >> 16;
}

/* What no router forwards, so that no forged packet of it arrives anywhere. */
static bool is_unroutable(uint32_t v4)
{
	static const struct {
		uint32_t network;
		uint32_t mask;
	} ranges[] = {
	    {0x00000000, 0xff000000}, /* 0/8 */
	    {0x0a000000, 0xff000000}, /* 10/8 */
	    {0x64400000, 0xffc00000}, /* 100.64/10 */
	    {0x7f000000, 0xff000000}, /* 127/8 */
	    {0xa9fe0000, 0xffff0000}, /* 169.254/16 */
	    {0xac100000, 0xfff00000}, /* 172.16/12 */
	    {0xc0a80000, 0xffff0000}, /* 192.168/16 */
	    {0xe0000000, 0xe0000000}, /* 224/3 */
	};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if ((v4 & ranges[i].mask) == ranges[i].network)
			return true;
	return false;
}

static struct address next_source(struct forged *forged)
{
	if (forged->sent++ % forged->sources == 0)
		forged->next = 0; /* all were there: once more from the first */
	uint32_t v4 = scatter(forged->next++, forged->key);
	while (is_unroutable(v4))
		v4 = scatter(forged->next++, forged->key);
	return address_from_v4_u32(v4);
}

static void fill_syn(struct packet *packet, uint64_t chance)
{
	static const uint16_t ports[PORT_TABLE] = {
	    23, 23, 23, 23, 80, 80, 443, 443, 22, 22, 445, 8080, 3389, 2323, 5555, 37215};
	packet->kind = PACKET_TCP;
	packet->tcp_flags = FACTS_SYN;
	packet->target_port = ports[chance % PORT_TABLE];
	packet->source_port = (uint16_t)(1024 + (chance >> 8) % 64512);
	packet->seq = (uint32_t)stage_mix(chance);
	packet->window = (uint16_t)(chance >> 40);
}

static void fill_udp(struct packet *packet, uint64_t chance)
{
	static const uint16_t ports[PORT_TABLE] = {
	    53, 53, 53, 123, 123, 161, 161, 389, 1900, 1900, 5060, 5060, 11211, 3702, 19, 69};
	packet->kind = PACKET_UDP;
	packet->target_port = ports[chance % PORT_TABLE];
	packet->source_port = (uint16_t)(1024 + (chance >> 8) % 64512);
	payload_set_request(packet, chance >> 8);
}

static void fill_echo(struct packet *packet, uint64_t chance)
{
	packet->kind = PACKET_ICMP;
	packet->icmp_type = ICMP_ECHO;
	packet->icmp_id = (uint16_t)(chance >> 8);
	packet->icmp_seq = (uint16_t)(chance >> 24);
	packet->payload_bytes = ECHO_BYTES;
}

static int64_t forged_step(struct stage *stage, struct actor *actor)
{
	struct forged *forged = (struct forged *)actor;
	uint64_t chance = random_u64(&stage->random);
	uint64_t more = stage_mix(chance);
	struct packet *packet = stage_send(stage);
	bulk_set_route(packet, true);
	packet->source = next_source(forged);
	packet->target =
	    address_from_v4_u32(forged->dark_base | ((uint32_t)more & forged->dark_mask));
	packet->ip_id = (uint16_t)(more >> 32);
	packet->ttl = (uint8_t)(32 + (more >> 48) % 96); /* a forger sends from one place or many */
	unsigned kind = (unsigned)(more >> 56) % 32;
	if (kind == 0)
		fill_echo(packet, chance);
	else if (kind < 4)
		fill_udp(packet, chance);
	else
		fill_syn(packet, chance);
	return bulk_pace_next(&forged->pace, stage);
}

void bulk_forged_start(struct stage *stage, const struct bulk_plan *plan)
{
	struct forged *forged = stage_add_actor(stage, sizeof *forged, forged_step, stage->now_us);
	bulk_pace_init(&forged->pace, stage, plan);
	forged->sources = plan->sources;
	forged->key = (uint32_t)random_u64(&stage->random);
	forged->dark_base = address_low32(&plan->dark.address);
	forged->dark_mask = (uint32_t)(prefix_size(&plan->dark) - 1);
}
