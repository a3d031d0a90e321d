/* when_parse.c - a time as people and programs write it. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/when.h"

enum {
	TM_YEAR_ZERO = 1900,
	FRACTION_DIGITS = 6,
};

/* What is left to be read. */
struct reading {
	const char *at;
	bool failed;
};

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

/* Exactly so many digits, from `min` to `max`. */
static int take_number(struct reading *reading, int digits, int min, int max)
{
	int number = 0;
	for (int i = 0; i < digits; i++) {
		if (reading->failed || !is_digit(*reading->at)) {
			reading->failed = true;
			return min;
		}
		number = number * 10 + (*reading->at++ - '0');
	}
	reading->failed |= number < min || number > max;
	return number;
}

/* One of these letters. */
static void take_mark(struct reading *reading, const char *marks)
{
	if (reading->failed || *reading->at == '\0' || strchr(marks, *reading->at) == NULL)
		reading->failed = true;
	else
		reading->at++;
}

/* "15:04", "15:04:05", "15:04:05.123456"; microseconds are what is given back. */
static int take_clock(struct reading *reading, struct tm *tm)
{
	int us = 0;
	tm->tm_hour = take_number(reading, 2, 0, 23);
	take_mark(reading, ":");
	tm->tm_min = take_number(reading, 2, 0, 59);
	if (reading->failed || *reading->at != ':')
		return 0;
	reading->at++;
	tm->tm_sec = take_number(reading, 2, 0, 59);
	if (reading->failed || *reading->at != '.')
		return 0;
	reading->at++;
	reading->failed |= !is_digit(*reading->at);
	for (int i = 0; i < FRACTION_DIGITS; i++)
		us = us * 10 + (is_digit(*reading->at) ? *reading->at++ - '0' : 0);
	return us;
}

/* Seconds east of UTC; false where no zone is given. */
static bool take_zone(struct reading *reading, int *ret_offset_s)
{
	*ret_offset_s = 0;
	if (reading->failed || *reading->at == '\0')
		return false;
	if (*reading->at == 'Z') {
		reading->at++;
		return true;
	}
	bool is_west = *reading->at == '-';
	take_mark(reading, "+-");
	int hours = take_number(reading, 2, 0, 23);
	take_mark(reading, ":");
	int minutes = take_number(reading, 2, 0, 59);
	*ret_offset_s = (hours * 60 + minutes) * (is_west ? -60 : 60);
	return true;
}

/* mktime() and timegm() take the 31st of April for the 1st of May. */
static bool is_date(const struct tm *tm)
{
	struct tm copy = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};
	(void)timegm(&copy); /* it makes the fields fit */
	return copy.tm_mon == tm->tm_mon && copy.tm_mday == tm->tm_mday;
}

int when_parse(const char *text, int64_t *ret_us)
{
	struct reading reading = {.at = text};
	struct tm tm = {.tm_isdst = -1};
	int us = 0;
	int offset_s;
	tm.tm_year = take_number(&reading, 4, 1, 9999) - TM_YEAR_ZERO;
	take_mark(&reading, "-");
	tm.tm_mon = take_number(&reading, 2, 1, 12) - 1;
	take_mark(&reading, "-");
	tm.tm_mday = take_number(&reading, 2, 1, 31);
	if (!reading.failed && *reading.at != '\0') {
		take_mark(&reading, "T ");
		us = take_clock(&reading, &tm);
	}
	bool has_zone = take_zone(&reading, &offset_s);
	if (reading.failed || *reading.at != '\0' || !is_date(&tm))
		return -EINVAL;
	time_t seconds = has_zone ? timegm(&tm) - offset_s : mktime(&tm);
	*ret_us = (int64_t)seconds * WHEN_SECOND_US + us;
	return 0;
}
