/*
 * advice.h - which first steps fit a finding.
 *
 * By rule first; a search then by how surely the machine is the sender, by tool, by shape and by
 * what is sought, since a recorder is unplugged and restarted while a PC's memory must be kept.
 */
#ifndef NOTIFY_ADVICE_H
#define NOTIFY_ADVICE_H

#include "detect/finding.h"

enum advice {
	ADVICE_DEVICE,  /* a camera or the like searches */
	ADVICE_WINDOWS, /* a PC searches for other PCs */
	ADVICE_MACHINE, /* something searches for other things */
	ADVICE_TOOL,    /* with the mark of a scanning program */
	ADVICE_PROBE,   /* many ports or protocols of few machines */
	ADVICE_FORGED,  /* the sender's address may be forged */
	ADVICE_SWEEP,
	ADVICE_VICTIM,
	ADVICE_FLOODED,
	ADVICE_REFLECTED,
	ADVICE_REFLECTOR,
	ADVICE_STRAY,
	ADVICE_FORGED_MEMBER,
	ADVICE_STRANGER,
	ADVICE_COUNT,
};

enum {
	ADVICE_STEPS_MAX = 3, /* more are not done */
};

enum advice advice_for(const struct finding *finding);

/* Whether the finding holds this reason. */
bool advice_has_reason(const struct finding *finding, enum reason reason);

#endif
