/*
 * zone_rule.h - what a POSIX TZ string says ("CET-1CEST,M3.5.0,M10.5.0/3"), for zone.c: which
 * clock a zone has from the last transition in its file on (RFC 8536 section 3.3, with its hours
 * of -167 to 167).
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

/* When in a year a clock changes. */
struct zone_change {
	enum {
		ZONE_DAY_OF_YEAR,      /* "n": from 0, 29 February is counted */
		ZONE_DAY_WITHOUT_LEAP, /* "Jn": from 1, 29 February is never counted */
		ZONE_WEEKDAY_OF_MONTH, /* "Mm.w.d": week 5 is the last */
	} kind;
	int month;
	int week;
	int day;
	int32_t time_s; /* on the clock that ends, after the midnight that begins the day */
};

struct zone_season {
	int32_t offset_s; /* east of UTC */
	char abbreviation[ZONE_ABBREVIATION_BYTES];
};

struct zone_rule {
	struct zone_season standard;
	struct zone_season summer;
	bool has_summer;
	struct zone_change summer_begins;
	struct zone_change summer_ends;
};

/* Reads the whole string. Returns 0, or -EINVAL. */
int zone_rule_parse(const char *text, struct zone_rule *ret_rule);
const struct zone_season *zone_rule_at(const struct zone_rule *rule, int64_t time_s);

#endif
