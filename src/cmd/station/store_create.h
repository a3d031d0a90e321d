/*
 * store_create.h - the database of a new station, and whom it knows from the beginning.
 */
#ifndef CMD_STATION_STORE_CREATE_H
#define CMD_STATION_STORE_CREATE_H

#include "base/complaint.h"
#include "cmd/station/paths.h"
#include "notify/wording.h"

/* Members of a demonstration, each with one contact that counts as verified. */
struct station_seed {
	const char *const *members; /* "NAME=PREFIX[,PREFIX...]", as of an exercise; NULL ends */
	enum language language;
	const char *zone;
};

/*
 * Makes STATION_DATABASE in a directory where there is none; `seed` may be NULL. Its file belongs
 * to whoever makes it. Returns 0 or a negative errno with a complaint, as store_open().
 */
int station_store_create(
    const struct station_dir *dir, const struct station_seed *seed, struct complaint *complaint);

#endif
