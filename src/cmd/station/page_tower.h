/*
 * page_tower.h - the picture of members and of what happens now, as JSON for the page.
 *
 * Who looks decides what there is to see: an operator everything; a wall screen names and counts,
 * and of addresses only where in the internet a stranger is; a member what is its own, and of other
 * members nothing, not even that they are there.
 */
#ifndef CMD_STATION_PAGE_TOWER_H
#define CMD_STATION_PAGE_TOWER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "cmd/station/page_routes.h"
#include "cmd/station/sparks.h"
#include "cmd/station/tower_map.h"
#include "store/store.h"

enum tower_sight {
	TOWER_SEES_ALL,
	TOWER_SEES_NAMES, /* but no addresses */
	TOWER_SEES_OWN,   /* one member */
};

struct tower_viewer {
	enum tower_sight sight;
	int64_t member;     /* of TOWER_SEES_OWN: its id */
	bool is_for_tables; /* of members their counts alone; of ranges of IPv6 no sizes */
};

/* What an account sees of it. */
struct tower_viewer page_tower_viewer(const struct page_who *who);

/* /api/v1/tower. */
extern const struct page_route page_tower_routes[];

/*
 * Writes
 *   {"members":[{"id","name","addresses","live","dark","v6":ranges,
 *       "incidents":{"critical":0,...},"severity":"high" or null,"drills":...,"drill_severity",
 *       "ranges":[{"prefix" or null,"v6":false,"addresses","live","dark","cells":"00#."}],
 *       "more":0}],
 *    "dark":[{"prefix" or null,"v6":false,"addresses"}]}
 * where incidents are those that are open now, drills apart, and cells as tower_cell_sign(). What
 * is counted of a member are addresses of IPv4; how many are live is null where nobody listens.
 * Returns 0, or what the store gave, with a complaint.
 */
int page_tower_write(FILE *out, const struct tower_map *map, struct store *store,
    const struct tower_viewer *viewer, struct complaint *complaint);

/*
 * Writes {"over_ms":250,"at":"...","list":[[from member or null, "from" or null, to member or null,
 * "to" or null, kind, protocol, port, packets, targets, flags],...],"left":{"sightings","packets"}}
 * with kinds and flags as in station/sparks.h. False when there is nothing for this viewer.
 */
bool page_sparks_write(
    FILE *out, const struct sparks_news *news, const struct tower_viewer *viewer);

#endif
