/* incident_trace_write.c - a trace as JSON: what a page draws. */
#include <stdlib.h>

#include "base/table.h"
#include "base/when.h"
#include "cmd/station/incident_trace_internal.h"

enum {
	STEP_S = 60,
	RANGES_MAX = 64, /* declared dark ranges that are counted */
};

/* ---- Minutes ---- */

static int compare_minutes(const void *a, const void *b)
{
	const struct trace_minute *const *x = a;
	const struct trace_minute *const *y = b;
	return ((*x)->minute > (*y)->minute) - ((*x)->minute < (*y)->minute);
}

/* All records of a table, to be freed; NULL when there are none, or memory is out. */
static void *list(const struct table *table, int (*compare)(const void *, const void *))
{
	const size_t count = table_count(table);
	void **records = count == 0 ? NULL : calloc(count, sizeof *records);
	size_t position = 0;
	for (size_t i = 0; records != NULL && i < count; i++)
		records[i] = table_next(table, &position);
	if (records != NULL)
		qsort(records, count, sizeof *records, compare);
	return records;
}

static bool is_unknown(const struct incident_trace *trace, int64_t minute)
{
	const int64_t at_us = minute * WHEN_MINUTE_US;
	if (trace->oldest_us == INT64_MAX || at_us + WHEN_MINUTE_US <= trace->oldest_us)
		return true;
	for (size_t i = 0; i < trace->gap_count; i++)
		if (at_us + WHEN_MINUTE_US > trace->gaps[i].from_us && at_us < trace->gaps[i].to_us)
			return true;
	return false;
}

/* Minutes as they are written. */
struct points {
	const struct incident_trace *trace;
	struct json *json;
	/* packets NULL: that is not known. */
	void (*write)(struct json *json, int64_t minute, const uint64_t *packets);
};

static void write_point(struct json *json, int64_t minute, const uint64_t *packets)
{
	json_open_array(json, NULL);
	json_signed(json, NULL, minute * STEP_S);
	if (packets == NULL)
		json_string(json, NULL, NULL);
	else
		json_unsigned(json, NULL, *packets);
	json_close_array(json);
}

static void write_row(struct json *json, int64_t minute, const uint64_t *packets)
{
	char at[WHEN_TEXT_BYTES];
	when_format_utc(minute * WHEN_MINUTE_US, at);
	json_open_object(json, NULL);
	json_string(json, "at", at);
	if (packets != NULL)
		json_unsigned(json, "packets", *packets);
	json_close_object(json);
}

/* A minute in which nothing was counted: nothing happened, or nobody knows. */
static void write_quiet(const struct points *points, int64_t minute)
{
	static const uint64_t none;
	points->write(points->json, minute, is_unknown(points->trace, minute) ? NULL : &none);
}

static void take_if_next(int64_t at_us, int64_t after, int64_t *next)
{
	const int64_t minute = at_us / WHEN_MINUTE_US;
	if (minute > after && minute < *next)
		*next = minute;
}

/* The first minute after this one, up to `end`, from which on it may be known or not. */
static int64_t find_change(const struct incident_trace *trace, int64_t after, int64_t end)
{
	int64_t next = end;
	if (trace->oldest_us != INT64_MAX)
		take_if_next(trace->oldest_us, after, &next);
	for (size_t i = 0; i < trace->gap_count; i++) {
		take_if_next(trace->gaps[i].from_us, after, &next);
		take_if_next(trace->gaps[i].to_us + WHEN_MINUTE_US - 1, after, &next);
	}
	return next;
}

/* What lies between two minutes of which something is told: of each stretch its ends. */
static void write_between(const struct points *points, int64_t before, int64_t after)
{
	for (int64_t at = before + 1; at < after;) {
		const int64_t next = find_change(points->trace, at, after);
		write_quiet(points, at);
		if (next - 1 > at)
			write_quiet(points, next - 1);
		at = next;
	}
}

static void write_points(const struct points *points)
{
	const struct incident_trace *trace = points->trace;
	struct trace_minute **minutes = list(trace->minutes, compare_minutes);
	const size_t count = minutes == NULL ? 0 : table_count(trace->minutes);
	const int64_t first = trace->first_us / WHEN_MINUTE_US;
	const int64_t last = trace->last_us / WHEN_MINUTE_US;
	int64_t before = first - 1;
	for (size_t i = 0; i < count; i++) {
		write_between(points, before, minutes[i]->minute);
		points->write(points->json, minutes[i]->minute, &minutes[i]->packets);
		before = minutes[i]->minute;
	}
	write_between(points, before, last + 1);
	free(minutes);
}

static void write_span(struct json *json, int64_t from_us, int64_t to_us, const char *why)
{
	char text[WHEN_TEXT_BYTES];
	json_open_object(json, NULL);
	when_format_utc(from_us, text);
	json_string(json, "from", text);
	when_format_utc(to_us, text);
	json_string(json, "to", text);
	json_string(json, "why", why);
	json_close_object(json);
}

static int64_t at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void incident_trace_write_timeline(const struct incident_trace *trace, struct json *json)
{
	const struct points points = {trace, json, write_point};
	json_unsigned(json, "step_s", STEP_S);
	json_open_array(json, "points");
	write_points(&points);
	json_close_array(json);
	json_unsigned(json, "packets", trace->packets);
	json_open_array(json, "unknown");
	if (trace->oldest_us > trace->first_us)
		write_span(
		    json, trace->first_us, at_most(trace->oldest_us, trace->last_us), "removed");
	for (size_t i = 0; i < trace->gap_count; i++)
		write_span(json, trace->gaps[i].from_us, trace->gaps[i].to_us, "gap");
	json_close_array(json);
	if (trace->damaged > 0)
		json_unsigned(json, "damaged", trace->damaged);
	if (trace->has_overflown)
		json_bool(json, "cut", true);
	if (trace->rule == RULE_SPOOF_MEMBER)
		json_bool(json, "subject_only", true);
	json_bool(json, "complete", trace->is_complete);
}

void incident_trace_write_minutes(const struct incident_trace *trace, struct json *json)
{
	const struct points points = {trace, json, write_row};
	json_open_array(json, "minutes");
	write_points(&points);
	json_close_array(json);
	json_bool(json, "complete", trace->is_complete);
}

/* ---- Addresses ---- */

static int compare_targets(const void *a, const void *b)
{
	const struct trace_target *const *x = a;
	const struct trace_target *const *y = b;
	return address_compare(&(*x)->address, &(*y)->address);
}

/* The range that it lies in; the count of them where it lies in none. */
static size_t find_range(const struct incident_trace_ranges *dark, const struct address *address)
{
	for (size_t i = 0; i < dark->count && i < RANGES_MAX; i++)
		if (prefix_contains(&dark->list[i], address))
			return i;
	return RANGES_MAX;
}

static void write_ranges(
    struct json *json, const struct incident_trace_ranges *dark, const size_t *touched)
{
	char text[PREFIX_TEXT_BYTES];
	size_t most = RANGES_MAX;
	for (size_t i = 0; i < dark->count && i < RANGES_MAX; i++)
		if (touched[i] > 0 && (most == RANGES_MAX || touched[i] > touched[most]))
			most = i;
	if (most < RANGES_MAX)
		prefix_format(&dark->list[most], text);
	json_string(json, "prefix", most < RANGES_MAX ? text : NULL);
	json_open_array(json, "ranges");
	for (size_t i = 0; i < dark->count && i < RANGES_MAX; i++) {
		if (touched[i] == 0)
			continue;
		prefix_format(&dark->list[i], text);
		json_open_object(json, NULL);
		json_string(json, "prefix", text);
		json_unsigned(json, "touched", touched[i]);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_target(struct json *json, const struct trace_target *target, bool is_dark)
{
	char text[ADDRESS_TEXT_BYTES];
	char first[WHEN_TEXT_BYTES];
	address_format(&target->address, text);
	when_format_utc(target->first_us, first);
	json_open_array(json, NULL);
	json_string(json, NULL, text);
	json_string(json, NULL, first);
	json_unsigned(json, NULL, target->packets);
	json_bool(json, NULL, is_dark);
	json_close_array(json);
}

void incident_trace_write_targets(
    const struct incident_trace *trace, const struct incident_trace_ranges *dark, struct json *json)
{
	struct trace_target **targets = list(trace->targets, compare_targets);
	const size_t count = targets == NULL ? 0 : table_count(trace->targets);
	size_t touched[RANGES_MAX + 1] = {0};
	size_t dark_count = 0;
	json_open_array(json, "targets");
	for (size_t i = 0; i < count; i++) {
		const size_t range = find_range(dark, &targets[i]->address);
		const bool is_dark = targets[i]->is_dark || range < RANGES_MAX;
		touched[range]++;
		dark_count += is_dark;
		write_target(json, targets[i], is_dark);
	}
	json_close_array(json);
	free(targets);
	write_ranges(json, dark, touched);
	json_signed(json, "total", trace->told_targets);
	json_unsigned(json, "seen", incident_trace_targets(trace));
	json_unsigned(json, "listed", count);
	json_unsigned(json, "dark", dark_count);
	json_string(json, "are", trace->rule == RULE_DDOS_INCOMING ? "senders" : "targets");
	json_bool(json, "complete", trace->is_complete);
}

void incident_trace_write_addresses(
    const struct incident_trace *trace, const struct incident_trace_ranges *dark, struct json *json)
{
	struct trace_target **targets = list(trace->targets, compare_targets);
	const size_t count = targets == NULL ? 0 : table_count(trace->targets);
	json_open_array(json, "addresses");
	for (size_t i = 0; i < count; i++) {
		const struct trace_target *target = targets[i];
		char text[ADDRESS_TEXT_BYTES];
		char first[WHEN_TEXT_BYTES];
		address_format(&target->address, text);
		when_format_utc(target->first_us, first);
		json_open_object(json, NULL);
		json_string(json, "address", text);
		json_string(json, "first", first);
		json_unsigned(json, "packets", target->packets);
		json_bool(json, "dark",
		    target->is_dark || find_range(dark, &target->address) < RANGES_MAX);
		json_close_object(json);
	}
	json_close_array(json);
	free(targets);
	json_bool(json, "complete", trace->is_complete);
}
