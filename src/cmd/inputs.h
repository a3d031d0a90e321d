/*
 * inputs.h - the files that `hinomi read` was given: opened first, then told apart by content.
 */
#ifndef CMD_INPUTS_H
#define CMD_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "link/sightings_reader.h"
#include "source/source.h"

struct inputs {
	struct source **captures; /* exercises, too */
	size_t capture_count;
	struct sightings_reader **sightings;
	size_t sightings_count;
};

/*
 * Opens every file that can be opened and reads none. Others are named on standard error, and
 * *ret_damaged set. Returns 0, or EXIT_TROUBLE when none could be opened, or interfaces together
 * with files, or an interface twice. What is in *ret_inputs is to be released in either case.
 */
int inputs_open(char *const *files, size_t count, struct inputs *ret_inputs, bool *ret_damaged);

/* They are interfaces. */
bool inputs_are_live(const struct inputs *inputs);

/*
 * Moves files of sightings from the captures to where they belong. It looks into files, so it is
 * for after the sandbox was entered. Returns 0, or EXIT_TROUBLE without memory.
 */
int inputs_sort(struct inputs *inputs);

void inputs_release(struct inputs *inputs);

#endif
