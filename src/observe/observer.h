/*
 * observer.h - from facts to sightings: a fixed number of shards, windows that close by packet
 * time.
 *
 * Members' sightings that may need a warning are told early as well: at their first packet and at
 * each doubling, what came since they were told last (shard_internal.h); all of a window together
 * is the same.
 *
 * Windows of 60 s are aligned to the clock of the packets. A packet from before the current window
 * counts into the current one; a clock that falls back by more than an hour (another capture, a
 * clock set right) begins anew there. Contacts are judged every 10 s of packet time.
 *
 * Two kinds of packets, two ways (observe/chunk.h): what strangers send to declared dark addresses
 * is only counted, in darknets that several threads may work on side by side; everything else is
 * live and goes to the shards in order. Results depend on the packets and their order alone.
 */
#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/chunk.h"
#include "observe/darknet.h"
#include "observe/shard.h"
#include "observe/sums.h"

enum {
	OBSERVER_SHARDS = 64,
	/* Declared dark addresses that ask; from the next one's first packet on all packets are
	 * live: slower, and right. */
	OBSERVER_ASKERS_MAX = 65536,
};

/* Who takes what was observed. Records are borrowed for the call. */
struct observer_sink {
	void *context;
	void (*on_sighting)(void *context, const struct sighting *sighting);
	void (*on_host)(void *context, const struct host *host);
	void (*on_carrier)(void *context, const struct carrier *carrier);
	void (*on_window_end)(void *context, int64_t window_us);
	/* Only for who wants strangers' sums in the end (observe/strangers.h); may be NULL. */
	void (*on_sum)(void *context, const struct sum *sum);
};

struct observer_options {
	const struct registry *registry;
	size_t memory_bytes; /* for all shards; evidence frames are apart */
	/*
	 * For all darknets; 0: there are none, and strangers' packets to dark addresses are live.
	 */
	size_t darknet_bytes;
	/*
	 * Nobody asks for findings about strangers: they are only counted, and nothing is kept of
	 * what members send them. Else the darknets keep details of what strangers ask, of those
	 * that send so many packets (or bear a strong mark), in times of activity parted by such
	 * gaps.
	 */
	bool members_only;
	uint64_t stranger_packets;
	int64_t stranger_gap_us;
	uint32_t answer_timeout_s;
	size_t evidence_frames; /* 0: none are kept */
	/* Members only: keeps the first frames of members' machines; borrowed, or NULL. */
	struct first_frames *first_frames;
};

struct observer_counts {
	uint64_t evicted; /* contacts and pairs, hosts, sightings that found no room */
	uint64_t inner_mismatch;
	uint64_t forged_sources;
	uint64_t clock_steps; /* times at which the clock fell back by more than an hour */
	uint64_t evidence_lost;
};

struct observer;

/* Returns 0 or -ENOMEM. The sink is copied. */
int observer_new(const struct observer_options *options, const struct observer_sink *sink,
    struct observer **ret_observer);
void observer_free(struct observer *observer); /* NULL is allowed */

/* A batch is worked on in chunks: each is filled (chunk.h) by these rules, by any thread. */
const struct chunk_rules *observer_rules(const struct observer *observer);
/*
 * When all are filled: learns which dark addresses ask. True when some do that the rules did not
 * know, so that all chunks have to be filled once more.
 */
bool observer_learn(struct observer *observer, struct chunk *const *chunks, size_t count);
/* One thread takes in the chunks of a batch, in order. */
void observer_take(struct observer *observer, struct chunk *const *chunks, size_t count);
/*
 * For several threads the same in two halves, both of which may come later, beside the filling of
 * other chunks and beside one another, but not beside those of another batch, nor before them. What
 * is live is one thread's work, and as long as it waits its frames must stay if evidence is kept;
 * dark events are taken in by observer_dark_tasks(workers) tasks, each once, by any threads.
 */
void observer_take_live(struct observer *observer, struct chunk *const *chunks, size_t count);
size_t observer_dark_tasks(size_t workers);
struct observer_dark {
	struct observer *observer;
	struct chunk *const *chunks; /* sealed */
	size_t count;
	size_t tasks;
};
void observer_take_dark(const struct observer_dark *dark, size_t task);

/* One packet, as a live one. */
void observer_observe(
    struct observer *observer, const struct facts *facts, const struct frame *frame);
/*
 * For an observer that goes on for months (observer_live.c). Not while others work on chunks.
 *
 * Time passed without a packet: contacts are judged and windows end as by a packet of that time.
 */
void observer_tick(struct observer *observer, int64_t now_us);
/* Packets that are so much older than the window begin anew; an hour, as long as nothing is said.
 */
void observer_set_clock_step(struct observer *observer, int64_t step_us);
/* Members changed. The registry is borrowed from now on, the one before no more. */
void observer_set_registry(struct observer *observer, const struct registry *registry);
/* Each host is news once more with its next packet: who takes them may forget the others. */
void observer_tell_hosts_again(struct observer *observer);
/*
 * Hands on what strangers did at dark addresses since this was called last, as sums (on_sum of the
 * sink; strangers_each_sum()), and forgets it. Returns 0, or -ENOMEM: then nothing is forgotten.
 */
int observer_drain_strangers(struct observer *observer, size_t budget_bytes);

/* The end of the input: judges what is open and hands on the last window. */
void observer_finish(struct observer *observer);

void observer_get_counts(const struct observer *observer, struct observer_counts *ret_counts);
/* Distinct sources, of live packets and dark ones; after observer_finish. */
uint64_t observer_host_count(const struct observer *observer);
/* The darknets, to be walked: `number` below DARKNETS; NULL when there are none. */
const struct darknet *observer_darknet(const struct observer *observer, size_t number);
/*
 * A stranger asked this dark address for this (a REQUEST's key), as far as the darknets know: a few
 * in a hundred more are believed to have than did.
 */
bool observer_was_asked(const struct observer *observer, const struct sighting_key *request,
    const struct address *target);
const struct samples *observer_samples(const struct observer *observer);
/* The same, to join chains of frames. */
struct samples *observer_samples_mutable(struct observer *observer);

#endif
