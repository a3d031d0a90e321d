/*
 * calendar.h - on which days people are at work: weekends, and the holidays of a country.
 *
 * A day is the number of days since 1970-01-01, as calendars on the spot show it. Japan's holidays
 * are computed, as the Act on National Holidays (Act No. 178 of 1948) has them since 2022: the days
 * of its article 2, the substitute of article 3 (2) after one on a Sunday, and the day between two
 * of article 3 (3). The equinoxes follow the usual approximation, good for 1980 to 2099; what the
 * National Astronomical Observatory announces each February counts. Offices of local governments
 * are closed from 29 December to 3 January as well (Local Autonomy Act, article 4-2).
 *
 * Other countries, and what a town has beside its country's, come as tables: lines of a date or of
 * a day of every year, and a name:
 *
 *     # holidays of XX
 *     2026-04-06 Easter Monday
 *     12-25 Christmas Day
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	CALENDAR_COUNTRY_BYTES = 3,      /* "JP" (ISO 3166-1 alpha-2), and NUL */
	CALENDAR_DAYS_MAX = 4096,        /* of a table: decades of holidays */
	CALENDAR_BYTES_MAX = 256 * 1024, /* of its file */
};

struct calendar_day {
	int16_t year; /* 0: every year */
	uint8_t month;
	uint8_t day;
};

/* A plain value; the days are borrowed. All zeroes: weekends alone. */
struct calendar {
	bool has_japan; /* with the computed ones of Japan */
	const struct calendar_day *days;
	size_t count;
};

struct calendar_date {
	int year;
	unsigned month; /* 1 to 12 */
	unsigned day;   /* 1 to 31 */
};

/* Gregorian, for any day of the years -9999 to 9999. */
struct calendar_date calendar_date_of(int64_t day);
int64_t calendar_day_of(const struct calendar_date *date);
/* 0 is Monday. */
unsigned calendar_weekday(int64_t day);

/* Whether the Act names it, without what only closes offices. */
bool calendar_is_japanese_holiday(int64_t day);
/* Whether people are at work then. */
bool calendar_is_workday(const struct calendar *calendar, int64_t day);

/*
 * Reads a table from its text; *ret_days is to be freed. Returns 0, or -EINVAL, -E2BIG or -ENOMEM
 * with a complaint of `name` and the line.
 */
int calendar_parse(const char *name, const char *text, struct calendar_day **ret_days,
    size_t *ret_count, struct complaint *complaint);

#endif
