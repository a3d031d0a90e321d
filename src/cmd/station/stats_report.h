/*
 * stats_report.h - what `hinomi stats` prints, for people and for programs.
 */
#ifndef CMD_STATION_STATS_REPORT_H
#define CMD_STATION_STATS_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "base/zone.h"
#include "cmd/station/coverage.h"
#include "cmd/station/gap_list.h"
#include "cmd/station/traffic.h"
#include "cmd/station/upkeep.h"
#include "notify/wording.h"

/* All borrowed. */
struct stats_report {
	enum language language;
	const struct zone *zone; /* NULL is UTC */
	const char *station;
	const struct traffic_filter *filter;
	const char *filtered; /* what it lets through, for people; "": all */
	const struct traffic *traffic;
	size_t top; /* lines of each list */
	const struct gap_list *gaps;
	const struct coverage *coverage;
	const struct greynet *greynet;
	int64_t quiet_us;
	const struct upkeep_removed *removed; /* UPKEEP_CLASSES of them */
	int64_t remembers_us;                 /* since when batches are kept; INT64_MIN: none are */
};

/* Return 0 or -ENOMEM; errors of writing are left to ferror(). */
int stats_write_text(const struct stats_report *report, FILE *out);
int stats_write_json(const struct stats_report *report, FILE *out);
/* "proto": its name, or its number. */
void stats_put_protocol(struct json *json, uint8_t protocol);

#endif
