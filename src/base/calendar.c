#include "base/calendar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	EPOCH_WEEKDAY = 3, /* 1970-01-01 was a Thursday */
	DAYS_PER_ERA = 146097,
	DAYS_TO_EPOCH = 719468, /* from 0000-03-01 */
	MONDAY = 0,
	SUNDAY = 6,
	SUBSTITUTE_DAYS_MAX = 7, /* no more holidays follow each other */
	DATE_BYTES = 10,         /* "2026-04-06" */
	GROW_MIN = 32,
	LINE_BYTES = 192,
};

/* ---- Dates: of eras of 400 years that begin on 1 March, so that the leap day is the last ---- */

static int64_t floor_div(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

struct calendar_date calendar_date_of(int64_t day)
{
	const int64_t shifted = day + DAYS_TO_EPOCH;
	const int64_t era = floor_div(shifted, DAYS_PER_ERA);
	const int64_t of_era = shifted - era * DAYS_PER_ERA;
	const int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_PER_ERA - 1)) / 365;
	const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
	return (struct calendar_date){
	    .year = (int)(year + era * 400 + (month >= 10)),
	    .month = (unsigned)(month < 10 ? month + 3 : month - 9),
	    .day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
	};
}

int64_t calendar_day_of(const struct calendar_date *date)
{
	const int64_t year = (int64_t)date->year - (date->month <= 2);
	const int64_t era = floor_div(year, 400);
	const int64_t of_era = year - era * 400;
	const int64_t month = date->month > 2 ? date->month - 3 : date->month + 9;
	const int64_t of_year = (153 * month + 2) / 5 + date->day - 1;
	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_EPOCH;
}

unsigned calendar_weekday(int64_t day)
{
	return (unsigned)(day + EPOCH_WEEKDAY - floor_div(day + EPOCH_WEEKDAY, 7) * 7);
}

/* ---- Japan ---- */

/* Which Monday of its month, from 1; 0 for another day. */
static unsigned monday_of(const struct calendar_date *date, int64_t day)
{
	return calendar_weekday(day) == MONDAY ? (date->day - 1) / 7 + 1 : 0;
}

static bool is_equinox(const struct calendar_date *date, double base)
{
	const int years = date->year - 1980;
	return date->day == (unsigned)floor(base + 0.242194 * years - floor(years / 4.0));
}

/* Article 2. */
static bool is_named(int64_t day)
{
	const struct calendar_date date = calendar_date_of(day);
	const unsigned monday = monday_of(&date, day);
	switch (date.month) {
	case 1:
		return date.day == 1 || monday == 2;
	case 2:
		return date.day == 11 || date.day == 23;
	case 3:
		return is_equinox(&date, 20.8431);
	case 4:
		return date.day == 29;
	case 5:
		return date.day >= 3 && date.day <= 5;
	case 7:
		return monday == 3;
	case 8:
		return date.day == 11;
	case 9:
		return monday == 3 || is_equinox(&date, 23.2488);
	case 10:
		return monday == 2;
	case 11:
		return date.day == 3 || date.day == 23;
	default:
		return false;
	}
}

/* Article 3 (2): the next day that is none, after one that fell on a Sunday. */
static bool is_substitute(int64_t day)
{
	for (int64_t before = day - 1; before > day - SUBSTITUTE_DAYS_MAX && is_named(before);
	     before--)
		if (calendar_weekday(before) == SUNDAY)
			return true;
	return false;
}

bool calendar_is_japanese_holiday(int64_t day)
{
	return is_named(day) || is_substitute(day) || (is_named(day - 1) && is_named(day + 1));
}

static bool is_year_end(int64_t day)
{
	const struct calendar_date date = calendar_date_of(day);
	return (date.month == 12 && date.day >= 29) || (date.month == 1 && date.day <= 3);
}

/* ---- All of them ---- */

static bool is_listed(const struct calendar *calendar, int64_t day)
{
	const struct calendar_date date = calendar_date_of(day);
	for (size_t i = 0; i < calendar->count; i++) {
		const struct calendar_day *listed = &calendar->days[i];
		if (listed->month == date.month && listed->day == date.day &&
		    (listed->year == 0 || listed->year == date.year))
			return true;
	}
	return false;
}

bool calendar_is_workday(const struct calendar *calendar, int64_t day)
{
	if (calendar_weekday(day) >= SUNDAY - 1 || is_listed(calendar, day))
		return false;
	return !calendar->has_japan || (!calendar_is_japanese_holiday(day) && !is_year_end(day));
}

/* ---- Tables ---- */

/* So many digits; -1 where there are others. */
static int digits(const char *text, size_t count)
{
	int number = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* "2026-04-06" or "04-06" at the beginning of a line. False for what is no date. */
static bool parse_day(const char *line, struct calendar_day *ret_day)
{
	const size_t length = strcspn(line, " \t");
	const bool has_year = length == DATE_BYTES && line[4] == '-';
	const char *rest = has_year ? line + 5 : line;
	const int year = has_year ? digits(line, 4) : 0;
	if ((has_year ? year < 1 : length != DATE_BYTES - 5) || rest[2] != '-')
		return false;
	const int month = digits(rest, 2);
	const int day = digits(rest + 3, 2);
	if (month < 1 || month > 12 || day < 1)
		return false;
	/* a date that there is: it comes back the same; 29 February is one of some years */
	const struct calendar_date date = {has_year ? year : 2000, (unsigned)month, (unsigned)day};
	const struct calendar_date again = calendar_date_of(calendar_day_of(&date));
	if (again.month != date.month || again.day != date.day)
		return false;
	*ret_day = (struct calendar_day){(int16_t)year, (uint8_t)month, (uint8_t)day};
	return true;
}

/* What is in a line besides a comment, without blanks around it. */
static void copy_line(const char *text, size_t length, char out[static LINE_BYTES])
{
	const size_t room = LINE_BYTES - 1;
	while (length > 0 && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	if (length > room)
		length = room; /* the date stands first, and its name is not kept */
	memcpy(out, text, length);
	out[length] = '\0';
	out[strcspn(out, "#\r")] = '\0';
}

static int add_day(struct calendar_day **days, size_t *count, const struct calendar_day *day)
{
	if (*count == CALENDAR_DAYS_MAX)
		return -E2BIG;
	if (*count % GROW_MIN == 0) {
		void *grown = reallocarray(*days, *count + GROW_MIN, sizeof **days);
		if (grown == NULL)
			return -ENOMEM;
		*days = grown;
	}
	(*days)[(*count)++] = *day;
	return 0;
}

int calendar_parse(const char *name, const char *text, struct calendar_day **ret_days,
    size_t *ret_count, struct complaint *complaint)
{
	struct calendar_day *days = NULL;
	size_t count = 0;
	int result = 0;
	for (unsigned number = 1; *text != '\0' && result == 0; number++) {
		const size_t length = strcspn(text, "\n");
		char line[LINE_BYTES];
		struct calendar_day day;
		copy_line(text, length, line);
		text += length + (text[length] == '\n');
		if (line[0] == '\0')
			continue;
		if (!parse_day(line, &day))
			result = complain(complaint, -EINVAL,
			    "%s:%u: expected a date (2026-12-25, or 12-25 for every year) and its "
			    "name",
			    name, number);
		else if ((result = add_day(&days, &count, &day)) != 0)
			(void)complain(complaint, result, "%s:%u: %s", name, number,
			    result == -E2BIG ? "expected no more than 4096 days"
					     : "out of memory for holidays");
	}
	if (result != 0) {
		free(days);
		return result;
	}
	*ret_days = days;
	*ret_count = count;
	return 0;
}
