/*
 * surroundings.h - where a station stands, as far as its machine knows: the networks of the
 * interfaces that it watches, with its own addresses there, and the way out of them.
 */
#ifndef CMD_STATION_SURROUNDINGS_H
#define CMD_STATION_SURROUNDINGS_H

#include <stddef.h>

#include "cmd/station/discover.h"
#include "cmd/station/source_address.h"

enum {
	SURROUNDINGS_NETWORKS_MAX = 32,
};

/* One plain value without pointers: it is sent to another process of the same program. */
struct surroundings {
	size_t network_count;
	struct station_network networks[SURROUNDINGS_NETWORKS_MAX];
	size_t gateway_count;
	struct address gateways[STATION_GATEWAYS_MAX];
};

/* Of what the machine knows, what concerns these sources. */
void surroundings_choose(const struct station_facts *facts, const struct station_source *sources,
    size_t source_count, struct surroundings *ret_surroundings);

#endif
