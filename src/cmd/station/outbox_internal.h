/* outbox_internal.h - shared by outbox.c and outbox_*.c; not for others. */
#ifndef CMD_STATION_OUTBOX_INTERNAL_H
#define CMD_STATION_OUTBOX_INTERNAL_H

#include "cmd/station/outbox.h"
#include "notify/webhook.h"

enum {
	OUTBOX_ID_BYTES = 256, /* longer than a Message-ID may be (notify/mail.h) */
	/* Results that wait to be written: while there is no room for one more, nothing is sent. */
	OUTBOX_RESULTS_MAX = 2 * OUTBOX_SENDING_MAX,
	/* Within an hour a canary's letter has proven what it can, and others fly. */
	OUTBOX_CANARY_ATTEMPTS = 6,
	/* Of a message: with its address and id it fits what the courier takes (proc/message.h). */
	OUTBOX_MAIL_MAX_BYTES = 124 << 10,
	OUTBOX_NOTE_BYTES = 1024, /* of an exception: a letter shows LETTER_NOTE_COLUMNS */
	OUTBOX_LINK_BYTES = 256,  /* STATION_LINK_URL_BYTES_MAX, "/a/" and a token */
};

/* News of one member within an hour. */
struct hour_count {
	int64_t began_us;
	unsigned count;
	int64_t summed_us; /* wall: what was held was told as one, then; 0: not in this hour */
};

struct hour {
	int64_t reader;         /* a member, or 0 for the operator */
	struct hour_count kept; /* by the store */
	struct hour_count now;  /* with what this transaction adds */
	uint64_t held;          /* that found no room, when it was looked last */
	int64_t held_us;        /* wall: some have found none since then; 0: none */
};

/* News that is due, and then of those what was written in this transaction. */
struct told {
	struct incident *incident;
	enum news news; /* NEWS_NONE: it is a reminder, */
	unsigned step;  /* of this step (routing.h) */
	int64_t reader; /* whose hour it is in */
	bool is_held;   /* there is no room in it */
	bool is_summed; /* it is told as one of many */
};

/* A letter on its way into the store. */
struct draft {
	const struct roster_contact *contact;
	const struct letter *letter;
	enum notice_kind kind;
	const char *id;     /* its Message-ID */
	const char *thread; /* of the first about the same; NULL for a first */
	int64_t incident;
	uint64_t canary;
	const struct finding *finding; /* NULL: none */
	const char *member;            /* of the finding */
	const char *answer_url;        /* NULL: none */
	bool is_drill;
	int64_t wall_us;
	int64_t not_before_us;        /* it waits for the hours of its reader; 0: it does not */
	const struct incident *about; /* what the finding is of; NULL: not known */
	int64_t observed_us;          /* with it: the clock by which it changed */
};

/* What goes with it for programs. */
struct outbox_attachment {
	const char *text; /* NULL: nothing */
	const char *name;
	const char *type;
	char *made; /* to be freed; NULL: the text is the letter's */
};

/* A notice that the courier has. */
struct flight {
	int64_t notice; /* 0: none */
	int64_t incident;
	int64_t contact;
	enum contact_kind way;
	enum notice_kind kind;
	unsigned attempts; /* before this one, as is: */
	unsigned unknown;
	bool is_given; /* the courier has it; else it has no room yet */
};

struct kept_result {
	struct flight flight;
	enum courier_outcome outcome;
	char reply[COURIER_REPLY_BYTES];
	int64_t at_us;
};

struct outbox {
	struct outbox_options options; /* its text is not used: ours follows */
	char *station;
	char *from;
	char *desk;
	char *host;
	char *identity;
	char *url; /* that links begin with, without a slash at its end; "": there are none */
	struct message_secret secret; /* options.secret points here, or nowhere */
	struct told *told;
	size_t told_count;
	size_t told_room;
	int64_t told_us;
	uint64_t plain_count;
	struct casebook_clocks reminded; /* when it was looked last for what nobody answered */
	struct hour hours[OUTBOX_MEMBERS_MAX];
	size_t hour_count;
	struct flight flights[OUTBOX_SENDING_MAX];
	struct kept_result results[OUTBOX_RESULTS_MAX];
	size_t result_count;
	size_t results_written; /* of them, in this transaction */
	size_t others;          /* contacts of the roster that were looked at beside busy ones */
	bool contacts_changed;
	uint64_t written;
	uint64_t delivered;
	uint64_t attempts_failed;
	uint64_t failed;
};

/* outbox.c */
/* -EEXIST: one with this Message-ID was written before; the transaction goes on. */
/* Its Message-IDs are tagged (message_tag.h). */
int outbox_put_draft(struct outbox *outbox, const struct draft *plain, struct complaint *complaint);
struct letter_setting outbox_setting_of(
    const struct outbox *outbox, const struct roster *roster, const struct roster_contact *contact);

/* Where this contact can answer about this incident. False where it cannot by a link. */
bool outbox_make_link(const struct outbox *outbox, const struct incident *incident,
    const struct roster_contact *contact, int64_t wall_us, char out[static OUTBOX_LINK_BYTES]);

/* outbox_attach.c: in the format that its contact chose. Returns 0 or -ENOMEM. */
int outbox_attach(const struct outbox *outbox, const struct draft *draft,
    struct outbox_attachment *ret_attachment);

/* outbox_notice.c: a notice for others than readers of mail, in the form that its contact chose, to
 * be freed. Returns 0 or -ENOMEM. */
int outbox_make_notice(const struct outbox *outbox, const struct draft *draft,
    const struct webhook_notice *notice, char **ret_bytes, size_t *ret_length);
/* What a parcel says of its body, and the proof that it is ours, made for this try. */
void outbox_dress(struct outbox_parcel *parcel, const struct roster_contact *contact,
    int64_t wall_us, char signature[static SIGNATURE_TEXT_BYTES]);

/* outbox_hours.c: how much news a member gets in an hour, over restarts. */
int outbox_load_hours(struct outbox *outbox, struct complaint *complaint);
void outbox_begin_hours(struct outbox *outbox); /* with a transaction */
/* Whether there is room for one more; that counts it, or that it is held. */
bool outbox_hour_takes(struct outbox *outbox, int64_t reader, int64_t wall_us);
/* Whether it is time to tell as one what is held. */
bool outbox_hour_sums(struct outbox *outbox, int64_t reader, int64_t wall_us);
int outbox_write_hours(struct outbox *outbox, struct complaint *complaint);
void outbox_commit_hours(struct outbox *outbox);

/* outbox_news.c */
bool outbox_takes_severity(
    const struct outbox *outbox, const struct roster_contact *contact, enum severity severity);
/* The finding with the number that its member has now. False when it is a member no more. */
bool outbox_finding_of(
    const struct roster *roster, const struct incident *incident, struct finding *ret_finding);

/*
 * outbox_summary.c: what is held of each reader for whom it is time, as one letter; those are
 * marked in the list. Within the transaction.
 */
int outbox_write_summaries(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint);

/* outbox_send.c: what was being sent when the keeper before ended. */
int outbox_load_flights(struct outbox *outbox, int64_t wall_us, struct complaint *complaint);

void outbox_commit_results(struct outbox *outbox);

#endif
