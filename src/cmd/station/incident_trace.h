/*
 * incident_trace.h - what the batches in the store show of one incident: packets of each minute,
 * and the addresses that were touched.
 *
 * The batches of a day may be hundreds of megabytes, of which an incident is a small part, and
 * whoever asks waits. So they are read in steps of bounded work, in the order in which they were
 * received, and what was read once is not read again: who asks again gets more of it, and what came
 * since. A batch in which the machine is not named is not unpacked.
 *
 * Whatever lies in the store is read without harm, as link/sightings_opener.h has it; a batch that
 * cannot be read is counted, and its time is unknown. Minutes that are not known are never told as
 * quiet: those before the first batch that is still there, and gaps.
 */
#ifndef CMD_STATION_INCIDENT_TRACE_H
#define CMD_STATION_INCIDENT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "base/json.h"
#include "store/store.h"

struct incident_trace;

enum {
	/* A week of minutes; batches are kept for a day. The earliest stay. */
	INCIDENT_TRACE_MINUTES_MAX = 7 * 24 * 60,
	/* Addresses, the first that were met: what a page can draw. */
	INCIDENT_TRACE_TARGETS_MAX = 4096,
	INCIDENT_TRACE_GAPS_MAX = 64,
	/* Of one step. */
	INCIDENT_TRACE_ROWS = 4096,
	INCIDENT_TRACE_BYTES = 16 << 20,
};

/* What a step may take, and one batch more. */
#define INCIDENT_TRACE_STEP_US INT64_C(100000)

/*
 * Returns 0; -EINVAL for an incident whose machine or rule is not known here; or -ENOMEM.
 */
int incident_trace_new(const struct store_incident *incident, struct incident_trace **ret_trace);
void incident_trace_free(struct incident_trace *trace); /* NULL is allowed */

/* Whether it is of this incident, which may have grown. */
bool incident_trace_is_of(
    const struct incident_trace *trace, const struct store_incident *incident);

/*
 * Reads on, of the incident as it is now. Returns 1 where there may be more, 0 when all was read,
 * or a negative errno with a complaint.
 */
int incident_trace_step(struct incident_trace *trace, struct store *store,
    const struct store_incident *incident, struct complaint *complaint);

/* Packets that were found, of all minutes. */
uint64_t incident_trace_packets(const struct incident_trace *trace);
/* Distinct addresses in the batches, as far as their sets tell. */
uint64_t incident_trace_targets(const struct incident_trace *trace);

/*
 * The members of an object that is open: step_s, points ([seconds since 1970, packets, or null
 * where that is not known]; what stands between two points was quiet), packets, unknown, complete.
 */
void incident_trace_write_timeline(const struct incident_trace *trace, struct json *json);
/* Of the same: minutes ({at, packets}), complete. */
void incident_trace_write_minutes(const struct incident_trace *trace, struct json *json);

/*
 * Likewise prefix (the declared dark range with the most of them, else null), total (that the
 * incident tells), listed, targets ([address, first, packets, whether it is dark]), ranges
 * ({prefix, touched}), complete. `dark` are the ranges that are declared so.
 */
struct incident_trace_ranges {
	const struct prefix *list;
	size_t count;
};
void incident_trace_write_targets(const struct incident_trace *trace,
    const struct incident_trace_ranges *dark, struct json *json);
/* Of the same: addresses ({address, first, packets, dark}), complete. */
void incident_trace_write_addresses(const struct incident_trace *trace,
    const struct incident_trace_ranges *dark, struct json *json);

#endif
