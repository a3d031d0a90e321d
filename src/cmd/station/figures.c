#include "cmd/station/figures.h"

#include <string.h>

static bool ends(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

bool figures_are_sound(const struct figures *figures)
{
	if (figures->bytes != sizeof *figures || figures->source_count > STATION_SOURCES_MAX ||
	    figures->station_count > STATION_EXPECT_MAX)
		return false;
	for (size_t i = 0; i < figures->source_count; i++)
		if (!ends(figures->sources[i].name, sizeof figures->sources[i].name))
			return false;
	for (size_t i = 0; i < figures->station_count; i++)
		if (!ends(figures->stations[i].name, sizeof figures->stations[i].name))
			return false;
	return true;
}

bool roll_is_sound(const struct roll *roll)
{
	if (roll->bytes != sizeof *roll || roll->count > DUTIES_MAX + 1 ||
	    !ends(roll->refused, sizeof roll->refused))
		return false;
	for (size_t i = 0; i < roll->count; i++)
		if (!ends(roll->duties[i].name, sizeof roll->duties[i].name) ||
		    !ends(roll->duties[i].why, sizeof roll->duties[i].why))
			return false;
	return true;
}
