/*
 * spoof_member.h - spoof.member: many addresses of one member, each with very few packets, at once.
 * Why and when: spoof.member.md beside this file. It is about a member, so it is no `struct
 * detector`.
 */
#ifndef DETECT_SPOOF_MEMBER_SPOOF_MEMBER_H
#define DETECT_SPOOF_MEMBER_SPOOF_MEMBER_H

#include "detect/finding.h"
#include "detect/ledger.h"

/*
 * Looks through all members. Marks what was forged, crowd by crowd (track->forged), so that no
 * scan.dark accuses them, and hands each finding (one per member, subject = the lowest
 * forged address) to `give`. Returns 0 or -ENOMEM.
 */
int spoof_member_judge(struct ledger *ledger, bool drill,
    void (*give)(void *context, const struct finding *finding), void *context);

#endif
