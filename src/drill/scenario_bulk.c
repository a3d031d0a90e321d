/* scenario_bulk.c - exercises of any size, to measure with. */
#include "drill/bulk.h"
#include "drill/scenario.h"
#include "drill/trouble.h"

enum {
	BULK_PACKETS = 1000000,
	DAY_SECONDS = 86400,
	PACKETS_PER_SOURCE = 40,
	FLOW_PACKETS_PER_SECOND = 5000, /* a campus at its border */
	PROBES = 1200,                  /* of the one machine that is truly infected */
	PORT_TELNET = 23,
	PORT_TELNET_SECOND = 2323,
};

#define TOWN_RECORDER 0xc633644dU /* 198.51.100.77 */

static struct bulk_plan plan_of(
    const struct scenario_options *options, uint64_t per_source, uint64_t seconds)
{
	struct bulk_plan plan = {
	    .packets = options->packets != 0 ? options->packets : BULK_PACKETS,
	    .sources = options->sources,
	    .duration_us =
		(int64_t)(options->seconds != 0 ? options->seconds : seconds) * WHEN_SECOND_US,
	};
	if (plan.sources == 0)
		plan.sources = (plan.packets + per_source - 1) / per_source;
	return plan;
}

/* A recorder of the town scans for telnet; the darknet sees this much of it. */
static void start_infected(struct stage *stage, const struct bulk_plan *plan)
{
	struct host *recorder = stage_get_memory(stage, sizeof *recorder);
	struct host *outside = stage_get_memory(stage, sizeof *outside);
	host_init(recorder, stage, address_from_v4_u32(TOWN_RECORDER), STACK_DEVICE);
	host_init(outside, stage, address_from_v4_u32(0xc0000001), STACK_DEVICE);
	recorder->ttl = (uint8_t)(recorder->ttl - 9);
	struct prober_plan probing = {
	    .host = recorder,
	    .outside = outside,
	    .span = {stage->start_us, stage->start_us + plan->duration_us,
		plan->duration_us / PROBES},
	    .dark = plan->dark,
	    .dark_one_in = 1,
	    .port = PORT_TELNET,
	    .second_port = PORT_TELNET_SECOND,
	    .mirai = true,
	};
	prober_start(stage, &probing);
}

void scenario_start_forged_darknet(struct stage *stage, const struct scenario_options *options)
{
	struct bulk_plan plan = plan_of(options, 1, DAY_SECONDS);
	plan.dark = (struct prefix){address_from_v4_u32(0xc6120000), ADDRESS_V4_BITS + 16};
	bulk_forged_start(stage, &plan);
	start_infected(stage, &plan);
}

void scenario_start_campus(struct stage *stage, const struct scenario_options *options)
{
	struct bulk_plan plan = plan_of(options, PACKETS_PER_SOURCE, 0);
	if (options->seconds == 0) {
		uint64_t seconds = plan.packets / FLOW_PACKETS_PER_SECOND;
		plan.duration_us = (int64_t)(seconds + 1) * WHEN_SECOND_US;
	}
	bulk_flows_start(stage, &plan);
}

void scenario_start_v6_darknet(struct stage *stage, const struct scenario_options *options)
{
	struct bulk_plan plan = plan_of(options, PACKETS_PER_SOURCE, DAY_SECONDS);
	plan.dark = (struct prefix){{.bytes = {0x20, 0x01, 0x0d, 0xb8, 0xde, 0xad}}, 48};
	bulk_v6_start(stage, &plan);
}
