/*
 * talkers.h - which strangers sent the most: in the five minutes, the hour and the day that are
 * under way, and in those before each.
 *
 * Space-saving (Metwally, Agrawal and El Abbadi 2005): each list has room for TALKERS_ROOM sources;
 * a new one takes the place of the lightest and its count, of which as much is known to be
 * another's. What is told is the rest: never more than was sent. Who sent more than a 512th of all
 * packets is in the list for certain.
 *
 * It is kept in the store as one record (TALKERS_KEY), which is what the page reads. After a start
 * it begins anew. Exercises are left out.
 */
#ifndef CMD_STATION_TALKERS_H
#define CMD_STATION_TALKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/geo.h"
#include "cmd/station/roster.h"
#include "observe/observer.h"
#include "store/store.h"

enum {
	TALKERS_ROOM = 512,
	TALKERS_TOLD = 100,
};

/*
 * Key of a store_meta: {"5m":{"from":"...","list":[["source","country",protocol,port,packets],
 * ...]},"hour":...,"day":...}, those with the most first; a source is an address, or a prefix
 * where memory was short.
 */
#define TALKERS_KEY "talkers"

struct talkers;

/* Both borrowed; geo may be NULL. 0 or -ENOMEM. */
int talkers_new(struct store *store, struct geo *geo, struct talkers **ret_talkers);
void talkers_free(struct talkers *talkers); /* NULL is allowed */

/* Borrowed until another comes: who is no stranger. */
void talkers_set_roster(struct talkers *talkers, const struct roster *roster);
const struct observer_sink *talkers_sink(struct talkers *talkers);

/* Five minutes have ended, by the time of packets, in which somebody was heard. */
bool talkers_are_due(const struct talkers *talkers);
/* Within a transaction. 0, or what the store gave, with a complaint. */
int talkers_write(struct talkers *talkers, struct complaint *complaint);
void talkers_commit(struct talkers *talkers); /* it was committed; else it stays due */

#endif
