/*
 * page_store.h - the station's database as the web duty reads it: beside the keeper, who alone
 * writes it, and never longer than for one answer, so that the keeper can always take in its log.
 *
 * The duty may open three files, those that are there when it enters its sandbox: the database, its
 * log, and the memory that both share. SQLite makes do without writing any of them. Where the
 * database is not there yet, is another by now (a copy was put back), or cannot be read for a
 * moment (the keeper has just died), there is none, and it is tried again: page_store_is_lost()
 * says when only a process that enters its sandbox anew could open it.
 */
#ifndef CMD_STATION_PAGE_STORE_H
#define CMD_STATION_PAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "store/store.h"

struct page_store;

/* A keeper that makes its database, or brings it up to date, takes less. */
#define PAGE_STORE_PATIENCE_US INT64_C(3000000)

/* Before the sandbox: waits for the files, and no longer than PAGE_STORE_PATIENCE_US. */
void page_store_wait(const char *path);

/* Nothing is opened yet; `path` is copied. 0 or -ENOMEM. */
int page_store_new(const char *path, struct page_store **ret_store);
void page_store_free(struct page_store *store); /* NULL is allowed */

/*
 * Opens it where that is due; `now_us` is monotonic. Returns 0, or a negative errno with a
 * complaint. What the store gives is one moment of it until page_store_end(). Not twice at once.
 */
int page_store_begin(struct page_store *store, int64_t now_us, struct store **ret_store,
    struct complaint *complaint);
void page_store_end(struct page_store *store);

/*
 * Within: a number that is another one as soon as anything that was committed is seen, or another
 * database.
 */
int page_store_version(
    struct page_store *store, uint64_t *ret_version, struct complaint *complaint);

/*
 * One moment of it besides, by a connection of its own, until that is closed: for what takes longer
 * than one answer. Not by a store that could not be opened. 0, or a negative errno with a
 * complaint.
 */
int page_store_open_beside(
    struct page_store *store, struct store **ret_store, struct complaint *complaint);
void page_store_close_beside(struct page_store *store, struct store *beside); /* NULL is allowed */

/* The files have changed, so that none of them may be opened any more: this process should end. */
bool page_store_is_lost(const struct page_store *store);

#endif
