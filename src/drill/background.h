/*
 * background.h - internet background radiation: what arrives at addresses that nobody uses.
 *
 * Packets come as a Poisson process. Each is drawn in two steps: a component (bots without mark,
 * Mirai family, ZMap, backscatter, ...) by its share, then a source of that component by a heavy
 * tail: ranks 8-15 send as much as ranks 16-31, or as the last half of all ranks. Everything about
 * a source (address, port, stack, distance, constants of its tool) follows from a hash of
 * component, rank and generation; a generation lasts hours. So millions of sources need no memory.
 */
#ifndef DRILL_BACKGROUND_H
#define DRILL_BACKGROUND_H

#include "drill/stage.h"

struct background_plan {
	struct prefix dark_v4;
	struct prefix dark_v6; /* at most 64 bits long */
	uint64_t packets;      /* exactly so many */
	uint64_t sources;      /* about so many different addresses */
	/* So many are seen, where so few packets can have them; else there are, and fewer seen. */
	bool sources_are_seen;
	int64_t duration_us;
};

void background_start(struct stage *stage, const struct background_plan *plan);

#endif
