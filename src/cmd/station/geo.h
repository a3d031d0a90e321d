/*
 * geo.h - country and autonomous system of an address, from databases in MaxMind's format that the
 * operator named (geo.country and geo.network in station.yaml). For statistics: nothing of it ever
 * decides a detection.
 *
 * A database is copied into memory of its own that nobody can change any more, so that whoever
 * renews the file cannot end this process; libmaxminddb maps it. One that is damaged, also where
 * that shows only later, is told of once and not asked again.
 */
#ifndef CMD_STATION_GEO_H
#define CMD_STATION_GEO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"

enum {
	GEO_COUNTRY_BYTES = 3, /* two letters of ISO 3166, and NUL */
	/* Ten times the largest that is freely given out; what is copied stays in memory. */
	GEO_DATABASE_MAX_BYTES = 256 * 1024 * 1024,
	GEO_CACHE_PLACES = 8192, /* answers that are kept: 256 KiB */
};

struct geo;

struct geo_place {
	char country[GEO_COUNTRY_BYTES]; /* "": not known */
	uint32_t network;                /* number of the autonomous system; 0: not known */
};

enum geo_database {
	GEO_COUNTRY,
	GEO_NETWORK,
	GEO_DATABASES,
};

const char *geo_database_name(enum geo_database database); /* "geo.country", as its key */

/*
 * Copies an open file into sealed memory. Returns a descriptor of it (close-on-exec), or a negative
 * errno: -EFBIG for what is too large for a database.
 */
int geo_copy(int fd);

/* Without databases every place is unknown. Returns 0 or -ENOMEM. */
int geo_new(struct geo **ret_geo);
void geo_free(struct geo *geo); /* NULL is allowed */

/*
 * Takes the copy of a database, and closes the descriptor. Needs /proc, and hence comes before the
 * sandbox. Returns 0, or a negative errno with a complaint: -EINVAL for what is no such database.
 */
int geo_add(struct geo *geo, enum geo_database database, int fd, struct complaint *complaint);
bool geo_has(const struct geo *geo, enum geo_database database);

/* What is known of an address; of private ones, and without databases (also NULL), nothing. */
struct geo_place geo_find(struct geo *geo, const struct address *address);

/*
 * True once for each database that was found damaged while it was asked, and from then on is not:
 * for a line in the log.
 */
bool geo_take_failure(struct geo *geo, struct complaint *ret_complaint);

#endif
