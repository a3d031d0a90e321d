/* bench_options.h - the command line of `hinomi bench`, as a table. */
#ifndef CMD_BENCH_OPTIONS_H
#define CMD_BENCH_OPTIONS_H

#include <stdbool.h>

#include "base/complaint.h"
#include "cmd/bench.h"
#include "cmd/bench_traffic.h"

struct bench_options {
	const struct bench_traffic *traffic;
	uint64_t packets;
	uint64_t sources;
	uint64_t seed;
	uint64_t seconds; /* of the traffic's own time; 0: the scenario's */
	size_t memory_bytes;
	unsigned stages; /* 1 << enum bench_stage */
	unsigned repeats;
	unsigned workers;
	const char *path; /* NULL: the capture is made in memory */
	bool streams;     /* the capture is made anew for each run, and kept nowhere */
	bool all_hosts;
	bool json;
	bool help;
};

/* Returns 0, or -EINVAL with a complaint that names the option, its value and what was expected. */
int bench_options_parse(
    int argc, char **argv, struct bench_options *ret_options, struct complaint *complaint);
void bench_options_print_help(void);

#endif
