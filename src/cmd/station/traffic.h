/*
 * traffic.h - statistics out of the store, added up in several ways: by time, port, country,
 * network and kind.
 */
#ifndef CMD_STATION_TRAFFIC_H
#define CMD_STATION_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/geo.h"
#include "cmd/station/statistics_rows.h"
#include "store/store.h"

struct traffic;

enum traffic_group {
	TRAFFIC_BY_TIME,
	TRAFFIC_BY_PORT, /* with its protocol */
	TRAFFIC_BY_COUNTRY,
	TRAFFIC_BY_NETWORK,
	TRAFFIC_BY_KIND,
	TRAFFIC_GROUPS,
};

enum {
	TRAFFIC_ANY = -2,           /* of a port, protocol or kind: -1 is a port of its own */
	TRAFFIC_ROWS_MAX = 1 << 17, /* of a group; more are counted as left out */
};

struct traffic_filter {
	enum statistics_period period;
	int64_t from_us; /* periods that begin from then on, */
	int64_t to_us;   /* and before this */
	int port;        /* TRAFFIC_ANY, STATISTICS_NO_PORT, or one */
	int protocol;    /* TRAFFIC_ANY, or one */
	int kind;        /* enum sighting_kind; TRAFFIC_ANY: what was sent, each packet once */
	char country[GEO_COUNTRY_BYTES]; /* "": any */
	int64_t network;                 /* TRAFFIC_ANY, or one */
};

/* Of the key only what it is grouped by means something. */
struct traffic_row {
	struct statistics_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources; /* in the period that had the most: over several nobody knows */
};

/* Reads what the filter lets through. Returns 0, or a negative errno with a complaint. */
int traffic_read(struct store *store, const struct traffic_filter *filter,
    struct traffic **ret_traffic, struct complaint *complaint);
void traffic_free(struct traffic *traffic); /* NULL is allowed */

/* When the latest period of this length begins; INT64_MIN: there is none. */
int traffic_find_latest(struct store *store, enum statistics_period period, int64_t *ret_start_us,
    struct complaint *complaint);

/*
 * When the last five minutes end that are counted whole: of those that follow only a part may be in
 * the store. INT64_MIN: there are none.
 */
int traffic_find_whole(struct store *store, int64_t *ret_until_us, struct complaint *complaint);

struct traffic_row traffic_total(const struct traffic *traffic);
size_t traffic_count(const struct traffic *traffic, enum traffic_group group);
uint64_t traffic_left_out(const struct traffic *traffic); /* rows that found no room */
/*
 * The first `max` rows: of TRAFFIC_BY_TIME in order of time, else those with the most packets.
 * Returns how many.
 */
size_t traffic_get(
    const struct traffic *traffic, enum traffic_group group, struct traffic_row *out, size_t max);

#endif
