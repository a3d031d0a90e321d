/*
 * backup_internal.h - what writing (backup_write.c) and reading (backup_read.c) of a backup share.
 */
#ifndef CMD_STATION_BACKUP_INTERNAL_H
#define CMD_STATION_BACKUP_INTERNAL_H

#include "base/hash.h"
#include "cmd/station/backup_file.h"

enum {
	BACKUP_PIECE_BYTES = 1 << 16, /* read and written at once */
	/* Of 32 digits, two blanks, a name and a newline. */
	BACKUP_SUM_BYTES = 32 + 2 + TAR_NAME_BYTES,
	BACKUP_SUMS_BYTES = (BACKUP_KEYS_MAX + BACKUP_FILES_MAX + 3) * BACKUP_SUM_BYTES + 1,
	BACKUP_HEAD_BYTES = 256, /* more than four short lines need */
	/* An archive is filled up to this with NUL, as tar(1) does. */
	BACKUP_RECORD_BYTES = 20 * TAR_BLOCK_BYTES,
};

/* The checksums so far, and of the file that is gone through now. */
struct backup_sums {
	XXH3_state_t *state;
	size_t used;
	char text[BACKUP_SUMS_BYTES];
};

/* 0 or -ENOMEM. */
int backup_sums_init(struct backup_sums *sums);
void backup_sums_release(struct backup_sums *sums);

void backup_sums_begin(struct backup_sums *sums);
void backup_sums_add(struct backup_sums *sums, const void *bytes, size_t count);
/* That was all of the file of this name. */
void backup_sums_end(struct backup_sums *sums, const char *name);

#endif
