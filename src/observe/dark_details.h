/*
 * dark_details.h - what strangers asked of dark addresses, kept for findings about them: one record
 * for each stranger, kind and port, with its targets, source ports and times.
 *
 * Where strangers are judged as well (no member given, or --all-hosts), counting them as a darknet
 * does is not enough. A record holds what a sighting over the whole input would; it is handed on as
 * one in the end, so that no window of a minute has to be merged. Times of activity that a gap
 * parts (see the options) are handed on apart.
 *
 * Bounded: when the records or their targets find no room, the half of the records that were quiet
 * the longest goes, first of those that are too light for a finding; they are counted.
 */
#ifndef OBSERVE_DARK_DETAILS_H
#define OBSERVE_DARK_DETAILS_H

#include <stddef.h>
#include <stdint.h>

#include "observe/dark_event.h"
#include "observe/sighting.h"

struct dark_details_options {
	size_t memory_bytes;
	uint64_t seed;
	int64_t gap_us;         /* a longer silence begins a new time of activity */
	uint64_t least_packets; /* what a stranger must have sent for a finding without a mark */
};

struct dark_details;
struct darknet;

/* NULL when memory is out. */
struct dark_details *dark_details_new(const struct dark_details_options *options);
void dark_details_free(struct dark_details *details); /* NULL is allowed */

/* Asks for the memory that counting these events will need. */
void dark_details_prefetch(
    struct dark_details *details, const struct dark_event *const *events, size_t count);
/* Counts one; `marks` are all that it bears. */
void dark_details_count(
    struct dark_details *details, const struct dark_event *event, unsigned marks);

/*
 * Hands on, as sightings, what is kept of strangers that may be worth a finding: the darknet knows
 * how much each of them sent.
 */
void dark_details_hand_on(const struct dark_details *details, const struct darknet *darknet,
    void (*on_sighting)(void *context, const struct sighting *sighting), void *context);

/* Records that made room, and targets that found none. */
uint64_t dark_details_lost(const struct dark_details *details);
size_t dark_details_bytes(const struct dark_details *details);

#endif
