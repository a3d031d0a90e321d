#include "drill/bulk.h"

#include <string.h>

void bulk_pace_init(struct bulk_pace *pace, const struct stage *stage, const struct bulk_plan *plan)
{
	*pace = (struct bulk_pace){
	    .start_us = stage->now_us,
	    .mean_gap_ns = (double)plan->duration_us * 1000 / (double)plan->packets,
	    .left = plan->packets,
	};
}

int64_t bulk_pace_next(struct bulk_pace *pace, struct stage *stage)
{
	if (--pace->left == 0)
		return STAGE_NEVER;
	pace->elapsed_ns += (int64_t)random_exponential(&stage->random, pace->mean_gap_ns);
	return pace->start_us + pace->elapsed_ns / 1000;
}

uint64_t bulk_pick(struct stage *stage, uint64_t count)
{
	if (stage_one_in(stage, 2))
		return stage_below(stage, count);
	uint64_t octaves = 64 - (uint64_t)__builtin_clzll(count);
	uint64_t width = UINT64_C(1) << stage_below(stage, octaves);
	uint64_t within = stage_below(stage, width);
	return (width - 1 + within) % count;
}

void bulk_set_route(struct packet *packet, bool inwards)
{
	static const uint8_t outside[MAC_BYTES] = {0x02, 0xb0, 0x1c, 0, 0, 1};
	static const uint8_t inside[MAC_BYTES] = {0x02, 0xb0, 0x1c, 0, 0, 2};
	memcpy(packet->source_mac, inwards ? outside : inside, MAC_BYTES);
	memcpy(packet->target_mac, inwards ? inside : outside, MAC_BYTES);
}
