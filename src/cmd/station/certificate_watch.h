/*
 * certificate_watch.h - certificates for mail that end: 30, 14 and 3 days before, and when one has
 * ended, whoever has to do something about it gets a letter. Of the station's own the operator; of
 * a contact's the contact and the operator.
 *
 * Each of these is told once. What was told is kept with the letters, in the store's meta: a keeper
 * that starts does not tell it again. Another certificate begins anew.
 */
#ifndef CMD_STATION_CERTIFICATE_WATCH_H
#define CMD_STATION_CERTIFICATE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/outbox.h"
#include "cmd/station/roster.h"
#include "notify/certificate.h"
#include "store/store.h"

struct certificate_watch;

struct certificate_watch_options {
	struct store *store;                 /* borrowed, as all */
	struct outbox *outbox;               /* that writes the letters */
	const struct certificate_facts *own; /* NULL, or until_us is 0: nothing is signed */
	const char *address;                 /* for which that is */
};

/* Reads what was told. Returns 0, or a negative errno with a complaint. */
int certificate_watch_new(const struct certificate_watch_options *options,
    struct certificate_watch **ret_watch, struct complaint *complaint);
void certificate_watch_free(struct certificate_watch *watch); /* NULL is allowed */

/* Whether there is something to tell; it is looked at once a minute. */
bool certificate_watch_is_due(struct certificate_watch *watch, const struct roster *roster,
    int64_t wall_us, int64_t monotonic_us);
/* Writes it, within a transaction. Returns 0, or what the store gave, with a complaint. */
int certificate_watch_write(struct certificate_watch *watch, const struct roster *roster,
    int64_t wall_us, struct complaint *complaint);
void certificate_watch_commit(struct certificate_watch *watch); /* it was committed */
void certificate_watch_forget(struct certificate_watch *watch); /* it was not */

#endif
