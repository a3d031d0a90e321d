/* stats_json.c - `hinomi stats` for programs: one object a line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/when.h"
#include "cmd/station/statistics.h"
#include "cmd/station/stats_report.h"

static void put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	json_string(json, key, text);
}

static void begin(struct json *json, FILE *out, const char *type)
{
	json_init(json, out);
	json_open_object(json, NULL);
	json_string(json, "type", type);
}

static void end(struct json *json)
{
	json_close_object(json);
	(void)fputc('\n', json->out); /* errors are left to ferror() */
}

/* What has no number is null. */
static void put_count_or_null(struct json *json, const char *key, int64_t number)
{
	if (number < 0)
		json_string(json, key, NULL);
	else
		json_signed(json, key, number);
}

void stats_put_protocol(struct json *json, uint8_t protocol)
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} names[] = {{1, "icmp"}, {6, "tcp"}, {17, "udp"}, {58, "icmp6"}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].protocol == protocol) {
			json_string(json, "proto", names[i].name);
			return;
		}
	}
	json_unsigned(json, "proto", protocol);
}

static void put_key(struct json *json, enum traffic_group group, const struct statistics_key *key)
{
	char country[GEO_COUNTRY_BYTES] = "";
	memcpy(country, key->country, sizeof key->country);
	switch (group) {
	case TRAFFIC_BY_TIME:
		json_string(json, "by", "time");
		put_time(json, "start", key->start_us);
		break;
	case TRAFFIC_BY_PORT:
		json_string(json, "by", "port");
		stats_put_protocol(json, key->protocol);
		put_count_or_null(json, "port", key->port);
		break;
	case TRAFFIC_BY_COUNTRY:
		json_string(json, "by", "country");
		json_string(json, "country", country[0] != '\0' ? country : NULL);
		break;
	case TRAFFIC_BY_NETWORK:
		json_string(json, "by", "network");
		put_count_or_null(json, "network", key->network == 0 ? -1 : (int64_t)key->network);
		break;
	case TRAFFIC_BY_KIND:
		json_string(json, "by", "kind");
		json_string(json, "kind", statistics_kind_name((enum sighting_kind)key->kind));
		break;
	case TRAFFIC_GROUPS:
		break;
	}
}

static void put_row(FILE *out, enum traffic_group group, const struct traffic_row *row)
{
	struct json json;
	begin(&json, out, "traffic");
	put_key(&json, group, &row->key);
	json_unsigned(&json, "packets", row->packets);
	json_unsigned(&json, "bytes", row->bytes);
	json_unsigned(&json, "sources", row->sources);
	end(&json);
}

static int put_traffic(const struct stats_report *report, FILE *out)
{
	const size_t times = traffic_count(report->traffic, TRAFFIC_BY_TIME);
	const size_t room = times > report->top ? times : report->top;
	struct traffic_row *rows = calloc(room + 1, sizeof *rows);
	if (rows == NULL)
		return -ENOMEM;
	for (int i = 0; i < TRAFFIC_GROUPS; i++) {
		const enum traffic_group group = (enum traffic_group)i;
		const size_t count = traffic_get(
		    report->traffic, group, rows, i == TRAFFIC_BY_TIME ? times : report->top);
		for (size_t j = 0; j < count; j++)
			put_row(out, group, &rows[j]);
	}
	free(rows);
	return 0;
}

static void put_gaps(const struct gap_list *gaps, FILE *out)
{
	for (size_t i = 0; i < gaps->count; i++) {
		const struct gap_line *line = &gaps->lines[i];
		struct json json;
		begin(&json, out, "gap");
		json_string(&json, "source", line->source);
		json_string(&json, "kind", line->kind);
		put_time(&json, "first", line->first_us);
		put_time(&json, "last", line->last_us);
		json_unsigned(&json, "times", line->times);
		json_unsigned(&json, "lost", line->lost);
		end(&json);
	}
}

static void put_ranges(const struct stats_report *report, FILE *out)
{
	for (size_t i = 0; i < greynet_range_count(report->greynet); i++) {
		struct greynet_range range;
		char prefix[PREFIX_TEXT_BYTES];
		struct json json;
		greynet_get_range(report->greynet, i, &range);
		prefix_format(&range.prefix, prefix);
		begin(&json, out, "range");
		json_string(&json, "prefix", prefix);
		json_bool(&json, "found", range.is_found);
		json_signed(&json, "watched_s", range.watched_us / WHEN_SECOND_US);
		json_signed(&json, "quiet_s", report->quiet_us / WHEN_SECOND_US);
		json_bool(&json, "learned", range.is_ready);
		end(&json);
	}
}

static void put_coverage(const struct stats_report *report, FILE *out)
{
	const struct coverage *coverage = report->coverage;
	const uint64_t dark = coverage->declared_v4 + coverage->learned_v4;
	const struct coverage_reach reach = coverage_reach(dark);
	struct json json;
	begin(&json, out, "coverage");
	json_unsigned(&json, "dark_addresses", dark);
	json_unsigned(&json, "dark_declared", coverage->declared_v4);
	json_unsigned(&json, "dark_learned", coverage->learned_v4);
	json_bool(&json, "is_whole", coverage->is_whole);
	json_unsigned(&json, "rate", COVERAGE_RATE);
	put_count_or_null(&json, "mean_s", dark == 0 ? -1 : reach.mean_us / WHEN_SECOND_US);
	put_count_or_null(&json, "most_s", dark == 0 ? -1 : reach.most_us / WHEN_SECOND_US);
	json_unsigned(&json, "dark_v6_ranges", coverage->declared_v6);
	json_unsigned(&json, "heard_v4", coverage->heard_v4);
	json_unsigned(&json, "heard_v6", coverage->heard_v6);
	json_bool(&json, "is_blind", coverage->is_blind);
	end(&json);
}

static void put_removed(const struct stats_report *report, FILE *out)
{
	for (size_t i = 0; i < UPKEEP_CLASSES; i++) {
		const struct upkeep_removed *removed = &report->removed[i];
		struct json json;
		if (removed->count == 0)
			continue;
		begin(&json, out, "removed");
		json_string(&json, "class", upkeep_class_name((enum upkeep_class)i));
		json_unsigned(&json, "count", removed->count);
		put_time(&json, "until", removed->until_us);
		put_time(&json, "at", removed->at_us);
		json_bool(&json, "for_space", removed->for_space);
		end(&json);
	}
}

static void put_summary(const struct stats_report *report, FILE *out)
{
	const struct traffic_row total = traffic_total(report->traffic);
	struct json json;
	begin(&json, out, "summary");
	json_signed(
	    &json, "period_s", statistics_period_us(report->filter->period) / WHEN_SECOND_US);
	put_time(&json, "from", report->filter->from_us);
	put_time(&json, "to", report->filter->to_us);
	json_unsigned(&json, "packets", total.packets);
	json_unsigned(&json, "bytes", total.bytes);
	json_unsigned(&json, "sources", total.sources);
	json_unsigned(&json, "rows_left_out", traffic_left_out(report->traffic));
	if (report->remembers_us != INT64_MIN)
		put_time(&json, "remembers_since", report->remembers_us);
	end(&json);
}

int stats_write_json(const struct stats_report *report, FILE *out)
{
	int result = put_traffic(report, out);
	if (result != 0)
		return result;
	put_gaps(report->gaps, out);
	put_ranges(report, out);
	put_coverage(report, out);
	put_removed(report, out);
	put_summary(report, out);
	return 0;
}
