/*
 * weekday.h - a time of the week, such as the hour of a weekly digest: "Mon 08:30".
 */
#ifndef BASE_WEEKDAY_H
#define BASE_WEEKDAY_H

#include <stdint.h>

enum {
	WEEKDAY_TEXT_BYTES = 16,
	WEEKDAY_DAYS = 7,
};

/* In the zone of whoever reads it. */
struct weekday_time {
	uint8_t day;     /* 0 is Monday (ISO 8601 counts from there, too) */
	uint16_t minute; /* of the day, below 1440 */
};

/*
 * A day by its first three letters or its whole English name, in whatever case, a blank, and HH:MM
 * of 24 hours. Returns 0 or -EINVAL.
 */
int weekday_parse(const char *text, struct weekday_time *ret_time);
void weekday_format(const struct weekday_time *time, char out[static WEEKDAY_TEXT_BYTES]);

#endif
