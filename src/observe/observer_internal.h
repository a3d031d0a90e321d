/* observer_internal.h - shared by observer.c and observer_live.c; not for other folders. */
#ifndef OBSERVE_OBSERVER_INTERNAL_H
#define OBSERVE_OBSERVER_INTERNAL_H

#include "base/when.h"
#include "observe/marks.h"
#include "observe/observer.h"

struct table;

/* A clock that falls back by more than this begins anew, unless something else was said. */
#define CLOCK_STEP_US WHEN_HOUR_US

/* The last SYN of a source; all are forgotten when there is no room: only relations are lost. */
struct last_syn {
	struct address source;
	struct marks_memory memory;
};

/* All darknets, and the memory of their lines. */
struct darknets {
	struct darknet *all[DARKNETS];
	struct line_arena *arena;
};

struct observer {
	struct shard shards[OBSERVER_SHARDS];
	struct shard_context context;
	struct shard_room room;
	struct observer_sink sink;
	struct table *syns;       /* the last SYN of each source, for marks that stand in two */
	struct darknets darknets; /* all NULL: there are none */
	struct darknet_options darknet_options;
	struct chunk_rules rules;
	struct table *askers;
	struct slab *hosts_slab;
	struct address_set hosts; /* sources of live packets; in the end, of all */
	struct address last_source;
	int64_t window_us; /* INT64_MIN before the first packet */
	int64_t judged_us; /* the 10-s step at which contacts were judged last */
	int64_t clock_step_us;
	uint64_t clock_steps;
	uint64_t forged_sources; /* of dark packets */
};

/* The arena of the options is not used: they get one of their own. Returns 0 or -ENOMEM. */
int darknets_open(const struct darknet_options *options, struct darknets *ret_darknets);
void darknets_close(struct darknets *darknets); /* zeroed ones are allowed */

/* Counts who was seen in the darknets as hosts. */
void observer_unite_hosts(struct observer *observer);

/* Judges contacts and ends the window where it is time to. */
void observer_follow_clock(struct observer *observer, int64_t time_us);

#endif
