/*
 * statistics.h - how much was observed, by kind, protocol, port, country and network, in rows of
 * five minutes, an hour and a day.
 *
 * It counts what rules look at, each packet once, under whoever sent it: requests, replies that
 * nobody asked for, questions on the wire, probes; of members as sightings tell, of strangers at
 * dark addresses as their sums do. What members received (kinds flooded and reflected) is counted
 * beside, as their own rows. Exercises and the canary are left out, but where there is nothing else
 * (counts_drills). Country and network are the sender's.
 *
 * Everything goes by the time of packets. Rows are bounded: in memory, and of each period in the
 * store; what finds no room joins the rest of its kind, protocol and country, port -1. Sources are
 * counted once for each row and period; of those that come as sums of a /24 or /64 the most within
 * five minutes counts.
 *
 * Rows go into the store once. What is written with a transaction is sealed first: batches that
 * were received until then are in it, and none that came later, which the record "statistics.order"
 * tells. So whoever reads batches again after a restart knows which were counted. Beside it stands
 * until when rows are whole ("statistics.whole"): what is written has the begin of the next slot.
 */
#ifndef CMD_STATION_STATISTICS_H
#define CMD_STATION_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/geo.h"
#include "observe/observer.h"
#include "store/store.h"

struct statistics;

struct statistics_options {
	struct geo *geo;     /* borrowed; NULL: countries and networks stay unknown */
	struct store *store; /* borrowed */
	bool counts_drills;  /* this station watches nothing but exercises */
};

enum {
	STATISTICS_ROWS_MAX = 4096, /* in memory: of the slot under way and what comes late */
	/* Rows with a port that each period may have in the store; a quarter more without. */
	STATISTICS_STORED_5M_MAX = 2048,
	STATISTICS_STORED_HOUR_MAX = 2048,
	STATISTICS_STORED_DAY_MAX = 4096,
};

/* Keys of store_meta: numbers. */
#define STATISTICS_ORDER "statistics.order"
#define STATISTICS_WHOLE "statistics.whole"

/* "request" ... as in the store; NULL for what is not counted. */
const char *statistics_kind_name(enum sighting_kind kind);
int statistics_kind_find(const char *name); /* enum sighting_kind, or -1 */
/* Packets under whoever sent them: each counts once over these kinds. */
bool statistics_kind_is_sent(enum sighting_kind kind);

/* Reads how far the store has come. Returns 0, or a negative errno with a complaint. */
int statistics_new(const struct statistics_options *options, struct statistics **ret_statistics,
    struct complaint *complaint);
void statistics_free(struct statistics *statistics); /* NULL is allowed */

/* Takes what was observed. */
const struct observer_sink *statistics_sink(struct statistics *statistics);

/* Batches received up to this time were counted before the start. INT64_MIN: none. */
int64_t statistics_order_us(const struct statistics *statistics);

/*
 * Whether there is something to be written: five minutes and one more have passed by the time of
 * packets, or ten by this monotonic clock, or all is wanted (statistics_end).
 */
bool statistics_is_due(struct statistics *statistics, int64_t monotonic_us);
/* No more is coming for now: what there is is due. */
void statistics_end(struct statistics *statistics);

/*
 * Closes what was tallied so far; what comes from now on is of the next time. True when it did so
 * now: batches up to the latest belong to it. False where something is sealed and not yet kept.
 */
bool statistics_seal(struct statistics *statistics);
bool statistics_is_sealed(const struct statistics *statistics);
/*
 * Writes what is sealed, within a transaction; `order_us` is the time of receipt of the last batch
 * that belongs to it. Returns 0 or what the store gave, with a complaint.
 */
int statistics_write(struct statistics *statistics, int64_t order_us, struct complaint *complaint);
/* It was committed. */
void statistics_commit(struct statistics *statistics);
/*
 * The store was opened again after a commit of unknown outcome: looks whether what was sealed is
 * there. Returns 0 or what the store gave, with a complaint.
 */
int statistics_recover(struct statistics *statistics, struct complaint *complaint);

/*
 * All that was sent before *ret_whole_us, a time of packets, is counted in the store; of what was
 * sent later only a part. INT64_MIN: nobody knows. Returns 0 or what the store gave.
 */
int statistics_read_whole(struct store *store, int64_t *ret_whole_us, struct complaint *complaint);

struct statistics_counts {
	size_t rows;      /* that wait */
	uint64_t folded;  /* rows that became part of a rest for want of memory, */
	uint64_t crowded; /* and of those that a period may have in the store */
	uint64_t lost;
	uint64_t written; /* in all three periods */
};
void statistics_get_counts(
    const struct statistics *statistics, struct statistics_counts *ret_counts);

#endif
