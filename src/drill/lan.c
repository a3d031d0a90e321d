#include "drill/lan.h"

#include <string.h>

#include "drill/payload.h"

enum {
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	DHCP_BYTES = 300,
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	PORT_TRACE_FIRST = 33434,
	PROBES_PER_HOP = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_UNREACHABLE = 3,
	ICMP_PORT_UNREACHABLE = 3,
	PROTOCOL_ICMP = 1,
	PROTOCOL_UDP = 17,
};

static const uint8_t everybody[MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct packet *plan_arp(struct stage *stage, int64_t when_us, const struct host *asker,
    struct address source, struct address target)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ARP_REQUEST;
	packet->source = source;
	packet->target = target;
	memcpy(packet->source_mac, asker->mac, MAC_BYTES);
	memcpy(packet->target_mac, everybody, MAC_BYTES);
	return packet;
}

void lan_announce(struct stage *stage, int64_t when_us, const struct host *host)
{
	plan_arp(stage, when_us, host, host->v4, host->v4);
}

static void plan_duplicate_check(
    struct stage *stage, int64_t when_us, const struct host *host, struct address address)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ND_SOLICIT;
	packet->target = address;
	packet->multicast = true;
	memcpy(packet->source_mac, host->mac, MAC_BYTES);
}

int64_t lan_arrive(struct stage *stage, int64_t when_us, const struct host *host)
{
	struct address unspecified = address_from_v4_u32(0);
	for (int i = 0; i < 3; i++) {
		plan_arp(stage, when_us, host, unspecified, host->v4);
		when_us += stage_between(stage, WHEN_SECOND_US, 2 * WHEN_SECOND_US);
	}
	lan_announce(stage, when_us, host);
	lan_announce(stage, when_us + 2 * WHEN_SECOND_US, host);
	if (!address_is_unspecified(&host->v6_local)) {
		plan_duplicate_check(stage, when_us + 4000, host, host->v6_local);
		plan_duplicate_check(stage, when_us + WHEN_SECOND_US, host, host->v6);
	}
	return when_us + 2 * WHEN_SECOND_US;
}

static void fill_dhcp(struct packet *packet, uint32_t id, const struct host *client,
    const struct host *server, uint8_t message)
{
	bool is_reply = message == DHCP_OFFER || message == DHCP_ACK;
	uint8_t head[PACKET_HEAD_MAX] = {is_reply ? 2 : 1, 1, MAC_BYTES};
	static const uint8_t cookie[] = {99, 130, 83, 99, 53, 1};
	for (int i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(id >> (24 - 8 * i));
	if (is_reply)
		memcpy(head + 16, client->v4.bytes + 12, 4);
	memcpy(head + 28, client->mac, MAC_BYTES);
	memcpy(head + 236, cookie, sizeof cookie);
	head[242] = message;
	size_t used = 243;
	if (message != DHCP_DISCOVER) {
		head[used++] = 54; /* the server's identifier */
		head[used++] = 4;
		memcpy(head + used, server->v4.bytes + 12, 4);
		used += 4;
	}
	head[used++] = 255; /* end of options; what follows is padding */
	packet->kind = PACKET_UDP;
	packet->source_port = is_reply ? PORT_DHCP_SERVER : PORT_DHCP_CLIENT;
	packet->target_port = is_reply ? PORT_DHCP_CLIENT : PORT_DHCP_SERVER;
	packet->payload_bytes = DHCP_BYTES;
	payload_set(packet, head, PACKET_HEAD_MAX);
}

static void plan_dhcp(struct stage *stage, int64_t when_us, const struct host *client,
    struct host *server, uint8_t message)
{
	uint32_t id = client->boot; /* one transaction */
	bool is_reply = message == DHCP_OFFER || message == DHCP_ACK;
	struct packet *packet = stage_plan(stage, when_us);
	packet->ttl = 64;
	if (is_reply) {
		packet->source = server->v4;
		packet->target = client->v4;
		packet->ip_id = server->next_id++;
		memcpy(packet->source_mac, server->mac, MAC_BYTES);
		memcpy(packet->target_mac, client->mac, MAC_BYTES);
	} else {
		packet->source = address_from_v4_u32(0);
		packet->target = address_from_v4_u32(UINT32_MAX);
		packet->ip_id = (uint16_t)(id + message);
		memcpy(packet->source_mac, client->mac, MAC_BYTES);
		memcpy(packet->target_mac, everybody, MAC_BYTES);
	}
	fill_dhcp(packet, id, client, server, message);
}

int64_t lan_lease(
    struct stage *stage, int64_t when_us, const struct host *client, struct host *server)
{
	plan_dhcp(stage, when_us, client, server, DHCP_DISCOVER);
	plan_arp(stage, when_us + 500, server, server->v4, client->v4);
	plan_dhcp(stage, when_us + WHEN_SECOND_US, client, server, DHCP_OFFER);
	plan_dhcp(stage, when_us + WHEN_SECOND_US + 2000, client, server, DHCP_REQUEST);
	plan_dhcp(stage, when_us + WHEN_SECOND_US + 4000, client, server, DHCP_ACK);
	return when_us + WHEN_SECOND_US + 4000;
}

void lan_advertise(struct stage *stage, int64_t when_us, const struct host *router)
{
	struct packet *packet = stage_plan(stage, when_us);
	packet->kind = PACKET_ROUTER_ADVERT;
	packet->source = router->v6_local;
	packet->target.bytes[0] = 0xff;
	packet->target.bytes[1] = 0x02;
	packet->target.bytes[15] = 0x01;
	memcpy(packet->quote.source.bytes, router->v6.bytes, 8);
	memcpy(packet->source_mac, router->mac, MAC_BYTES);
}

void lan_refresh(
    struct stage *stage, int64_t when_us, const struct host *asker, const struct host *owner)
{
	struct packet *packet = plan_arp(stage, when_us, asker, asker->v4, owner->v4);
	memcpy(packet->target_mac, owner->mac, MAC_BYTES);
	packet = stage_plan(stage, when_us + 300);
	packet->kind = PACKET_ARP_REPLY;
	packet->source = owner->v4;
	packet->target = asker->v4;
	memcpy(packet->source_mac, owner->mac, MAC_BYTES);
	memcpy(packet->target_mac, asker->mac, MAC_BYTES);
}

/* One probe and what answers it: the router at that hop, or at last the target. */
static void plan_trace_probe(
    struct stage *stage, int64_t when_us, const struct lan_trace *trace, unsigned probe)
{
	unsigned hop = probe / PROBES_PER_HOP;
	bool arrives = hop == trace->hops;
	struct host answerer, target;
	host_init_far(&target, trace->router, trace->key);
	host_init_far(&answerer, trace->router, arrives ? trace->key : trace->key + 1 + hop);
	if (hop == 0)
		answerer.v4 = trace->router->v4;

	struct packet *packet = talk_packet(stage, when_us, trace->host, &target, false);
	packet->ttl = (uint8_t)(hop + 1);
	packet->kind = trace->by_echo ? PACKET_ICMP : PACKET_UDP;
	packet->icmp_type = ICMP_ECHO;
	packet->icmp_id = 1;
	packet->icmp_seq = (uint16_t)(probe + 1);
	packet->source_port = trace->host->next_port;
	packet->target_port = (uint16_t)(PORT_TRACE_FIRST + probe);
	packet->payload_bytes = 32;
	struct packet_quote quote = {
	    .source = packet->source,
	    .target = packet->target,
	    .source_port = trace->by_echo ? packet->icmp_id : packet->source_port,
	    .target_port = trace->by_echo ? packet->icmp_seq : packet->target_port,
	    .ip_id = packet->ip_id,
	    .protocol = trace->by_echo ? PROTOCOL_ICMP : PROTOCOL_UDP,
	    .ttl = 1,
	};

	when_us += 700 + hop * 2500;
	packet = talk_packet(stage, when_us, &answerer, trace->host, false);
	packet->kind = PACKET_ICMP_ERROR;
	packet->icmp_type = arrives ? ICMP_UNREACHABLE : ICMP_TIME_EXCEEDED;
	packet->icmp_code = arrives ? ICMP_PORT_UNREACHABLE : 0;
	packet->quote = quote;
	if (arrives && trace->by_echo) {
		packet->kind = PACKET_ICMP;
		packet->icmp_type = 0;
		packet->icmp_code = 0;
		packet->icmp_id = quote.source_port;
		packet->icmp_seq = quote.target_port;
		packet->payload_bytes = 32;
	}
}

void lan_trace(struct stage *stage, int64_t when_us, const struct lan_trace *trace)
{
	for (unsigned probe = 0; probe < (trace->hops + 1) * PROBES_PER_HOP; probe++) {
		plan_trace_probe(stage, when_us, trace, probe);
		when_us += 60000;
	}
	(void)host_take_port(trace->host); /* the next run uses another */
}
