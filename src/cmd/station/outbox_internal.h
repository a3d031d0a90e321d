/* outbox_internal.h - shared by outbox.c and outbox_send.c; not for others. */
#ifndef CMD_STATION_OUTBOX_INTERNAL_H
#define CMD_STATION_OUTBOX_INTERNAL_H

#include "cmd/station/outbox.h"

enum {
	OUTBOX_ID_BYTES = 256,    /* longer than a Message-ID may be (notify/mail.h) */
	OUTBOX_NOTE_BYTES = 1024, /* of an exception: a letter shows LETTER_NOTE_COLUMNS */
};

/* Letters of one member within an hour. */
struct hour {
	int64_t member_id;
	int64_t began_us;
	unsigned count;
	uint64_t held; /* incidents with news that wait for the next, when it was looked last */
	bool is_held_told;
};

/* News that was written in this transaction. */
struct told {
	struct incident *incident;
	enum news news;
};

/* A notice that the courier has. */
struct flight {
	int64_t notice; /* 0: none */
	int64_t incident;
	int64_t contact;
	enum notice_kind kind;
	unsigned attempts; /* before this one */
};

struct kept_result {
	struct flight flight;
	enum courier_outcome outcome;
	char *reply;
	int64_t at_us;
};

struct outbox {
	struct outbox_options options; /* its text is not used: ours follows */
	char *station;
	char *from;
	char *desk;
	char *host;
	char *identity;
	struct told *told;
	size_t told_count;
	size_t told_room;
	int64_t told_us;
	uint64_t plain_count;
	struct hour hours[OUTBOX_MEMBERS_MAX];
	size_t hour_count;
	struct flight flights[OUTBOX_SENDING_MAX];
	struct kept_result *results;
	size_t result_count;
	size_t result_room;
	size_t results_written; /* of them, in this transaction */
	bool contacts_changed;
	uint64_t written;
	uint64_t delivered;
	uint64_t attempts_failed;
	uint64_t failed;
};

void outbox_commit_results(struct outbox *outbox);

#endif
