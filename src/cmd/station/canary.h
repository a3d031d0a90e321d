/*
 * canary.h - proof that a warning would arrive: every quarter of an hour a machine of nobody
 * misbehaves, and what comes of it must reach the operator in time.
 *
 * A canary is sent by a capture (drill/canary.h) and takes the way of everything else: decoded,
 * observed, judged, made an incident, written, told in a letter, carried to a server, and where a
 * mailbox is named, found in it. Each step has its time. One that does not arrive in time raises an
 * alarm, and so does one that cannot be sent for as long, since nothing is watched; the next that
 * arrives ends it.
 */
#ifndef CMD_STATION_CANARY_H
#define CMD_STATION_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "cmd/station/roster.h"
#include "store/store.h"

struct canary_rules {
	int64_t every_us; /* 0: only on demand */
	int64_t deadline_us;
	bool by_mail;        /* to the operator's mailbox, */
	bool by_webhook;     /* and to the operator's web hook: whatever of it there is */
	const char *maildir; /* where mail must turn up; "" where a server's word is enough */
};

enum canary_stage {
	CANARY_SENT,     /* its frames were given to a capture's decoder */
	CANARY_FOUND,    /* it is an incident */
	CANARY_WRITTEN,  /* its letters are in the outbox */
	CANARY_ACCEPTED, /* servers have taken over all of them */
	CANARY_ARRIVED,  /* the mailbox has it; without one, as accepted */
	CANARY_STAGES,
};

enum canary_state {
	CANARY_NONE, /* none was sent yet, or none can be */
	CANARY_FLIES,
	CANARY_IS_HOME,
	CANARY_IS_LATE,
};

enum {
	CANARY_SOURCE_BYTES = 128, /* as much of its name as tells it from others */
};

struct canary_flight {
	enum canary_state state;
	uint16_t number;
	int64_t begun_us;                 /* wall time, as all */
	int64_t at_us[CANARY_STAGES];     /* 0: not there yet */
	char source[CANARY_SOURCE_BYTES]; /* that it was sent by; "" until that is known */
	int64_t incident_id;              /* 0: not written yet */
};

const char *canary_stage_name(enum canary_stage stage); /* "sent" ... */
const char *canary_state_name(enum canary_state state); /* "none", "flying", "arrived", "late" */

struct canary;

struct canary_options {
	struct canary_rules rules;
	struct store *store; /* borrowed, as all */
	struct casebook *casebook;
	/*
	 * Asks a capture for one: 0, or a negative errno when none can: -ENODATA when all that was
	 * to be watched has come to its end, so that nobody expects one.
	 */
	int (*send)(void *context, uint16_t number);
	/* One did not arrive in time, or one did: each time. */
	void (*raise)(void *context, bool is_late, const struct canary_flight *flight);
	void *context;
};

int canary_new(const struct canary_options *options, struct canary **ret_canary);
void canary_free(struct canary *canary); /* NULL is allowed */

/* Whether there is anybody to whom a canary could go. */
bool canary_can_fly(const struct canary *canary, const struct roster *roster);
/* Sends one now, in place of the next that is due, unless one flies. 0, -EALREADY, -ENOTCONN
 * without a capture, -ENODEV with nobody to send it to. */
int canary_begin(struct canary *canary, const struct roster *roster, int64_t wall_us);
/* Frames of this number were decoded then, beside those of a source. */
void canary_note_sent(struct canary *canary, uint16_t number, const char *source, int64_t wall_us);
/*
 * After a turn: begins one that is due, and follows the one that flies. `observed_us` dates what
 * happens to its incident.
 */
void canary_tick(
    struct canary *canary, const struct roster *roster, const struct casebook_clocks *clocks);

/* The clock was set by so much: none is late by that, nor early. */
void canary_note_clock(struct canary *canary, int64_t by_us);

/* What it goes by; `maildir` is its own. */
const struct canary_rules *canary_get_rules(const struct canary *canary);
/* The one that flies, or the last. */
const struct canary_flight *canary_last(const struct canary *canary);
/* When one came home last; wall time; 0: none did since the start. */
int64_t canary_home_us(const struct canary *canary);

#endif
