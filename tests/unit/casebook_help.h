/*
 * casebook_help.h - a casebook at a desk: its clocks, findings of machines that search, and what it
 * has to tell.
 */
#ifndef CASEBOOK_HELP_H
#define CASEBOOK_HELP_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/casebook.h"
#include "base/when.h"
#include "test.h"

#define AT_US (INT64_C(1700000000) * WHEN_SECOND_US)

enum {
	TOWN = 7,
	SCHOOL = 8,
};

struct desk {
	struct casebook *casebook;
	struct casebook_clocks clocks;
};

static inline void open_desk_for(struct desk *desk, size_t incidents_max)
{
	const struct casebook_rules rules = {
	    .quiet_us = 6 * WHEN_HOUR_US,
	    .close_us = 14 * WHEN_DAY_US,
	    .forget_us = 30 * WHEN_DAY_US,
	    .settle_us = WHEN_SECOND_US,
	    .doubt_us = 10 * WHEN_MINUTE_US,
	    .doubt_packets = 3,
	    .update_gap_us = 10 * WHEN_MINUTE_US,
	    .incidents_max = incidents_max,
	};
	desk->clocks = (struct casebook_clocks){AT_US, AT_US};
	if (casebook_new(&rules, &desk->casebook) != 0)
		abort();
}

static inline void open_desk(struct desk *desk)
{
	open_desk_for(desk, 1000);
}

static inline void close_desk(struct desk *desk)
{
	casebook_free(desk->casebook);
}

static inline void pass(struct desk *desk, int64_t us)
{
	desk->clocks.observed_us += us;
	desk->clocks.wall_us += us;
	casebook_tick(desk->casebook, &desk->clocks);
}

/* Machine n searches for port 23, seen up to now. */
static inline struct finding scan_by(const struct desk *desk, uint32_t n, uint64_t targets)
{
	return (struct finding){
	    .rule = RULE_SCAN_DARK,
	    .severity = SEVERITY_MEDIUM,
	    .subject = address_from_v4_u32(0xc6336400 + n),
	    .first_us = AT_US,
	    .last_us = desk->clocks.observed_us,
	    .packets = targets,
	    .targets = targets,
	    .port_count = 1,
	    .ports_listed = 1,
	    .ports = {{.port = 23, .protocol = 6, .searched = true}},
	    .tool = -1,
	};
}

static inline int take(struct desk *desk, int64_t member, const struct finding *finding)
{
	return casebook_take(desk->casebook, member, "town", finding, &desk->clocks);
}

static inline struct incident *first_of(const struct desk *desk)
{
	size_t position = 0;
	return casebook_next(desk->casebook, &position);
}

static inline size_t count_of(const struct desk *desk)
{
	struct casebook_counts counts;
	casebook_get_counts(desk->casebook, &counts);
	return counts.incidents;
}

static inline enum news news_of(const struct desk *desk)
{
	unsigned changes;
	return casebook_news(desk->casebook, first_of(desk), &desk->clocks, &changes);
}

#endif
