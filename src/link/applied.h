/*
 * applied.h - which batches were applied already, so that a batch that comes twice counts once.
 *
 * A batch is named by (sensor, epoch, sequence). What was applied is kept as ranges of sequences,
 * so a sensor that sends everything in order costs one range for ever; batches that come out of
 * order make more ranges, and join them again. Checksums are kept beside, as long as there is room,
 * to tell a repeat from a batch that only claims to be one: the first one counts.
 */
#ifndef LINK_APPLIED_H
#define LINK_APPLIED_H

#include <stdint.h>

enum {
	/* Sensors times epochs: a country's, each begun anew now and then. */
	APPLIED_STREAMS_MAX = 4096,
	/* Of one stream. Only batches that are missing make another range; all ranges of all
	   streams are 64 MB at most. */
	APPLIED_RANGES_MAX = 1024,
	/* Checksums remembered, of all streams: 48 MB at most. A window of 60 s is a batch, so
	   this is two years of one sensor. */
	APPLIED_CHECKSUMS_MAX = 1 << 20,
};

enum applied_answer {
	APPLIED_NEW,      /* apply it: from now on it counts as applied */
	APPLIED_AGAIN,    /* it was */
	APPLIED_CONFLICT, /* another batch of this name was */
	APPLIED_NO_ROOM,  /* too many sensors or gaps: it cannot be remembered, so it must not be
			     applied */
};

struct applied;

struct applied_batch {
	const char *sensor;
	uint64_t epoch;
	uint64_t sequence;
	uint64_t checksum;
};

struct applied *applied_new(void);          /* NULL when memory is out */
void applied_free(struct applied *applied); /* NULL is allowed */

enum applied_answer applied_add(struct applied *applied, const struct applied_batch *batch);

#endif
