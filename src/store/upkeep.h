/*
 * upkeep.h - keeping a store from filling the disk.
 *
 * When a commit gives -ENOSPC, even removing needs room: it is written to the log first. So a file
 * of STORE_RESERVE_BYTES lies beside the database, to be given up then:
 *
 *     store_use_reserve(store);
 *     store_begin, store_remove (a limited number, oldest first), store_commit
 *     store_shrink(store, ...);   gives freed pages back to the disk, takes a new reserve
 *
 * Opening a store on a disk that is full gives it up as well.
 */
#ifndef STORE_UPKEEP_H
#define STORE_UPKEEP_H

#include "store/store.h"

enum {
	/* Removing some ten thousand rows and moving the pages that they leave. */
	STORE_RESERVE_BYTES = 8 << 20,
};

struct store_health {
	int64_t bytes;         /* of the database */
	int64_t free_bytes;    /* of these: pages without content */
	int64_t log_bytes;     /* not yet in it; grows while somebody reads very long */
	int64_t disk_bytes;    /* that the disk still has for us */
	int64_t reserve_bytes; /* of the reserve; 0 when it was given up or never fitted */
	int log_error;         /* 0, or why the log could not be taken into the database last */
};

/* Not of a suspect store (-EIO). Engines without a file give zeros. */
int store_measure(
    struct store *store, struct store_health *ret_health, struct complaint *complaint);

/*
 * Whether the file that is open still lies at its path and begins as it should: someone may have
 * removed or replaced it, cut it short or written over it, which who has it open does not notice.
 * 0, or -EUCLEAN with a complaint; the store is as usable as before, so a copy of what it still
 * knows can be made. Not of a suspect store (-EIO).
 */
int store_look(struct store *store, struct complaint *complaint);

/* Gives up the reserve. */
void store_use_reserve(struct store *store);

/*
 * Gives at most so many bytes of free pages back to the disk, takes the log into the database, and
 * takes a new reserve where there is room for twice as much. In no transaction. Some milliseconds
 * for each MiB.
 */
int store_shrink(struct store *store, int64_t bytes_max, struct complaint *complaint);

#endif
