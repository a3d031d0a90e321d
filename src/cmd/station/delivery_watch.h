/*
 * delivery_watch.h - letters that do not arrive: contacts that servers refuse again and again, and
 * members of whom more is found than an hour's letters may tell. What there is of it is told to
 * whoever raises alarms, as ALARM_DELIVERY_FAILING and ALARM_NOTICES_HELD want it
 * (notify/letter.h).
 */
#ifndef CMD_STATION_DELIVERY_WATCH_H
#define CMD_STATION_DELIVERY_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/outbox.h"
#include "cmd/station/roster.h"
#include "notify/letter.h"
#include "store/store.h"

struct delivery_watch;

enum {
	/* Contacts, and members, that are told of at once; more are left out until others are over.
	 */
	DELIVERY_WATCH_MAX = 256,
	/* Letters of a contact that are looked at, from the last one on: since when, and why. */
	DELIVERY_LETTERS_MAX = 64,
};

#define DELIVERY_LOOK_US WHEN_MINUTE_US /* between two looks */

/* How something stands. Borrowed for the call. */
struct delivery_report {
	enum alarm alarm;
	const char *what;   /* the contact's address, or a web hook's host; the member's name */
	const char *detail; /* what the server said last; NULL: nothing, or nobody knows */
	bool is_on;
	bool is_new;      /* it began, or ended, since the last look */
	int64_t since_us; /* 0 where it is over */
	uint64_t number;  /* letters that wait; those that were due in this hour */
};

struct delivery_reporter {
	void (*report)(void *context, const struct delivery_report *report);
	void *context;
};

/* Both are borrowed. Returns 0 or -ENOMEM. */
int delivery_watch_new(
    struct store *store, const struct outbox *outbox, struct delivery_watch **ret_watch);
void delivery_watch_free(struct delivery_watch *watch); /* NULL is allowed */

/*
 * Looks, if a minute has passed, and reports everything that is wrong, and what is not any more.
 * The first look tells of each contact and member how it stands: an alarm may be known from before
 * the start. Not within a transaction. Returns 0 or what the store gave, with a complaint.
 */
int delivery_watch_look(struct delivery_watch *watch, const struct roster *roster,
    int64_t monotonic_us, const struct delivery_reporter *reporter, struct complaint *complaint);

#endif
