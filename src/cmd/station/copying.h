/*
 * copying.h - a copy of the database while the keeper goes on: made a part at a time between its
 * turns (store/backup.h), in the station's spool, for `hinomi backup` to take away.
 *
 * One at a time. A copy that nobody took is removed when the next begins, or the keeper starts.
 */
#ifndef CMD_STATION_COPYING_H
#define CMD_STATION_COPYING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "store/store.h"

struct copying;

enum copying_state {
	COPYING_NONE,
	COPYING_GOES_ON,
	COPYING_DONE,
	COPYING_FAILED,
};

struct copying_progress {
	enum copying_state state;
	uint64_t number;    /* of the copy, from 1; 0: there was none */
	int64_t left_bytes; /* that are known of */
	const char *why;    /* FAILED; borrowed until the next call */
};

enum {
	COPYING_NAME_BYTES = 64,
};

/*
 * `folder` is copied; in it nothing but copies may have such names. Removes those that are there. 0
 * or -ENOMEM.
 */
int copying_new(struct store *store, const char *folder, struct copying **ret_copying);
void copying_free(struct copying *copying); /* NULL is allowed */

/* 0; -EBUSY while one is made; or what the store gave, with a complaint. */
int copying_begin(struct copying *copying, struct complaint *complaint);
/* Goes on, in no transaction. True when there is more to do at once. NULL is allowed. */
bool copying_turn(struct copying *copying);
void copying_get_progress(const struct copying *copying, struct copying_progress *ret_progress);

/* The name of a copy in the folder. */
void copying_name(uint64_t number, char out[static COPYING_NAME_BYTES]);

#endif
