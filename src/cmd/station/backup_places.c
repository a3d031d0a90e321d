#include "cmd/station/backup_places.h"

#include <string.h>

#include "cmd/station/paths.h"
#include "cmd/station/wording_files.h"

enum {
	STATION_BYTES_MAX = 1 << 20, /* people write it */
};

/* wording_file_name() has the folder before it. */
static bool is_wording(const char *name)
{
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		if (strcmp(name, wording_file_name((enum language)i) + sizeof STATION_WORDING) == 0)
			return true;
	return false;
}

static const struct backup_place places[] = {
    {.name = STATION_FILE, .files_max = 1, .bytes_max = STATION_BYTES_MAX, .is_needed = true},
    {.name = STATION_SETTINGS, .files_max = 1, .bytes_max = STATION_BYTES_MAX},
    {.name = STATION_WORDING,
	.has = is_wording,
	.files_max = LANGUAGE_COUNT,
	.bytes_max = WORDING_FILE_BYTES_MAX},
    {.name = STATION_HOLIDAYS,
	.has = holidays_is_country,
	.files_max = HOLIDAYS_COUNTRIES_MAX,
	.bytes_max = CALENDAR_BYTES_MAX - 1},
};

const struct backup_place *backup_places(size_t *ret_count)
{
	*ret_count = sizeof places / sizeof places[0];
	return places;
}

static bool is_of(const struct backup_place *place, const char *path)
{
	const size_t bytes = strlen(place->name);
	if (strncmp(path, place->name, bytes) != 0)
		return false;
	return place->has == NULL ? path[bytes] == '\0'
				  : path[bytes] == '/' && place->has(path + bytes + 1);
}

const struct backup_place *backup_place_of(const char *path)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (is_of(&places[i], path))
			return &places[i];
	return NULL;
}
