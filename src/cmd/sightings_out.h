/*
 * sightings_out.h - the file of --sightings-out: written under another name, renamed when whole.
 *
 * So under its own name there is never half a file: either what was there before, or all of it. A
 * run that is killed leaves NAME.XXXXXX behind. What is no file (a pipe, a device) is written to
 * as it is.
 */
#ifndef CMD_SIGHTINGS_OUT_H
#define CMD_SIGHTINGS_OUT_H

#include "base/complaint.h"
#include "link/sightings.h"
#include "observe/observer.h"

struct sightings_out;

/*
 * `sensor` NULL stands for the name of this machine. Returns 0, or a negative errno with a
 * complaint.
 */
int sightings_out_open(const char *path, const char *sensor, struct sightings_out **ret_out,
    struct complaint *complaint);
/* Whoever did not finish leaves nothing behind. NULL is allowed. */
void sightings_out_close(struct sightings_out *out);

/* Takes what is observed. */
const struct observer_sink *sightings_out_sink(struct sightings_out *out);
/* The directory in which the sandbox must let a file be renamed, or NULL. */
const char *sightings_out_dir(const struct sightings_out *out);

/*
 * Writes the end, makes sure that the disk has it, and gives the file its name. Works inside the
 * sandbox. Returns 0, or a negative errno with a complaint.
 */
int sightings_out_finish(struct sightings_out *out, const struct sightings_reading *reading,
    struct complaint *complaint);

#endif
