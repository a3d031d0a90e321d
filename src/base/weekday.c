#include "base/weekday.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	SHORT_BYTES = 3, /* "Mon" */
	HOURS = 24,
	MINUTES = 60,
};

static const char *const names[WEEKDAY_DAYS] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

static int parse_day(const char *text, size_t bytes)
{
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
	assert(time->day < WEEKDAY_DAYS && time->minute < HOURS * MINUTES);
	(void)snprintf(out, WEEKDAY_TEXT_BYTES, "%.3s %02u:%02u", names[time->day],
	    (unsigned)time->minute / MINUTES % HOURS, (unsigned)time->minute % MINUTES);
}
