/*
 * make.h - a new station: the directory and all that lies in it, or nothing.
 */
#ifndef CMD_STATION_MAKE_H
#define CMD_STATION_MAKE_H

#include <stdbool.h>

#include "base/complaint.h"
#include "cmd/station/paths.h"
#include "cmd/station/store_create.h"

struct station_order {
	const char *path; /* of the directory; its parent is there. All is borrowed */
	const char *text; /* of station.yaml */
	const struct station_seed *seed; /* of the database; NULL for an empty one */
	bool is_restored; /* files that station.yaml names come later: it is not read again */
};

/*
 * Makes the directory (or takes an empty one that is there, such as a disk of its own), in it
 * keys/, evidence/ and spool/, and station.yaml last, which is then read and validated as it will
 * be when the station starts. Where root makes it and there is a user `hinomi`, it belongs to that
 * user, and station.yaml to root, readable by that user.
 *
 * What is there already is never written to or removed. On failure, or when SIGINT, SIGTERM or
 * SIGHUP come meanwhile (they wait until it is done), nothing is left half made. Returns 0 with an
 * open directory, or a negative errno with a complaint: -EEXIST for a directory that holds
 * anything.
 */
int station_make(
    const struct station_order *order, struct station_dir *ret_dir, struct complaint *complaint);

/*
 * Takes back what station_make() made just now, and the directory where `made_dir`. What somebody
 * put there since stays.
 */
void station_unmake(const struct station_dir *dir, bool made_dir);

#endif
