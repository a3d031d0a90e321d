/*
 * backup_places.h - what people write for a station themselves, and settings that were changed by
 * its page: files and folders of files, all of which are in a copy of it (backup_file.h) and are
 * put back with it.
 *
 * A file more is a row in backup_places.c (and room for it in BACKUP_FILES_MAX).
 */
#ifndef CMD_STATION_BACKUP_PLACES_H
#define CMD_STATION_BACKUP_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/station/holidays.h"
#include "notify/wording.h"

enum {
	/* station.yaml, settings.yaml, a file of words for each language, tables of holidays. */
	BACKUP_FILES_MAX = 2 + LANGUAGE_COUNT + HOLIDAYS_COUNTRIES_MAX,
};

struct backup_place {
	const char *name; /* in the station's directory */
	bool (*has)(
	    const char *name); /* of a folder: whether a file of this name is of it; else NULL */
	size_t files_max;      /* in it */
	int64_t bytes_max;     /* of each */
	bool is_needed;        /* no station is without it */
};

/* All of them, station.yaml first. */
const struct backup_place *backup_places(size_t *ret_count);

/* The one to which a file belongs ("station.yaml", "wording/ja.yaml"); NULL for none. */
const struct backup_place *backup_place_of(const char *path);

#endif
