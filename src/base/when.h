/*
 * when.h - times as this program holds and writes them.
 *
 * A time is int64_t microseconds since 1970-01-01 UTC. Formatting never fails: a time outside the
 * years 0001-9999 is written as the nearest end of that range.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdint.h>

enum {
	WHEN_TEXT_BYTES = 40
};

#define WHEN_SECOND_US INT64_C(1000000)
#define WHEN_MINUTE_US (60 * WHEN_SECOND_US)
#define WHEN_HOUR_US   (60 * WHEN_MINUTE_US)
#define WHEN_DAY_US    (24 * WHEN_HOUR_US)

/* RFC 3339 with microseconds: 2026-01-31T23:59:59.000001Z */
void when_format_utc(int64_t time_us, char out[static WHEN_TEXT_BYTES]);
/* For people, in the zone of TZ, milliseconds: "2026-02-01 08:59:59.000 JST" */
void when_format_local(int64_t time_us, char out[static WHEN_TEXT_BYTES]);
/* The same where the zone is this many seconds east of UTC and is called this (base/zone.h). */
void when_format_offset(
    int64_t time_us, int32_t offset_s, const char *zone, char out[static WHEN_TEXT_BYTES]);

/*
 * Reads RFC 3339, "2026-01-31T23:59:59.000001Z" or with "+09:00"; the seconds, their fraction (six
 * digits) and the clock may be missing, and a blank may stand for the T. Without a zone it is that
 * of TZ. Returns 0 or -EINVAL.
 */
int when_parse(const char *text, int64_t *ret_us);

#endif
