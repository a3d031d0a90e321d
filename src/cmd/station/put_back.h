/*
 * put_back.h - what is in a backup goes into a station's directory, under the station's lock.
 *
 * Everything is written beside what it replaces first. Then the database changes its place, and the
 * rest follows by renaming alone; what was there before stays, as NAME.replaced.
 */
#ifndef CMD_STATION_PUT_BACK_H
#define CMD_STATION_PUT_BACK_H

#include <stdbool.h>

#include "base/complaint.h"
#include "cmd/station/backup_file.h"
#include "cmd/station/paths.h"

/*
 * Opens an empty file in the directory, of its owner, into which backup_read() puts the database.
 * 0, or a negative errno with a complaint.
 */
int put_back_open(const struct station_dir *dir, int *ret_fd, struct complaint *complaint);

/*
 * Puts database and keys back, as the owner of the directory. The database comes to the schema of
 * this program, and to another identity: what is numbered from now on was numbered before, and must
 * not look the same to those who got letters then. 0, or a negative errno with a complaint, as
 * store_restore().
 */
int put_back(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint);

/*
 * What people write for a station (backup_places.h), as they would have put it there: where root
 * does, it is root's, for the directory's group to read. A folder takes the place of the folder
 * that is there, whole. A copy that holds nothing of a place leaves nothing there either, unless it
 * is of a form that could not hold it.
 *
 * The first writes all of it beside what it replaces, before anything is changed; the other puts it
 * in its place. 0, or a negative errno with a complaint.
 */
int put_back_stage(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint);
int put_back_texts(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint);

/* Removes what is not needed any more; `is_new`: nothing was there before that had to be kept. */
void put_back_tidy(const struct station_dir *dir, bool is_new);
/* Of a station that was not there before, and shall not be: removes what was put there. */
void put_back_forget(const struct station_dir *dir, const struct backup *backup);

#endif
