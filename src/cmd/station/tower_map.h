/*
 * tower_map.h - who lives where, for a picture of it (the page's tower): members with their ranges,
 * and which part of each range is in use, dark by declaration, or dark as was learned.
 *
 * Made out of the store, of which it reads everything that was heard: for who looks at it now and
 * then. Ranges within another range of the same member are part of that one. The rings that the
 * page draws are made of cells: equal parts of a range, of which each tells how much of it is used.
 */
#ifndef CMD_STATION_TOWER_MAP_H
#define CMD_STATION_TOWER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "registry/registry.h"
#include "store/store.h"

enum {
	TOWER_CELLS_MAX = 32,
	TOWER_RANGES_SHOWN = 16, /* of a member; the others are only counted */
};

enum tower_dark {
	TOWER_DARK_NONE,
	TOWER_DARK_PART, /* some of the cell is declared dark */
	TOWER_DARK_WHOLE,
};

struct tower_cell {
	uint32_t live; /* addresses of it from which somebody was heard lately */
	uint8_t dark;  /* enum tower_dark */
};

struct tower_range {
	struct prefix prefix;
	int64_t member;    /* its id */
	size_t home;       /* while the map is made: the first range of that member */
	uint64_t size;     /* UINT64_MAX: 2^64 addresses and more */
	uint64_t declared; /* addresses that are declared dark */
	uint64_t watched;  /* for so long that silent ones are dark (station/greynet.h) */
	uint64_t live;
	bool is_listened; /* some of it, so that `live` says something */
	bool is_shown;
	uint32_t cell_count; /* a power of two; 0 where it is not shown */
	struct tower_cell cells[TOWER_CELLS_MAX];
};

/* Dark as was learned; in IPv6 nothing is counted so. */
uint64_t tower_range_learned(const struct tower_range *range);
/* How a cell looks, as one sign: '#' dark by declaration, '+' in part so, '0' nobody was heard, '1'
 * to '9' how much is used, '.' not known, since it was not watched for long enough. */
char tower_cell_sign(const struct tower_range *range, size_t cell);

struct tower_member {
	int64_t id; /* 0: `local`, where there are no members */
	char name[MEMBER_NAME_BYTES];
	size_t first; /* its ranges follow each other */
	size_t ranges;
};

struct tower_map {
	struct tower_member *members; /* in the order of their first addresses */
	size_t member_count;
	struct tower_range *ranges; /* in the order of members, and of addresses */
	size_t range_count;
	struct prefix *dark; /* declared, and in no member's range; in order of addresses */
	size_t dark_count;
};

struct tower_options {
	const struct prefix *dark; /* declared by the configuration */
	size_t dark_count;
	int64_t quiet_us; /* watch.quiet */
};

/* 0, or a negative errno with a complaint. */
int tower_map_read(struct store *store, const struct tower_options *options,
    struct tower_map **ret_map, struct complaint *complaint);
void tower_map_free(struct tower_map *map); /* NULL is allowed */

#endif
