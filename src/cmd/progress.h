/*
 * progress.h - a bar on the terminal while a capture is read: share, packets/s, time left.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "source/source.h"

struct progress {
	bool shown;
	bool drawn;
	int64_t began_us; /* monotonic */
	int64_t last_us;
	uint64_t packets_before;
};

/* `shown` false makes all calls do nothing. */
void progress_init(struct progress *progress, bool shown);
void progress_update(struct progress *progress, const struct source *source, uint64_t packets);
/* Wipes the bar, so that what follows stands on a clean line. */
void progress_clear(struct progress *progress);

/* Microseconds of the monotonic clock. */
int64_t progress_now_us(void);

#endif
