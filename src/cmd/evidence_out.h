/*
 * evidence_out.h - each finding's first frames, one pcapng file per finding, in a directory.
 *
 * Files are named RULE_SUBJECT.pcapng (drill_RULE_SUBJECT.pcapng for exercises; ':' of IPv6 written
 * as '-'). Existing files of these names are replaced.
 */
#ifndef CMD_EVIDENCE_OUT_H
#define CMD_EVIDENCE_OUT_H

#include <stddef.h>

#include "base/complaint.h"
#include "detect/finding.h"
#include "observe/samples.h"

struct evidence_out;

/*
 * Makes the directory when it is missing (not its parents) and proves by doing that files can be
 * written there. Returns 0, or a negative errno with a complaint.
 */
int evidence_out_open(
    const char *dir, struct evidence_out **ret_evidence, struct complaint *complaint);
void evidence_out_close(struct evidence_out *evidence); /* NULL is allowed */

/* Writes one file for each finding that has frames. Works inside the sandbox. */
int evidence_out_write(struct evidence_out *evidence, const struct samples *samples,
    const struct finding *findings, size_t count, struct complaint *complaint);

#endif
