/*
 * casebook_internal.h - what the files of the casebook share.
 */
#ifndef ALERT_CASEBOOK_INTERNAL_H
#define ALERT_CASEBOOK_INTERNAL_H

#include <assert.h>

#include "alert/casebook.h"
#include "base/table.h"

/* By what incidents are told apart; compared as bytes, so nothing of it may be unset. */
struct key {
	int64_t member_id;
	struct address subject;
	uint8_t rule;
	uint8_t drill;
	uint8_t unused[6];
};

static_assert(sizeof(struct key) == 32, "no padding: keys are compared as bytes");

struct entry {
	struct key key;
	struct incident incident;
};

struct casebook {
	struct casebook_rules rules;
	struct table *entries;
	uint64_t seed;
	struct incident_step *steps;
	size_t step_count;
	size_t step_room;
	struct exception *exceptions;
	size_t exception_count;
	size_t open; /* of the entries */
	struct casebook_counts counts;
};

/* Walks all of them, in order of their making; `*position` starts at 0. NULL at the end. */
struct entry *casebook_next_entry(const struct casebook *casebook, size_t *position);

/* Something that happens by itself: casebook_do() by nobody. */
void casebook_happen(struct casebook *casebook, struct incident *incident,
    enum incident_event event, enum close_reason reason, int64_t at_us);

/* What lies in the store, in this state, and is not waited for. */
bool casebook_may_go(const struct incident *incident, enum incident_state state);
/* Whether one more may be open, by this finding: what is less grave may be closed for it. */
bool casebook_make_room(struct casebook *casebook, const struct finding *finding, int64_t at_us);
/*
 * Where there is hardly any room: what is closed is forgotten, and what is quiet closed, so that it
 * can be: what is forgotten while it is quiet would stay so in the store for ever.
 */
void casebook_thin_out(struct casebook *casebook, int64_t at_us);
/* One more; what lies in the store may go for it. NULL: there is no room, or no memory. */
struct entry *casebook_add_entry(struct casebook *casebook, const struct key *key);

#endif
