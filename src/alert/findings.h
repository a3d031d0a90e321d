/*
 * findings.h - the findings of a run: as many as their share of memory holds, the weightiest of
 * all.
 *
 * A finding with all that is said of it is large, and a capture of strangers' scans may give one
 * for each of millions of sources. When there is no room, the least goes: strangers' before
 * members', then the lowest severity, then the fewest packets, and of equals the last in the order
 * of output. What goes is counted. The result does not depend on the order in which findings come.
 */
#ifndef ALERT_FINDINGS_H
#define ALERT_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "detect/finding.h"

struct findings {
	struct finding *all; /* ours */
	size_t count;
	size_t room;      /* at most so many */
	uint64_t omitted; /* found, but there was no room for them */
	uint32_t *least;  /* numbers of all as a heap, the least first; NULL while there is room */
};

/* At most `bytes` are used for findings, but at least one is kept. */
void findings_init(struct findings *findings, size_t bytes);
void findings_release(struct findings *findings); /* a zeroed one is allowed */

/* Copies the finding, or counts it (or one that weighs less) as omitted. Returns 0 or -ENOMEM. */
int findings_add(struct findings *findings, const struct finding *finding);

/* In the order of output (finding_compare). No more are added after it. */
void findings_sort(struct findings *findings);

#endif
