/* office_extras.c - what in an office looks suspicious and is not. */
#include <string.h>

#include "drill/lan.h"
#include "drill/office.h"

enum {
	PORT_DNS = 53,
	PORT_SMB = 445,
	PORT_HTTPS = 443,
	PORT_RAW_PRINT = 9100,
	PORT_STUN = 3478,
	PORT_PEERS = 51413,
	PEERS = 360,
	ABSENT_SUBNET = 20, /* the third number of a network that was given up */
	MONITOR_ID = 0x4d4f,
	VOICE_BYTES = 180,
	PICTURE_BYTES = 900,
};

struct extra {
	struct actor actor;
	struct office *office;
	struct host *host;
	struct host peer;
	int64_t until_us;
	uint64_t key;
	uint16_t port;
};

static void ping(struct stage *stage, int64_t when_us, struct office *office, struct host *target)
{
	struct talk talk = {
	    .client = &office->monitor,
	    .server = target,
	    .round_trip_us = 500,
	    .down_bytes = 1, /* answers */
	};
	if (stage_one_in(stage, 4))
		when_us = 300 + talk_arp(stage, when_us, &office->monitor, target, target->v4);
	talk_ping(stage, when_us, &talk, MONITOR_ID);
}

static void check_service(
    struct stage *stage, int64_t when_us, struct office *office, struct host *target, uint16_t port)
{
	struct talk talk = {
	    .client = &office->monitor,
	    .server = target,
	    .server_port = port,
	    .round_trip_us = 600,
	};
	talk_tcp(stage, when_us, &talk);
}

/* Asks for one machine that is gone from this network, and one behind the router. */
static void ping_the_dead(struct stage *stage, int64_t when_us, struct office *office)
{
	struct host gone;
	memcpy(&gone, &office->router, sizeof gone); /* the way leads through it */
	gone.v4 =
	    address_from_v4_u32((office->plan.network & 0xffff0000U) | ABSENT_SUBNET << 8 | 9);
	struct talk talk = {.client = &office->monitor, .server = &gone};
	talk_ping(stage, when_us, &talk, MONITOR_ID);
	talk_arp(stage, when_us + 100000, &office->monitor, NULL,
	    address_from_v4_u32(office->plan.network | OFFICE_ABSENT_SERVER));
}

static int64_t monitor_step(struct stage *stage, struct actor *actor)
{
	struct office *office = ((struct extra *)actor)->office;
	struct host *const services[] = {
	    &office->router, &office->dhcp, &office->nas, &office->printer};
	int64_t when_us = stage->now_us;
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++, when_us += 40000)
		ping(stage, when_us, office, services[i]);
	for (unsigned i = 0; i < office->plan.pcs; i++, when_us += 40000)
		ping(stage, when_us, office, &office->pcs[i]);
	ping_the_dead(stage, when_us, office);
	check_service(stage, when_us + 3000, office, &office->nas, PORT_SMB);
	check_service(stage, when_us + 6000, office, &office->nas, PORT_HTTPS);
	check_service(stage, when_us + 9000, office, &office->printer, PORT_RAW_PRINT);
	return stage->now_us + 10 * WHEN_MINUTE_US;
}

/* Voice and pictures both ways, through the service's relay. */
static int64_t call_step(struct stage *stage, struct actor *actor)
{
	struct extra *call = (struct extra *)actor;
	if (stage->now_us >= call->until_us)
		return STAGE_NEVER;
	struct talk talk = {
	    .client = call->host,
	    .server = &call->peer,
	    .client_port = call->port,
	    .server_port = PORT_STUN + 1,
	};
	talk.round_trip_us = stage_between(stage, 15000, 30000);
	talk.up_bytes = stage_one_in(stage, 3) ? PICTURE_BYTES : VOICE_BYTES;
	talk.down_bytes = stage_one_in(stage, 3) ? PICTURE_BYTES : VOICE_BYTES;
	talk_udp(stage, stage->now_us, &talk);
	return stage->now_us + stage_between(stage, 280000, 420000);
}

/* One local port, hundreds of peers on ports of their own; a third of them answers. */
static int64_t peers_step(struct stage *stage, struct actor *actor)
{
	struct extra *client = (struct extra *)actor;
	if (stage->now_us >= client->until_us)
		return STAGE_NEVER;
	uint64_t number = stage_below(stage, PEERS);
	uint64_t chance = stage_mix(client->key + number);
	struct host peer;
	host_init_far(&peer, &client->office->router, client->key + number);
	struct talk talk = {
	    .client = client->host,
	    .server = &peer,
	    .client_port = PORT_PEERS,
	    .server_port = (uint16_t)(1024 + chance % 64512),
	    .round_trip_us = stage_between(stage, 30000, 300000),
	    .up_bytes = 100,
	};
	bool answers = (chance >> 32) % 3 == 0;
	if (answers && stage_one_in(stage, 3)) { /* it may also begin */
		talk = (struct talk){.client = &peer,
		    .server = client->host,
		    .client_port = talk.server_port,
		    .server_port = PORT_PEERS,
		    .round_trip_us = 500,
		    .up_bytes = 100};
	}
	talk.down_bytes = answers ? 280 : 0;
	talk_udp(stage, stage->now_us, &talk);
	if ((chance >> 40) % 6 == 0 && stage_one_in(stage, 4) && talk.client == client->host) {
		talk.client_port = 0;
		talk.up_bytes = 3000;
		talk.down_bytes = 20000;
		if (answers)
			talk_tcp(stage, stage->now_us + 400000, &talk);
		else
			talk_tcp_silent(stage, stage->now_us + 400000, &talk);
	}
	return stage_after(stage, 4 * WHEN_SECOND_US);
}

/* A drive that is gone: Windows asks for it whenever a file dialogue opens. */
static int64_t drive_step(struct stage *stage, struct actor *actor)
{
	struct extra *drive = (struct extra *)actor;
	talk_arp(stage, stage->now_us, drive->host, NULL,
	    address_from_v4_u32(drive->office->plan.network | OFFICE_ABSENT_DRIVE));
	return stage_after(stage, 15 * WHEN_MINUTE_US);
}

static int64_t trace_step(struct stage *stage, struct actor *actor)
{
	struct extra *tracer = (struct extra *)actor;
	struct lan_trace trace = {
	    .host = tracer->host,
	    .router = &tracer->office->router,
	    .key = tracer->key,
	    .hops = (unsigned)stage_between(stage, 6, 9),
	    .by_echo = tracer->host->options == PACKET_OPTIONS_WINDOWS,
	};
	lan_trace(stage, stage->now_us, &trace);
	return STAGE_NEVER;
}

static struct extra *add(struct stage *stage, struct office *office, struct host *host,
    int64_t (*step)(struct stage *stage, struct actor *actor), int64_t minute)
{
	struct extra *extra =
	    stage_add_actor(stage, sizeof *extra, step, stage->now_us + minute * WHEN_MINUTE_US);
	extra->office = office;
	extra->host = host;
	extra->key = random_u64(&stage->random);
	host_init_far(&extra->peer, &office->router, extra->key);
	return extra;
}

void office_start_extras(struct stage *stage, struct office *office)
{
	struct host *pcs = office->pcs;
	add(stage, office, &office->monitor, monitor_step, 11);
	add(stage, office, &pcs[1], drive_step, 14);
	add(stage, office, &pcs[2], drive_step, 17);
	add(stage, office, &pcs[7], trace_step, 75); /* Linux: by UDP */
	add(stage, office, &pcs[4], trace_step, 80); /* Windows: by echo */

	struct extra *peers = add(stage, office, &pcs[5], peers_step, 130);
	peers->until_us = stage->now_us + 220 * WHEN_MINUTE_US;
	struct extra *call = add(stage, office, &pcs[6], call_step, 300);
	call->until_us = stage->now_us + 335 * WHEN_MINUTE_US;
	call->port = host_take_port(call->host);
}
