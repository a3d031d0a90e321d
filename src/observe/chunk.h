/*
 * chunk.h - a part of a batch, sorted into what each of its packets needs.
 *
 * Several threads each fill a chunk of their own, in any order; what they find depends on the
 * packets and the rules alone. Most packets of a telescope come from strangers and go to declared
 * dark addresses: they leave as events for the darknets. All others are live: they need what went
 * before them, and are worked on one after the other.
 */
#ifndef OBSERVE_CHUNK_H
#define OBSERVE_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/classify.h"
#include "observe/dark_event.h"
#include "registry/registry.h"

struct table;

enum {
	CHUNK_FRAMES = 512,
	DARKNETS = 64, /* shards of strangers, by the hash of their address */
};

/* By what packets are sorted; read by all threads at once. */
struct chunk_rules {
	struct registry_view registry;
	/* Struct dark_asker by address: dark addresses that sent something that may be answered. */
	const struct table *askers;
	/* From the frame of this number on all packets are live; 0: all, since there are none. */
	uint64_t darknets_until;
	/* Strangers are judged: only what they ask leaves; their replies need windows (peaks). */
	bool only_requests;
	uint64_t seed; /* of hashes in tables */
};

/* A declared dark address that is alive, or is forged: what comes to it may be an answer. */
struct dark_asker {
	struct address address;
	uint64_t since; /* number of the frame that told */
};

struct chunk_live {
	struct facts facts;
	const struct frame *frame; /* borrowed, as the batch has it */
	uint16_t at;               /* its place in the chunk */
	uint8_t class;             /* enum packet_class */
	bool dark;                 /* the target is declared dark */
	bool from_stranger;        /* the source is no member's */
	bool to_stranger;          /* neither is the target */
};

struct chunk {
	uint64_t first; /* number of the first frame, since the beginning of the input */
	size_t count;
	int64_t times_us[CHUNK_FRAMES];
	int64_t earliest_us;
	int64_t latest_us;
	uint64_t forged_sources; /* of dark packets: multicast, broadcast, loopback as source */
	size_t dark_count;
	_Alignas(64) struct dark_event dark[CHUNK_FRAMES]; /* each a cache line */
	uint8_t darknet[CHUNK_FRAMES];                     /* to which each of them goes */
	/* The same by darknet, in order: those of darknet n from begin[n] to begin[n + 1]. */
	const struct dark_event *sorted[CHUNK_FRAMES];
	uint16_t begin[DARKNETS + 1];
	struct prefix_range last_source; /* of what the registry was asked */
	struct prefix_range last_target;
	size_t live_count;
	struct chunk_live live[CHUNK_FRAMES + 1]; /* one more, into which the next is decoded */
	size_t asker_count;
	struct dark_asker new_askers[CHUNK_FRAMES]; /* that `askers` did not have */
};

void chunk_clear(struct chunk *chunk, uint64_t first);

/* Where the facts of the next frame are to be decoded. */
static inline struct facts *chunk_next_facts(struct chunk *chunk)
{
	return &chunk->live[chunk->live_count].facts;
}

/*
 * Decodes the next frame and sorts it. Times beyond 73,000 years, which come from damage, are
 * bounded, so that differences of them do not overflow.
 */
enum decode_verdict chunk_take(
    struct chunk *chunk, const struct chunk_rules *rules, const struct frame *frame);

/* Sorts the frame whose facts are there now. */
void chunk_add(struct chunk *chunk, const struct chunk_rules *rules, const struct frame *frame);

/* After the last one, where several threads share the darknets: sorts the events by darknet. */
void chunk_seal(struct chunk *chunk);

/* Which darknet keeps this source: even over them, and the same on every machine. */
uint8_t chunk_darknet_of(const struct address *subject);

#endif
