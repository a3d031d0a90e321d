/*
 * judge.h - from a finished ledger to findings in their final form: all detectors run, what
 * concerns several subjects is seen, attribution, spoof estimate and severity are set.
 */
#ifndef ALERT_JUDGE_H
#define ALERT_JUDGE_H

#include <stdbool.h>

#include "alert/findings.h"
#include "detect/ledger.h"

/*
 * Returns 0 or -ENOMEM. With `members_only`, subjects of no member are not judged. The findings are
 * the caller's to release; those that find no room in the ledger's share for them are counted.
 */
int judge_ledger(struct ledger *ledger, bool members_only, struct findings *ret_findings);

#endif
