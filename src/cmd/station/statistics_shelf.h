/*
 * statistics_shelf.h - the rows of one period that the store has, so that it never gets more than
 * there is room for: keys only, read from the store when another period begins.
 */
#ifndef CMD_STATION_STATISTICS_SHELF_H
#define CMD_STATION_STATISTICS_SHELF_H

#include "base/complaint.h"
#include "cmd/station/statistics_rows.h"
#include "store/store.h"

struct shelf;

struct shelf_options {
	enum statistics_period period;
	size_t rows_max;  /* with a port; a quarter more without */
	size_t fresh_max; /* new at one writing: no five minutes take a whole day's room */
};

int shelf_new(const struct shelf_options *options, struct shelf **ret_shelf); /* 0 or -ENOMEM */
void shelf_free(struct shelf *shelf);                                         /* NULL is allowed */

/* A writing begins. */
void shelf_begin(struct shelf *shelf);
/* Goes to the period that begins then. Returns 0, or what the store gave, with a complaint. */
int shelf_go(
    struct shelf *shelf, struct store *store, int64_t start_us, struct complaint *complaint);
/* The key under which a row is to be written: its own, or that of a rest. */
struct statistics_key shelf_place(struct shelf *shelf, const struct statistics_key *key);

#endif
