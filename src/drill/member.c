#include "drill/member.h"

#include <string.h>

#include "decode/decode.h"

enum {
	SITES = 600, /* that this member's people visit */
	DEAD_SITES = 2,
	PORT_SMTP = 25,
	PORT_NTP = 123,
	PORT_HTTPS = 443,
	NTP_BYTES = 48,
	INSIDE_MAC = 1, /* last byte of the border's MACs */
	OUTSIDE_MAC = 2,
};

static void init_host(struct stage *stage, const struct member_plan *plan, struct host *host,
    uint8_t number, enum stack stack)
{
	static const uint8_t inside[MAC_BYTES] = {0x02, 0xb0, 0x4d, 0, 0, INSIDE_MAC};
	host_init(host, stage, address_from_v4_u32(plan->network | number), stack);
	if (!address_is_unspecified(&plan->v6)) {
		host->v6 = plan->v6;
		host->v6.bytes[7] = 1;
		host->v6.bytes[15] = number;
	}
	host->ttl--;
	memcpy(host->mac, inside, MAC_BYTES);
}

struct host *member_add_host(
    struct stage *stage, const struct member *member, uint8_t number, enum stack stack)
{
	struct host *host = stage_get_memory(stage, sizeof *host);
	init_host(stage, &member->plan, host, number, stack);
	return host;
}

/* Few sites are visited much: each range of ranks twice as wide is visited as often. */
static uint64_t pick_site(struct stage *stage)
{
	uint64_t width = UINT64_C(1) << stage_below(stage, 9);
	uint64_t site = width + stage_below(stage, width);
	return site % SITES;
}

static struct talk talk_with(
    struct stage *stage, struct host *client, struct host *server, uint16_t port)
{
	struct talk talk = {.client = client, .server = server, .server_port = port};
	talk.round_trip_us = stage_between(stage, 4000, 120000);
	talk.up_bytes = (uint32_t)stage_between(stage, 200, 1800);
	talk.down_bytes = (uint32_t)stage_between(stage, 400, 9000);
	talk.end = stage_one_in(stage, 4) ? TALK_END_RESET : TALK_END_FIN;
	talk.lossy = stage_one_in(stage, 40);
	return talk;
}

static void visit_site(struct stage *stage, struct member *member)
{
	struct host server;
	struct host authority;
	uint64_t site = pick_site(stage);
	uint64_t key = member->key + site;
	host_init_far(&server, &member->outside, key);
	host_init_far(&authority, &member->outside, key ^ UINT64_C(0x6e616d65));

	struct talk asking = talk_with(stage, &member->names, &authority, 53);
	int64_t when_us = talk_dns(stage, stage->now_us, &asking, key);
	struct talk talk = talk_with(stage, &member->desks, &server, PORT_HTTPS);
	talk.v6 = site % 3 == 0 && !address_is_unspecified(&member->plan.v6);
	when_us += 2000;
	if (stage_one_in(stage, 80)) {
		host_init_far(&server, &member->outside,
		    member->key + SITES + stage_below(stage, DEAD_SITES));
		talk.v6 = false;
		talk_tcp_silent(stage, when_us, &talk);
		return;
	}
	talk_tcp(stage, when_us, &talk);
}

static void be_visited(struct stage *stage, struct member *member)
{
	struct host client;
	host_init_far(&client, &member->outside, random_u64(&stage->random));
	struct talk talk = talk_with(stage, &client, &member->web, PORT_HTTPS);
	talk.v6 = stage_one_in(stage, 4) && !address_is_unspecified(&member->plan.v6);
	talk_tcp(stage, stage->now_us, &talk);
}

static void exchange_mail(struct stage *stage, struct member *member)
{
	struct host peer;
	host_init_far(&peer, &member->outside, member->key + SITES * 2 + stage_below(stage, 40));
	bool arrives = stage_one_in(stage, 2);
	struct talk talk = talk_with(
	    stage, arrives ? &peer : &member->mail, arrives ? &member->mail : &peer, PORT_SMTP);
	talk_tcp(stage, stage->now_us, &talk);
}

static void set_clock(struct stage *stage, struct member *member)
{
	struct host clock;
	host_init_far(&clock, &member->outside, member->key + SITES * 3 + stage_below(stage, 4));
	struct talk talk = talk_with(stage, &member->desks, &clock, PORT_NTP);
	talk.client_port = PORT_NTP;
	talk.up_bytes = NTP_BYTES;
	talk.down_bytes = NTP_BYTES;
	talk_udp(stage, stage->now_us, &talk);
}

/* Strangers try every address, and meet a closed port of a live one. */
static void be_probed(struct stage *stage, struct member *member)
{
	static const uint16_t ports[] = {22, 23, 445, 3389, 8080};
	struct host stranger;
	host_init_far(&stranger, &member->outside, random_u64(&stage->random));
	uint16_t port = ports[stage_below(stage, sizeof ports / sizeof ports[0])];
	struct host *server = stage_one_in(stage, 2) ? &member->web : &member->mail;
	struct talk talk = talk_with(stage, &stranger, server, port);
	talk.round_trip_us = 300;
	talk_tcp_refused(stage, stage->now_us, &talk);
}

static int64_t member_step(struct stage *stage, struct actor *actor)
{
	static const struct {
		void (*act)(struct stage *stage, struct member *member);
		unsigned share;
	} acts[] = {
	    {visit_site, 50}, {be_visited, 32}, {exchange_mail, 9}, {set_clock, 6}, {be_probed, 3}};
	struct member *member = (struct member *)actor;

	unsigned chance = (unsigned)stage_below(stage, 100);
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		if (chance < acts[i].share) {
			acts[i].act(stage, member);
			break;
		}
		chance -= acts[i].share;
	}
	return stage_after(stage, member->plan.mean_gap_us);
}

struct member *member_start(struct stage *stage, const struct member_plan *plan)
{
	static const uint8_t outside[MAC_BYTES] = {0x02, 0xb0, 0x4d, 0, 0, OUTSIDE_MAC};
	struct member *member = stage_add_actor(
	    stage, sizeof *member, member_step, stage_after(stage, plan->mean_gap_us));
	member->plan = *plan;
	member->key = random_u64(&stage->random);
	init_host(stage, plan, &member->desks, 10, STACK_WINDOWS);
	init_host(stage, plan, &member->mail, 25, STACK_LINUX);
	init_host(stage, plan, &member->names, 53, STACK_LINUX);
	init_host(stage, plan, &member->web, 80, STACK_LINUX);
	memcpy(member->outside.mac, outside, MAC_BYTES);
	return member;
}
