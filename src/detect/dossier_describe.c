/* dossier_describe.c - from what was counted to what a finding says. */
#include "detect/dossier.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "detect/dossier_internal.h"

enum {
	SPANS_MAX = 256, /* intervals of one subject that are told apart; more are joined */
};

void dossier_begin_finding(
    const struct dossier *dossier, enum rule rule, enum role role, struct finding *ret_finding)
{
	*ret_finding = (struct finding){
	    .rule = rule,
	    .member = dossier->subject->member,
	    .subject = dossier->subject->address,
	    .role = role,
	    .drill = dossier->drill,
	    .first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	    .tool = -1,
	};
}

static void add_source_ports(struct sighting *merged, const struct track *track)
{
	for (size_t i = 0; i < track->sum.source_port_count; i++)
		sighting_note_source_port(
		    merged, track->sum.source_ports[i].port, track->sum.source_ports[i].first_us);
}

static void keep_frames(struct finding *finding, const struct track *track)
{
	const size_t max = sizeof finding->frames / sizeof finding->frames[0];
	if (track->sum.frames_first != 0 && finding->frame_chains < max)
		finding->frames[finding->frame_chains++] = track->sum.frames_first;
}

/* Intervals of all tracks, joined where the gap between them ends no event. */
struct spans {
	struct interval all[SPANS_MAX];
	size_t count;
};

static int compare_spans(const void *a, const void *b)
{
	const struct interval *x = a;
	const struct interval *y = b;
	if (x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	return x->last_us < y->last_us ? -1 : x->last_us > y->last_us;
}

static void join_spans(struct spans *spans, int64_t gap_us)
{
	if (spans->count == 0)
		return;
	qsort(spans->all, spans->count, sizeof spans->all[0], compare_spans);
	size_t kept = 0;
	for (size_t i = 1; i < spans->count; i++) {
		struct interval *last = &spans->all[kept];
		const struct interval *next = &spans->all[i];
		if (next->first_us - last->last_us > gap_us) {
			spans->all[++kept] = *next;
			continue;
		}
		if (next->last_us > last->last_us)
			last->last_us = next->last_us;
		last->packets += next->packets;
	}
	spans->count = kept + 1;
}

static void add_spans(struct spans *spans, const struct track *track, int64_t gap_us)
{
	for (size_t i = 0; i < track->interval_count; i++) {
		if (spans->count == SPANS_MAX)
			join_spans(spans, gap_us);
		if (spans->count == SPANS_MAX)
			spans->count--; /* the latest is widened below by being joined again */
		spans->all[spans->count++] = track->intervals[i];
	}
}

static uint64_t targets_within(const struct address_set *set, const struct interval *span)
{
	uint64_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += set->items[i].first_us <= span->last_us &&
			 set->items[i].last_us >= span->first_us;
	return dossier_scale(set, count);
}

/* An estimate of targets may exceed the packets that went to them; no reader would believe it. */
static uint64_t at_most(uint64_t targets, uint64_t packets)
{
	return targets < packets ? targets : packets;
}

static void set_events(
    struct finding *finding, struct spans *spans, int64_t gap_us, const struct address_set *set)
{
	join_spans(spans, gap_us);
	while (spans->count > FINDING_EVENTS_MAX) {
		gap_us *= 2;
		join_spans(spans, gap_us);
	}
	finding->event_count = spans->count;
	for (size_t i = 0; i < spans->count; i++)
		finding->events[i] = (struct finding_event){
		    .first_us = spans->all[i].first_us,
		    .last_us = spans->all[i].last_us,
		    .packets = spans->all[i].packets,
		    .targets = at_most(targets_within(set, &spans->all[i]), spans->all[i].packets),
		};
}

static void set_source_ports(struct finding *finding, const struct sighting *merged)
{
	/* a finding about several services is described several times */
	for (size_t i = 0; i < merged->source_port_count; i++)
		if (finding->source_port_count < FINDING_SOURCE_PORTS_MAX)
			finding->source_ports[finding->source_port_count++] =
			    merged->source_ports[i].port;
}

/* Events are told by what failed or went to dark addresses; ordinary traffic would join them all.
 */
static bool tells_events(const struct asked_port *asked)
{
	return asked->failed > 0 || asked->dark > 0;
}

/* Evidence first of what was searched, then of the rest, as far as there is room. */
static void keep_asked_frames(const struct dossier *dossier, struct finding *finding)
{
	for (int searched = 1; searched >= 0; searched--) {
		for (size_t i = 0; i < dossier->asked_count; i++) {
			const struct asked_port *asked = &dossier->asked[i];
			if (tells_events(asked) != (searched == 1))
				continue;
			for (size_t t = 0; t < asked->track_count; t++)
				keep_frames(finding, asked->tracks[t]);
		}
	}
}

void dossier_describe_asking(const struct dossier *dossier, struct finding *finding)
{
	finding->first_us = dossier->first_us;
	finding->last_us = dossier->last_us;
	finding->packets = dossier->packets;
	finding->targets = dossier->target_count;
	finding->port_count = dossier->port_count;
	finding->dark_targets = dossier->dark;
	finding->lateral = dossier->inside * 2 > dossier->target_count;
	finding->tool = dossier_tool(dossier, &finding->tool_packets);
	struct sighting ports = {0};
	struct spans spans = {.count = 0};
	int64_t gap_us = WHEN_HOUR_US / 2;
	keep_asked_frames(dossier, finding);
	for (size_t i = 0; i < dossier->asked_count; i++) {
		const struct asked_port *asked = &dossier->asked[i];
		if (finding->ports_listed < FINDING_PORTS_MAX)
			finding->ports[finding->ports_listed++] = (struct finding_port){
			    .port = asked->port,
			    .protocol = asked->protocol,
			    .searched = tells_events(asked),
			    .bare = asked->bare,
			    .packets = asked->packets,
			    .targets = asked->targets,
			};
		gap_us = ledger_event_gap_us(dossier->ledger, asked->tracks[0]);
		for (size_t t = 0; t < asked->track_count; t++) {
			if (tells_events(asked))
				add_spans(&spans, asked->tracks[t], gap_us);
			add_source_ports(&ports, asked->tracks[t]);
		}
	}
	set_source_ports(finding, &ports);
	set_events(finding, &spans, gap_us, &dossier->targets);
}

/* Where the next port goes: a free place, or that of the least used one when there is none. */
static struct finding_port *place_for_port(struct finding *finding, uint64_t packets)
{
	if (finding->ports_listed < FINDING_PORTS_MAX)
		return &finding->ports[finding->ports_listed++];
	struct finding_port *least = &finding->ports[0];
	for (size_t i = 1; i < FINDING_PORTS_MAX; i++)
		if (finding->ports[i].packets < least->packets)
			least = &finding->ports[i];
	return least->packets < packets ? least : NULL;
}

static void list_port(struct finding *finding, const struct track *track)
{
	struct finding_port *place = place_for_port(finding, track->sum.packets);
	if (place != NULL)
		*place = (struct finding_port){
		    .port = track->sum.key.port,
		    .protocol = track->sum.key.protocol,
		    .neighbour = track->sum.key.kind == SIGHTING_NEIGHBOUR,
		    .packets = track->sum.packets,
		    .targets =
			at_most(address_set_distinct(&track->sum.targets), track->sum.packets),
		};
}

static int compare_port_packets(const void *a, const void *b)
{
	const struct finding_port *x = a;
	const struct finding_port *y = b;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

void dossier_describe_tracks(const struct dossier *dossier, struct track *const *tracks,
    size_t count, struct finding *finding)
{
	struct spans spans = {.count = 0};
	struct sighting ports = {0};
	int64_t gap_us = WHEN_HOUR_US / 2;
	const struct track *largest = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct track *track = tracks[i];
		if (track->sum.first_us < finding->first_us)
			finding->first_us = track->sum.first_us;
		if (track->sum.last_us > finding->last_us)
			finding->last_us = track->sum.last_us;
		finding->packets += track->sum.packets;
		if (largest == NULL || track->sum.packets > largest->sum.packets)
			largest = track;
		gap_us = ledger_event_gap_us(dossier->ledger, track);
		list_port(finding, track);
		add_spans(&spans, track, gap_us);
		add_source_ports(&ports, track);
		keep_frames(finding, track);
	}
	finding->port_count += count;
	if (largest == NULL)
		return;
	qsort(
	    finding->ports, finding->ports_listed, sizeof finding->ports[0], compare_port_packets);
	if (finding->role == ROLE_ACTOR)
		set_source_ports(finding, &ports);
	set_events(finding, &spans, gap_us, &largest->sum.targets);
}
