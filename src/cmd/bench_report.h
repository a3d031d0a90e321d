/* bench_report.h - what the runs gave, as a table or as JSON. */
#ifndef CMD_BENCH_REPORT_H
#define CMD_BENCH_REPORT_H

#include "cmd/bench.h"
#include "cmd/bench_options.h"

struct bench_results {
	double ns_per_packet[BENCH_STAGE_COUNT][BENCH_REPEATS_MAX];
	double wall_per_packet[BENCH_STAGE_COUNT][BENCH_REPEATS_MAX]; /* of the stage's whole run */
	size_t counts[BENCH_STAGE_COUNT];       /* of repeats; 0: not measured */
	uint64_t peak_bytes[BENCH_STAGE_COUNT]; /* the most of any repeat; 0: not known apart */
	uint64_t cpu_ns;                        /* of all runs but those by several threads */
	uint64_t wall_ns;
	uint64_t made_ns; /* processor time of making the traffic; 0: was there */
	bool has_findings;
	struct bench_figures findings; /* of the last run that finds; what every such run found */
};

/* The middle one, or the mean of the two in the middle; 0 when there is none. Reorders. */
double bench_median(double *values, size_t count);

/* Both reorder the repeats of a stage. */
void bench_report_text(const struct bench_options *options, const struct bench_input *input,
    struct bench_results *results);
void bench_report_json(const struct bench_options *options, const struct bench_input *input,
    struct bench_results *results);

#endif
