/* scenario_lan.c - stories on the wire of an office. */
#include <string.h>

#include "decode/decode.h"
#include "drill/office.h"
#include "drill/scenario.h"

#define OFFICE_NETWORK 0xc0a80a00U /* 192.168.10.0/24 */

enum {
	PORT_SMB = 445,
	HOSTS = 254,
	WORM_PC = 6,
	BLOCK_TARGETS = 254,
	ARP_GAP_US = 50000,
	PROBE_GAP_US = 100000,
	SMB_BYTES = 900,
};

void scenario_start_office(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	struct office_plan plan = {
	    .network = OFFICE_NETWORK,
	    .pcs = 25,
	    .phones = 6,
	    .desk_gap_us = 150 * WHEN_SECOND_US,
	    .has_extras = true,
	};
	stage->end_us = stage->start_us + 8 * WHEN_HOUR_US;
	office_start(stage, &plan);
}

struct worm {
	struct actor actor;
	struct office *office;
	struct host *pc;
	uint32_t swept; /* numbers of the own network done */
	uint32_t block; /* the internal network being tried, 0 before the first */
	uint32_t tried; /* of it */
	int64_t until_us;
};

/* The next step of what it does to a neighbour that answered by ARP. */
static void attack(struct stage *stage, int64_t when_us, struct worm *worm, struct host *target)
{
	struct talk talk = {
	    .client = worm->pc,
	    .server = target,
	    .server_port = PORT_SMB,
	    .round_trip_us = 400,
	    .up_bytes = SMB_BYTES,
	    .down_bytes = SMB_BYTES,
	    .end = TALK_END_RESET,
	};
	uint64_t kind = stage_mix(address_low32(&target->v4)) % 10;
	bool is_pc = target->options == PACKET_OPTIONS_WINDOWS;
	if (target == &worm->office->nas || (is_pc && kind < 4))
		talk_tcp(stage, when_us, &talk);
	else if (is_pc && kind < 6)
		talk_tcp_silent(stage, when_us, &talk); /* its own firewall */
	else
		talk_tcp_refused(stage, when_us, &talk);
}

static int64_t sweep_own_network(struct stage *stage, struct worm *worm)
{
	worm->swept++;
	struct address address = address_from_v4_u32(OFFICE_NETWORK | worm->swept);
	struct host *owner = office_find_host(worm->office, &address);
	if (owner == worm->pc)
		return stage->now_us;
	int64_t when_us = talk_arp(stage, stage->now_us, worm->pc, owner, address);
	if (owner != NULL)
		attack(stage, when_us + 300, worm, owner);
	return stage->now_us + ARP_GAP_US + stage_between(stage, 0, 10000);
}

/* 10/8, 172.16/12 or 192.168/16, as the worm finds them in its list. */
static uint32_t draw_block(struct stage *stage)
{
	uint32_t chance = (uint32_t)random_u64(&stage->random);
	switch (chance % 3) {
	case 0:
		return 0x0a000000U | (chance & 0x00ffff00U);
	case 1:
		return 0xac100000U | (chance & 0x000fff00U);
	default:
		return 0xc0a80000U | (chance & 0x0000ff00U);
	}
}

/* Other internal networks exist nowhere here; for a few addresses the router says so. */
static int64_t try_other_networks(struct stage *stage, struct worm *worm)
{
	if (worm->block == 0 || worm->tried == BLOCK_TARGETS) {
		worm->block = draw_block(stage);
		if (worm->block == OFFICE_NETWORK)
			worm->block += 0x100;
		worm->tried = 0;
	}
	worm->tried++;
	struct host target;
	memcpy(&target, &worm->office->router, sizeof target);
	target.v4 = address_from_v4_u32(worm->block | worm->tried);
	struct talk talk = {.client = worm->pc, .server = &target, .server_port = PORT_SMB};
	uint16_t port = worm->pc->next_port;
	talk_tcp_silent(stage, stage->now_us, &talk);
	if (!stage_one_in(stage, 50))
		return stage->now_us + PROBE_GAP_US;

	struct packet *packet = talk_packet(
	    stage, stage->now_us + 3 * WHEN_SECOND_US, &worm->office->router, worm->pc, false);
	packet->kind = PACKET_ICMP_ERROR;
	packet->icmp_type = 3;
	packet->icmp_code = 1;
	packet->quote = (struct packet_quote){
	    .source = worm->pc->v4,
	    .target = target.v4,
	    .source_port = port,
	    .target_port = PORT_SMB,
	    .protocol = 6,
	    .ttl = 127,
	};
	return stage->now_us + PROBE_GAP_US;
}

static int64_t worm_step(struct stage *stage, struct actor *actor)
{
	struct worm *worm = (struct worm *)actor;
	if (stage->now_us >= worm->until_us)
		return STAGE_NEVER;
	return worm->swept < HOSTS ? sweep_own_network(stage, worm)
				   : try_other_networks(stage, worm);
}

void scenario_start_worm(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	struct office_plan plan = {
	    .network = OFFICE_NETWORK,
	    .pcs = 24,
	    .phones = 3,
	    .desk_gap_us = 90 * WHEN_SECOND_US,
	};
	stage->end_us = stage->start_us + 40 * WHEN_MINUTE_US;
	struct office *office = office_start(stage, &plan);
	struct worm *worm =
	    stage_add_actor(stage, sizeof *worm, worm_step, stage->start_us + 15 * WHEN_MINUTE_US);
	worm->office = office;
	worm->pc = &office->pcs[WORM_PC];
	worm->until_us = stage->start_us + 30 * WHEN_MINUTE_US;
}
