/*
 * samples.h - the first frames of each sighting, kept as evidence in a ring of bounded size.
 *
 * Only made when evidence is wanted. Frames are copied, cut to SAMPLE_BYTES.
 */
#ifndef OBSERVE_SAMPLES_H
#define OBSERVE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "source/frame.h"

enum {
	SAMPLE_BYTES = 256, /* headers of tunnels and options, little payload: privacy and room */
	SAMPLES_PER_SIGHTING = 4,
};

struct samples;

/* Room for so many frames. NULL when memory is out. */
struct samples *samples_new(size_t frames_max);
void samples_free(struct samples *samples); /* NULL is allowed */

/*
 * Keeps a copy in the chain that starts at *first (0: empty), unless the chain has
 * SAMPLES_PER_SIGHTING frames or the room is used up (counted). NULL samples keep nothing.
 */
void samples_keep(struct samples *samples, uint32_t *first, const struct frame *frame);
/* Joins chain `from` to the chain `into`; times are sorted when they are read. */
void samples_join(struct samples *samples, uint32_t *into, uint32_t from);

/*
 * Walks a chain: `*position` starts as its first. Gives a frame that lives as long as the samples,
 * or returns 0 at the end.
 */
int samples_next(const struct samples *samples, uint32_t *position, struct frame *ret_frame);
uint64_t samples_lost(const struct samples *samples);

#endif
