/*
 * zone.h - a time zone by its name, as an object: what clocks show there at any moment.
 *
 * A notice tells times as the clocks of its reader show them, and one process writes to readers of
 * many zones. The C library knows one zone at a time, that of the environment's TZ; to change it
 * for each letter would change it under every other thread, and needs files that a sandboxed
 * process cannot open any more. (BSD's tzalloc() is not in glibc.) So the files of tzdata are read
 * here: RFC 8536 (TZif), its second data block of 64-bit times, and past the last of these the rule
 * of its footer (POSIX TZ). A test compares with localtime_r() for every zone that is installed.
 *
 * A zone is immutable: any thread may read it.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"

enum {
	ZONE_NAME_BYTES = 64,        /* the longest name there is has 32 */
	ZONE_FILE_BYTES_MAX = 65536, /* the largest file there is has 3,600 */
	ZONE_TRANSITIONS_MAX = 2000, /* as in the reference code; the most there are is some 250 */
	ZONE_ABBREVIATION_BYTES =
	    16, /* as when_format_offset shows; names have 3 to 6 characters */
};

struct zone;

/*
 * Reads the zone of this name ("Asia/Tokyo") from /usr/share/zoneinfo. Returns 0, or a negative
 * errno with a complaint: -EINVAL for what is no name, -ENOENT where there is no such zone,
 * -EBADMSG for a damaged file, -EFBIG for one past the limits.
 */
int zone_open(const char *name, struct zone **ret_zone, struct complaint *complaint);
/* The same from a file's bytes, borrowed for the call; `name` stands in complaints. */
int zone_parse(const char *name, const uint8_t *bytes, size_t length, struct zone **ret_zone,
    struct complaint *complaint);
void zone_free(struct zone *zone); /* NULL is allowed */

struct zone_clock {
	int32_t offset_s;         /* east of UTC */
	const char *abbreviation; /* "JST"; of the zone, printable ASCII */
};

/* NULL is UTC. */
struct zone_clock zone_clock_at(const struct zone *zone, int64_t time_us);
/* What clocks there show, as seconds since 1970 as if it were UTC. NULL is UTC, as below. */
int64_t zone_shown_s(const struct zone *zone, int64_t time_us);
/*
 * The moment at which clocks there show this: of two the first; one that they leave out, since they
 * are set forward, is so much later as they are.
 */
int64_t zone_moment_us(const struct zone *zone, int64_t shown_s);
/* For people: "2026-02-01 08:59:59.000 JST". NULL is UTC. */
void zone_format(const struct zone *zone, int64_t time_us, char out[static WHEN_TEXT_BYTES]);

#endif
