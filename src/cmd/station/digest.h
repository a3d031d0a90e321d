/*
 * digest.h - the regular report of a station to the contacts of each member, and to its operator:
 * that it is alive, how much it saw, what is open, and what was too small for a letter of its own.
 *
 * Written at a set time of the week, or of each day, on the clocks of the station's zone. A station
 * that was off then writes it when it is back, once, whatever it missed. Where there are many
 * readers they get theirs a few at a time, within turns of the keeper; up to whom it has come is
 * kept in the same transaction as the letters, so that no crash loses one or doubles one. Its
 * Message-ID is that of its reader and its time.
 */
#ifndef CMD_STATION_DIGEST_H
#define CMD_STATION_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/weekday.h"
#include "cmd/station/outbox.h"
#include "cmd/station/roster.h"
#include "cmd/station/tally.h"
#include "store/store.h"

struct digest;

struct digest_options {
	struct store *store; /* borrowed, as all */
	struct outbox *outbox;
	struct tally *tally;
	bool is_on;
	struct weekday_time at;
	/* Unused addresses that were learned and are watched now. NULL: none are. */
	uint64_t (*count_learned)(void *context);
	void *context;
};

enum {
	DIGEST_LETTERS_AT_ONCE = 32, /* in one turn: some 50 ms */
};

/* After a start the gap before it is known only when something was observed, or not for long. */
#define DIGEST_REST_US (10 * WHEN_MINUTE_US)

/* Between the times of two of them at least. */
#define DIGEST_APART_US (12 * WHEN_HOUR_US)

struct digest_clock {
	int64_t wall_us;
	int64_t monotonic_us;
};

/* Reads up to whom it has come. Returns 0, or a negative errno with a complaint. */
int digest_new(const struct digest_options *options, const struct digest_clock *clock,
    struct digest **ret_digest, struct complaint *complaint);
void digest_free(struct digest *digest); /* NULL is allowed */

/* A window has ended: what was observed has come through since the start. */
void digest_note_window(struct digest *digest);

/* Whether there is something to write. */
bool digest_is_due(
    const struct digest *digest, const struct roster *roster, const struct digest_clock *clock);
/*
 * Writes some, within a transaction; tally_write() must follow in it, and tally_commit() or
 * tally_forget() after it. Returns 0 or what the store gave, with a complaint.
 */
int digest_write(struct digest *digest, const struct roster *roster,
    const struct digest_clock *clock, struct complaint *complaint);
void digest_commit(struct digest *digest); /* it was committed */
void digest_forget(struct digest *digest); /* it was not */

#endif
