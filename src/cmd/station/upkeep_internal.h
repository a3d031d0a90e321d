/* upkeep_internal.h - shared by upkeep.c and upkeep_classes.c. */
#ifndef CMD_STATION_UPKEEP_INTERNAL_H
#define CMD_STATION_UPKEEP_INTERNAL_H

#include "cmd/station/upkeep.h"

/* What a step is to remove: at most `rows`, older than this, the oldest first. */
struct upkeep_order {
	enum upkeep_class class;
	int64_t before_us;
	int64_t rows;
	int64_t after_id;   /* of classes whose records are looked at one by one: from here on */
	uint64_t bytes_max; /* of batches: not many more; 0: as many as there are */
	int64_t wall_us;
};

/* What it found. */
struct upkeep_outcome {
	int64_t count;     /* that went */
	int64_t latest_us; /* the time of the last of them */
	uint64_t bytes;    /* of batches */
	int64_t after_id;  /* where to go on; 0: all were looked at */
};

/*
 * Within a transaction. `may_remove` as in upkeep_options, for incidents. Returns 0 or what the
 * store gave, with a complaint.
 */
int upkeep_remove(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *ret_outcome, struct complaint *complaint);

/* Whether its records bear the time of what was observed; the others that of the wall. */
bool upkeep_is_observed(enum upkeep_class class);
/* How long records of a class are kept. */
int64_t upkeep_retention_us(
    const struct station_config_retention *retention, enum upkeep_class class);

#endif
