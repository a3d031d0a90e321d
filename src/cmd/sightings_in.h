/* sightings_in.h - what sensors observed, in place of frames (cmd/analysis.h). */
#ifndef CMD_SIGHTINGS_IN_H
#define CMD_SIGHTINGS_IN_H

#include <stdbool.h>

#include "cmd/analysis.h"
#include "cmd/inputs.h"
#include "link/sightings.h"
#include "notify/report.h"

/*
 * Reads all files of sightings among the inputs, which it takes, into the analysis. What is wrong
 * with them is said on standard error, and *ret_damaged set. Gives what the sensors read in all.
 * Returns 0 or EXIT_TROUBLE.
 */
int sightings_in_read(struct inputs *inputs, struct analysis *analysis,
    struct sightings_reading *ret_reading, bool *ret_damaged);

/* Into the summary of an analysis that had no frames. */
void sightings_in_summarise(
    const struct sightings_reading *reading, struct report_summary *summary);
/*
 * The other way, for who writes sightings of frames. What the ledger made room with is not told:
 * the ledger of who reads them makes room itself.
 */
void sightings_in_get_reading(const struct analysis *analysis, const struct report_summary *summary,
    struct sightings_reading *ret_reading);

#endif
