#include "cmd/station/incident_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alert/incident.h"
#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/incident_trace_internal.h"
#include "link/sightings_opener.h"
#include "observe/slab.h"

enum {
	SET_BYTES = 1 << 20, /* one set of targets, with room to grow */
	LOOK_ROWS = 32,      /* between two looks at the clock */
	/* A subject in a message: its field, its length, its bytes (link/sightings.proto). */
	SUBJECT_FIELD = 0x0a,
	NEEDLE_BYTES = 2 + ADDRESS_BYTES,
};

/* Of what is live a batch comes so long after its window began at most. */
#define LIVE_US (10 * WHEN_MINUTE_US)
/* And no sooner, but for what clocks differ. */
#define SOONER_US (2 * WHEN_MINUTE_US)

static uint64_t hash_minute(int64_t minute)
{
	return hash_bytes(&minute, sizeof minute, HASH_SEED_FIXED);
}

/* ---- What belongs to it ---- */

static unsigned kinds_of(enum rule rule)
{
	switch (rule) {
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_REFLECTOR:
		return 1U << SIGHTING_REPLY;
	case RULE_DDOS_INCOMING:
		return 1U << SIGHTING_FLOODED | 1U << SIGHTING_REFLECTED;
	case RULE_SCAN_SWEEP:
		return 1U << SIGHTING_NEIGHBOUR;
	case RULE_SCAN_DARK:
	case RULE_SCAN_LIVE:
	case RULE_CONFIG_STRAY:
	case RULE_SPOOF_MEMBER:
	case RULE_COUNT:
		break;
	}
	return 1U << SIGHTING_REQUEST | 1U << SIGHTING_PROBE;
}

/* What the finding's packets are counted of (detect/): by ports, by protocols, or all. */
static enum trace_part part_of(enum rule rule)
{
	switch (rule) {
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_INCOMING:
		return TRACE_PROTOCOLS;
	case RULE_DDOS_REFLECTOR:
	case RULE_CONFIG_STRAY:
	case RULE_SPOOF_MEMBER:
		return TRACE_PORTS;
	case RULE_SCAN_DARK:
	case RULE_SCAN_SWEEP:
	case RULE_SCAN_LIVE:
	case RULE_COUNT:
		break;
	}
	return TRACE_ALL;
}

static bool is_wanted(const struct incident_trace *trace, const struct sighting_key *key)
{
	if (!address_equal(&key->subject, &trace->subject) || key->drill != trace->drill ||
	    (trace->kinds >> key->kind & 1U) == 0)
		return false;
	for (size_t i = 0; i < trace->port_count && trace->part != TRACE_ALL; i++)
		if (trace->ports[i].protocol == key->protocol &&
		    (trace->part == TRACE_PROTOCOLS || trace->ports[i].port == key->port))
			return true;
	return trace->part == TRACE_ALL || trace->port_count == 0;
}

static void read_ports(struct incident_trace *trace, const char *text)
{
	struct finding finding;
	trace->port_count = 0;
	if (finding_record_read(text, &finding, NULL) != 0)
		return;
	if (finding.port_count > finding.ports_listed && trace->part == TRACE_PORTS)
		return; /* there are others */
	for (size_t i = 0; i < finding.ports_listed; i++)
		trace->ports[trace->port_count++] = (struct trace_port){
		    .port = finding.ports[i].port, .protocol = finding.ports[i].protocol};
}

int incident_trace_new(const struct store_incident *incident, struct incident_trace **ret_trace)
{
	const int rule = rule_find(incident->rule);
	struct address subject;
	if (rule < 0 || address_parse(incident->subject, &subject) != 0)
		return -EINVAL;
	struct incident_trace *trace = calloc(1, sizeof *trace);
	if (trace == NULL)
		return -ENOMEM;
	trace->id = incident->id;
	trace->opened_us = incident->opened_us;
	trace->subject = subject;
	trace->drill = incident->drill ? 1 : 0;
	trace->rule = (enum rule)rule;
	trace->kinds = kinds_of(trace->rule);
	trace->part = part_of(trace->rule);
	trace->cursor_us = INT64_MIN;
	trace->oldest_us = INT64_MAX;
	trace->minutes =
	    table_new(sizeof(int64_t), sizeof(struct trace_minute), INCIDENT_TRACE_MINUTES_MAX);
	trace->targets = table_new(
	    sizeof(struct address), sizeof(struct trace_target), INCIDENT_TRACE_TARGETS_MAX);
	trace->slab = slab_new(SET_BYTES, &slab_sizes_address_set);
	if (trace->minutes == NULL || trace->targets == NULL || trace->slab == NULL) {
		incident_trace_free(trace);
		return -ENOMEM;
	}
	*ret_trace = trace;
	return 0;
}

void incident_trace_free(struct incident_trace *trace)
{
	if (trace == NULL)
		return;
	table_free(trace->minutes);
	table_free(trace->targets);
	slab_free(trace->slab);
	free(trace);
}

bool incident_trace_is_of(const struct incident_trace *trace, const struct store_incident *incident)
{
	struct address subject;
	return trace->id == incident->id && trace->opened_us == incident->opened_us &&
	       rule_find(incident->rule) == (int)trace->rule &&
	       address_parse(incident->subject, &subject) == 0 &&
	       address_equal(&subject, &trace->subject);
}

/* ---- What a batch has of it ---- */

static void count_minute(struct incident_trace *trace, int64_t window_us, uint64_t packets)
{
	const int64_t minute = window_us / WHEN_MINUTE_US;
	struct trace_minute *record = table_find(trace->minutes, &minute, hash_minute(minute));
	if (record == NULL)
		record = table_insert(trace->minutes, &minute, hash_minute(minute));
	if (record == NULL) {
		trace->has_overflown = true;
		return;
	}
	record->packets += packets;
}

static void count_target(struct incident_trace *trace, const struct address_item *item)
{
	struct trace_target *target = table_find(trace->targets, &item->address, item->hash);
	if (target == NULL) {
		target = table_insert(trace->targets, &item->address, item->hash);
		if (target == NULL)
			return; /* they are counted by the set */
		target->first_us = INT64_MAX;
	}
	if (item->first_us < target->first_us)
		target->first_us = item->first_us;
	target->packets += item->packets;
	target->is_dark = target->is_dark || (item->flags & ITEM_DARK) != 0;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct incident_trace *trace = context;
	const int64_t window_us = sighting->window_us;
	if (!is_wanted(trace, &sighting->key) || window_us < trace->first_us ||
	    window_us > trace->last_us)
		return;
	/* of what a machine asks of dark addresses alone, the rest is its ordinary business */
	const bool is_stray = trace->rule == RULE_CONFIG_STRAY && sighting->dark_packets > 0;
	const uint64_t packets = is_stray ? sighting->dark_packets : sighting->packets;
	if (packets > 0) {
		count_minute(trace, window_us, packets);
		trace->packets += packets;
	}
	for (size_t i = 0; i < sighting->targets.count; i++)
		if (!is_stray || (sighting->targets.items[i].flags & ITEM_DARK) != 0)
			count_target(trace, &sighting->targets.items[i]);
	address_set_merge(&trace->set, trace->slab, &sighting->targets, NULL, NULL);
}

static void on_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void on_window_end(void *context, int64_t window_us)
{
	(void)context;
	(void)window_us;
}

static size_t make_needle(const struct address *subject, uint8_t out[static NEEDLE_BYTES])
{
	const size_t bytes = address_is_v4(subject) ? 4 : ADDRESS_BYTES;
	out[0] = SUBJECT_FIELD;
	out[1] = (uint8_t)bytes;
	memcpy(out + 2, subject->bytes + ADDRESS_BYTES - bytes, bytes);
	return bytes + 2;
}

static void take_batch(
    struct incident_trace *trace, struct sightings_opener *opener, const struct store_bytes *body)
{
	const struct observer_sink sink = {.context = trace,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end};
	struct sightings_message message;
	struct sightings_batch batch = {.number = 0};
	char words[SIGHTINGS_WORDS_BYTES];
	uint8_t needle[NEEDLE_BYTES];
	uint64_t checksum;
	const size_t length = make_needle(&trace->subject, needle);
	if (memmem(body->data, body->length, needle, length) == NULL)
		return;
	if (sightings_frame_check(body->data, body->length, &message, &checksum) != 0 ||
	    sightings_opener_open(opener, &message, &batch, words) != 0)
		trace->damaged++;
	else
		sightings_opener_hand_on(opener, &sink);
}

/* ---- Steps ---- */

struct step {
	struct incident_trace *trace;
	struct sightings_opener *opener;
	int64_t end_us; /* monotonic */
	size_t rows;
	size_t bytes;
	bool is_over; /* what comes now is of after the incident */
};

static int64_t monotonic_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* there is one */
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

/* 1 ends the walk. */
static int visit_batch(void *context, const void *record)
{
	struct step *step = context;
	struct incident_trace *trace = step->trace;
	const struct store_batch *batch = record;
	if (trace->is_live && batch->received_us > trace->last_us + LIVE_US) {
		step->is_over = true;
		return 1;
	}
	/* the record may tell of it in a moment: it waits until then */
	if (trace->is_open && batch->window_us > trace->last_us &&
	    batch->window_us <= trace->last_us + LIVE_US) {
		step->is_over = true;
		return 1;
	}
	step->rows++;
	step->bytes += batch->body.length;
	trace->cursor_us = batch->received_us;
	if (batch->window_us >= trace->first_us - WHEN_HOUR_US &&
	    batch->window_us <= trace->last_us + WHEN_HOUR_US)
		take_batch(trace, step->opener, &batch->body);
	return step->bytes >= INCIDENT_TRACE_BYTES ||
	       (step->rows % LOOK_ROWS == 0 && monotonic_us() >= step->end_us);
}

static int visit_oldest(void *context, const void *record)
{
	const struct store_batch *batch = record;
	*(int64_t *)context = batch->window_us;
	return 0;
}

static int visit_gap(void *context, const void *record)
{
	struct incident_trace *trace = context;
	const struct store_gap *gap = record;
	struct trace_gap *kept = &trace->gaps[trace->gap_count++];
	*kept = (struct trace_gap){.from_us = gap->from_us, .to_us = gap->to_us};
	return 0;
}

/* From when on all is there, and when nothing was seen. */
static int look_around(
    struct incident_trace *trace, struct store *store, struct complaint *complaint)
{
	static const char *const blind[] = {"station-stopped", "capture-ended", "source-lost"};
	const struct store_query oldest = {.kind = STORE_BATCH, .order = "received_us", .limit = 1};
	const struct store_query gaps = {
	    .kind = STORE_GAP,
	    .conditions = {{.column = "to_us", .test = STORE_FROM, .number = trace->first_us},
		{.column = "from_us", .test = STORE_BELOW, .number = trace->last_us},
		{.column = "kind",
		    .test = STORE_IN,
		    .texts = blind,
		    .count = sizeof blind / sizeof blind[0]}},
	    .order = "to_us",
	    .limit = INCIDENT_TRACE_GAPS_MAX,
	};
	trace->oldest_us = INT64_MAX;
	trace->gap_count = 0;
	int result = store_each(store, &oldest, visit_oldest, &trace->oldest_us, complaint);
	return result != 0 ? result : store_each(store, &gaps, visit_gap, trace, complaint);
}

/* What was read was read for less than there is now. */
static void begin_anew(struct incident_trace *trace)
{
	table_clear(trace->minutes);
	table_clear(trace->targets);
	address_set_clear(&trace->set, trace->slab);
	trace->cursor_us = INT64_MIN;
	trace->packets = 0;
	trace->damaged = 0;
	trace->has_overflown = false;
}

static bool has_same_ports(const struct incident_trace *trace, const struct trace_port *ports)
{
	for (size_t i = 0; i < trace->port_count; i++)
		if (trace->ports[i].port != ports[i].port ||
		    trace->ports[i].protocol != ports[i].protocol)
			return false;
	return true;
}

/* More ports, or an earlier beginning: batches that were read may have more of it. */
static void follow_extent(struct incident_trace *trace, const struct store_incident *incident)
{
	struct trace_port ports[FINDING_PORTS_MAX];
	const size_t port_count = trace->port_count;
	const int64_t first_us = trace->first_us;
	memcpy(ports, trace->ports, sizeof ports);
	trace->first_us = incident->first_us / WHEN_MINUTE_US * WHEN_MINUTE_US;
	if (incident->first_us < 0)
		trace->first_us -= WHEN_MINUTE_US; /* division rounds towards 1970 */
	if (trace->part != TRACE_ALL)
		read_ports(trace, incident->finding);
	if (trace->cursor_us != INT64_MIN &&
	    (trace->first_us < first_us || trace->port_count != port_count ||
		!has_same_ports(trace, ports)))
		begin_anew(trace);
}

static void follow(struct incident_trace *trace, const struct store_incident *incident)
{
	const int64_t lag_us = incident->opened_wall_us - incident->opened_us;
	const int state = incident_state_find(incident->state);
	follow_extent(trace, incident);
	trace->is_open = state >= 0 && incident_is_open((enum incident_state)state);
	trace->last_us = incident->last_us;
	trace->told_targets = incident->targets;
	trace->is_live = incident->opened_wall_us != 0 && lag_us < LIVE_US && lag_us > -LIVE_US;
	if (trace->is_live && trace->cursor_us < trace->first_us - SOONER_US)
		trace->cursor_us = trace->first_us - SOONER_US;
}

int incident_trace_step(struct incident_trace *trace, struct store *store,
    const struct store_incident *incident, struct complaint *complaint)
{
	struct step step = {.trace = trace, .end_us = monotonic_us() + INCIDENT_TRACE_STEP_US};
	follow(trace, incident);
	const struct store_query query = {
	    .kind = STORE_BATCH,
	    .conditions = {{.column = "received_us",
		.test = STORE_FROM,
		.number = trace->cursor_us == INT64_MIN ? INT64_MIN : trace->cursor_us + 1}},
	    .order = "received_us",
	    .limit = INCIDENT_TRACE_ROWS,
	};
	int result = look_around(trace, store, complaint);
	if (result != 0)
		return result;
	if (sightings_opener_new(&step.opener) != 0)
		return complain(complaint, -ENOMEM, "out of memory for batches");
	result = store_each(store, &query, visit_batch, &step, complaint);
	sightings_opener_free(step.opener);
	if (result < 0)
		return result;
	const bool is_cut = result == 1 || step.rows == INCIDENT_TRACE_ROWS;
	trace->is_complete = !is_cut || step.is_over;
	return trace->is_complete ? 0 : 1;
}

uint64_t incident_trace_packets(const struct incident_trace *trace)
{
	return trace->packets;
}

uint64_t incident_trace_targets(const struct incident_trace *trace)
{
	return address_set_distinct(&trace->set);
}
