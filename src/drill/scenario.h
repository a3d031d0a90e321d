/*
 * scenario.h - the named exercises: each a story with members, dark ranges and its traffic.
 *
 * As sources of frames they are drill:NAME[?KEY=VALUE...], and script:FILE is an exercise of one's
 * own (script.h). Every frame carries the mark of a drill. The same scenario, seed and start give
 * the same frames, byte for byte, on every machine.
 */
#ifndef DRILL_SCENARIO_H
#define DRILL_SCENARIO_H

#include "base/complaint.h"
#include "drill/stage.h"
#include "source/source.h"

enum {
	SCENARIO_DAYS_MAX = 366, /* a year of traffic */
};

/* 2026-04-01T00:00:00Z */
#define SCENARIO_START_US (INT64_C(1775001600) * WHEN_SECOND_US)

enum {
	DRILL_NUMBER_DEFAULT = 1 /* a frame's mark where nobody counts drills */
};

extern const struct source_kind source_drill;
extern const struct source_kind source_script;

struct scenario_options {
	uint64_t seed;
	int64_t start_us;
	uint64_t days; /* the story goes on so often, each a day later and with the next seed */
	/* Only for scenarios that take a size; 0 means the scenario's own. */
	uint64_t packets;
	uint64_t sources;
	uint64_t seconds;
};

struct scenario {
	const char *name;
	const char *summary_en;
	const char *summary_ja;
	const char *const *members; /* "NAME=PREFIX[,PREFIX]" each; NULL ends; as --member takes */
	const char *const *dark;    /* prefixes; NULL ends */
	bool takes_size;
	void (*start)(struct stage *stage, const struct scenario_options *options);
};

size_t scenario_count(void);
const struct scenario *scenario_get(size_t number); /* number < scenario_count() */

/*
 * Reads "NAME[?KEY=VALUE[&KEY=VALUE]...]" with the keys seed, start (RFC 3339 in UTC), days,
 * packets, sources, seconds. Returns 0, or -EINVAL with a complaint that lists the names or keys
 * there are.
 */
int scenario_parse(const char *address, const struct scenario **ret_scenario,
    struct scenario_options *ret_options, struct complaint *complaint);

/*
 * Of a source_drill, of which nothing was read yet: has it go on from this time, as if all before
 * had been read. The story goes on with the day that this time is in, and has as many days more as
 * were left; one that was over goes on all the same with its next day, as often as it was to be
 * told. A time before its start, or a thousand years after it, changes nothing. Returns 0 or
 * -ENOMEM with a complaint, and then only closing is left.
 */
int drill_go_on(struct source *source, int64_t after_us, struct complaint *complaint);

/* Reads "2026-04-01T00:00:00Z". Returns 0 or -EINVAL. */
int scenario_parse_start(const char *text, int64_t *ret_time_us);

/* How each begins: scenario_border.c, scenario_lan.c, scenario_bulk.c. */
void scenario_start_telescope(struct stage *stage, const struct scenario_options *options);
void scenario_start_background(struct stage *stage, const struct scenario_options *options);
void scenario_start_recorder(struct stage *stage, const struct scenario_options *options);
void scenario_start_flooded(struct stage *stage, const struct scenario_options *options);
void scenario_start_reflector(struct stage *stage, const struct scenario_options *options);
void scenario_start_printer(struct stage *stage, const struct scenario_options *options);
void scenario_start_forged(struct stage *stage, const struct scenario_options *options);
void scenario_start_incoming(struct stage *stage, const struct scenario_options *options);
void scenario_start_worm(struct stage *stage, const struct scenario_options *options);
void scenario_start_office(struct stage *stage, const struct scenario_options *options);
void scenario_start_forged_darknet(struct stage *stage, const struct scenario_options *options);
void scenario_start_campus(struct stage *stage, const struct scenario_options *options);
void scenario_start_v6_darknet(struct stage *stage, const struct scenario_options *options);
void scenario_start_demo(struct stage *stage, const struct scenario_options *options);

#endif
