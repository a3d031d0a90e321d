#include "base/weekday.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	SHORT_BYTES = 3, /* "Mon" */
	HOURS = 24,
	MINUTES = 60,
	DAY_S = HOURS * MINUTES * 60,
	EPOCH_WEEKDAY = 3, /* 1970-01-01 was a Thursday */
};

static const char *const names[WEEKDAY_DAYS] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

static const char daily[] = "daily";

/* Towards the past. */
static int64_t floor_div(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

static int parse_day(const char *text, size_t bytes)
{
	if (bytes == sizeof daily - 1 && strncasecmp(text, daily, bytes) == 0)
		return WEEKDAY_DAILY;
	for (int day = 0; day < WEEKDAY_DAYS; day++) {
		if (strncasecmp(text, names[day], bytes) == 0 &&
		    (bytes == SHORT_BYTES || bytes == strlen(names[day])))
			return day;
	}
	return -EINVAL;
}

/* Two digits below `end`, or -EINVAL. */
static int parse_two(const char *text, int end)
{
	if (strspn(text, "0123456789") < 2)
		return -EINVAL;
	int number = (text[0] - '0') * 10 + (text[1] - '0');
	return number < end ? number : -EINVAL;
}

int weekday_parse(const char *text, struct weekday_time *ret_time)
{
	size_t bytes = strcspn(text, " ");
	int day = parse_day(text, bytes);
	if (day < 0 || strlen(text + bytes) != strlen(" 08:30") || text[bytes + 3] != ':')
		return -EINVAL;
	int hour = parse_two(text + bytes + 1, HOURS);
	int minute = parse_two(text + bytes + 4, MINUTES);
	if (hour < 0 || minute < 0)
		return -EINVAL;
	*ret_time = (struct weekday_time){
	    .day = (uint8_t)day, .minute = (uint16_t)(hour * MINUTES + minute)};
	return 0;
}

void weekday_format(const struct weekday_time *time, char out[static WEEKDAY_TEXT_BYTES])
{
	assert(time->day <= WEEKDAY_DAILY && time->minute < HOURS * MINUTES);
	const bool is_daily = time->day == WEEKDAY_DAILY;
	(void)snprintf(out, WEEKDAY_TEXT_BYTES, "%.*s %02u:%02u",
	    is_daily ? (int)sizeof daily - 1 : SHORT_BYTES, is_daily ? daily : names[time->day],
	    (unsigned)time->minute / MINUTES % HOURS, (unsigned)time->minute % MINUTES);
}

unsigned weekday_period_days(const struct weekday_time *time)
{
	return time->day == WEEKDAY_DAILY ? 1 : WEEKDAY_DAYS;
}

int64_t weekday_last(const struct weekday_time *time, const struct zone *zone, int64_t now_us)
{
	/* tomorrow, as its date may have begun before the clocks were set back */
	const int64_t tomorrow = floor_div(zone_shown_s(zone, now_us), DAY_S) + 1;
	const int days = time->day == WEEKDAY_DAILY ? 1 : WEEKDAY_DAYS;
	int64_t last_us = INT64_MIN;
	for (int64_t day = tomorrow; last_us == INT64_MIN && day >= tomorrow - days - 2; day--) {
		const int64_t weekday = day + EPOCH_WEEKDAY - floor_div(day + EPOCH_WEEKDAY, 7) * 7;
		const int64_t moment_us =
		    zone_moment_us(zone, day * DAY_S + time->minute * MINUTES);
		if ((time->day == WEEKDAY_DAILY || weekday == time->day) && moment_us <= now_us)
			last_us = moment_us;
	}
	return last_us;
}
