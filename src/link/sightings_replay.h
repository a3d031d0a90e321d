/*
 * sightings_replay.h - files of sightings handed on as if their sensors observed now, together.
 *
 * Windows are given in order of time: at each step all files whose clock is lowest give what they
 * have of their window. A file's clock is the highest window it came to, so a sensor whose clock
 * fell back is followed as it was. One file is given exactly as it was written.
 *
 * A batch that was applied already changes nothing, whichever file it comes from
 * (link/applied.h).
 */
#ifndef LINK_SIGHTINGS_REPLAY_H
#define LINK_SIGHTINGS_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "link/sightings_reader.h"
#include "observe/observer.h"

struct sightings_replay;

struct sightings_replay_counts {
	uint64_t applied; /* batches */
	uint64_t again;   /* that were applied already */
	uint64_t refused; /* that differ from one of their name, or could not be remembered */
};

/* Takes the readers, also on failure, not the array. Reads nothing. Returns 0 or -ENOMEM. */
int sightings_replay_new(
    struct sightings_reader *const *readers, size_t count, struct sightings_replay **ret_replay);
void sightings_replay_free(struct sightings_replay *replay); /* NULL is allowed */

/*
 * Hands on some more. Returns 1 to go on, 0 at the end of all files, or a negative errno with a
 * complaint about one file: call again, the others go on.
 */
int sightings_replay_step(
    struct sightings_replay *replay, const struct observer_sink *sink, struct complaint *complaint);

/*
 * What the sensors read in all. Of a file without its last batch only packets that are told of in
 * sightings count.
 */
void sightings_replay_get_reading(
    const struct sightings_replay *replay, struct sightings_reading *ret_reading);
void sightings_replay_get_counts(
    const struct sightings_replay *replay, struct sightings_replay_counts *ret_counts);

#endif
