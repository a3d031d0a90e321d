#include "base/zone_rule.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum {
	HOUR_S = 3600,
	DAY_S = 24 * HOUR_S,
	OFFSET_HOURS_MAX = 24,
	CHANGE_HOURS_MAX = 167, /* RFC 8536 section 3.3.1 */
	ABBREVIATION_BYTES_MIN = 3,
	WEEK_DAYS = 7,
	LAST_WEEK = 5,
	EPOCH_WEEKDAY = 4, /* 1970-01-01 was a Thursday */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

/* Up to three digits, within a range. */
static bool take_number(const char **at, int least, int most, int *ret_number)
{
	int number = 0;
	int digits = 0;
	for (; digits < 3 && is_digit(**at); digits++, (*at)++)
		number = number * 10 + (**at - '0');
	if (digits == 0 || number < least || number > most)
		return false;
	*ret_number = number;
	return true;
}

/* "[+-]hh[:mm[:ss]]" as seconds. */
static bool take_time(const char **at, int hours_max, int32_t *ret_s)
{
	int sign = take(at, '-') ? -1 : 1;
	int parts[3] = {0, 0, 0};
	if (sign > 0)
		(void)take(at, '+'); /* may stand there */
	if (!take_number(at, 0, hours_max, &parts[0]))
		return false;
	for (int i = 1; i < 3 && take(at, ':'); i++) {
		if (!take_number(at, 0, 59, &parts[i]))
			return false;
	}
	*ret_s = sign * (parts[0] * HOUR_S + parts[1] * 60 + parts[2]);
	return true;
}

/* "CEST" or "<+0330>". */
static bool take_abbreviation(const char **at, char out[static ZONE_ABBREVIATION_BYTES])
{
	bool is_quoted = take(at, '<');
	size_t length = 0;
	while (is_letter(**at) || (is_quoted && (is_digit(**at) || **at == '+' || **at == '-'))) {
		if (length == ZONE_ABBREVIATION_BYTES - 1)
			return false;
		out[length++] = *(*at)++;
	}
	out[length] = '\0';
	return length >= ABBREVIATION_BYTES_MIN && (!is_quoted || take(at, '>'));
}

/* POSIX counts what must be added to local time: to the west. */
static bool take_west(const char **at, int32_t *ret_east_s)
{
	int32_t west_s;
	if (!take_time(at, OFFSET_HOURS_MAX, &west_s))
		return false;
	*ret_east_s = -west_s;
	return true;
}

static bool take_change(const char **at, struct zone_change *change)
{
	bool read;
	if (take(at, 'M')) {
		change->kind = ZONE_WEEKDAY_OF_MONTH;
		read = take_number(at, 1, 12, &change->month) && take(at, '.') &&
		       take_number(at, 1, LAST_WEEK, &change->week) && take(at, '.') &&
		       take_number(at, 0, WEEK_DAYS - 1, &change->day);
	} else if (take(at, 'J')) {
		change->kind = ZONE_DAY_WITHOUT_LEAP;
		read = take_number(at, 1, 365, &change->day);
	} else {
		change->kind = ZONE_DAY_OF_YEAR;
		read = take_number(at, 0, 365, &change->day);
	}
	if (!read)
		return false;
	change->time_s = 2 * HOUR_S; /* where none is said */
	return !take(at, '/') || take_time(at, CHANGE_HOURS_MAX, &change->time_s);
}

int zone_rule_parse(const char *text, struct zone_rule *ret_rule)
{
	struct zone_rule rule = {.has_summer = false};
	const char *at = text;
	if (!take_abbreviation(&at, rule.standard.abbreviation) ||
	    !take_west(&at, &rule.standard.offset_s))
		return -EINVAL;
	if (*at != '\0') {
		rule.has_summer = true;
		rule.summer.offset_s = rule.standard.offset_s + HOUR_S;
		if (!take_abbreviation(&at, rule.summer.abbreviation))
			return -EINVAL;
		if (*at != ',' && !take_west(&at, &rule.summer.offset_s))
			return -EINVAL;
		if (!take(&at, ',') || !take_change(&at, &rule.summer_begins))
			return -EINVAL;
		if (!take(&at, ',') || !take_change(&at, &rule.summer_ends))
			return -EINVAL;
	}
	if (*at != '\0')
		return -EINVAL;
	*ret_rule = rule;
	return 0;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of January, in the proleptic Gregorian calendar. */
static int64_t days_to_year(int64_t year)
{
	int64_t before = year - 1;
	return 365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - 477;
}

/* The year, from 1 on, that this day of the epoch lies in. */
static int64_t year_of(int64_t day)
{
	/* Never too late, and early by a year in five centuries. */
	int64_t year = day >= 0 ? 1970 + day / 366 : 1969 + day / 365;
	if (year < 1)
		year = 1;
	while (days_to_year(year + 1) <= day)
		year++;
	return year;
}

static int64_t day_of_change(const struct zone_change *change, int64_t year)
{
	static const int days_before_month[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int64_t first = days_to_year(year);
	int leap = is_leap(year);
	if (change->kind == ZONE_DAY_OF_YEAR)
		return first + change->day;
	if (change->kind == ZONE_DAY_WITHOUT_LEAP)
		return first + change->day - 1 + (leap && change->day >= 60);

	int month = change->month;
	int64_t month_first = first + days_before_month[month - 1] + (leap && month > 2);
	int64_t month_end = first + days_before_month[month] + (leap && month >= 2);
	int64_t weekday = (month_first + EPOCH_WEEKDAY) % WEEK_DAYS;
	if (weekday < 0)
		weekday += WEEK_DAYS;
	int64_t day = month_first + (change->day - weekday + WEEK_DAYS) % WEEK_DAYS +
		      (int64_t)(change->week - 1) * WEEK_DAYS;
	return day < month_end ? day : day - WEEK_DAYS;
}

const struct zone_season *zone_rule_at(const struct zone_rule *rule, int64_t time_s)
{
	if (!rule->has_summer)
		return &rule->standard;
	int64_t local_s = time_s + rule->standard.offset_s;
	int64_t day = local_s / DAY_S - (local_s % DAY_S < 0);
	int64_t year = year_of(day);
	int64_t begins_s = day_of_change(&rule->summer_begins, year) * DAY_S +
			   rule->summer_begins.time_s - rule->standard.offset_s;
	int64_t ends_s = day_of_change(&rule->summer_ends, year) * DAY_S +
			 rule->summer_ends.time_s - rule->summer.offset_s;
	bool is_summer = begins_s < ends_s ? begins_s <= time_s && time_s < ends_s
					   : begins_s <= time_s || time_s < ends_s;
	return is_summer ? &rule->summer : &rule->standard;
}
