/*
 * put_back_internal.h - what put_back.c (database, keys) and put_back_texts.c (what people write)
 * share.
 */
#ifndef CMD_STATION_PUT_BACK_INTERNAL_H
#define CMD_STATION_PUT_BACK_INTERNAL_H

#include "cmd/station/put_back.h"

#define PUT_BACK_NEW      ".new"      /* written, and not in its place yet */
#define PUT_BACK_REPLACED ".replaced" /* what was in its place */

enum {
	PUT_BACK_NAME_BYTES = TAR_NAME_BYTES + 16, /* a name with an ending */
};

/* Complains of errno. */
int put_back_fail(const struct station_dir *dir, const char *name, struct complaint *complaint);

/* All of a text, onto the disk. 0, or -1 with errno. */
int put_back_write(int fd, const struct backup_text *text);

/* Removes what was staged and did not get its place. */
void put_back_texts_tidy(const struct station_dir *dir);
/* Of a station that shall not be: removes what got its place, too. */
void put_back_texts_forget(const struct station_dir *dir);

#endif
