/*
 * archive.h - the casebook in the store: incidents and their history.
 *
 * What is written is all that is known of an incident (but for the frames of its finding), so that
 * a keeper that starts goes on as the one before would have.
 *
 * Writing happens within the keeper's transaction. A number that the store gives to a new incident
 * counts only once that is committed; if it is not, archive_forget() takes it back, and all is
 * written again with the next transaction.
 */
#ifndef CMD_STATION_ARCHIVE_H
#define CMD_STATION_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/complaint.h"
#include "cmd/station/roster.h"
#include "store/store.h"

struct archive;

struct archive_counts {
	uint64_t incidents; /* written, each time */
	uint64_t steps;
	uint64_t unreadable; /* records that a newer or damaged store holds */
	uint64_t left;       /* open incidents that found no room when they were loaded */
};

/* Both are borrowed. Returns 0 or -ENOMEM. */
int archive_new(struct store *store, struct casebook *casebook, struct archive **ret_archive);
void archive_free(struct archive *archive); /* NULL is allowed */

/*
 * Puts the incidents of the store into the casebook: all that are not closed, and those closed
 * since `closed_since_us`. Where there are more than it has room for, the most urgent
 * (casebook_compare_urgency); what is not closed of the others is closed with the next writes, for
 * CLOSE_NO_ROOM and with an event that says so. The roster knows their members. Returns 0 or a
 * negative errno with a complaint.
 */
int archive_load(struct archive *archive, const struct roster *roster, int64_t closed_since_us,
    struct complaint *complaint);

/*
 * Writes what is changed, and with `grown` what has grown, and the history. 0, or what the store
 * gave, with a complaint. Until one of the next two is called, incidents have their numbers.
 */
int archive_write(struct archive *archive, bool grown, int64_t now_us, struct complaint *complaint);
/*
 * A letter about this incident was written in the same transaction: writes what is known of it then
 * (casebook_tell). After archive_write(). 0, or what the store gave, with a complaint.
 */
int archive_write_told(
    struct archive *archive, const struct incident *told, struct complaint *complaint);
/* Whether something is to be written that the casebook does not know of. */
bool archive_is_due(const struct archive *archive);
/* It was committed. */
void archive_commit(struct archive *archive);
/* It was not: numbers given in this transaction do not count. */
void archive_forget(struct archive *archive);

void archive_get_counts(const struct archive *archive, struct archive_counts *ret_counts);

#endif
