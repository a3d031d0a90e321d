/*
 * hours.h - times of the day and of the week within which somebody reads, such as those of an
 * office: "business 08:30-17:15", "mon-fri 09:00-17:00, sat 09:00-12:00", "always".
 *
 * Spans with commas between; each is days and HH:MM-HH:MM. Days are `daily`, a day of the week
 * ("mon") or a run of them ("mon-fri"), `business` (days on which people are at work, by the
 * calendar) or `holidays` (all others). A span that ends no later than it begins goes on to the
 * next day ("business 17:15-08:30"), and belongs to the day on which it begins; 24:00 is the end of
 * a day.
 */
#ifndef BASE_HOURS_H
#define BASE_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/zone.h"

enum {
	HOURS_SPANS_MAX = 8,
	HOURS_TEXT_BYTES = 256, /* of a text, with its NUL */
	HOURS_LOOK_DAYS = 400,  /* so far ahead the next moment is looked for */
};

enum hours_days {
	HOURS_ANY_DAY, /* of the weekdays that are given */
	HOURS_BUSINESS,
	HOURS_HOLIDAYS,
};

struct hours_span {
	enum hours_days days;
	uint8_t weekdays; /* bits from Monday on */
	uint16_t from;    /* minutes of the day */
	uint16_t to;      /* up to 2,880: into the next day */
};

/* A plain value; without any span it is always. */
struct hours {
	struct hours_span spans[HOURS_SPANS_MAX];
	size_t count;
};

/* Where the hours are: on whose clocks, and by which calendar. Borrowed. NULL is UTC. */
struct hours_place {
	const struct zone *zone;
	struct calendar calendar;
};

/* "" and "always" are always. Returns 0, or -EINVAL with what was expected in the complaint. */
int hours_parse(const char *text, struct hours *ret_hours, struct complaint *complaint);

bool hours_contain(const struct hours *hours, const struct hours_place *place, int64_t time_us);
/* The first moment of them from then on; `time_us` where it is within, or none comes in a year. */
int64_t hours_next(const struct hours *hours, const struct hours_place *place, int64_t time_us);
/*
 * How much of the time between lies within them; a span that two name counts once. Of more than
 * HOURS_LOOK_DAYS only the last count.
 */
int64_t hours_between(
    const struct hours *hours, const struct hours_place *place, int64_t from_us, int64_t to_us);

#endif
