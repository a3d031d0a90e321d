/*
 * fanout.h - what was observed, for several who take it: one after the other, in their order.
 */
#ifndef CMD_STATION_FANOUT_H
#define CMD_STATION_FANOUT_H

#include <stddef.h>

#include "observe/observer.h"

enum {
	FANOUT_MAX = 6,
};

struct fanout {
	struct observer_sink sink; /* of all; valid as long as the fanout stays where it is */
	const struct observer_sink *to[FANOUT_MAX]; /* borrowed */
	size_t count;
};

void fanout_init(struct fanout *fanout);
void fanout_add(struct fanout *fanout, const struct observer_sink *to);

#endif
