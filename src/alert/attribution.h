/*
 * attribution.h - how well the source is known, and whether its address may be forged.
 *
 * Anybody can send a packet with anybody's address in it. So every finding says what was seen of
 * the source beyond that, and weighs what speaks for and against forgery. Victims' addresses are
 * read out of replies: for them the question is who else could have sent the reply.
 */
#ifndef ALERT_ATTRIBUTION_H
#define ALERT_ATTRIBUTION_H

#include "detect/dossier.h"
#include "detect/finding.h"

/* Sets attribution, spoof and spoof_reasons. `dossier` is the one that the finding came from. */
void attribution_set(const struct dossier *dossier, struct finding *finding);

#endif
