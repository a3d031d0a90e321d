/* office_habits.c - what a PC in an office does, one habit at a time. */
#include <string.h>

#include "drill/lan.h"
#include "drill/office.h"
#include "drill/payload.h"

enum {
	SITES = 400,
	DEAD_SITES = 3, /* servers of pages that were switched off: three for the whole office */
	PORT_DNS = 53,
	PORT_NTP = 123,
	PORT_NBNS = 137,
	PORT_SNMP = 161,
	PORT_HTTPS = 443,
	PORT_SMB = 445,
	PORT_SUBMISSION = 587,
	PORT_IMAPS = 993,
	PORT_SSDP = 1900,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	PORT_UPDATE_PEER = 7680,
	PORT_RAW_PRINT = 9100,
	NTP_BYTES = 48,
	LAN_ROUND_TRIP_US = 400,
	SNMP_TYPE_AT = 13, /* in the payload */
	SNMP_RESPONSE = 0xa2,
};

static struct talk talk_lan(struct host *client, struct host *server, uint16_t port)
{
	return (struct talk){
	    .client = client,
	    .server = server,
	    .server_port = port,
	    .round_trip_us = LAN_ROUND_TRIP_US,
	};
}

static struct talk talk_far(
    struct stage *stage, struct host *client, struct host *server, uint16_t port)
{
	struct talk talk = {.client = client, .server = server, .server_port = port};
	talk.round_trip_us = stage_between(stage, 6000, 150000);
	talk.up_bytes = (uint32_t)stage_between(stage, 300, 1900);
	talk.down_bytes = (uint32_t)stage_between(stage, 600, 8000);
	talk.end = stage_one_in(stage, 4) ? TALK_END_RESET : TALK_END_FIN;
	talk.lossy = stage_one_in(stage, 50);
	return talk;
}

/* One of the servers of a page. QUIC where it has it, IPv6 where both have it. */
static void fetch(
    struct stage *stage, struct office *office, struct host *pc, uint64_t site, int64_t when_us)
{
	struct host server;
	host_init_far(&server, &office->router, office->key + site);
	struct talk talk = talk_far(stage, pc, &server, PORT_HTTPS);
	talk.v6 = site % 3 == 0;
	if (stage_one_in(stage, 200)) {
		host_init_far(&server, &office->router,
		    office->key + 2 * SITES + stage_below(stage, DEAD_SITES));
		talk.v6 = false;
		talk_tcp_silent(stage, when_us, &talk);
	} else if (site % 5 == 0) {
		talk.client_port = host_take_port(pc);
		talk.up_bytes = 1200;
		talk.down_bytes = 1200;
		for (int i = 0; i < 4; i++)
			when_us = 8000 + talk_udp(stage, when_us, &talk);
	} else {
		talk_tcp(stage, when_us, &talk);
	}
}

static void visit_page(struct stage *stage, struct office *office, struct host *pc)
{
	int64_t when_us = stage->now_us;
	uint64_t width = UINT64_C(1) << stage_below(stage, 8);
	uint64_t page = (width + stage_below(stage, width)) % SITES;
	/* Most pages open two or three servers, some open twenty in a few seconds. */
	int64_t servers = stage_one_in(stage, 40) ? 20 : stage_between(stage, 1, 4);
	struct talk asking = talk_lan(pc, &office->router, PORT_DNS);
	asking.round_trip_us = 9000;
	for (int64_t i = 0; i < servers; i++) {
		uint64_t site = (page * 7 + (uint64_t)(i * i) * 13) % SITES;
		int64_t known_us = talk_dns(stage, when_us, &asking, office->key + site);
		fetch(stage, office, pc, site, known_us + 3000);
		when_us += stage_between(stage, 20000, 700000);
	}
}

static void read_mail(struct stage *stage, struct office *office, struct host *pc)
{
	struct host server;
	bool sends = stage_one_in(stage, 5);
	host_init_far(&server, &office->router, office->key + 3 * SITES);
	struct talk talk = talk_far(stage, pc, &server, sends ? PORT_SUBMISSION : PORT_IMAPS);
	talk_tcp(stage, stage->now_us, &talk);
}

static void use_nas(struct stage *stage, struct office *office, struct host *pc)
{
	struct talk talk = talk_lan(pc, &office->nas, PORT_SMB);
	talk.up_bytes = (uint32_t)stage_between(stage, 300, 3000);
	talk.down_bytes = (uint32_t)stage_between(stage, 300, 20000);
	int64_t when_us = talk_arp(stage, stage->now_us, pc, &office->nas, office->nas.v4);
	talk_tcp(stage, when_us + 300, &talk);
}

static void ask_printer(
    struct stage *stage, int64_t when_us, struct host *asker, struct host *printer)
{
	uint16_t port = host_take_port(asker);
	struct packet *packet = talk_packet(stage, when_us, asker, printer, false);
	packet->kind = PACKET_UDP;
	packet->source_port = port;
	packet->target_port = PORT_SNMP;
	payload_set_request(packet, 0);
	packet = talk_packet(stage, when_us + 900, printer, asker, false);
	packet->kind = PACKET_UDP;
	packet->source_port = PORT_SNMP;
	packet->target_port = PORT_SNMP;
	payload_set_request(packet, 0);
	packet->head[SNMP_TYPE_AT] = SNMP_RESPONSE; /* the rest may be as it was asked */
	packet->target_port = port;
}

static void print_page(struct stage *stage, struct office *office, struct host *pc)
{
	int64_t when_us = talk_arp(stage, stage->now_us, pc, &office->printer, office->printer.v4);
	ask_printer(stage, when_us + 300, pc, &office->printer);
	struct talk talk = talk_lan(pc, &office->printer, PORT_RAW_PRINT);
	talk.up_bytes = (uint32_t)stage_between(stage, 8000, 60000);
	talk_tcp(stage, when_us + 5000, &talk);
}

static void set_clock(struct stage *stage, struct office *office, struct host *pc)
{
	struct host clock;
	host_init_far(&clock, &office->router, office->key + 4 * SITES + stage_below(stage, 4));
	struct talk talk = talk_far(stage, pc, &clock, PORT_NTP);
	talk.client_port = PORT_NTP;
	talk.up_bytes = NTP_BYTES;
	talk.down_bytes = NTP_BYTES;
	talk_udp(stage, stage->now_us, &talk);
}

static void discover_devices(struct stage *stage, struct office *office, struct host *pc)
{
	static const char found[] = "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n";
	uint16_t port = host_take_port(pc);
	struct packet *packet =
	    talk_shout(stage, stage->now_us, pc, address_from_v4_u32(0xeffffffa), PORT_SSDP);
	packet->source_port = port;
	payload_set_request(packet, 0);
	struct host *const answering[] = {&office->router, &office->nas, &office->printer};
	for (size_t i = 0; i < sizeof answering / sizeof answering[0]; i++) {
		packet = talk_packet(stage,
		    stage->now_us + stage_between(stage, 100000, 2 * WHEN_SECOND_US), answering[i],
		    pc, false);
		packet->kind = PACKET_UDP;
		packet->source_port = PORT_SSDP;
		packet->target_port = port;
		payload_set(packet, found, sizeof found - 1);
	}
}

/* Asks everybody for a name: by mDNS in both families, by LLMNR, by NetBIOS. */
static void shout_name(struct stage *stage, struct office *office, struct host *pc)
{
	static const struct address mdns_v6 = {.bytes = {0xff, 0x02, [15] = 0xfb}};
	int64_t when_us = stage->now_us;
	uint64_t name = random_u64(&stage->random);
	struct packet *packet =
	    talk_shout(stage, when_us, pc, address_from_v4_u32(0xe00000fb), PORT_MDNS);
	packet->ttl = 255;
	payload_set_dns_question(packet, 0, name);
	packet = talk_shout(stage, when_us + 100, pc, mdns_v6, PORT_MDNS);
	packet->ttl = 255;
	payload_set_dns_question(packet, 0, name);

	uint16_t port = host_take_port(pc);
	for (int i = 0; i < 2; i++) {
		packet = talk_shout(stage, when_us + 200 + i * 410000, pc,
		    address_from_v4_u32(0xe00000fc), PORT_LLMNR);
		packet->source_port = port;
		payload_set_dns_question(packet, (uint16_t)name, name);
	}
	for (int i = 0; i < 3; i++) {
		packet = talk_shout(stage, when_us + WHEN_SECOND_US + i * 750000, pc,
		    address_from_v4_u32(office->plan.network | 255), PORT_NBNS);
		packet->ttl = 128;
		payload_set_request(packet, 0);
	}
}

/* Caches grow old: ARP, neighbour discovery, the lease. */
static void refresh(struct stage *stage, struct office *office, struct host *pc)
{
	struct host *owner = stage_one_in(stage, 4) ? &office->nas : &office->router;
	lan_refresh(stage, stage->now_us, pc, owner);
	talk_nd(stage, stage->now_us + 900, pc, &office->router);
	if (!stage_one_in(stage, 8))
		return;
	struct talk talk = talk_lan(pc, &office->dhcp, 67);
	talk.client_port = 68;
	talk.up_bytes = 300;
	talk.down_bytes = 300;
	talk_udp(stage, stage->now_us + 5000, &talk);
}

/* Windows fetches updates from its neighbours, of whom some do not share. */
static void ask_update_peer(struct stage *stage, struct office *office, struct host *pc)
{
	if (stage->now_us < stage->start_us + 20 * WHEN_MINUTE_US)
		return; /* not everybody is there yet */
	struct host *peer = &office->pcs[stage_below(stage, office->plan.pcs)];
	if (peer == pc)
		return;
	struct talk talk = talk_lan(pc, peer, PORT_UPDATE_PEER);
	talk.up_bytes = 400;
	talk.down_bytes = 30000;
	int64_t when_us = talk_arp(stage, stage->now_us, pc, peer, peer->v4);
	if (stage_one_in(stage, 6))
		talk_tcp_refused(stage, when_us + 300, &talk);
	else
		talk_tcp(stage, when_us + 300, &talk);
}

void office_act(struct stage *stage, struct office *office, struct host *pc)
{
	static const struct {
		void (*act)(struct stage *stage, struct office *office, struct host *pc);
		unsigned share; /* per thousand */
	} habits[] = {{visit_page, 480}, {refresh, 160}, {read_mail, 130}, {use_nas, 90},
	    {shout_name, 70}, {discover_devices, 25}, {set_clock, 25}, {print_page, 10},
	    {ask_update_peer, 10}};

	unsigned chance = (unsigned)stage_below(stage, 1000);
	for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
		if (chance < habits[i].share) {
			habits[i].act(stage, office, pc);
			return;
		}
		chance -= habits[i].share;
	}
}
