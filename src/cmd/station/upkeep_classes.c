/* upkeep_classes.c - how the records of each class are found and removed. */
#include <string.h>

#include "cmd/station/roster.h"
#include "cmd/station/statistics_rows.h"
#include "cmd/station/upkeep_internal.h"

static const struct {
	const char *name;
	size_t retention; /* offset of how long they are kept */
	bool is_observed; /* by the clock of what is observed */
} classes[UPKEEP_CLASSES] = {
#define CLASS(class, word, observed)                                                               \
	[class] = {#word, offsetof(struct station_config_retention, word##_us), observed}
    CLASS(UPKEEP_STATISTICS_5M, statistics_5m, true),
    CLASS(UPKEEP_STATISTICS_HOUR, statistics_hour, true),
    CLASS(UPKEEP_STATISTICS_DAY, statistics_day, true),
    CLASS(UPKEEP_BATCHES, batches, false),
    CLASS(UPKEEP_GAPS, gaps, false),
    CLASS(UPKEEP_AUDIT, audit, false),
    CLASS(UPKEEP_NOTICES, notices, false),
    CLASS(UPKEEP_EVENTS, events, true),
    CLASS(UPKEEP_INCIDENTS, incidents, true),
#undef CLASS
    [UPKEEP_CANARIES] = {"canaries", 0, true},
};

const char *upkeep_class_name(enum upkeep_class class)
{
	return classes[class].name;
}

int64_t upkeep_retention_us(
    const struct station_config_retention *retention, enum upkeep_class class)
{
	int64_t length_us;
	if (class == UPKEEP_CANARIES)
		return UPKEEP_CANARY_US;
	memcpy(&length_us, (const char *)retention + classes[class].retention, sizeof length_us);
	return length_us;
}

bool upkeep_is_observed(enum upkeep_class class)
{
	return classes[class].is_observed;
}

/* ---- Records that go by their time alone ---- */

static struct store_query query_statistics(
    enum statistics_period period, const struct upkeep_order *order)
{
	return (struct store_query){
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
			       .test = STORE_IS,
			       .number = statistics_period_us(period) / WHEN_SECOND_US},
		{.column = "start_us", .test = STORE_BELOW, .number = order->before_us}},
	    .limit = order->rows,
	};
}

static struct store_query query_by(
    enum store_kind kind, const char *time, const struct upkeep_order *order)
{
	return (struct store_query){
	    .kind = kind,
	    .conditions = {{.column = time, .test = STORE_BELOW, .number = order->before_us}},
	    .order = time,
	    .limit = order->rows,
	};
}

/* What a look ahead found. */
struct looking {
	struct upkeep_outcome *outcome;
	uint64_t bytes_max;
	int64_t seen;
};

static int note_time(struct looking *looking, int64_t time_us)
{
	looking->outcome->latest_us = time_us;
	looking->seen++;
	return 0;
}

static int visit_stat(void *context, const void *record)
{
	const struct store_stat *stat = record;
	return note_time(context, stat->start_us);
}

static int visit_batch(void *context, const void *record)
{
	struct looking *looking = context;
	const struct store_batch *batch = record;
	looking->outcome->bytes += batch->body.length;
	(void)note_time(looking, batch->received_us);
	return looking->bytes_max != 0 && looking->outcome->bytes >= looking->bytes_max;
}

static int visit_gap(void *context, const void *record)
{
	const struct store_gap *gap = record;
	return note_time(context, gap->to_us);
}

static int visit_audit(void *context, const void *record)
{
	const struct store_audit *audit = record;
	return note_time(context, audit->at_us);
}

/* First looks what it will be, then removes just these. */
static int remove_by_time(struct store *store, struct store_query *query, struct looking *looking,
    int (*visit)(void *context, const void *record), struct complaint *complaint)
{
	int result = store_each(store, query, visit, looking, complaint);
	if (result < 0 || looking->seen == 0)
		return result;
	query->limit = looking->seen;
	return store_remove(store, query, &looking->outcome->count, complaint);
}

/* ---- Records that are looked at one by one ---- */

/* Those that may go, by their numbers. */
struct chosen {
	const struct upkeep_options *options;
	struct complaint *complaint;
	int64_t ids[STORE_LIST_MAX];
	size_t count;
	struct upkeep_outcome *outcome;
	int64_t seen;
};

static int visit_state(void *context, const void *record)
{
	const struct store_incident *incident = record;
	*(bool *)context = strcmp(incident->state, "closed") == 0;
	return 0;
}

/* Also true for an incident that is not there. */
static int is_closed(const struct chosen *chosen, int64_t incident, bool *ret_closed)
{
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = incident}},
	};
	*ret_closed = true;
	return store_each(
	    chosen->options->store, &query, visit_state, ret_closed, chosen->complaint);
}

/* Notes a record, and whether it goes; 1 ends the walk when the list is full. */
static int choose(struct chosen *chosen, int64_t id, int64_t time_us, bool may_go)
{
	chosen->seen++;
	chosen->outcome->after_id = id + 1;
	if (!may_go)
		return 0;
	chosen->ids[chosen->count++] = id;
	if (time_us > chosen->outcome->latest_us)
		chosen->outcome->latest_us = time_us;
	return chosen->count == STORE_LIST_MAX;
}

static int visit_notice(void *context, const void *record)
{
	struct chosen *chosen = context;
	const struct store_notice *notice = record;
	bool closed = true;
	int result = notice->incident_id == 0 ? 0 : is_closed(chosen, notice->incident_id, &closed);
	return result != 0 ? result : choose(chosen, notice->id, notice->created_us, closed);
}

static int visit_event(void *context, const void *record)
{
	struct chosen *chosen = context;
	const struct store_event *event = record;
	bool closed;
	int result = is_closed(chosen, event->incident_id, &closed);
	return result != 0 ? result : choose(chosen, event->id, event->at_us, closed);
}

static int visit_incident(void *context, const void *record)
{
	struct chosen *chosen = context;
	const struct store_incident *incident = record;
	const bool may_go = chosen->options->may_remove(chosen->options->context, incident->id);
	return choose(chosen, incident->id, incident->changed_us, may_go);
}

static int remove_chosen(const struct upkeep_options *options, const struct store_query *query,
    int (*visit)(void *context, const void *record), struct upkeep_outcome *outcome,
    struct complaint *complaint)
{
	struct chosen chosen = {.options = options, .complaint = complaint, .outcome = outcome};
	int result = store_each(options->store, query, visit, &chosen, complaint);
	if (result < 0)
		return result;
	if (result == 0 && chosen.seen < query->limit)
		outcome->after_id = 0;
	if (chosen.count == 0)
		return 0;
	const struct store_query these = {
	    .kind = query->kind,
	    .conditions =
		{{.column = "id", .test = STORE_IN, .numbers = chosen.ids, .count = chosen.count}},
	};
	return store_remove(options->store, &these, &outcome->count, complaint);
}

static const int64_t ended[] = {NOTICE_DELIVERED, NOTICE_FAILED};

/* The conditions of a walk by number: where it goes on, and how old. */
#define BY_ID(order, time)                                                                         \
	{.column = "id", .test = STORE_FROM, .number = (order)->after_id},                         \
	{                                                                                          \
		.column = (time), .test = STORE_BELOW, .number = (order)->before_us                \
	}

static int remove_notices(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *outcome, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_NOTICE,
	    .conditions = {BY_ID(order, "created_us"),
		{.column = "state",
		    .test = STORE_IN,
		    .numbers = ended,
		    .count = sizeof ended / sizeof ended[0]}},
	    .limit = order->rows,
	};
	return remove_chosen(options, &query, visit_notice, outcome, complaint);
}

static int remove_events(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *outcome, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_EVENT,
	    .conditions = {BY_ID(order, "at_us")},
	    .limit = order->rows,
	};
	return remove_chosen(options, &query, visit_event, outcome, complaint);
}

static int remove_incidents(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *outcome, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {BY_ID(order, "changed_us"),
		{.column = "state", .test = STORE_IS, .text = "closed"}},
	    .limit = order->rows,
	};
	return remove_chosen(options, &query, visit_incident, outcome, complaint);
}

/* With all that is about them. */
static int remove_canaries(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *outcome, struct complaint *complaint)
{
	static const enum store_kind about[] = {STORE_NOTICE, STORE_EVENT};
	struct chosen chosen = {.options = options, .complaint = complaint, .outcome = outcome};
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {BY_ID(order, "changed_us"),
		{.column = "state", .test = STORE_IS, .text = "closed"},
		{.column = "member_id", .test = STORE_IS, .number = ROSTER_CANARY_ID}},
	    .limit = order->rows,
	};
	int result = store_each(options->store, &query, visit_incident, &chosen, complaint);
	if (result < 0)
		return result;
	if (result == 0 && chosen.seen < query.limit)
		outcome->after_id = 0;
	if (chosen.count == 0)
		return 0;
	struct store_query these = {
	    .conditions = {{.column = "incident_id",
		.test = STORE_IN,
		.numbers = chosen.ids,
		.count = chosen.count}},
	};
	result = 0;
	for (size_t i = 0; i < sizeof about / sizeof about[0] && result == 0; i++) {
		these.kind = about[i];
		result = store_remove(options->store, &these, NULL, complaint);
	}
	these.kind = STORE_INCIDENT;
	these.conditions[0].column = "id";
	return result != 0 ? result
			   : store_remove(options->store, &these, &outcome->count, complaint);
}

int upkeep_remove(const struct upkeep_options *options, const struct upkeep_order *order,
    struct upkeep_outcome *ret_outcome, struct complaint *complaint)
{
	struct store *store = options->store;
	struct looking looking = {.outcome = ret_outcome, .bytes_max = order->bytes_max};
	struct store_query query;
	*ret_outcome = (struct upkeep_outcome){.latest_us = INT64_MIN};
	switch (order->class) {
	case UPKEEP_STATISTICS_5M:
	case UPKEEP_STATISTICS_HOUR:
	case UPKEEP_STATISTICS_DAY:
		query = query_statistics(
		    (enum statistics_period)(order->class - UPKEEP_STATISTICS_5M), order);
		return remove_by_time(store, &query, &looking, visit_stat, complaint);
	case UPKEEP_BATCHES:
		query = query_by(STORE_BATCH, "received_us", order);
		return remove_by_time(store, &query, &looking, visit_batch, complaint);
	case UPKEEP_GAPS:
		query = query_by(STORE_GAP, "to_us", order);
		return remove_by_time(store, &query, &looking, visit_gap, complaint);
	case UPKEEP_AUDIT:
		query = query_by(STORE_AUDIT, "at_us", order);
		return remove_by_time(store, &query, &looking, visit_audit, complaint);
	case UPKEEP_NOTICES:
		return remove_notices(options, order, ret_outcome, complaint);
	case UPKEEP_EVENTS:
		return remove_events(options, order, ret_outcome, complaint);
	case UPKEEP_INCIDENTS:
		return remove_incidents(options, order, ret_outcome, complaint);
	case UPKEEP_CANARIES:
		return remove_canaries(options, order, ret_outcome, complaint);
	case UPKEEP_CLASSES:
		break;
	}
	return 0;
}
