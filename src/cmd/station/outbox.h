/*
 * outbox.h - letters that are to be delivered: written in the transaction in which what they tell
 * of is written, and kept until a server has taken them, or for good where none would.
 *
 * A notice in the store is a finished message: whatever happens, what is sent again are the same
 * bytes with the same Message-ID. It goes to contacts that were verified, and to no others but the
 * letter that asks for that.
 */
#ifndef CMD_STATION_OUTBOX_H
#define CMD_STATION_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/complaint.h"
#include "cmd/station/message_tag.h"
#include "cmd/station/roster.h"
#include "notify/courier.h"
#include "notify/letter.h"
#include "notify/mail.h"
#include "store/store.h"
#include "web/answer_link.h"

struct outbox;

struct outbox_options {
	struct store *store;       /* borrowed */
	struct casebook *casebook; /* borrowed */
	const char *station;       /* its name, in letters; copied, as all text */
	const char *from;          /* address of the sender of mail; "" where no mail is sent */
	const char *desk;          /* whom to ask; "" for nobody */
	const char *host;          /* the right half of Message-IDs */
	const char *identity;      /* of this station, in them: letters and digits */
	const struct message_secret *secret; /* that makes them hard to guess; NULL: nothing does */
	bool canary_by_mail;                 /* which of the operator's ways canaries take */
	bool canary_by_webhook;
	int64_t canary_every_us; /* 0: on demand */
	unsigned cap;            /* letters per reader and hour; 0: no cap */
	int64_t remind_us;       /* routing.h; 0: nobody is reminded */
	/* Links by which letters are answered; without a key or an address they have none. */
	struct {
		const struct answer_key *key; /* borrowed; NULL: none */
		const char *url;              /* what they begin with; "": nothing; copied */
		int64_t valid_us;
	} answers;
	/* Signs mail, as mail_seal has it; NULL: nobody does. */
	int (*sign)(
	    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature);
	void *sign_context;
};

/* A message on its way: what the courier needs. Borrowed for the call. */
struct outbox_parcel {
	int64_t notice;
	enum contact_kind kind;
	const char *address;
	const char *message_id;
	const char *media_type; /* of the body, where its receiver is told */
	const char *signature; /* of a web hook's (notify/signature.h); "" where it is not signed */
	struct store_bytes body;
};

struct outbox_result {
	int64_t notice;
	enum courier_outcome outcome;
	const char *reply; /* what the server said; "" for nothing */
	int64_t at_us;
};

/* In place of a letter with a code, once it is not to be sent any more: codes are kept hashed. */
#define OUTBOX_NO_BODY "(it held a code)\r\n"

/* What found no room in an hour is told as one when it has waited so long. */
#define OUTBOX_SUMMARY_US (10 * WHEN_MINUTE_US)

enum {
	OUTBOX_SENDING_MAX = 16, /* at once */
	/* Of these, to one contact and by one way: who is slow, or hangs, keeps nobody else
	   waiting, and an alarm about a mail server finds its way by a webhook. */
	OUTBOX_CONTACT_MAX = 4,
	OUTBOX_WAY_MAX = 12,
	OUTBOX_MEMBERS_MAX = 4096, /* whose letters of this hour are counted */
};

/* Returns 0 or -ENOMEM. */
int outbox_new(const struct outbox_options *options, struct outbox **ret_outbox);
void outbox_free(struct outbox *outbox); /* NULL is allowed */
/*
 * Goes on from what the store has: how much news members got in this hour, and letters that were
 * being sent when the keeper before ended, which is an outcome that nobody knows. At the start.
 * Returns 0 or what the store gave, with a complaint.
 */
int outbox_load(struct outbox *outbox, int64_t wall_us, struct complaint *complaint);

/*
 * Writes letters about everything in the casebook that is due, the most urgent first. Within a
 * transaction, after the incidents were written. Returns 0, or what the store gave, with a
 * complaint.
 */
int outbox_write_news(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint);
/*
 * Whether it is time to look for what nobody has answered, and there may be such. It is looked once
 * a minute, by either clock.
 */
bool outbox_owes_reminders(const struct outbox *outbox, const struct casebook_clocks *clocks);
/*
 * The incidents that were told of in this transaction, as they are then (casebook_tell), to be kept
 * with the letters; `*position` starts at 0. False at the end.
 */
bool outbox_next_told(const struct outbox *outbox, size_t *position, struct incident *ret_told);
/* Writes the letter to everybody who looks after the station. Likewise. */
int outbox_write_alarm(struct outbox *outbox, const struct roster *roster,
    const struct letter_alarm *alarm, int64_t wall_us, struct complaint *complaint);
/* Asks a contact for the code that it gets by this letter. Likewise. */
struct outbox_verification {
	int64_t contact;
	const char *code;
	int64_t until_us;
};
int outbox_write_verification(struct outbox *outbox, const struct roster *roster,
    const struct outbox_verification *verification, int64_t wall_us, struct complaint *complaint);

/* A regular report to this contact. Likewise. */
struct outbox_digest {
	const struct roster_contact *contact;
	const struct letter_digest *letter;
	int64_t due_us; /* which one it is, in its Message-ID */
};
int outbox_write_digest(struct outbox *outbox, const struct roster *roster,
    const struct outbox_digest *digest, int64_t wall_us, struct complaint *complaint);

/* That a certificate ends, to this contact. Likewise. */
struct outbox_certificate {
	const struct roster_contact *contact;
	const struct letter_certificate *letter;
};
int outbox_write_certificate(struct outbox *outbox, const struct roster *roster,
    const struct outbox_certificate *certificate, int64_t wall_us, struct complaint *complaint);

/*
 * Whether the contact was verified and there is a way to it: without a server no mail is sent. (The
 * operator hears of that from `hinomi check`.)
 */
bool outbox_can_reach(const struct outbox *outbox, const struct roster_contact *contact);

/* The transaction was committed: what was written counts. */
void outbox_commit(struct outbox *outbox);
/* It was not. */
void outbox_forget(struct outbox *outbox);

/* Whether contacts came to another state since this was asked last, so that the roster is old. */
bool outbox_take_contacts_changed(struct outbox *outbox);
/* News that found no room in this hour, by reader; `*position` starts at 0. False at the end. */
struct outbox_held {
	int64_t reader; /* a member, or 0 for the operator */
	uint64_t count;
	unsigned told;    /* in this hour: as many as may be */
	int64_t since_us; /* wall: this hour began */
};
bool outbox_next_held(const struct outbox *outbox, size_t *position, struct outbox_held *ret_held);
/* Of a canary's incident: the number in its address. */
uint64_t outbox_canary_number(const struct incident *incident);

/*
 * Who takes parcels: 0 when it took one, or a negative errno when it has no room now; -EMSGSIZE for
 * one that is too large whenever it comes, which then has failed.
 */
struct outbox_sender {
	int (*send)(void *context, const struct outbox_parcel *parcel);
	void *context;
};
/* Gives what is due to the sender. Not within a transaction. Returns 0 or what the store gave. */
int outbox_dispatch(struct outbox *outbox, const struct roster *roster, int64_t wall_us,
    const struct outbox_sender *sender, struct complaint *complaint);

/*
 * Sends it at once, past a store that takes nothing: in no transaction, and nothing is tried again
 * or remembered. Its notices have negative numbers. The same `wall_us` gives the same Message-IDs.
 * Returns how many the sender took.
 */
size_t outbox_send_alarm(const struct outbox *outbox, const struct roster *roster,
    const struct letter_alarm *alarm, int64_t wall_us, const struct outbox_sender *sender);

/* What came of it; written with the next outbox_write_results(). */
void outbox_note_result(struct outbox *outbox, const struct outbox_result *result);
/* Within a transaction. Incidents that were told of move on. */
int outbox_write_results(struct outbox *outbox, int64_t observed_us, struct complaint *complaint);
/*
 * Letters that were planned by a clock that was set back since: they wait as long as they were to,
 * and not for what the clock lost. Within a transaction. Returns 0, or what the store gave.
 */
int outbox_mend_times(struct outbox *outbox, int64_t wall_us, struct complaint *complaint);
bool outbox_has_results(const struct outbox *outbox);
/* Whoever sent is gone: everything on its way is sent again. */
void outbox_lose_courier(struct outbox *outbox, int64_t wall_us);

struct outbox_counts {
	uint64_t written;
	uint64_t delivered;
	uint64_t attempts_failed;
	uint64_t failed; /* for good */
	uint64_t held;   /* news that waited for the next hour */
	size_t sending;
	/* Read from the store by outbox_measure(): on their way or not. */
	int64_t waiting;
	int64_t oldest_us; /* when the oldest of them was written; 0: none waits */
};
int outbox_measure(
    struct outbox *outbox, struct outbox_counts *ret_counts, struct complaint *complaint);

#endif
