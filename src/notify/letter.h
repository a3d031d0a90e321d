/*
 * letter.h - the letters of a station: what a contact or the operator reads, in their language and
 * on their clocks. Made once, when something happened; what is sent are these very bytes.
 *
 * A letter about an incident tells, in this order: what was seen (one sentence), which machine and
 * what to look for in logs, how sure and why, what to do now (at most three steps), whom to call
 * with a text to send them, what happens if nothing is done; then the numbers. It never says more
 * than its finding: who is named as acting was seen to act, a forged address is called forged, and
 * what came back from an attack is no infection.
 *
 * Bodies are plain text without tables, a paragraph one line however long it is: mail programs
 * break lines where their window ends, also a telephone's, and a text that is sent on stays whole.
 * letter_print() breaks them for a terminal. Subjects are one line; of words that
 * others chose they hold only a member's name, shortened, with what is hidden in it made visible.
 *
 * Each function fills *ret_letter (letter_release() it) and returns 0, or -ENOMEM.
 */
#ifndef NOTIFY_LETTER_H
#define NOTIFY_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "alert/incident.h"
#include "base/zone.h"
#include "detect/finding.h"
#include "notify/wording.h"
#include "registry/registry.h"

enum {
	LETTER_COLUMNS = 72, /* of a terminal; an East Asian character is two */
	LETTER_SUBJECT_BYTES = 2048,
	LETTER_SUBJECT_NAME_COLUMNS = 40,   /* of a member's name: the rest must be seen as well */
	LETTER_SUBJECT_WHAT_COLUMNS = 60,   /* of what an alarm is about, likewise */
	LETTER_DETAIL_BYTES_MAX = 400,      /* of what another machine reported */
	LETTER_NOTE_COLUMNS = 200,          /* of what somebody noted with an exception */
	LETTER_LINES_MAX = 20,              /* findings of a digest; more are counted */
	LETTER_TABLE_BYTES_MAX = 48 * 1024, /* of a summary's table: a message has bounds */
};

struct letter {
	char *subject;
	char *body; /* each line ends with \n */
	char
	    *finding; /* JSON (notify/finding_json.h) for an attachment; NULL where there is none */
	char *table;  /* CSV for an attachment, likewise */
};

void letter_release(struct letter *letter); /* may be all NULL */

/* A body with lines of at most LETTER_COLUMNS columns. Write errors are left to ferror(). */
void letter_print(FILE *out, const char *body);

/* For whom, and by whom. Borrowed for the call. */
struct letter_setting {
	enum language language;
	const struct zone *zone; /* NULL is UTC */
	const char *station;     /* how the station is called; NULL where it has no name */
	const char *desk;        /* whom to ask: "noc@example.jp, 0123-45-6789"; NULL: none */
};

enum letter_kind {
	LETTER_FIRST,
	LETTER_UPDATE,
	LETTER_QUIET,
	LETTER_RELAPSE,
	LETTER_RETRACTION, /* what was told does not hold */
	LETTER_REMINDER,   /* nobody has answered */
	LETTER_ESCALATION, /* nor that: to who is asked next */
	LETTER_KIND_COUNT,
};

/* What was told in the letter before: an update tells what differs from it. */
struct letter_told {
	enum severity severity;
	uint64_t spread; /* letter_spread() of the finding then */
	uint64_t port_count;
	int64_t at_us;    /* when; 0 where nothing was told */
	uint32_t letters; /* LETTER_RETRACTION: so far, 1 and more */
};

struct letter_incident {
	int64_t id;
	enum letter_kind kind;
	const struct registry *registry; /* that the finding's member is of */
	struct letter_told told;
	int64_t quiet_us;  /* LETTER_RELAPSE: it was seen last before it began again */
	unsigned relapses; /* LETTER_RELAPSE: how often by now, 1 and more */
	/* LETTER_RETRACTION: why, and */
	enum retraction retraction;
	enum rule instead;     /* of RETRACTION_OTHER: what it is */
	const char *exception; /* of RETRACTION_EXCEPTION: its note; NULL: none */
	/* Several organisations share the address: which log tells whose it was. NULL: they do not.
	 */
	const char *egress;
	/* Where it can be answered, as long as it is not over; NULL: by mail alone. */
	const char *answer_url;
};

/* How many addresses are involved: senders where a machine is flooded, else receivers. */
uint64_t letter_spread(const struct finding *finding);

/*
 * About a finding of a member: a stranger's has no reader, and is a mistake of the caller.
 * LETTER_RETRACTION comes without the finding as JSON: a program must not take it for one more.
 *
 * LETTER_QUIET and LETTER_RETRACTION need of the finding only rule, member, subject, role, drill,
 * times, ports with their counts, shape, severity, tool, attribution and spoof estimate (what its
 * JSON tells), and the reasons only for spoof.member and ddos.incoming, whose headlines say less
 * without them.
 */
int letter_about_incident(const struct letter_setting *setting,
    const struct letter_incident *incident, const struct finding *finding,
    struct letter *ret_letter);

/*
 * Whom to call about it, in the words of such a letter: whom, a text to send them, and what happens
 * if nothing is done. `paste` is to be freed, the others are not.
 */
struct letter_call {
	const char *whom;
	char *paste;
	const char *neglect;
};
int letter_call(const struct letter_setting *setting, const struct letter_incident *incident,
    const struct finding *finding, struct letter_call *ret_call);

/* A line of a digest or a summary. */
struct letter_digest_line {
	int64_t incident; /* 0: none */
	const struct finding *finding;
};

/*
 * Many incidents at once, in one letter: how many there are of each kind, and the most urgent ones,
 * LETTER_LINES_MAX where there are so many. `table` of the letter has as many as fit, as CSV.
 */
struct letter_summary {
	const char *member; /* NULL: of the whole station, for its operator */
	const struct registry *registry;
	int64_t since_us; /* they were found since then */
	uint64_t sent;    /* that had letters of their own within the hour */
	uint64_t by_severity[SEVERITY_COUNT];
	uint64_t by_rule[RULE_COUNT];
	const struct letter_digest_line *lines; /* the most urgent first */
	size_t listed;
	uint64_t count; /* all */
};

int letter_summary(const struct letter_setting *setting, const struct letter_summary *summary,
    struct letter *ret_letter);

/* The only letter that an address gets before somebody there gave back its code. */
struct letter_verification {
	const char *member; /* NULL: alarms of the station itself, for its operator */
	const char *code;
	int64_t until_us; /* when the code ends */
};

int letter_verification(const struct letter_setting *setting,
    const struct letter_verification *verification, struct letter *ret_letter);

/* The end of a test of the whole way, packets to mailbox. A time of 0 is not known. */
struct letter_canary {
	uint64_t number;
	int64_t made_us;
	int64_t found_us;
	int64_t written_us;
	int64_t interval_us; /* how often they come; 0 for one on demand */
};

int letter_canary(const struct letter_setting *setting, const struct letter_canary *canary,
    struct letter *ret_letter);

/* What a station tells its operator of itself. In brackets: `what`, `lasting_us`, `number`. */
enum alarm {
	ALARM_CANARY_LATE,      /* -, how late, - */
	ALARM_DELIVERY_FAILING, /* address of the contact, since when, notices that wait */
	ALARM_INTERFACE_SILENT, /* interface, since when, - */
	ALARM_INTERFACE_DOWN,   /* interface, since when, - */
	ALARM_PACKETS_LOST,     /* interface, within, packets */
	ALARM_DISK_FILLING,     /* directory, -, percent that is free */
	ALARM_DISK_FULL,        /* directory, since when, - */
	ALARM_STORE_DAMAGED,    /* database, since when, - */
	ALARM_DUTY_FAILING,     /* duty, within, how often it ended */
	ALARM_STATION_DOWN,     /* -, for how long, - */
	ALARM_CLOCK_STEPPED,    /* -, how far, - */
	ALARM_WATCHER_LOST,     /* host of the watcher (no path: it may be a secret), since, - */
	ALARM_NOTICES_HELD,     /* member, within, notices */
	ALARM_PEER_SILENT,      /* another station's name, for how long, - */
	/* Answers to letters, which never last: incident, machine and member as one text, -, - */
	ALARM_ANSWERED_NOT_OURS,
	ALARM_ANSWERED_HARMLESS,
	ALARM_MAIL_UNSIGNED,  /* -, since when, letters */
	ALARM_INCIDENTS_MANY, /* -, since when, how many are open */
	ALARM_COUNT,
};

struct letter_alarm {
	enum alarm alarm;
	bool is_over;       /* it ended: nothing has to be done any more */
	const char *what;   /* NULL where the alarm has none */
	const char *detail; /* as another machine or the system reported it; NULL: nothing */
	int64_t since_us;
	int64_t lasting_us;
	uint64_t number;
};

const char *alarm_name(enum alarm alarm); /* "canary-late" */
/* Whether it lasts until it is over; else it is told once. */
bool alarm_lasts(enum alarm alarm);
/* What its subject says: "eth1 is down". `what` as there. */
void letter_alarm_title(enum language language, enum alarm alarm, const char *what,
    char out[static LETTER_SUBJECT_BYTES]);
int letter_alarm(const struct letter_setting *setting, const struct letter_alarm *alarm,
    struct letter *ret_letter);

/* That a certificate for mail ends soon, or has ended. */
enum letter_certificate_kind {
	LETTER_CERTIFICATE_OWN,     /* the station's, for its operator */
	LETTER_CERTIFICATE_YOURS,   /* a contact's, to itself */
	LETTER_CERTIFICATE_CONTACT, /* a contact's, to the operator */
	LETTER_CERTIFICATE_KINDS,
};

struct letter_certificate {
	enum letter_certificate_kind kind;
	const char *address; /* for which it is */
	int64_t contact;     /* the contact's number; unused for the station's own */
	const char *member;  /* the contact's; NULL: the operator's own */
	int64_t until_us;
	unsigned days; /* that are left; 0: it has ended */
};

int letter_certificate(const struct letter_setting *setting,
    const struct letter_certificate *certificate, struct letter *ret_letter);

/*
 * The regular report: that we are alive, what is open, and what was too small for a letter. Of each
 * list the first are given, LETTER_LINES_MAX where there are so many, and how many there are.
 */
struct letter_digest {
	const char *member; /* NULL: of the whole station, for its operator */
	const struct registry *registry;
	int64_t from_us;
	int64_t to_us;
	unsigned days;           /* how often it comes */
	uint64_t packets;        /* that the station saw */
	uint64_t packets_judged; /* from and to this member's machines; unused for a station */
	uint64_t packets_lost;
	uint64_t dark_addresses;
	uint64_t gaps; /* times in which not everything was observed, and how long in all */
	int64_t gaps_us;
	uint64_t canaries_sent;
	uint64_t canaries_arrived;
	uint64_t incidents_new;
	uint64_t incidents_closed;
	const struct letter_digest_line *open; /* the most urgent first */
	size_t open_listed;
	uint64_t open_count;
	const struct letter_digest_line *small;
	size_t small_listed;
	uint64_t small_count;
};

int letter_digest(const struct letter_setting *setting, const struct letter_digest *digest,
    struct letter *ret_letter);

#endif
