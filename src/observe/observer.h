/*
 * observer.h - from facts to sightings: a fixed number of shards, windows that close by packet
 * time.
 *
 * Windows of 60 s are aligned to the clock of the packets. A packet from before the current window
 * counts into the current one; a clock that falls back by more than an hour (another capture, a
 * clock set right) begins anew there. Contacts are judged every 10 s of packet time.
 */
#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/shard.h"

enum {
	OBSERVER_SHARDS = 64
};

/* Who takes what was observed. Records are borrowed for the call. */
struct observer_sink {
	void *context;
	void (*on_sighting)(void *context, const struct sighting *sighting);
	void (*on_host)(void *context, const struct host *host);
	void (*on_carrier)(void *context, const struct carrier *carrier);
	void (*on_window_end)(void *context, int64_t window_us);
};

struct observer_options {
	const struct registry *registry;
	size_t memory_bytes; /* for all shards; evidence frames are apart */
	uint32_t answer_timeout_s;
	size_t evidence_frames; /* 0: none are kept */
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

void observer_observe(
    struct observer *observer, const struct facts *facts, const struct frame *frame);
/* The end of the input: judges what is open and hands on the last window. */
void observer_finish(struct observer *observer);

void observer_get_counts(const struct observer *observer, struct observer_counts *ret_counts);
const struct samples *observer_samples(const struct observer *observer);
/* The same, to join chains of frames. */
struct samples *observer_samples_mutable(struct observer *observer);

#endif
