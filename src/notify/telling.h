/*
 * telling.h - the sentences about one finding, for every form in which people read it: the report
 * of `hinomi read` and the letters. Each function adds one paragraph or line without its end, and
 * none says more than the finding does.
 */
#ifndef NOTIFY_TELLING_H
#define NOTIFY_TELLING_H

#include <stddef.h>

#include "detect/finding.h"
#include "notify/text.h"
#include "notify/wording.h"

enum {
	TELLING_BYTES = 4096, /* a paragraph: why, which is the longest, and what goes with it */
	TELLING_STAMP_BYTES = 128,
	TELLING_PORTS_SHOWN = 5, /* the rest is in JSON */
};

/*
 * "2026-02-01 08:59:59.000 JST (2026-01-31 23:59:59.000 UTC)"; once where both are the same.
 * `local` is the time as the reader's clocks show it.
 */
void telling_add_stamp(
    struct text *text, enum language language, const char *local, int64_t time_us);

/* "Nearly certain (98 %)." and the reasons. */
void telling_add_sure(struct text *text, enum language language, const struct finding *finding);
/* "Nearly certain (98 %)." alone; nothing where the confidence is no number from 0 to 1. */
void telling_add_confidence(struct text *text, enum language language, double confidence);
/*
 * Who it was, as far as that was seen, whether the address may be forged, and why. Adds nothing
 * where the headline says it all.
 */
void telling_add_attribution(
    struct text *text, enum language language, const struct finding *finding);

/* Packets, addresses, rate, tool, role, pattern. */
void telling_add_counts(struct text *text, enum language language, const struct finding *finding);
/* "TCP 445 (Windows file sharing, SMB): 254 packets, 254 addresses" */
void telling_add_port(struct text *text, enum language language, const struct finding_port *port);
/* "49152, 49153"; "" where none is known. */
void telling_add_source_port_list(struct text *text, const struct finding *finding);

/*
 * The first steps that fit, at most ADVICE_STEPS_MAX. `local` is the first time as the reader's
 * clocks show it. telling_add_step may be asked for the steps from 0 to telling_step_count - 1.
 */
size_t telling_step_count(enum language language, const struct finding *finding);
void telling_add_step(struct text *text, enum language language, const struct finding *finding,
    size_t step, const char *local);

#endif
