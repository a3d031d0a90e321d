/*
 * stage.h - the clock of a scenario: who acts when, and which packets are due.
 *
 * A scenario puts actors on the stage, each with the time of its next step. A step may send one
 * packet now and plan others for later (the answer after a round trip, a retransmission). Packets
 * leave in time order; what has the same time leaves in the order in which it was planned. Memory
 * is bounded: actors live in one arena, planned packets in one pool.
 */
#ifndef DRILL_STAGE_H
#define DRILL_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/when.h"
#include "drill/frame_builder.h"

#define STAGE_NEVER INT64_MAX

struct stage;

/* Embedded first in what an actor needs to know. */
struct actor {
	/* Acts at stage->now_us. Returns the time of the next step (not before now), or
	 * STAGE_NEVER. */
	int64_t (*step)(struct stage *stage, struct actor *actor);
};

struct event {
	int64_t time_us;
	uint64_t order;
	struct actor *actor; /* NULL: a planned packet */
	uint32_t planned;
};

struct stage {
	struct random random;
	int64_t start_us;
	int64_t now_us;
	int64_t end_us; /* no actor steps at or after it; what is planned is still sent */

	/* The rest is stage.c's own. */
	uint64_t order;
	struct event *events; /* a binary heap, the earliest first */
	size_t event_count;
	struct packet *planned;
	uint32_t *unused; /* a stack of free places in `planned` */
	size_t unused_count;
	uint8_t *arena;
	size_t arena_used;
	uint32_t leaving; /* the planned packet that stage_next gave last */
	bool has_leaving;
	bool has_sudden;
	bool overflowed;
	struct packet sudden; /* what the acting actor sends now */
};

/* Returns 0 or -ENOMEM. */
int stage_init(struct stage *stage, uint64_t seed, int64_t start_us);
void stage_release(struct stage *stage);

/*
 * Zeroed memory of this size, which starts with a struct actor, for as long as the stage lasts.
 * Never NULL: the arena holds every scenario of the table (asserted).
 */
void *stage_add_actor(struct stage *stage, size_t bytes,
    int64_t (*step)(struct stage *stage, struct actor *actor), int64_t first_us);
/* The same without an actor in it, for hosts and tables. */
void *stage_get_memory(struct stage *stage, size_t bytes);

/*
 * A cleared packet to be filled in, to leave at `time_us` (or now, if that has passed). It is valid
 * until the next call for this stage. Never NULL: when the pool is full the packet goes nowhere and
 * stage_next fails.
 */
struct packet *stage_plan(struct stage *stage, int64_t time_us);

/* The same for the one packet of a step that leaves now, before any other; faster. */
struct packet *stage_send(struct stage *stage);

/*
 * The next packet, valid until the next call, and its time. Returns 1, or 0 when the scenario is
 * over, or -ENOBUFS when it planned more packets than the pool holds.
 */
int stage_next(struct stage *stage, const struct packet **ret_packet, int64_t *ret_time_us);

/*
 * Chance. C leaves open in which order arguments and initialisers are evaluated, so an expression
 * draws at most once: two draws are two statements, and every compiler makes the same day.
 */
static inline uint64_t stage_below(struct stage *stage, uint64_t bound)
{
	return random_below(&stage->random, bound);
}

/* Uniform in [low, high]. */
static inline int64_t stage_between(struct stage *stage, int64_t low, int64_t high)
{
	return low + (int64_t)random_below(&stage->random, (uint64_t)(high - low) + 1);
}

static inline bool stage_one_in(struct stage *stage, uint64_t count)
{
	return random_below(&stage->random, count) == 0;
}

/* When an actor that acts at random, on average each `mean_us`, acts next. */
static inline int64_t stage_after(struct stage *stage, int64_t mean_us)
{
	return stage->now_us + (int64_t)random_exponential(&stage->random, (double)mean_us);
}

/* Spreads a number over 64 bits: what belongs to a rank or a name, without a table of it. */
static inline uint64_t stage_mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

#endif
