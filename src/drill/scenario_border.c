/* scenario_border.c - stories seen at a member's border or from the darknet. */
#include <assert.h>

#include "drill/background.h"
#include "drill/member.h"
#include "drill/scenario.h"
#include "drill/trouble.h"

/* Small prefixes are written out: what a reader of a capture will look for. */
#define TOWN_NETWORK       0xc6336400U /* 198.51.100.0/24 */
#define HOSPITAL_NETWORK   0xcb007100U /* 203.0.113.0/24 */
#define UNIVERSITY_NETWORK 0xc0000200U /* 192.0.2.0/24 */

enum {
	BACKGROUND_PACKETS = 1000000,
	BACKGROUND_SECONDS = 86400,
	PACKETS_PER_SOURCE = 40, /* as measured on a day of a large darknet */
	PORT_HTTPS = 443,
	PORT_TELNET = 23,
	PORT_TELNET_SECOND = 2323,
};

static struct prefix parse_prefix(const char *text)
{
	struct prefix prefix = {0};
	const char *why = NULL;
	int error = prefix_parse(text, &prefix, &why);
	assert(error == 0); /* only our own constants */
	(void)error;
	return prefix;
}

static struct prefix dark_v4(void)
{
	return parse_prefix("198.18.0.0/16");
}

static struct prefix dark_v6(void)
{
	return parse_prefix("2001:db8:dead::/48");
}

static void start_background(
    struct stage *stage, uint64_t packets, uint64_t sources, int64_t duration_us)
{
	struct background_plan plan = {
	    .dark_v4 = dark_v4(),
	    .dark_v6 = dark_v6(),
	    .packets = packets,
	    .sources = sources,
	    .duration_us = duration_us,
	};
	background_start(stage, &plan);
}

static struct host *outside_router(struct stage *stage)
{
	struct host *router = stage_get_memory(stage, sizeof *router);
	host_init(router, stage, address_from_v4_u32(0xc0000001), STACK_DEVICE);
	return router;
}

static struct host *behind_border(struct stage *stage, uint32_t v4, enum stack stack)
{
	struct host *host = stage_get_memory(stage, sizeof *host);
	host_init(host, stage, address_from_v4_u32(v4), stack);
	host->ttl = (uint8_t)(host->ttl - 9); /* the darknet is some hops away */
	return host;
}

void scenario_start_background(struct stage *stage, const struct scenario_options *options)
{
	uint64_t packets = options->packets != 0 ? options->packets : BACKGROUND_PACKETS;
	uint64_t seconds = options->seconds != 0 ? options->seconds : BACKGROUND_SECONDS;
	const struct background_plan plan = {
	    .dark_v4 = dark_v4(),
	    .dark_v6 = dark_v6(),
	    .packets = packets,
	    .sources = options->sources != 0 ? options->sources : packets / PACKETS_PER_SOURCE,
	    .sources_are_seen = options->sources != 0, /* who asks for so many wants to see them */
	    .duration_us = (int64_t)seconds * WHEN_SECOND_US,
	};
	background_start(stage, &plan);
}

/* What recorders do all day: the maker's cloud, the clock, owners who look at the pictures. */
struct recorder {
	struct actor actor;
	struct host *host;
	struct host *outside;
};

static int64_t recorder_step(struct stage *stage, struct actor *actor)
{
	struct recorder *recorder = (struct recorder *)actor;
	struct host cloud, owner;
	host_init_far(&cloud, recorder->outside, 0x636c6f7564);
	host_init_far(&owner, recorder->outside, 0x6f776e6572 + stage_below(stage, 3));
	struct talk talk = {
	    .client = recorder->host,
	    .server = &cloud,
	    .server_port = PORT_HTTPS,
	    .round_trip_us = 30000,
	    .up_bytes = 240,
	    .down_bytes = 120,
	};
	if (stage_one_in(stage, 6)) {
		talk.client = &owner;
		talk.server = recorder->host;
		talk.server_port = 554;
		talk.down_bytes = 40000;
	}
	talk_tcp(stage, stage->now_us, &talk);
	return stage_after(stage, 40 * WHEN_SECOND_US);
}

static struct host *start_recorder(struct stage *stage, struct member *member)
{
	struct host *host = member_add_host(stage, member, 77, STACK_DEVICE);
	struct recorder *recorder =
	    stage_add_actor(stage, sizeof *recorder, recorder_step, stage->now_us);
	recorder->host = host;
	recorder->outside = &member->outside;
	return host;
}

static void start_mirai(struct stage *stage, struct member *member, struct trouble_span span)
{
	struct prober_plan plan = {
	    .host = start_recorder(stage, member),
	    .outside = &member->outside,
	    .span = span,
	    .dark = dark_v4(),
	    .dark_one_in = 1500,
	    .port = PORT_TELNET,
	    .second_port = PORT_TELNET_SECOND,
	    .mirai = true,
	};
	prober_start(stage, &plan);
}

void scenario_start_recorder(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	struct member_plan town = {.network = TOWN_NETWORK, .mean_gap_us = 3 * WHEN_SECOND_US};
	stage->end_us = stage->start_us + WHEN_HOUR_US;
	struct member *member = member_start(stage, &town);
	struct trouble_span span = {
	    .from_us = stage->start_us + 20 * WHEN_MINUTE_US,
	    .until_us = stage->end_us,
	    .mean_gap_us = 40000, /* 25 a second, what its uplink leaves */
	};
	start_mirai(stage, member, span);
}

static void start_flooded(struct stage *stage, const struct trouble_span *phases, size_t count)
{
	struct victim_plan plan = {
	    .host = behind_border(stage, HOSPITAL_NETWORK | 80, STACK_LINUX),
	    .outside = outside_router(stage),
	    .dark = dark_v4(),
	    .port = PORT_HTTPS,
	    .phases = phases,
	    .phase_count = count,
	};
	victim_start(stage, &plan);
}

/* Moves phases written as seconds after `from_us` to the stage's time, in the stage's memory. */
static struct trouble_span *place_phases(
    struct stage *stage, const struct trouble_span *phases, size_t count, int64_t from_us)
{
	struct trouble_span *placed = stage_get_memory(stage, count * sizeof *placed);
	for (size_t i = 0; i < count; i++) {
		placed[i].from_us = from_us + phases[i].from_us * WHEN_SECOND_US;
		placed[i].until_us = from_us + phases[i].until_us * WHEN_SECOND_US;
		placed[i].mean_gap_us = phases[i].mean_gap_us;
	}
	return placed;
}

/*
 * 550,000 packets a second against the server are 8.4 a second in a /16. A lull of four minutes
 * (the attack goes on), a second wave, eight minutes of nothing (it has ended), a third wave.
 */
static const struct trouble_span flood_waves[] = {
    {300, 1200, 120000},
    {1200, 1440, 20000000},
    {1440, 1800, 70000},
    {2290, 2800, 400000},
};

void scenario_start_flooded(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	size_t waves = sizeof flood_waves / sizeof flood_waves[0];
	stage->end_us = stage->start_us + WHEN_HOUR_US;
	start_background(stage, 3600, 400, WHEN_HOUR_US);
	start_flooded(stage, place_phases(stage, flood_waves, waves, stage->start_us), waves);
}

static void start_reflector(struct stage *stage, struct trouble_span span)
{
	struct reflector_plan plan = {
	    .host = behind_border(stage, UNIVERSITY_NETWORK | 53, STACK_LINUX),
	    .outside = outside_router(stage),
	    .dark = dark_v4(),
	    .span = span,
	    .targets = 60,
	};
	reflector_start(stage, &plan);
}

void scenario_start_reflector(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	stage->end_us = stage->start_us + WHEN_HOUR_US;
	start_background(stage, 3600, 400, WHEN_HOUR_US);
	struct trouble_span span = {
	    .from_us = stage->start_us + 10 * WHEN_MINUTE_US,
	    .until_us = stage->start_us + 50 * WHEN_MINUTE_US,
	    .mean_gap_us = 2 * WHEN_SECOND_US,
	};
	start_reflector(stage, span);
}

static void start_printer(struct stage *stage, struct trouble_span span)
{
	struct seeker_plan plan = {
	    .host = behind_border(stage, TOWN_NETWORK | 20, STACK_WINDOWS),
	    .outside = outside_router(stage),
	    .printer = address_from_v4_u32(0xc6120709),        /* 198.18.7.9 */
	    .second_printer = address_from_v4_u32(0xc6120732), /* 198.18.7.50 */
	    .span = span,
	};
	seeker_start(stage, &plan);
}

void scenario_start_printer(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	stage->end_us = stage->start_us + 7 * WHEN_HOUR_US;
	start_background(stage, 2500, 500, 7 * WHEN_HOUR_US);
	struct trouble_span span = {
	    .from_us = stage->start_us + 30 * WHEN_MINUTE_US,
	    .until_us = stage->start_us + 390 * WHEN_MINUTE_US,
	    .mean_gap_us = 5 * WHEN_MINUTE_US,
	};
	start_printer(stage, span);
}

static void start_forged(struct stage *stage, struct trouble_span span)
{
	struct forger_plan plan = {
	    .outside = outside_router(stage),
	    .network = TOWN_NETWORK,
	    .addresses = 60,
	    .port = 80,
	    .dark = dark_v4(),
	    .span = span,
	};
	forger_start(stage, &plan);
}

void scenario_start_forged(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	stage->end_us = stage->start_us + 30 * WHEN_MINUTE_US;
	start_background(stage, 1800, 300, 30 * WHEN_MINUTE_US);
	struct trouble_span span = {
	    .from_us = stage->start_us + 10 * WHEN_MINUTE_US,
	    .until_us = stage->end_us,
	    .mean_gap_us = 3 * WHEN_SECOND_US,
	};
	start_forged(stage, span);
}

void scenario_start_incoming(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	struct member_plan plan = {.network = HOSPITAL_NETWORK, .mean_gap_us = WHEN_SECOND_US};
	stage->end_us = stage->start_us + 15 * WHEN_MINUTE_US;
	struct member *member = member_start(stage, &plan);
	struct flood_plan flood = {
	    .host = &member->web,
	    .outside = &member->outside,
	    .port = PORT_HTTPS,
	    .span = {stage->start_us + 3 * WHEN_MINUTE_US, stage->start_us + 6 * WHEN_MINUTE_US,
		4000},
	};
	struct amplification_plan amplification = {
	    .host = member_add_host(stage, member, 90, STACK_LINUX),
	    .outside = &member->outside,
	    .resolvers = 1500,
	    .span = {stage->start_us + 9 * WHEN_MINUTE_US, stage->start_us + 11 * WHEN_MINUTE_US,
		12000},
	};
	flood_start(stage, &flood);
	amplification_start(stage, &amplification);
}

/* A PC that tries SMB on the internet, block by block. */
static void start_smb_prober(struct stage *stage, struct member *member, struct trouble_span span)
{
	struct prober_plan plan = {
	    .host = member_add_host(stage, member, 140, STACK_WINDOWS),
	    .outside = &member->outside,
	    .span = span,
	    .dark = dark_v4(),
	    .dark_one_in = 8,
	    .port = 445,
	    .by_blocks = true,
	};
	prober_start(stage, &plan);
}

static struct trouble_span span_of_day(
    const struct stage *stage, int64_t from_minute, int64_t until_minute, int64_t mean_gap_us)
{
	return (struct trouble_span){
	    .from_us = stage->start_us + from_minute * WHEN_MINUTE_US,
	    .until_us = stage->start_us + until_minute * WHEN_MINUTE_US,
	    .mean_gap_us = mean_gap_us,
	};
}

/* A town's recorder as a distant darknet sees it: only its probes. */
static void start_distant_mirai(struct stage *stage, struct trouble_span span)
{
	struct prober_plan plan = {
	    .host = behind_border(stage, TOWN_NETWORK | 77, STACK_DEVICE),
	    .outside = outside_router(stage),
	    .span = span,
	    .dark = dark_v4(),
	    .dark_one_in = 1,
	    .port = PORT_TELNET,
	    .second_port = PORT_TELNET_SECOND,
	    .mirai = true,
	};
	prober_start(stage, &plan);
}

/* One of each in every day, or part of a day: what a national telescope is there to find. */
void scenario_start_telescope(struct stage *stage, const struct scenario_options *options)
{
	size_t waves = sizeof flood_waves / sizeof flood_waves[0];
	scenario_start_background(stage, options);
	int64_t seconds = (int64_t)(options->seconds != 0 ? options->seconds : BACKGROUND_SECONDS);
	int64_t end_us = stage->start_us + seconds * WHEN_SECOND_US;
	const struct trouble_span whole = {stage->start_us, end_us, seconds * 1000};
	const struct trouble_span some = {
	    stage->start_us, stage->start_us + seconds * WHEN_SECOND_US / 12, seconds * 200};
	start_distant_mirai(stage, whole); /* a thousand probes */
	start_reflector(stage, some);      /* four hundred answers within two hours */
	start_flooded(stage, place_phases(stage, flood_waves, waves, stage->start_us), waves);
}

/* Midnight UTC is nine in the morning in Japan. */
void scenario_start_demo(struct stage *stage, const struct scenario_options *options)
{
	(void)options;
	struct member_plan town = {.network = TOWN_NETWORK, .mean_gap_us = 20 * WHEN_SECOND_US};
	struct member_plan university = {
	    .network = UNIVERSITY_NETWORK,
	    .v6 = {.bytes = {0x20, 0x01, 0x0d, 0xb8, 0x01}},
	    .mean_gap_us = 18 * WHEN_SECOND_US,
	};
	size_t waves = sizeof flood_waves / sizeof flood_waves[0];
	stage->end_us = stage->start_us + WHEN_DAY_US;
	start_background(stage, 180000, 9000, WHEN_DAY_US);
	struct member *town_member = member_start(stage, &town);
	struct member *university_member = member_start(stage, &university);

	start_printer(stage, span_of_day(stage, 5, 540, 5 * WHEN_MINUTE_US));
	start_smb_prober(stage, university_member, span_of_day(stage, 95, 110, 60000));
	start_flooded(stage,
	    place_phases(stage, flood_waves, waves, stage->start_us + 160 * WHEN_MINUTE_US), waves);
	start_mirai(stage, town_member, span_of_day(stage, 310, 1440, 900000));
	start_forged(stage, span_of_day(stage, 700, 720, 3 * WHEN_SECOND_US));
	start_reflector(stage, span_of_day(stage, 820, 900, 3 * WHEN_SECOND_US));
}
