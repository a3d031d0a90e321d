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

/* What judging one subject after the other needs; for a ledger that is judged while it grows. */
struct judge;

int judge_new(struct ledger *ledger, struct judge **ret_judge); /* 0 or -ENOMEM */
void judge_free(struct judge *judge);                           /* NULL is allowed */

/*
 * Adds the findings about one subject, of its drill and of its earnest traffic. Severity is what
 * each deserves by itself: severity_raise_spread() is for the caller. Returns 0 or -ENOMEM.
 */
int judge_subject(struct judge *judge, const struct subject *subject, struct findings *findings);
/*
 * Adds the findings about members as a whole (spoof.member), and marks what was sent in their name,
 * which judge_subject() then leaves out. It looks at all subjects. Returns 0 or -ENOMEM.
 */
int judge_members(struct judge *judge, struct findings *findings);

#endif
