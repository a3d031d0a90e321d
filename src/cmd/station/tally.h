/*
 * tally.h - how much a station saw, and how much of it was about each member's machines, since the
 * last regular report: counted once, over restarts.
 *
 * What is counted about a member are packets of sightings whose subject is one of its machines:
 * what these asked for, probed or answered unasked, and what they got unasked. Exercises are left
 * out. What a station saw are the packets that its captures read.
 *
 * Counts are written now and then, within the keeper's transaction, with the order of the last
 * batch that is in them; who reads batches again after a restart counts those that came later.
 * Packets that captures read are told as sums; of these at most the last minutes are lost, where
 * capture and keeper end together.
 */
#ifndef CMD_STATION_TALLY_H
#define CMD_STATION_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/canary.h"
#include "cmd/station/roster.h"
#include "observe/observer.h"
#include "store/store.h"

struct tally;

struct tally_options {
	struct store *store;                /* borrowed, as all */
	const struct roster *const *roster; /* where the one in force is */
	size_t members_max;                 /* TALLY_MEMBERS_MAX; more are not counted */
};

enum {
	TALLY_MEMBERS_MAX = 65536,
	TALLY_CAPTURES_MAX = 64, /* whose sums are known; of more the oldest is forgotten */
};

/* Reads what was counted before. Returns 0, or a negative errno with a complaint. */
int tally_new(
    const struct tally_options *options, struct tally **ret_tally, struct complaint *complaint);
void tally_free(struct tally *tally); /* NULL is allowed */

/* Takes what was observed. */
const struct observer_sink *tally_sink(struct tally *tally);
/* Of what was observed before the start, only batches that were received after this. INT64_MIN: all
 * of them. */
int64_t tally_order_us(const struct tally *tally);

/* A capture, by the epoch of its process, has read so many packets since its start. */
void tally_note_packets(struct tally *tally, uint64_t epoch, uint64_t packets);
/* The canary that flies, or the last; as often as it is looked at. */
void tally_note_canary(struct tally *tally, const struct canary_flight *flight);

struct tally_station {
	uint64_t packets;
	uint64_t canaries_sent;
	uint64_t canaries_arrived;
};
void tally_get_station(const struct tally *tally, struct tally_station *ret_station);
uint64_t tally_member(const struct tally *tally, int64_t member_id);

/* They begin anew with 0 once what is written next is committed. */
void tally_reset_station(struct tally *tally);
void tally_reset_member(struct tally *tally, int64_t member_id);

/* No more is coming: what there is is to be written. */
void tally_end(struct tally *tally);
/* Whether it is time to write; monotonic. */
bool tally_is_due(const struct tally *tally, int64_t monotonic_us);
/*
 * Writes what is changed, within a transaction; `order_us` is that of the last batch that was
 * handed on. Returns 0 or what the store gave, with a complaint.
 */
int tally_write(
    struct tally *tally, int64_t order_us, int64_t monotonic_us, struct complaint *complaint);
void tally_commit(struct tally *tally); /* it was committed */
void tally_forget(struct tally *tally); /* it was not */

#endif
