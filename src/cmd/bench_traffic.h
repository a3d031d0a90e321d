/* bench_traffic.h - the traffic that is measured: made from a seed, as a capture. */
#ifndef CMD_BENCH_TRAFFIC_H
#define CMD_BENCH_TRAFFIC_H

#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "cmd/bench.h"

enum {
	BENCH_TRAFFIC_MEMBERS = 2,
};

struct bench_traffic {
	const char *name;            /* "telescope" */
	const char *scenario;        /* its name among the drill's */
	uint64_t packets_per_source; /* where nothing else is asked for */
	/* Who asks, where the scenario has no members; "NAME=PREFIX" each. NULL ends. */
	const char *members[BENCH_TRAFFIC_MEMBERS];
	/* What is there to be found. NULL ends. */
	struct {
		const char *rule;
		const char *subject;
	} expected[BENCH_EXPECTED_MAX + 1];
};

/* NULL when there is none. */
const struct bench_traffic *bench_traffic_find(const char *name);
/* Number `number` of them, NULL past the last. */
const struct bench_traffic *bench_traffic_get(size_t number);

struct bench_traffic_size {
	uint64_t packets;
	uint64_t sources;
	uint64_t seed;
	uint64_t seconds; /* 0: the scenario's own */
};

enum {
	/* Frames are cut to this, as captures of headers are: large payloads measure the disk. */
	BENCH_TRAFFIC_FRAME_BYTES = 128,
};

/*
 * Writes all of the scenario as classic pcap: so many packets, and the few that its story needs.
 * Returns 0, or a negative errno with a complaint.
 */
int bench_traffic_write(const struct bench_traffic *traffic, const struct bench_traffic_size *size,
    FILE *out, struct complaint *complaint);

#endif
