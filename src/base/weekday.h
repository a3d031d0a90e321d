/*
 * weekday.h - a time of the week, or of each day, such as the hour of a regular report: "Mon
 * 08:30", "daily 08:30".
 */
#ifndef BASE_WEEKDAY_H
#define BASE_WEEKDAY_H

#include <stdint.h>

#include "base/zone.h"

enum {
	WEEKDAY_TEXT_BYTES = 16,
	WEEKDAY_DAYS = 7,
	WEEKDAY_DAILY = WEEKDAY_DAYS, /* in place of a day: each of them */
};

/* In the zone of whoever reads it. */
struct weekday_time {
	uint8_t day;     /* 0 is Monday (ISO 8601 counts from there, too); WEEKDAY_DAILY */
	uint16_t minute; /* of the day, below 1440 */
};

/*
 * A day by its first three letters or its whole English name, or `daily`, in whatever case, a
 * blank, and HH:MM of 24 hours. Returns 0 or -EINVAL.
 */
int weekday_parse(const char *text, struct weekday_time *ret_time);
void weekday_format(const struct weekday_time *time, char out[static WEEKDAY_TEXT_BYTES]);

/* How many days lie between two of them: 7, or 1. */
unsigned weekday_period_days(const struct weekday_time *time);
/*
 * When it was that time last in the zone (NULL is UTC): the latest moment up to `now_us`. A time
 * that the clocks show twice, since they are set back, is the first of the two; one that they leave
 * out, since they are set forward, is so much later as they are.
 */
int64_t weekday_last(const struct weekday_time *time, const struct zone *zone, int64_t now_us);

#endif
