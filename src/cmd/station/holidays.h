/*
 * holidays.h - the tables of holidays in a station's directory: holidays/CC for each country CC
 * (ISO 3166-1 alpha-2), as base/calendar.h reads them. Japan's are computed; a table holidays/JP
 * adds to them what a place has for itself.
 */
#ifndef CMD_STATION_HOLIDAYS_H
#define CMD_STATION_HOLIDAYS_H

#include "base/calendar.h"
#include "base/complaint.h"

enum {
	HOLIDAYS_COUNTRIES_MAX = 64,
};

struct holidays;

/*
 * Reads all tables below a station's directory (NULL: none). A directory without any is right.
 * Returns 0, or a negative errno with a complaint of the file and its line.
 */
int holidays_read(
    const char *directory, struct holidays **ret_holidays, struct complaint *complaint);
void holidays_free(struct holidays *holidays); /* NULL is allowed */

/* The calendar of a country, which borrows; "none", and what is not known, has weekends alone. */
void holidays_find(
    const struct holidays *holidays, const char *country, struct calendar *ret_calendar);
/* Whether a table may have this name: two capital letters. */
bool holidays_is_country(const char *name);
/* Whether anything is known of it. */
bool holidays_has(const struct holidays *holidays, const char *country);

#endif
