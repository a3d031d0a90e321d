/*
 * backup_copy.h - a copy of a station's database, made by who holds it.
 */
#ifndef CMD_BACKUP_COPY_H
#define CMD_BACKUP_COPY_H

#include "base/complaint.h"
#include "cmd/station/paths.h"

/*
 * Has a copy made by the station that runs (service_copy.c), or where none runs makes it, under the
 * station's lock, of whatever schema the database has, and without changing it. Gives it open for
 * reading, at its beginning; it has no name any more. 0, or a negative errno with a complaint.
 */
int backup_copy(const struct station_dir *dir, int *ret_fd, struct complaint *complaint);

#endif
