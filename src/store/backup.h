/*
 * backup.h - copies of a store while it is in use, and putting one back.
 *
 * A copy is taken through the store's own connection, a part at a time, so that the store goes on
 * in between; what is written meanwhile is in it. It is one file that holds everything, and appears
 * under its name only when it is whole, checked and on the disk. Only of engines with a file, else
 * -ENOTSUP.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

struct store_backup;

enum {
	/* What store_backup_step copies: some milliseconds of a disk. */
	STORE_BACKUP_STEP_BYTES = 1 << 20,
};

/* Begins a copy at `path`, in place of what is there. One at a time, else -EBUSY. */
int store_backup_open(struct store *store, const char *path, struct store_backup **ret_backup,
    struct complaint *complaint);
/*
 * Copies the next part, in no transaction; *ret_left_bytes is 0 when all is copied. -ECANCELED when
 * the store was closed or reopened since. An error here says nothing of the store.
 */
int store_backup_step(
    struct store_backup *backup, int64_t *ret_left_bytes, struct complaint *complaint);
/* Checks the copy and puts it in place; -ECANCELED when not all was copied. To be closed
   nonetheless. */
int store_backup_finish(struct store_backup *backup, struct complaint *complaint);
/* Removes what is not in place. NULL is allowed. */
void store_backup_close(struct store_backup *backup);

/*
 * Puts a copy in the place of the database at `path`, which nobody may have open (-EBUSY). The copy
 * is checked first, and stays. What was there is kept beside, as PATH.replaced.
 */
int store_restore(const char *copy, const char *path, struct complaint *complaint);

#endif
