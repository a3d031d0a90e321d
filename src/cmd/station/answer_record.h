/*
 * answer_record.h - answers to letters, as they lie in the history of their incident: an event
 * "answer" by the contact, whose note is the answer's name, and behind a colon what was written
 * with it.
 *
 * Of the address of a web hook only the host is shown: the rest of it may be a secret. The number
 * of the contact tells those apart whose addresses are cut.
 */
#ifndef CMD_STATION_ANSWER_RECORD_H
#define CMD_STATION_ANSWER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/complaint.h"
#include "cmd/station/roster.h"
#include "store/store.h"
#include "web/answer_page.h"

enum {
	ANSWER_RECORD_NOTE_BYTES = ANSWER_NOTE_BYTES + 16, /* with the answer's name */
};

/* "noc@town.example (contact 12)", as it stands in the history. */
void answer_record_by(const struct roster_contact *contact, char out[static CASEBOOK_BY_BYTES]);

/* The event; its texts are borrowed. `note` may be "". */
struct answer_record {
	int64_t incident;
	const char *state; /* of the incident before */
	const char *by;
	enum answer answer;
	const char *note;
	int64_t at_us;
};
int answer_record_put(
    struct store *store, const struct answer_record *record, struct complaint *complaint);

/* What a contact has answered about an incident so far. */
struct answer_history {
	unsigned count;
	enum answer last; /* ANSWER_NONE where there is none */
	int64_t at_us;
	char note[ANSWER_NOTE_BYTES];
};
/* 0, or what the store gave. */
int answer_record_read(struct store *store, int64_t incident, int64_t contact,
    struct answer_history *ret_history, struct complaint *complaint);

/* Whether it wants no more letters about the incident. Likewise. */
int answer_record_is_stopped(struct store *store, int64_t incident, int64_t contact,
    bool *ret_stopped, struct complaint *complaint);

#endif
