/*
 * bench.h - what the parts of `hinomi bench` share: what is measured, on what, and the figures.
 *
 * A run is a process of its own that reads the whole capture once, so that memory is measured
 * apart and no run finds the caches as another left them. Runs of one kind alternate with those of
 * the others, and medians are shown, so that a noisy machine hits all alike.
 *
 * Times are processor time, which a busy machine stretches less than the clock on the wall. Inside
 * the run of the stages apart the monotonic clock, which costs less to read, tells how that time
 * is shared among them.
 */
#ifndef CMD_BENCH_H
#define CMD_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "detect/thresholds.h"
#include "registry/registry.h"

enum bench_stage {
	BENCH_READ,     /* frames out of the file */
	BENCH_DECODE,   /* facts out of frames */
	BENCH_CLASSIFY, /* which facts go where: members, darkness, marks, hashes (chunk.h) */
	BENCH_OBSERVE,  /* what is remembered of them: darknets and shards */
	BENCH_DETECT,   /* findings out of sightings: ledger and judge */
	BENCH_WHOLE,    /* all of it, as `hinomi read` does it */
	BENCH_WORKERS,  /* the same by several threads; its time is that of the wall */
	BENCH_PLAIN,    /* the bare loop, one packet at a time (bench_reference.h) */
	BENCH_PREFETCHED,
	BENCH_STAGE_COUNT,
};

enum {
	BENCH_STAGES_APART = 1 << BENCH_READ | 1 << BENCH_DECODE | 1 << BENCH_CLASSIFY |
			     1 << BENCH_OBSERVE | 1 << BENCH_DETECT,
	BENCH_STAGES_FINDING = 1 << BENCH_WHOLE | 1 << BENCH_WORKERS,
	BENCH_STAGES_ALL = (1 << BENCH_STAGE_COUNT) - 1,
	BENCH_REPEATS_MAX = 99,
	BENCH_PATH_BYTES = 4096,
	BENCH_EXPECTED_MAX = 8,
};

/* "read", ..., "prefetched". */
const char *bench_stage_name(enum bench_stage stage);

/* A finding that has to be there. */
struct bench_expected {
	const char *rule; /* its name */
	struct address subject;
};

/* What all runs work on. */
struct bench_input {
	char path[BENCH_PATH_BYTES]; /* a classic capture of Ethernet frames, or a pipe of one */
	uint64_t file_bytes;         /* 0: a pipe */
	uint64_t packets;            /* counted in it */
	uint64_t sources;            /* distinct source addresses in it; of a pipe about so many */
	struct registry *registry;
	struct thresholds thresholds;
	size_t memory_bytes;
	size_t workers;
	bool infer_dark;
	bool members_only;
	struct bench_expected expected[BENCH_EXPECTED_MAX];
	size_t expected_count;
};

/* What one run gives; lies in memory that parent and child share. */
struct bench_figures {
	uint64_t packets;
	uint64_t ns[BENCH_STAGE_COUNT]; /* 0: not measured by this run */
	uint64_t cpu_ns;                /* of the whole run */
	uint64_t wall_ns;               /* likewise */
	uint64_t peak_bytes;            /* of the process, set by who waits for it */
	uint64_t sources;               /* bare loops; the whole path: about so many */
	/* Of BENCH_STAGES_FINDING only. */
	uint64_t findings;
	unsigned found;   /* bit n: the expected finding n is among them */
	uint64_t others;  /* alarms that were not expected */
	uint64_t notes;   /* findings that are no alarms: severity info */
	uint64_t evicted; /* records that made room, or found none */
	uint64_t kept;    /* strangers at dark addresses with a record of their own */
	uint64_t folded;  /* strangers that only sums know any more */
	uint64_t refused; /* replies of strangers that were only added to sums */
};

/* One kind of run. Returns 0, or a negative errno with a complaint. */
typedef int bench_run(const struct bench_input *input, unsigned stages,
    struct bench_figures *figures, struct complaint *complaint);

bench_run bench_run_apart; /* those of `stages` that are in BENCH_STAGES_APART */
bench_run bench_run_whole;
bench_run bench_run_workers;
bench_run bench_run_plain;
bench_run bench_run_prefetched;
bench_run bench_run_count; /* untimed: how many packets and sources there are */

struct analysis_options;

/* How all runs that remember anything are to be opened. */
void bench_fill_analysis_options(
    const struct bench_input *input, size_t workers, struct analysis_options *ret_options);

/* Nanoseconds of the monotonic clock, and of processor time of this process. */
uint64_t bench_now_ns(void);
uint64_t bench_cpu_ns(void);

#endif
