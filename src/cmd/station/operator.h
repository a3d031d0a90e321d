/*
 * operator.h - whom the station tells of itself: the operator's contacts in the store
 * (member_id 0) are those that station.yaml names.
 */
#ifndef CMD_STATION_OPERATOR_H
#define CMD_STATION_OPERATOR_H

#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "store/store.h"

/*
 * Brings them in line, in one transaction: a new one counts as verified, since who writes the file
 * is the operator; one that the file does not name any more is stopped. What is so already is not
 * touched. Returns 0, or what the store gave, with a complaint.
 */
int operator_settle(struct store *store, const struct station_config *config, int64_t wall_us,
    struct complaint *complaint);

#endif
