/*
 * sightings_writer.h - what was observed, written as batches (link/sightings.h) while it comes.
 *
 * The writer is an observer_sink. A window becomes one batch, or several where it is large. Nothing
 * is held but the batch being made; no frame and no byte of one is ever written.
 */
#ifndef LINK_SIGHTINGS_WRITER_H
#define LINK_SIGHTINGS_WRITER_H

#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "link/sightings.h"
#include "observe/observer.h"
#include "observe/sums.h"

struct sightings_writer;

struct sightings_writer_options {
	FILE *out; /* borrowed; written from where it stands; NULL: batches are given instead */
	/*
	 * Takes a batch with its frame of SIGHTINGS_FRAME_BYTES, borrowed for the call; there is no
	 * header. Returns 0 or a negative errno, which is told by the next flush.
	 */
	int (*give)(void *context, const uint8_t *batch, size_t bytes);
	void *context;
	const char *name;   /* of the file, for complaints; copied */
	const char *sensor; /* copied; sightings_sensor_is_valid() */
	uint64_t epoch;
};

/* Returns 0 or -ENOMEM. */
int sightings_writer_new(
    const struct sightings_writer_options *options, struct sightings_writer **ret_writer);
void sightings_writer_free(struct sightings_writer *writer); /* NULL is allowed */

/* Lives as long as the writer. What goes wrong in it is told by sightings_writer_finish(). */
const struct observer_sink *sightings_writer_sink(struct sightings_writer *writer);

/*
 * What was observed so far becomes a batch, in the middle of its window, if there is anything. For
 * who gives batches: returns the first negative errno since the last flush, or 0. -ERANGE: a record
 * could not be written, and is lost.
 */
int sightings_writer_flush(struct sightings_writer *writer);

/*
 * Writes the last batch and hands all to the system (no fsync). Returns 0, or the negative errno of
 * the first thing that went wrong since the beginning, with a complaint: the file is not whole
 * then.
 */
int sightings_writer_finish(struct sightings_writer *writer,
    const struct sightings_reading *reading, struct complaint *complaint);

#endif
