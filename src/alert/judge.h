/*
 * judge.h - from a finished ledger to findings in their final form: all detectors run, what
 * concerns several subjects is seen, attribution, spoof estimate and severity are set.
 */
#ifndef ALERT_JUDGE_H
#define ALERT_JUDGE_H

#include <stddef.h>

#include "detect/finding.h"
#include "detect/ledger.h"

struct findings {
	struct finding *all; /* ours; sorted by finding_compare */
	size_t count;
	size_t max;
};

/* Returns 0 or -ENOMEM. With `members_only`, subjects of no member are not judged. */
int judge_ledger(struct ledger *ledger, bool members_only, struct findings *ret_findings);
void findings_release(struct findings *findings);

#endif
