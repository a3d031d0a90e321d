/*
 * casebook.h - the incidents of a station, in memory: what findings become.
 *
 * One incident for each member, machine and rule; drill and earnest apart. (scan.live and scan.dark
 * are one: the second is the surer name for the first.) A finding opens it or goes on with it,
 * silence makes it quiet and in the end closes it, a person acknowledges or closes it, an exception
 * keeps it from opening, and what speaks against it withdraws it. Nothing here is written anywhere:
 * who keeps the store walks what changed, writes it, and says so when it is safe; until then it
 * stays changed, so that a failed write is tried again whole.
 *
 * Two clocks: what is observed (packet time; it makes incidents the same however fast frames come),
 * and the wall (for the few seconds that a first letter waits).
 *
 * Bounded: no more than `incidents_max` are open. Past that, one that is graver has the least
 * urgent of those closed that nobody works on (CLOSE_NO_ROOM); any other new one is refused and
 * counted. Of the others a quarter as many have room in any case, so that what is judged again is
 * not taken for new. Before that is full closed ones are forgotten (they lie in the store), and
 * quiet ones closed.
 */
#ifndef ALERT_CASEBOOK_H
#define ALERT_CASEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"
#include "base/address.h"
#include "detect/finding.h"
#include "registry/registry.h"

struct casebook;

struct casebook_rules {
	int64_t quiet_us;  /* not seen for so long: quiet */
	int64_t close_us;  /* quiet for so long: closed */
	int64_t forget_us; /* closed for so long: if it comes back, it is another; 0: never */
	int64_t settle_us; /* the first letter waits so long, so that it tells more than a
			    * beginning */
	/*
	 * So long it waits where the sender may be forged and sent at most so many packets to each
	 * port: many forged addresses are told apart from few real ones only when there are many of
	 * them, and who sent more is none of them (detect/spoof_member).
	 */
	int64_t doubt_us;
	uint32_t doubt_packets;
	int64_t update_gap_us; /* between letters, unless it is graver */
	/* So many may be open: each takes some 3 KiB, and all are looked at in each turn. */
	size_t incidents_max;
};

struct casebook_clocks {
	int64_t observed_us;
	int64_t wall_us;
};

enum {
	CASEBOOK_BY_BYTES = 64,
	CASEBOOK_NOTE_BYTES = 256,
};

enum news {
	NEWS_NONE,
	NEWS_FIRST,
	NEWS_UPDATE,
	NEWS_QUIET,
	NEWS_RELAPSE,
	NEWS_RETRACTION, /* what was told does not hold */
	NEWS_COUNT,
};

const char *news_name(enum news news); /* "first" ...; "" for NEWS_NONE */
int news_find(const char *name);       /* -1 for an unknown name */

struct incident {
	int64_t id; /* in the store; 0: not there yet */
	int64_t member_id;
	char member[MEMBER_NAME_BYTES]; /* its name when it was seen last */
	struct address subject;         /* of spoof.member the lowest address seen so far */
	enum rule rule;
	bool drill;
	enum incident_state state;
	enum close_reason reason;
	enum severity severity; /* the gravest so far since it opened or relapsed */
	int64_t opened_us;      /* by the observed clock, as all but where it says wall */
	int64_t opened_wall_us;
	int64_t first_us;
	int64_t last_us;
	int64_t state_us; /* when it came to its state */
	uint64_t packets;
	uint64_t extent;
	uint64_t port_count;
	uint32_t relapses;
	struct incident_told told;
	int64_t rested_us; /* it was seen last before it relapsed; 0: it never did */
	/* The latest; NULL where it is closed and nothing has to be told of it, and where that of
	 * before the start is not known. */
	struct finding *finding;
	bool is_changed; /* since it was written last */
	bool is_grown;   /* likewise, in its numbers only: that may wait for a while */
	/* What happened and nobody was told of: NEWS_RELAPSE, NEWS_QUIET, NEWS_RETRACTION;
	 * NEWS_FIRST where it is there after all, once it was taken back. */
	enum news owed;
	enum retraction retraction;
	enum rule retraction_rule; /* of RETRACTION_OTHER: what it is instead */
	/* How often it was reminded of what nobody answered, and when last; 0: when it was told of.
	 */
	uint32_t reminders;
	int64_t reminded_us;
};

/* A step of its life, for the history. */
struct incident_step {
	struct incident *incident;
	int64_t at_us;
	enum incident_state from;
	enum incident_state to;
	enum incident_event event;
	char by[CASEBOOK_BY_BYTES];     /* "" for Hinomi itself */
	char note[CASEBOOK_NOTE_BYTES]; /* may be "" */
};

/* What is known and harmless. Members and rules of 0 and -1 are all of them. */
struct exception {
	int64_t id;
	int64_t member_id;
	int rule; /* or -1 */
	struct prefix subject;
	int port;         /* or -1; else findings whose searched ports are this one alone */
	int64_t until_us; /* observed clock */
};

/* Whether it covers a finding about a machine of this member. */
bool exception_covers(const struct exception *exception, int64_t member_id,
    const struct finding *finding, int64_t observed_us);

/* Returns 0 or -ENOMEM. */
int casebook_new(const struct casebook_rules *rules, struct casebook **ret_casebook);
void casebook_free(struct casebook *casebook); /* NULL is allowed */

/*
 * Takes an incident out of the store; its finding, where there is one, is copied. Of the same key
 * the later one counts. Returns 0, -ENOMEM, or -ENOSPC.
 */
int casebook_load(struct casebook *casebook, const struct incident *incident);
size_t casebook_open_max(const struct casebook *casebook);
size_t casebook_max(const struct casebook *casebook); /* of all together */

/*
 * Which of two is kept rather than the other, positive for the first: what people work on before
 * what is open, that before what is not; of what is open then earnest before drills, and the
 * graver; what was seen last, what is newer.
 */
int casebook_compare_urgency(const struct incident *one, const struct incident *other);

/* The exceptions in force; copied. What they cover is closed by the next finding or tick. */
int casebook_set_exceptions(
    struct casebook *casebook, const struct exception *exceptions, size_t count);

/*
 * A finding about a machine of this member. Returns 0, -ENOMEM, or -ENOSPC (counted) when there is
 * no room for another incident.
 */
int casebook_take(struct casebook *casebook, int64_t member_id, const char *member,
    const struct finding *finding, const struct casebook_clocks *clocks);

/* The machine was judged again, and there is no such finding any more. */
struct casebook_withdrawal {
	struct address subject;
	enum rule rule;
	bool drill;
	int64_t known_us; /* everything of this machine since then is known */
	enum retraction why;
	enum rule other; /* of RETRACTION_OTHER */
};

/*
 * Another answer came, a crowd of forged addresses was seen as one, a router was known: what was
 * found is closed as withdrawn, and who was told of it hears that. Only where the beginning of what
 * was found is still known: what happened longer ago than the ledger remembers is no mistake.
 */
void casebook_withdraw(struct casebook *casebook, int64_t member_id,
    const struct casebook_withdrawal *withdrawal, const struct casebook_clocks *clocks);

/* Raises to critical what happens in several places (severity_raise_spread). */
int casebook_raise_spread(struct casebook *casebook);

/* Time passed. */
void casebook_tick(struct casebook *casebook, const struct casebook_clocks *clocks);

/*
 * The wall clock was set from one time to another. What waits by it waits no longer than it was to,
 * and what a clock that ran ahead has seen counts as of now: of the hour that comes once more
 * nothing is taken for old.
 */
void casebook_note_clock(struct casebook *casebook, int64_t from_us, int64_t to_us);

/*
 * What somebody did. Returns 0, or -EPERM where it cannot happen in this state. `note` may be "".
 */
struct incident_deed {
	enum incident_event event;
	enum close_reason reason; /* of INCIDENT_CLOSE */
	const char *by;
	const char *note;
};
int casebook_do(struct casebook *casebook, struct incident *incident,
    const struct incident_deed *deed, int64_t at_us);

/*
 * Somebody says otherwise of an incident that a person has closed: INCIDENT_WORK has it go on, with
 * this finding (copied; may be NULL), INCIDENT_CLOSE gives it another reason. Returns 0, -EPERM for
 * any other incident or event, or -ENOMEM.
 */
int casebook_amend(struct casebook *casebook, struct incident *incident,
    const struct incident_deed *deed, const struct finding *finding, int64_t at_us);

/*
 * The record of this incident is to go: forgets it, should it be here. False where it must stay: it
 * is not closed, or something of it was not written yet.
 */
bool casebook_forget(struct casebook *casebook, int64_t id);

/* NULL when there is none. */
struct incident *casebook_find(const struct casebook *casebook, int64_t id);
/* Walks all of them, in order of their making; `*position` starts at 0. NULL at the end. */
struct incident *casebook_next(const struct casebook *casebook, size_t *position);

/* Steps that were not written yet, in order. */
const struct incident_step *casebook_steps(const struct casebook *casebook, size_t *ret_count);
/*
 * Everything that is changed was written, and there are no steps any more; with `grown`, what has
 * only grown was as well.
 */
void casebook_written(struct casebook *casebook, bool grown);

/*
 * The letter that is due about this incident, and what changed (CHANGE_... bits; of an update).
 * NEWS_NONE where there is none, or it must wait.
 */
enum news casebook_news(const struct casebook *casebook, const struct incident *incident,
    const struct casebook_clocks *clocks, unsigned *ret_changes);
/* What the incident is once that letter was written: for who keeps it together with the letter. */
void casebook_tell(const struct incident *incident, int64_t observed_us, struct incident *ret_told);
/* That letter is safe in the outbox, and that it was written is kept. */
void casebook_told(struct casebook *casebook, struct incident *incident, int64_t observed_us);
/* Likewise once somebody was reminded of it: nobody has answered. */
void casebook_remind(const struct incident *incident, uint32_t reminders, int64_t observed_us,
    struct incident *ret_told);
void casebook_reminded(
    struct casebook *casebook, struct incident *incident, uint32_t reminders, int64_t observed_us);

struct casebook_counts {
	size_t incidents;
	size_t open;
	uint64_t refused; /* findings that found no room */
	uint64_t closed;  /* incidents that made room for graver ones */
	uint64_t covered; /* findings that an exception covered */
};
void casebook_get_counts(const struct casebook *casebook, struct casebook_counts *ret_counts);

#endif
