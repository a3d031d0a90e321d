/*
 * returns.h - what came back to the sender of notices (notify/returned.h), as the keeper takes it
 * in: a notice that bounced, one that is late, an answer that goes into the history of its
 * incident.
 *
 * Anybody may send such a message. It counts only where it names a notice by its Message-ID, which
 * is known to whoever got it, and to nobody else; it never moves an incident, never stops a
 * contact, and counts once.
 */
#ifndef CMD_STATION_RETURNS_H
#define CMD_STATION_RETURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"
#include "cmd/station/keeper.h"
#include "notify/returned.h"

/* What is older is nobody's any more: marks of what was taken in are forgotten then. */
#define RETURNS_KEPT_US (35 * WHEN_DAY_US)
/* A contact to which one bounced stays failing at least so long: servers take letters first. */
#define RETURNS_AMBER_US (2 * WHEN_DAY_US)

enum returns_verdict {
	RETURNS_TAKEN,
	RETURNS_KNOWN,   /* it was taken in before */
	RETURNS_UNKNOWN, /* it speaks of no notice of ours */
};

struct returns_message {
	uint64_t mark; /* what tells one from another */
	const struct returned *returned;
};

/*
 * Takes it in, in a transaction of its own. Returns
 * 0 and what became of it; where that could not be written, a negative errno with a complaint: it
 * is to come again.
 */
int returns_take(struct keeper *keeper, const struct keeper_clock *clock,
    const struct returns_message *message, enum returns_verdict *ret_verdict,
    struct complaint *complaint);

#endif
