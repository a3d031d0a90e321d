#include "cmd/station/digest_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "base/when.h"
#include "cmd/station/finding_record.h"

/* An incident, as far as it decides who is told of it. */
struct item {
	int64_t id;
	int64_t member_id;
	int64_t last_us;
	int64_t opened_us;
	int64_t closed_us; /* 0: it is not */
	uint8_t severity;
	bool is_open;
	bool was_told;
	bool is_void; /* withdrawn, or somebody said that it is as it should be */
};

struct digest_facts {
	struct store *store; /* borrowed */
	struct digest_span span;
	struct item *items;
	size_t count;
	size_t room;
	size_t max;
	struct digest_span *gaps; /* disjoint */
	size_t gap_count;
	size_t gap_room;
	uint64_t packets_lost;
};

/* Room for one more; false without memory. */
static bool make_room(void **array, size_t count, size_t *room, size_t bytes)
{
	if (count < *room)
		return true;
	size_t more = *room == 0 ? 64 : *room * 2;
	void *grown = reallocarray(*array, more, bytes);
	if (grown == NULL)
		return false;
	*array = grown;
	*room = more;
	return true;
}

/* ---- Gaps ---- */

static bool counts_packets(const char *kind)
{
	return strcmp(kind, "dropped") == 0 || strcmp(kind, "refused") == 0;
}

static int visit_gap(void *context, const void *record)
{
	struct digest_facts *facts = context;
	const struct store_gap *gap = record;
	struct digest_span span = {gap->from_us, gap->to_us};
	if (gap->from_us >= facts->span.to_us || gap->to_us < facts->span.from_us)
		return 0;
	if (counts_packets(gap->kind)) {
		facts->packets_lost += gap->count > 0 ? (uint64_t)gap->count : 0;
		return 0;
	}
	if (span.from_us < facts->span.from_us)
		span.from_us = facts->span.from_us;
	if (span.to_us > facts->span.to_us)
		span.to_us = facts->span.to_us;
	void *gaps = facts->gaps;
	if (!make_room(&gaps, facts->gap_count, &facts->gap_room, sizeof *facts->gaps))
		return -ENOMEM;
	facts->gaps = gaps;
	facts->gaps[facts->gap_count++] = span;
	return 0;
}

static int compare_spans(const void *a, const void *b)
{
	const struct digest_span *x = a;
	const struct digest_span *y = b;
	return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

/* Those that touch become one: of several sources, or of a source that was gone twice at once. */
static void join_gaps(struct digest_facts *facts)
{
	size_t count = 0;
	if (facts->gap_count > 1)
		qsort(facts->gaps, facts->gap_count, sizeof *facts->gaps, compare_spans);
	for (size_t i = 0; i < facts->gap_count; i++) {
		const struct digest_span *next = &facts->gaps[i];
		if (count == 0 || next->from_us > facts->gaps[count - 1].to_us)
			facts->gaps[count++] = *next;
		else if (next->to_us > facts->gaps[count - 1].to_us)
			facts->gaps[count - 1].to_us = next->to_us;
	}
	facts->gap_count = count;
}

/* ---- Incidents ---- */

static bool is_void(enum close_reason reason)
{
	return reason == CLOSE_WITHDRAWN || reason == CLOSE_EXCEPTION || reason == CLOSE_NOT_OURS ||
	       reason == CLOSE_HARMLESS;
}

static int visit_incident(void *context, const void *record)
{
	struct digest_facts *facts = context;
	const struct store_incident *incident = record;
	int severity = severity_find(incident->severity);
	int state = incident_state_find(incident->state);
	int reason = close_reason_find(incident->close_reason);
	if (severity < 0 || state < 0 || reason < 0 || incident->member_id == ROSTER_CANARY_ID)
		return 0;
	if (facts->count == facts->max)
		return 1;
	void *items = facts->items;
	if (!make_room(&items, facts->count, &facts->room, sizeof *facts->items))
		return -ENOMEM;
	facts->items = items;
	facts->items[facts->count++] = (struct item){
	    .id = incident->id,
	    .member_id = incident->member_id,
	    .last_us = incident->last_us,
	    .opened_us = incident->opened_wall_us,
	    .closed_us = state == INCIDENT_CLOSED ? incident->state_us : 0,
	    .severity = (uint8_t)severity,
	    .is_open = incident_is_open((enum incident_state)state),
	    .was_told = incident->told_us != 0,
	    .is_void = is_void((enum close_reason)reason),
	};
	return 0;
}

/* The most urgent first, of these what was seen last. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->last_us != y->last_us)
		return x->last_us > y->last_us ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int read_incidents(struct digest_facts *facts, struct complaint *complaint)
{
	static const char *const open[] = {
	    "new", "notified", "acknowledged", "in-progress", "relapsed"};
	static const char *const settled[] = {"quiet", "closed"};
	const struct store_query queries[] = {
	    {.kind = STORE_INCIDENT,
		.conditions = {{.column = "state",
		    .test = STORE_IN,
		    .texts = open,
		    .count = sizeof open / sizeof open[0]}}},
	    {.kind = STORE_INCIDENT,
		.conditions = {{.column = "changed_us",
				   .test = STORE_FROM,
				   .number = facts->span.from_us},
		    {.column = "state",
			.test = STORE_IN,
			.texts = settled,
			.count = sizeof settled / sizeof settled[0]}}},
	};
	int result = 0;
	for (size_t i = 0; i < sizeof queries / sizeof queries[0] && result >= 0; i++)
		result = store_each(facts->store, &queries[i], visit_incident, facts, complaint);
	if (facts->count > 1)
		qsort(facts->items, facts->count, sizeof *facts->items, compare_items);
	return result > 0 ? 0 : result;
}

int digest_facts_read(struct store *store, const struct digest_span *span, size_t items_max,
    struct digest_facts **ret_facts, struct complaint *complaint)
{
	const struct store_query gaps = {
	    .kind = STORE_GAP,
	    .conditions = {{.column = "to_us", .test = STORE_FROM, .number = span->from_us}},
	};
	struct digest_facts *facts = calloc(1, sizeof *facts);
	if (facts == NULL)
		return complain(complaint, -ENOMEM, "out of memory for a report");
	facts->store = store;
	facts->span = *span;
	facts->max = items_max;
	int result = store_each(store, &gaps, visit_gap, facts, complaint);
	if (result == 0)
		result = read_incidents(facts, complaint);
	if (result != 0) {
		digest_facts_free(facts);
		return result == -ENOMEM ? complain(complaint, result, "out of memory for a report")
					 : result;
	}
	join_gaps(facts);
	*ret_facts = facts;
	return 0;
}

void digest_facts_free(struct digest_facts *facts)
{
	if (facts == NULL)
		return;
	free(facts->items);
	free(facts->gaps);
	free(facts);
}

/* ---- One reader ---- */

static bool is_for(const struct item *item, const struct digest_reader *reader)
{
	return reader->member_id == 0 || item->member_id == reader->member_id;
}

/* Watches have no incident's life for readers: they are small things. */
static bool is_incident(const struct item *item)
{
	return item->severity > SEVERITY_INFO;
}

static bool is_within(const struct digest_span *span, int64_t time_us)
{
	return time_us >= span->from_us && time_us < span->to_us;
}

static bool is_listed(const struct digest_facts *facts, const struct item *item,
    const struct digest_reader *reader, enum digest_list list)
{
	const bool is_open = item->is_open && is_incident(item);
	if (!is_for(item, reader))
		return false;
	if (list == DIGEST_OPEN)
		return is_open;
	const bool had_letter =
	    item->was_told && is_incident(item) && item->severity >= reader->severity_min;
	return !is_open && !had_letter && !item->is_void && item->last_us >= facts->span.from_us;
}

struct listing {
	const struct roster *roster;
	struct digest_lines *into;
	int64_t ids[LETTER_LINES_MAX];
	size_t count;
};

static int visit_finding(void *context, const void *record)
{
	const struct listing *listing = context;
	const struct store_incident *incident = record;
	const struct roster_member *member =
	    roster_find_member(listing->roster, incident->member_id);
	struct digest_lines *into = listing->into;
	for (size_t i = 0; i < listing->count; i++) {
		struct finding *finding = &into->findings[i];
		if (listing->ids[i] != incident->id || member == NULL ||
		    (size_t)(member - listing->roster->members) >=
			registry_member_count(listing->roster->registry) ||
		    finding_record_read(incident->finding, finding, NULL) != 0)
			continue;
		finding->member = (int)(member - listing->roster->members);
		finding->severity =
		    (enum severity)severity_find(incident->severity); /* it is one */
		into->lines[i].incident = incident->id;
		into->lines[i].finding = finding;
	}
	return 0;
}

/* What could not be read leaves no hole. */
static void close_ranks(struct digest_lines *lines, size_t count)
{
	lines->listed = 0;
	for (size_t i = 0; i < count; i++)
		if (lines->lines[i].finding != NULL)
			lines->lines[lines->listed++] = lines->lines[i];
}

int digest_facts_list(const struct digest_facts *facts, const struct digest_reader *reader,
    enum digest_list list, struct digest_lines *ret_lines, struct complaint *complaint)
{
	struct listing listing = {.roster = reader->roster, .into = ret_lines};
	memset(ret_lines, 0, sizeof *ret_lines);
	for (size_t i = 0; i < facts->count; i++) {
		if (!is_listed(facts, &facts->items[i], reader, list))
			continue;
		ret_lines->count++;
		if (listing.count < LETTER_LINES_MAX)
			listing.ids[listing.count++] = facts->items[i].id;
	}
	if (listing.count == 0)
		return 0;
	const struct store_query chosen = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id",
		.test = STORE_IN,
		.numbers = listing.ids,
		.count = listing.count}},
	};
	int result = store_each(facts->store, &chosen, visit_finding, &listing, complaint);
	close_ranks(ret_lines, listing.count);
	return result;
}

void digest_facts_count(const struct digest_facts *facts, const struct digest_reader *reader,
    struct letter_digest *digest)
{
	digest->packets_lost = facts->packets_lost;
	digest->gaps = facts->gap_count;
	digest->gaps_us = 0;
	for (size_t i = 0; i < facts->gap_count; i++)
		digest->gaps_us += facts->gaps[i].to_us - facts->gaps[i].from_us;
	digest->incidents_new = 0;
	digest->incidents_closed = 0;
	for (size_t i = 0; i < facts->count; i++) {
		const struct item *item = &facts->items[i];
		if (!is_for(item, reader) || !is_incident(item))
			continue;
		digest->incidents_new += is_within(&facts->span, item->opened_us);
		digest->incidents_closed += is_within(&facts->span, item->closed_us);
	}
}
