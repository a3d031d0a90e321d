#include "cmd/station/page_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/when.h"
#include "cmd/station/statistics.h"
#include "cmd/station/stats_report.h"
#include "cmd/station/surveys.h"
#include "cmd/station/talkers.h"
#include "cmd/station/traffic.h"
#include "observe/sighting.h"

/* Statistics change every five minutes of packets; tools and incidents with each found. */
#define KEPT_US (15 * WHEN_SECOND_US)

/* What is looked at: a length of time in rows of this period, and a series around it. */
static const struct {
	const char *name;
	enum statistics_period rows;
	int64_t length_us;
	enum statistics_period series_rows;
	int64_t series_us;
} lengths[] = {
    {"5m", STATISTICS_5M, 5 * WHEN_MINUTE_US, STATISTICS_5M, 3 * WHEN_HOUR_US},
    {"hour", STATISTICS_5M, WHEN_HOUR_US, STATISTICS_5M, 12 * WHEN_HOUR_US},
    {"day", STATISTICS_HOUR, WHEN_DAY_US, STATISTICS_HOUR, 7 * WHEN_DAY_US},
};
enum {
	LENGTHS = sizeof lengths / sizeof lengths[0],
};
static const char *const length_names[] = {"5m", "hour", "day", NULL};

/* All rows of one group, in order of their keys. */
struct rows {
	struct traffic_row *list;
	size_t count;
};

struct watch {
	struct store *store;
	struct complaint *complaint;
	size_t length; /* in `lengths` */
	int64_t from_us;
	int64_t until_us;
	struct traffic *series;
	struct traffic *now;
	struct traffic *before; /* the same length of time */
	struct traffic *base;   /* the days before */
};

/* ---- Reading ---- */

static int read_traffic(struct watch *watch, enum statistics_period period, int64_t from_us,
    int64_t to_us, struct traffic **ret_traffic)
{
	const struct traffic_filter filter = {
	    .period = period,
	    .from_us = statistics_period_start(period, from_us),
	    .to_us = to_us,
	    .port = TRAFFIC_ANY,
	    .protocol = TRAFFIC_ANY,
	    .kind = TRAFFIC_ANY,
	    .network = TRAFFIC_ANY,
	};
	return traffic_read(watch->store, &filter, ret_traffic, watch->complaint);
}

/* The time of packets: what is replayed is of another. */
static int64_t observed_us(const struct page_world *world)
{
	const struct figures *figures = world->figures;
	return figures != NULL && figures->observed_us > 0 ? figures->observed_us : world->now_us;
}

static int read_watch(struct watch *watch, const struct page_world *world)
{
	const int64_t length_us = lengths[watch->length].length_us;
	const enum statistics_period rows = lengths[watch->length].rows;
	int result = traffic_find_whole(watch->store, &watch->until_us, watch->complaint);
	if (watch->until_us == INT64_MIN)
		watch->until_us = observed_us(world);
	/* hours are aligned: the one under way, and those before it */
	watch->from_us = statistics_period_start(
	    rows, watch->until_us - 1 - length_us + statistics_period_us(rows));
	const int64_t day_us = statistics_period_start(STATISTICS_DAY, watch->from_us);
	if (result == 0)
		result = read_traffic(watch, lengths[watch->length].series_rows,
		    watch->until_us - lengths[watch->length].series_us, watch->until_us,
		    &watch->series);
	if (result == 0)
		result = read_traffic(watch, rows, watch->from_us, watch->until_us, &watch->now);
	if (result == 0)
		result = read_traffic(
		    watch, rows, watch->from_us - length_us, watch->from_us, &watch->before);
	if (result == 0)
		result = read_traffic(watch, STATISTICS_DAY, day_us - WATCH_BASE_DAYS * WHEN_DAY_US,
		    day_us, &watch->base);
	return result;
}

static void free_watch(struct watch *watch)
{
	traffic_free(watch->series);
	traffic_free(watch->now);
	traffic_free(watch->before);
	traffic_free(watch->base);
}

static int compare_keys(const void *a, const void *b)
{
	const struct traffic_row *one = a;
	const struct traffic_row *other = b;
	return memcmp(&one->key, &other->key, sizeof one->key);
}

/* `is_sorted`: by key; else those with the most packets come first. Freed by the caller. */
static int take_rows(const struct watch *watch, const struct traffic *traffic,
    enum traffic_group group, bool is_sorted, struct rows *ret_rows)
{
	const size_t count = traffic_count(traffic, group);
	ret_rows->list = calloc(count + 1, sizeof *ret_rows->list);
	ret_rows->count = 0;
	if (ret_rows->list == NULL)
		return complain(watch->complaint, -ENOMEM, "out of memory for statistics");
	ret_rows->count = traffic_get(traffic, group, ret_rows->list, count);
	if (is_sorted)
		qsort(ret_rows->list, ret_rows->count, sizeof *ret_rows->list, compare_keys);
	return 0;
}

static const struct traffic_row *find_row(const struct rows *rows, const struct traffic_row *like)
{
	return bsearch(like, rows->list, rows->count, sizeof *rows->list, compare_keys);
}

/* ---- Lists ---- */

static void put_key(struct json *json, enum traffic_group group, const struct statistics_key *key)
{
	char country[GEO_COUNTRY_BYTES] = "";
	memcpy(country, key->country, sizeof key->country);
	switch (group) {
	case TRAFFIC_BY_PORT:
		stats_put_protocol(json, key->protocol);
		if (key->port < 0)
			json_string(json, "port", NULL);
		else
			json_signed(json, "port", key->port);
		break;
	case TRAFFIC_BY_COUNTRY:
		json_string(json, "country", country[0] != '\0' ? country : NULL);
		break;
	case TRAFFIC_BY_NETWORK:
		if (key->network == 0)
			json_string(json, "network", NULL);
		else
			json_unsigned(json, "network", key->network);
		break;
	case TRAFFIC_BY_KIND:
		json_string(json, "kind", statistics_kind_name((enum sighting_kind)key->kind));
		break;
	case TRAFFIC_BY_TIME:
	case TRAFFIC_GROUPS:
		break;
	}
}

static int put_group(
    const struct watch *watch, struct json *json, enum traffic_group group, size_t max)
{
	struct rows now = {NULL, 0};
	struct rows before = {NULL, 0};
	int result = take_rows(watch, watch->now, group, false, &now);
	if (result == 0)
		result = take_rows(watch, watch->before, group, true, &before);
	for (size_t i = 0; i < now.count && i < max && result == 0; i++) {
		const struct traffic_row *row = &now.list[i];
		const struct traffic_row *then = find_row(&before, row);
		json_open_object(json, NULL);
		put_key(json, group, &row->key);
		json_unsigned(json, "packets", row->packets);
		json_unsigned(json, "bytes", row->bytes);
		json_unsigned(json, "sources", row->sources);
		json_unsigned(json, "before", then == NULL ? 0 : then->packets);
		json_close_object(json);
	}
	free(now.list);
	free(before.list);
	return result;
}

static int put_ports(const struct watch *watch, struct json *json, size_t max)
{
	return put_group(watch, json, TRAFFIC_BY_PORT, max);
}

static int put_countries(const struct watch *watch, struct json *json, size_t max)
{
	return put_group(watch, json, TRAFFIC_BY_COUNTRY, max);
}

static int put_networks(const struct watch *watch, struct json *json, size_t max)
{
	return put_group(watch, json, TRAFFIC_BY_NETWORK, max);
}

static int put_kinds(const struct watch *watch, struct json *json, size_t max)
{
	return put_group(watch, json, TRAFFIC_BY_KIND, max);
}

static int put_protocols(const struct watch *watch, struct json *json, size_t max)
{
	struct rows ports;
	uint64_t packets[UINT8_MAX + 1] = {0};
	const int result = take_rows(watch, watch->now, TRAFFIC_BY_PORT, false, &ports);
	for (size_t i = 0; i < ports.count; i++)
		packets[ports.list[i].key.protocol] += ports.list[i].packets;
	for (size_t n = 0; n < max; n++) {
		size_t most = 0;
		for (size_t i = 1; i <= UINT8_MAX; i++)
			if (packets[i] > packets[most])
				most = i;
		if (packets[most] == 0)
			break;
		json_open_object(json, NULL);
		stats_put_protocol(json, (uint8_t)most);
		json_unsigned(json, "packets", packets[most]);
		json_close_object(json);
		packets[most] = 0;
	}
	free(ports.list);
	return result;
}

static bool is_over(const struct watch *watch, const struct traffic_row *row)
{
	const int64_t length_us = statistics_period_us(lengths[watch->length].series_rows);
	return row->key.start_us + length_us <= watch->until_us;
}

static int put_series(const struct watch *watch, struct json *json, size_t max)
{
	struct rows times;
	const int result = take_rows(watch, watch->series, TRAFFIC_BY_TIME, false, &times);
	/* an hour under way would look like a fall, but is better than nothing */
	const size_t count =
	    times.count - (times.count > 1 && !is_over(watch, &times.list[times.count - 1]));
	const size_t first = count > max ? count - max : 0;
	for (size_t i = first; i < count; i++) {
		char text[WHEN_TEXT_BYTES];
		when_format_utc(times.list[i].key.start_us, text);
		json_open_object(json, NULL);
		json_string(json, "start", text);
		json_unsigned(json, "packets", times.list[i].packets);
		json_unsigned(json, "sources", times.list[i].sources);
		json_close_object(json);
	}
	free(times.list);
	return result;
}

/* ---- What is new ---- */

static bool is_named(enum traffic_group group, const struct statistics_key *key)
{
	switch (group) {
	case TRAFFIC_BY_PORT:
		return key->port >= 0;
	case TRAFFIC_BY_COUNTRY:
		return key->country[0] != '\0';
	case TRAFFIC_BY_NETWORK:
		return key->network != 0;
	case TRAFFIC_BY_KIND:
	case TRAFFIC_BY_TIME:
	case TRAFFIC_GROUPS:
		break;
	}
	return false;
}

static int put_new_group(const struct watch *watch, struct json *json, enum traffic_group group,
    const char *what, size_t *room)
{
	struct rows now = {NULL, 0};
	struct rows base = {NULL, 0};
	int result = take_rows(watch, watch->now, group, false, &now);
	if (result == 0)
		result = take_rows(watch, watch->base, group, true, &base);
	for (size_t i = 0; i < now.count && i<WATCH_NEW_LOOKED && * room> 0 && result == 0; i++) {
		const struct traffic_row *row = &now.list[i];
		if (!is_named(group, &row->key) || base.count == 0 || find_row(&base, row) != NULL)
			continue;
		json_open_object(json, NULL);
		json_string(json, "what", what);
		put_key(json, group, &row->key);
		json_unsigned(json, "packets", row->packets);
		json_unsigned(json, "sources", row->sources);
		json_close_object(json);
		(*room)--;
	}
	free(now.list);
	free(base.list);
	return result;
}

static int put_new(const struct watch *watch, struct json *json, size_t max)
{
	size_t room = max < WATCH_NEW_MAX ? max : WATCH_NEW_MAX;
	int result = put_new_group(watch, json, TRAFFIC_BY_COUNTRY, "country", &room);
	if (result == 0)
		result = put_new_group(watch, json, TRAFFIC_BY_PORT, "port", &room);
	return result != 0 ? result
			   : put_new_group(watch, json, TRAFFIC_BY_NETWORK, "network", &room);
}

/* ---- Tools ---- */

struct tools {
	uint64_t incidents[TOOL_COUNT];
	uint64_t packets[TOOL_COUNT];
};

static int visit_finding(void *context, const void *record)
{
	struct tools *tools = context;
	const struct store_incident *incident = record;
	struct json_node *root;
	const char *name;
	int64_t packets;
	if (incident->drill ||
	    json_read(incident->finding, strlen(incident->finding), &root, NULL) != 0)
		return 0;
	const struct json_node *tool = json_read_member(root, "tool");
	for (int i = 0; i < TOOL_COUNT; i++)
		if (json_read_text(json_read_member(tool, "name"), &name) &&
		    strcmp(name, tool_name((enum tool)i)) == 0) {
			tools->incidents[i]++;
			if (json_read_whole(json_read_member(tool, "packets"), &packets) &&
			    packets > 0)
				tools->packets[i] += (uint64_t)packets;
		}
	json_read_free(root);
	return 0;
}

/* Of incidents that were active then. */
static int put_tools(const struct watch *watch, struct json *json, size_t max)
{
	struct tools tools = {{0}, {0}};
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "last_us", .test = STORE_FROM, .number = watch->from_us}},
	    .order = "last_us",
	    .descending = true,
	    .limit = WATCH_INCIDENTS_MAX,
	};
	const int result =
	    store_each(watch->store, &query, visit_finding, &tools, watch->complaint);
	for (int i = 0; i < TOOL_COUNT && max > 0 && result == 0; i++) {
		if (tools.incidents[i] == 0)
			continue;
		json_open_object(json, NULL);
		json_string(json, "tool", tool_name((enum tool)i));
		json_unsigned(json, "incidents", tools.incidents[i]);
		json_unsigned(json, "packets", tools.packets[i]);
		json_close_object(json);
		max--;
	}
	return result;
}

/* ---- Who sends the most ---- */

/* As the record has it: an address, its country, protocol, port, packets. */
static void put_talker(struct json *json, const struct json_node *talker, const char *survey)
{
	const char *text;
	int64_t number;
	json_open_object(json, NULL);
	json_string(json, "source", json_read_text(json_read_item(talker, 0), &text) ? text : NULL);
	if (survey != NULL)
		json_string(json, "survey", survey);
	json_string(
	    json, "country", json_read_text(json_read_item(talker, 1), &text) ? text : NULL);
	if (json_read_whole(json_read_item(talker, 2), &number))
		stats_put_protocol(json, (uint8_t)number);
	if (json_read_whole(json_read_item(talker, 3), &number))
		json_signed(json, "port", number);
	if (json_read_whole(json_read_item(talker, 4), &number))
		json_signed(json, "packets", number);
	json_close_object(json);
}

static const char *survey_of(const struct json_node *talker)
{
	const char *text;
	const char *why;
	struct prefix source;
	return json_read_text(json_read_item(talker, 0), &text) &&
		       prefix_parse(text, &source, &why) == 0
		   ? survey_name(&source)
		   : NULL;
}

struct record {
	struct json_node *root; /* NULL: there is none */
};

static int visit_record(void *context, const void *record)
{
	struct record *found = context;
	const struct store_meta *meta = record;
	if (json_read(meta->value, strlen(meta->value), &found->root, NULL) != 0)
		found->root = NULL; /* of a newer program */
	return 0;
}

static int read_record(const struct watch *watch, struct record *ret_record)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = TALKERS_KEY}},
	};
	ret_record->root = NULL;
	return store_each(watch->store, &query, visit_record, ret_record, watch->complaint);
}

static int put_record(const struct watch *watch, struct json *json, size_t max, bool wants_surveys)
{
	struct record record;
	const int result = read_record(watch, &record);
	const struct json_node *list =
	    json_read_member(json_read_member(record.root, lengths[watch->length].name), "list");
	for (size_t i = 0; i < json_read_count(list) && max > 0; i++) {
		const struct json_node *talker = json_read_item(list, i);
		const char *survey = survey_of(talker);
		if ((survey != NULL) != wants_surveys)
			continue;
		put_talker(json, talker, survey);
		max--;
	}
	json_read_free(record.root);
	return result;
}

static int put_talkers(const struct watch *watch, struct json *json, size_t max)
{
	return put_record(watch, json, max, false);
}

static int put_surveys(const struct watch *watch, struct json *json, size_t max)
{
	return put_record(watch, json, max, true);
}

static int put_talkers_from(const struct watch *watch, struct json *json)
{
	struct record record;
	const char *text = NULL;
	const int result = read_record(watch, &record);
	(void)json_read_text(
	    json_read_member(json_read_member(record.root, lengths[watch->length].name), "from"),
	    &text);
	json_string(json, "talkers_from", text);
	json_read_free(record.root);
	return result;
}

/* ---- Tables ---- */

static const char *const port_columns[] = {
    "proto", "port", "packets", "bytes", "sources", "before", NULL};
static const char *const country_columns[] = {
    "country", "packets", "bytes", "sources", "before", NULL};
static const char *const network_columns[] = {
    "network", "packets", "bytes", "sources", "before", NULL};
static const char *const kind_columns[] = {"kind", "packets", "bytes", "sources", "before", NULL};
static const char *const protocol_columns[] = {"proto", "packets", NULL};
static const char *const series_columns[] = {"start", "packets", "sources", NULL};
static const char *const new_columns[] = {
    "what", "proto", "port", "country", "network", "packets", "sources", NULL};
static const char *const tool_columns[] = {"tool", "incidents", "packets", NULL};
static const char *const talker_columns[] = {"source", "country", "proto", "port", "packets", NULL};
static const char *const survey_columns[] = {
    "source", "survey", "country", "proto", "port", "packets", NULL};

static const struct {
	const char *name;
	int (*put)(const struct watch *watch, struct json *json, size_t max);
	size_t max; /* in the whole answer */
	const char *const *columns;
	bool has_addresses; /* which a wall screen must not show */
} tables[] = {
    {"series", put_series, SIZE_MAX, series_columns, false},
    {"ports", put_ports, WATCH_TOP, port_columns, false},
    {"countries", put_countries, SIZE_MAX, country_columns, false},
    {"networks", put_networks, WATCH_TOP, network_columns, false},
    {"protocols", put_protocols, WATCH_TOP, protocol_columns, false},
    {"kinds", put_kinds, WATCH_TOP, kind_columns, false},
    {"new", put_new, WATCH_NEW_MAX, new_columns, false},
    {"tools", put_tools, WATCH_TOP, tool_columns, false},
    {"talkers", put_talkers, WATCH_TOP, talker_columns, true},
    {"surveys", put_surveys, WATCH_TOP, survey_columns, true},
};
enum {
	TABLES = sizeof tables / sizeof tables[0],
};

static void put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	json_string(json, key, text);
}

static int write_whole(const struct watch *watch, bool sees_addresses, FILE *out)
{
	struct json json;
	int result = 0;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "period", lengths[watch->length].name);
	put_time(&json, "from", watch->from_us);
	put_time(&json, "until", watch->until_us);
	json_unsigned(&json, "packets", traffic_total(watch->now).packets);
	json_unsigned(&json, "before", traffic_total(watch->before).packets);
	json_unsigned(&json, "base_days", WATCH_BASE_DAYS);
	json_bool(&json, "has_base", traffic_total(watch->base).packets > 0);
	if (sees_addresses)
		result = put_talkers_from(watch, &json);
	for (size_t i = 0; i < TABLES && result == 0; i++) {
		if (tables[i].has_addresses && !sees_addresses)
			continue;
		json_open_array(&json, tables[i].name);
		result = tables[i].put(watch, &json, tables[i].max);
		json_close_array(&json);
	}
	json_close_object(&json);
	return result;
}

/* ---- Routes ---- */

static const struct page_parameter parameters[] = {
    {"period", PAGE_CHOICE, 0, 0, length_names, "the last 5 minutes, hour (as is) or day"},
    {.name = NULL},
};

enum {
	DEFAULT_LENGTH = 1,
};

/* The whole answers of the last seconds. */
static struct kept {
	char *text; /* NULL: none */
	size_t length;
	int64_t made_us;
} kept_answers[LENGTHS][2]; /* for who sees no addresses, and who does */

static bool sees_addresses(const struct page_question *question)
{
	return question->who->role == PAGE_OPERATOR;
}

static int make_whole(const struct page_question *question, struct watch *watch, struct kept *kept)
{
	struct kept made = {.made_us = question->world->now_us};
	int result = read_watch(watch, question->world);
	if (result != 0)
		return result;
	FILE *out = open_memstream(&made.text, &made.length);
	if (out != NULL)
		result = write_whole(watch, sees_addresses(question), out);
	if (out == NULL || fclose(out) != 0)
		result = complain(watch->complaint, -ENOMEM, "out of memory for statistics");
	if (result != 0) {
		free(made.text);
		return result;
	}
	free(kept->text);
	*kept = made;
	return 0;
}

static unsigned read_whole(const struct page_question *question, struct page_answer *answer)
{
	struct watch watch = {.store = question->store,
	    .complaint = &answer->complaint,
	    .length = (size_t)page_number(question, "period", DEFAULT_LENGTH)};
	struct kept *kept = &kept_answers[watch.length][sees_addresses(question)];
	const int64_t age_us = question->world->now_us - kept->made_us;
	if (kept->text == NULL || age_us < 0 || age_us > KEPT_US) {
		const int result = make_whole(question, &watch, kept);
		free_watch(&watch);
		if (result != 0)
			return page_broken(answer);
	}
	(void)fwrite(kept->text, 1, kept->length, answer->out);
	return 200;
}

static unsigned read_table(const struct page_question *question, struct page_answer *answer)
{
	struct watch watch = {.store = question->store,
	    .complaint = &answer->complaint,
	    .length = (size_t)page_number(question, "period", DEFAULT_LENGTH)};
	size_t at = 0;
	while (at < TABLES && strcmp(tables[at].name, question->segments[0]) != 0)
		at++;
	if (at == TABLES || (tables[at].has_addresses && !sees_addresses(question)))
		return page_missing(answer, "table");
	answer->columns = tables[at].columns;
	int result = read_watch(&watch, question->world);
	struct json *json = &answer->json;
	json_open_object(json, NULL);
	json_open_array(json, "items");
	if (result == 0)
		result = tables[at].put(
		    &watch, json, (size_t)page_number(question, "limit", PAGE_LIMIT_DEFAULT));
	json_close_array(json);
	json_string(json, "next", NULL);
	json_string(json, "total", NULL);
	json_close_object(json);
	free_watch(&watch);
	return result == 0 ? 200 : page_broken(answer);
}

const struct page_route page_watch_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/watch",
	.roles = PAGE_OPERATOR | PAGE_VIEWER,
	.read = read_whole,
	.summary = "What was observed lately: ports, countries, networks, kinds, tools, and what "
		   "of it is new",
	.parameters = parameters},
    {.method = ROUTE_GET,
	.path = "/api/v1/watch/{table}",
	.roles = PAGE_OPERATOR | PAGE_VIEWER,
	.read = read_table,
	.is_list = true,
	.summary = "One of its tables, which are series, ports, countries, networks, protocols, "
		   "kinds, new, tools, talkers and surveys",
	.parameters = parameters,
	.columns = port_columns},
    {.path = NULL},
};
