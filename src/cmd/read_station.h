/*
 * read_station.h - whom a station watches for, and by which thresholds it judges, for `hinomi read
 * --station`: a capture is judged as the station would have.
 */
#ifndef CMD_READ_STATION_H
#define CMD_READ_STATION_H

#include <stdbool.h>

#include "base/complaint.h"
#include "detect/thresholds.h"
#include "registry/registry.h"

struct read_station {
	bool has_members;
	bool has_dark; /* declared */
};

/*
 * Adds the station's members and declared dark ranges to the registry, which is open, and takes its
 * thresholds. The station may run beside. What it learned of unused addresses is not taken: a
 * capture may be of another day. Returns 0, or a negative errno with a complaint.
 */
int read_station(const char *directory, struct registry *registry,
    struct thresholds *ret_thresholds, struct read_station *ret_station,
    struct complaint *complaint);

#endif
