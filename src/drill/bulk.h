/*
 * bulk.h - traffic without a story, by the million: what speed and memory are measured with.
 *
 * Each kind is one actor that sends one packet a step, so any rate and any number of sources fit in
 * the stage's memory. Gaps between packets are exponential. What belongs to a source follows from
 * its number.
 */
#ifndef DRILL_BULK_H
#define DRILL_BULK_H

#include "drill/stage.h"

struct bulk_plan {
	struct prefix dark;  /* not for flows */
	uint64_t packets;    /* exactly so many, at least 1 */
	uint64_t sources;    /* at least 1 */
	int64_t duration_us; /* about so long */
};

/*
 * Forged requests to dark IPv4 addresses: source addresses are all different, drawn from all that
 * routers forward (members' and dark ones too), until so many were there; then the same come again.
 */
void bulk_forged_start(struct stage *stage, const struct bulk_plan *plan);

/*
 * Clients in 10/8, three quarters of the sources, and the servers of the internet with which they
 * speak: HTTPS, QUIC, names, clocks, echoes; one flow in a hundred is refused or meets nothing.
 * About so many addresses if there are packets enough.
 */
void bulk_flows_start(struct stage *stage, const struct bulk_plan *plan);

/*
 * Scanners and backscatter at dark IPv6 addresses, from about so many sources; a few of them send
 * much.
 */
void bulk_v6_start(struct stage *stage, const struct bulk_plan *plan);

/* When the packets of a bulk leave: finer than the stage's own time. */
struct bulk_pace {
	int64_t start_us;
	int64_t elapsed_ns;
	double mean_gap_ns;
	uint64_t left;
};

void bulk_pace_init(
    struct bulk_pace *pace, const struct stage *stage, const struct bulk_plan *plan);
/* Counts one packet. Returns the time of the next, or STAGE_NEVER. */
int64_t bulk_pace_next(struct bulk_pace *pace, struct stage *stage);

/*
 * A number below `count`, half of the time any, else by a heavy tail: each range of numbers twice
 * as wide is drawn as often.
 */
uint64_t bulk_pick(struct stage *stage, uint64_t count);

/* Where all of it is seen: between the router outside and what is behind it. */
void bulk_set_route(struct packet *packet, bool inwards);

#endif
