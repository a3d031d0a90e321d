/*
 * intake.h - batches of several sources into one order: a window ends when all have ended it.
 *
 * Each source is read no further than to its first batch of a window that others have not reached
 * yet; so what waits lies where it came from, and nothing is held here. A source that does not come
 * along (its process hangs) is waited for no longer than `wait_us`. What comes late is handed on as
 * it is: sightings of a window that has ended join what is known of it.
 *
 * (sensor, epoch, sequence) names a batch. One that comes twice is left out; a number that is
 * missing is told.
 */
#ifndef CMD_STATION_INTAKE_H
#define CMD_STATION_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/sightings_opener.h"
#include "observe/observer.h"

struct intake;

/* What of a source was lost. */
struct intake_gap {
	size_t source;
	uint64_t batches; /* that are missing, or cannot be read */
	int64_t from_us;  /* windows of the batches around them; both the same where one is not
			     known */
	int64_t to_us;
	bool is_damaged; /* there they were, and are wrong */
};

struct intake_options {
	/* What was observed; on_window_end once for each window, when all sources have ended it. */
	struct observer_sink sink;
	/* A batch that is about to be handed on, as it came; borrowed for the call. */
	void (*on_batch)(void *context, size_t source, const struct sightings_batch *batch,
	    const struct sightings_bytes *bytes);
	void (*on_gap)(void *context, const struct intake_gap *gap);
	void *context;
	int64_t wait_us;
};

/* Where a source's batches come from. */
struct intake_source {
	/*
	 * Gives the next batch with its frame, which stays valid until the next call: 1; 0 when
	 * there is none now; -EBADMSG when something was lost.
	 */
	int (*read)(void *context, const uint8_t **ret_bytes, size_t *ret_count);
	void *context;
};

enum {
	INTAKE_SOURCES_MAX = 64,
	INTAKE_RUN_MAX = 512, /* batches at once, so that what they bring is soon written */
};

/* Returns 0 or -ENOMEM. */
int intake_new(const struct intake_options *options, struct intake **ret_intake);
void intake_free(struct intake *intake); /* NULL is allowed */

/* Returns 0 and its number, -ENOMEM, or -ENOSPC past INTAKE_SOURCES_MAX. */
int intake_add(struct intake *intake, const struct intake_source *source, size_t *ret_number);
/* A source that is there but says nothing is waited for; one that is not is not. */
void intake_set_present(struct intake *intake, size_t number, bool is_present);

/*
 * Hands on what is there, at most INTAKE_RUN_MAX batches, and reads no more than twice as much of a
 * source, whatever comes. True when there may be more at once.
 * `now_us` is monotonic.
 */
bool intake_run(struct intake *intake, int64_t now_us);
/* Batches that are so much older than the last window are another time, as of a clock that was set
   back; an hour, as long as nothing is said. */
void intake_set_clock_step(struct intake *intake, int64_t step_us);
/* Whether all that was read of it was handed on: then it need not be kept where it came from. */
bool intake_is_empty(const struct intake *intake, size_t number);
/* The end of the last window that all have ended, or INT64_MIN. */
int64_t intake_ended_us(const struct intake *intake);
/*
 * Goes on where batches that were applied before the start have come to: the last window, and
 * whether it is still open. Before the first run.
 */
void intake_resume(struct intake *intake, int64_t window_us, bool is_open);
/*
 * Of batches that were applied before the start: numbers up to this one of this source are left out
 * when they come again.
 */
int intake_note_applied(
    struct intake *intake, const char *sensor, uint64_t epoch, uint64_t sequence);

#endif
