#include "base/when.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* 0001-01-01T00:00:00.000000Z and 9999-12-31T23:59:59.999999Z. */
#define FIRST_US INT64_C(-62135596800000000)
#define LAST_US  INT64_C(253402300799999999)

enum {
	YEAR_FIRST = 1,
	YEAR_LAST = 9999,
	TM_YEAR_ZERO = 1900,
	FRACTION_AT = 20, /* where the digits after the point begin */
};

static const char utc_form[] = "0000-00-00T00:00:00.000000Z";
static const char local_form[] = "0000-00-00 00:00:00.000 ";

/* Writes `value` as `digits` decimals, zeros in front. */
static void put(char *out, int digits, int value)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Fills in "0000-00-00?00:00:00". */
static void put_fields(char *out, const struct tm *tm)
{
	put(out, 4, tm->tm_year + TM_YEAR_ZERO);
	put(out + 5, 2, tm->tm_mon + 1);
	put(out + 8, 2, tm->tm_mday);
	put(out + 11, 2, tm->tm_hour);
	put(out + 14, 2, tm->tm_min);
	put(out + 17, 2, tm->tm_sec);
}

static void split(int64_t time_us, time_t *ret_seconds, int *ret_us)
{
	if (time_us < FIRST_US)
		time_us = FIRST_US;
	if (time_us > LAST_US)
		time_us = LAST_US;

	int64_t seconds = time_us / WHEN_SECOND_US;
	int64_t us = time_us % WHEN_SECOND_US;
	if (us < 0) { /* division goes towards zero, time goes forward */
		us += WHEN_SECOND_US;
		seconds--;
	}
	*ret_seconds = (time_t)seconds;
	*ret_us = (int)us;
}

void when_format_utc(int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	time_t seconds;
	int us;
	struct tm tm;
	split(time_us, &seconds, &us);
	struct tm *done = gmtime_r(&seconds, &tm);
	assert(done != NULL); /* the years are bounded */
	(void)done;
	memcpy(out, utc_form, sizeof utc_form);
	put_fields(out, &tm);
	put(out + FRACTION_AT, 6, us);
}

/* Near the ends a zone can lead out of the four-digit years. */
static void keep_year(struct tm *tm, int *us)
{
	int year = tm->tm_year + TM_YEAR_ZERO;
	if (year >= YEAR_FIRST && year <= YEAR_LAST)
		return;
	bool low = year < YEAR_FIRST;
	tm->tm_year = (low ? YEAR_FIRST : YEAR_LAST) - TM_YEAR_ZERO;
	tm->tm_mon = low ? 0 : 11;
	tm->tm_mday = low ? 1 : 31;
	tm->tm_hour = low ? 0 : 23;
	tm->tm_min = low ? 0 : 59;
	tm->tm_sec = low ? 0 : 59;
	*us = low ? 0 : 999999;
}

static void put_local(struct tm *tm, int us, const char *zone, char out[static WHEN_TEXT_BYTES])
{
	keep_year(tm, &us);
	memcpy(out, local_form, sizeof local_form);
	put_fields(out, tm);
	put(out + FRACTION_AT, 3, us / 1000);
	(void)snprintf(out + sizeof local_form - 1, WHEN_TEXT_BYTES - sizeof local_form + 1, "%s",
	    zone); /* POSIX names have 3 to 6 characters; one of over 15 is cut */
}

void when_format_local(int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	time_t seconds;
	int us;
	struct tm tm;
	split(time_us, &seconds, &us);
	struct tm *done = localtime_r(&seconds, &tm);
	assert(done != NULL); /* the years are bounded */
	(void)done;
	put_local(&tm, us, tm.tm_zone, out);
}

void when_format_offset(
    int64_t time_us, int32_t offset_s, const char *zone, char out[static WHEN_TEXT_BYTES])
{
	time_t seconds;
	int us;
	struct tm tm;
	split(time_us, &seconds, &us);
	seconds += offset_s;
	struct tm *done = gmtime_r(&seconds, &tm);
	assert(done != NULL); /* the years are bounded */
	(void)done;
	put_local(&tm, us, zone, out);
}
