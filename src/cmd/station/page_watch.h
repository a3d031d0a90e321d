/*
 * page_watch.h - what was observed in the last five minutes, hour or day, for the page: ports,
 * countries, networks and kinds beside the same time before, what is new, and which tools were
 * met.
 *
 * New is what none of the WATCH_BASE_DAYS days before has; as long as not one of them was observed,
 * nothing is. Everything is as the statistics have it (station/statistics.h), up to the last five
 * minutes that are counted whole.
 */
#ifndef CMD_STATION_PAGE_WATCH_H
#define CMD_STATION_PAGE_WATCH_H

#include "cmd/station/page_routes.h"

enum {
	WATCH_BASE_DAYS = 14,
	WATCH_TOP = 20,          /* rows of a list in the whole answer */
	WATCH_NEW_MAX = 50,      /* new things */
	WATCH_NEW_LOOKED = 1000, /* of a group, those with the most packets */
	/* Whose findings are looked at for tools: those that changed last. */
	WATCH_INCIDENTS_MAX = 2000,
};

/* /api/v1/watch, and /api/v1/watch/{table} */
extern const struct page_route page_watch_routes[];

#endif
