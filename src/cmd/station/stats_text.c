/* stats_text.c - `hinomi stats` for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/stats_report.h"
#include "cmd/station/stats_words.h"
#include "cmd/station/words.h"
#include "notify/glyph.h"
#include "notify/screen.h"
#include "notify/service.h"

enum {
	INDENT = 2,
	/* Each number ends before its column. */
	PACKETS_COLUMN = 52,
	SHARE_COLUMN = 58,
	BYTES_COLUMN = 71,
	SOURCES_COLUMN = 80,
	PARAGRAPH_BYTES = 1024,
	NUMBER_BYTES = 32,
	NAME_BYTES = 256,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
};

struct sheet_of_stats {
	const struct stats_report *report;
	struct screen screen;
};

static void put_line(
    struct sheet_of_stats *sheet, enum stats_word word, const struct value *values, size_t count)
{
	char paragraph[PARAGRAPH_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	text_add_phrase(&text, stats_word(sheet->report->language, word), values, count);
	screen_go(&sheet->screen, INDENT);
	screen_flow(&sheet->screen, INDENT, paragraph);
	screen_end_line(&sheet->screen);
}

/* "2026-04-01 09:00 JST": nobody wants seconds here. */
static void format_time(
    const struct stats_report *report, int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	char whole[WHEN_TEXT_BYTES];
	const size_t date_bytes = strlen("2026-04-01 09:00");
	const size_t seconds_bytes = strlen(":00.000");
	zone_format(report->zone, time_us, whole);
	if (strlen(whole) < date_bytes + seconds_bytes) {
		memcpy(out, whole, sizeof whole);
		return;
	}
	(void)snprintf(out, WHEN_TEXT_BYTES, "%.*s%.*s", (int)date_bytes, whole,
	    WHEN_TEXT_BYTES / 2, whole + date_bytes + seconds_bytes);
}

static void put_number(struct sheet_of_stats *sheet, int column, uint64_t number)
{
	char written[NUMBER_BYTES];
	struct text text;
	text_init(&text, written, sizeof written);
	text_add_number(&text, value_of_count(number).number);
	screen_put_right(&sheet->screen, column, written);
}

static void put_heading(struct sheet_of_stats *sheet, enum stats_word word, bool has_columns)
{
	const enum language language = sheet->report->language;
	screen_end_line(&sheet->screen);
	screen_put(&sheet->screen, STYLE_LABEL, stats_word(language, word));
	if (has_columns) {
		screen_put_right(
		    &sheet->screen, PACKETS_COLUMN, stats_word(language, STATS_PACKETS));
		if (word != STATS_HEAD_TIME)
			screen_put_right(
			    &sheet->screen, SHARE_COLUMN, stats_word(language, STATS_SHARE));
		screen_put_right(&sheet->screen, BYTES_COLUMN, stats_word(language, STATS_BYTES));
		screen_put_right(
		    &sheet->screen, SOURCES_COLUMN, stats_word(language, STATS_SOURCES));
	}
	screen_end_line(&sheet->screen);
}

static void put_numbers(
    struct sheet_of_stats *sheet, const struct traffic_row *row, const struct traffic_row *total)
{
	put_number(sheet, PACKETS_COLUMN, row->packets);
	if (total != NULL && total->packets > 0) {
		char share[NUMBER_BYTES];
		const double percent = 100.0 * (double)row->packets / (double)total->packets;
		(void)snprintf(share, sizeof share, "%.*f%%", percent < 10, percent);
		screen_put_right(&sheet->screen, SHARE_COLUMN, share);
	}
	put_number(sheet, BYTES_COLUMN, row->bytes);
	put_number(sheet, SOURCES_COLUMN, row->sources);
	screen_end_line(&sheet->screen);
}

/* ---- Names of rows ---- */

static void add_port(
    const struct stats_report *report, const struct statistics_key *key, struct text *text)
{
	const enum language language = report->language;
	const bool has_ports = key->protocol == PROTOCOL_TCP || key->protocol == PROTOCOL_UDP;
	const struct finding_port port = {.port = key->port >= 0 ? (uint16_t)key->port : 0,
	    .protocol = key->protocol,
	    .bare = key->port < 0};
	if (key->port < 0 && has_ports) {
		const struct value protocol =
		    value_of_text(key->protocol == PROTOCOL_TCP ? "TCP" : "UDP");
		text_add_phrase(text, stats_word(language, STATS_OTHER_PORTS), &protocol, 1);
	} else if (key->port < 0 && key->protocol == 0) {
		text_add(text, stats_word(language, STATS_NO_PORTS));
	} else {
		service_add_port(text, language, &port, true);
	}
}

static enum stats_word word_of_kind(uint8_t kind)
{
	switch ((enum sighting_kind)kind) {
	case SIGHTING_REPLY:
		return STATS_KIND_REPLY;
	case SIGHTING_NEIGHBOUR:
		return STATS_KIND_NEIGHBOUR;
	case SIGHTING_PROBE:
		return STATS_KIND_PROBE;
	case SIGHTING_FLOODED:
		return STATS_KIND_FLOODED;
	case SIGHTING_REFLECTED:
		return STATS_KIND_REFLECTED;
	case SIGHTING_REQUEST:
	case SIGHTING_EXCHANGE:
	case SIGHTING_ALL_REPLIES:
	case SIGHTING_ALL_FLOODED:
	case SIGHTING_ALL_REFLECTED:
	case SIGHTING_KIND_COUNT:
		break;
	}
	return STATS_KIND_REQUEST;
}

static void add_name(const struct stats_report *report, enum traffic_group group,
    const struct statistics_key *key, struct text *text)
{
	const enum language language = report->language;
	char number[NUMBER_BYTES];
	char country[GEO_COUNTRY_BYTES] = "";
	memcpy(country, key->country, sizeof key->country);
	(void)snprintf(number, sizeof number, "%u", key->network);
	const struct value value = value_of_text(number);
	if (group == TRAFFIC_BY_PORT)
		add_port(report, key, text);
	else if (group == TRAFFIC_BY_KIND)
		text_add(text, stats_word(language, word_of_kind(key->kind)));
	else if (group == TRAFFIC_BY_COUNTRY && country[0] != '\0')
		text_add(text, country);
	else if (group == TRAFFIC_BY_NETWORK && key->network != 0)
		text_add_phrase(text, stats_word(language, STATS_NETWORK), &value, 1);
	else
		text_add(text, stats_word(language, STATS_UNKNOWN));
}

/* ---- Parts ---- */

static void put_times(struct sheet_of_stats *sheet, const struct traffic_row *rows, size_t count)
{
	const struct stats_report *report = sheet->report;
	const struct traffic_row total = traffic_total(report->traffic);
	put_heading(sheet, STATS_HEAD_TIME, true);
	for (size_t i = 0; i < count; i++) {
		char when[WHEN_TEXT_BYTES];
		format_time(report, rows[i].key.start_us, when);
		screen_go(&sheet->screen, INDENT);
		screen_put(&sheet->screen, STYLE_PLAIN, when);
		put_numbers(sheet, &rows[i], NULL);
	}
	screen_go(&sheet->screen, INDENT);
	screen_put(&sheet->screen, STYLE_PLAIN, stats_word(report->language, STATS_IN_ALL));
	put_numbers(sheet, &total, NULL);
}

static void put_group(struct sheet_of_stats *sheet, enum traffic_group group,
    const struct traffic_row *rows, size_t count)
{
	static const enum stats_word heads[TRAFFIC_GROUPS] = {
	    [TRAFFIC_BY_PORT] = STATS_HEAD_PORTS,
	    [TRAFFIC_BY_COUNTRY] = STATS_HEAD_COUNTRIES,
	    [TRAFFIC_BY_NETWORK] = STATS_HEAD_NETWORKS,
	    [TRAFFIC_BY_KIND] = STATS_HEAD_KINDS,
	};
	const struct traffic_row total = traffic_total(sheet->report->traffic);
	put_heading(sheet, heads[group], true);
	for (size_t i = 0; i < count; i++) {
		char name[NAME_BYTES];
		struct text text;
		text_init(&text, name, sizeof name);
		add_name(sheet->report, group, &rows[i].key, &text);
		screen_go(&sheet->screen, INDENT);
		screen_put(&sheet->screen, STYLE_PLAIN, name);
		put_numbers(sheet, &rows[i], &total);
	}
	const size_t all = traffic_count(sheet->report->traffic, group);
	const struct value more = value_of_count(all - count);
	if (all > count)
		put_line(sheet, STATS_MORE, &more, 1);
}

/* Where no database is set, all is unknown, which nobody needs to read. */
static bool is_worth_showing(
    const struct stats_report *report, enum traffic_group group, const struct traffic_row *first)
{
	const bool is_unknown = first->key.country[0] == '\0' && first->key.network == 0;
	return (group != TRAFFIC_BY_COUNTRY && group != TRAFFIC_BY_NETWORK) || !is_unknown ||
	       traffic_count(report->traffic, group) > 1;
}

static int put_traffic(struct sheet_of_stats *sheet)
{
	const struct stats_report *report = sheet->report;
	const size_t times = traffic_count(report->traffic, TRAFFIC_BY_TIME);
	const size_t room = times > report->top ? times : report->top;
	struct traffic_row *rows = calloc(room + 1, sizeof *rows);
	if (rows == NULL)
		return -ENOMEM;
	if (times == 0)
		put_line(sheet, STATS_NOTHING, NULL, 0);
	else
		put_times(sheet, rows, traffic_get(report->traffic, TRAFFIC_BY_TIME, rows, times));
	for (int i = TRAFFIC_BY_PORT; i < TRAFFIC_GROUPS && times > 0; i++) {
		const enum traffic_group group = (enum traffic_group)i;
		const size_t count = traffic_get(report->traffic, group, rows, report->top);
		if (is_worth_showing(report, group, &rows[0]))
			put_group(sheet, group, rows, count);
	}
	free(rows);
	return 0;
}

static const char *name_of_period(const struct stats_report *report)
{
	static const enum stats_word names[STATISTICS_PERIODS] = {
	    [STATISTICS_5M] = STATS_PERIOD_5M,
	    [STATISTICS_HOUR] = STATS_PERIOD_HOUR,
	    [STATISTICS_DAY] = STATS_PERIOD_DAY,
	};
	return stats_word(report->language, names[report->filter->period]);
}

static void put_title(struct sheet_of_stats *sheet)
{
	const struct stats_report *report = sheet->report;
	char from[WHEN_TEXT_BYTES];
	char to[WHEN_TEXT_BYTES];
	char title[PARAGRAPH_BYTES];
	char station[NAME_BYTES * GLYPH_VISIBLE_GROWTH];
	struct text text;
	format_time(report, report->filter->from_us, from);
	format_time(report, report->filter->to_us, to);
	glyph_copy_visible(report->station, station, sizeof station);
	text_init(&text, title, sizeof title);
	text_add_phrase(&text, stats_word(report->language, STATS_TITLE),
	    VALUES(value_of_text(station), value_of_text(name_of_period(report)),
		value_of_text(from), value_of_text(to)));
	screen_flow(&sheet->screen, 0, title);
	screen_end_line(&sheet->screen);
	const struct value filtered = value_of_text(report->filtered);
	if (report->filtered[0] != '\0')
		put_line(sheet, STATS_FILTERED, &filtered, 1);
}

static void put_notes(struct sheet_of_stats *sheet)
{
	const struct value period = value_of_text(name_of_period(sheet->report));
	const struct value left_out = value_of_count(traffic_left_out(sheet->report->traffic));
	if (traffic_count(sheet->report->traffic, TRAFFIC_BY_TIME) == 0)
		return;
	screen_end_line(&sheet->screen);
	put_line(sheet, STATS_SOURCES_MEANING, &period, 1);
	if (left_out.number > 0)
		put_line(sheet, STATS_LEFT_OUT, &left_out, 1);
}

static void put_gaps(struct sheet_of_stats *sheet)
{
	const struct gap_list *gaps = sheet->report->gaps;
	put_heading(sheet, STATS_HEAD_GAPS, false);
	if (gaps->count == 0)
		put_line(sheet, STATS_NO_GAPS, NULL, 0);
	for (size_t i = 0; i < gaps->count; i++) {
		const struct gap_line *line = &gaps->lines[i];
		char source[GAP_NAME_BYTES * GLYPH_VISIBLE_GROWTH + 1];
		char kind[GAP_NAME_BYTES * GLYPH_VISIBLE_GROWTH + 1];
		char first[WHEN_TEXT_BYTES];
		char last[WHEN_TEXT_BYTES];
		glyph_copy_visible(line->source, source, sizeof source);
		glyph_copy_visible(line->kind, kind, sizeof kind);
		format_time(sheet->report, line->first_us, first);
		format_time(sheet->report, line->last_us, last);
		const struct value values[] = {value_of_text(source), value_of_text(kind),
		    value_of_text(first), value_of_text(last), value_of_count(line->times),
		    value_of_count(line->lost)};
		put_line(sheet, line->lost > 0 ? STATS_GAP_LOST : STATS_GAP, values, 6);
	}
}

static void put_ranges(struct sheet_of_stats *sheet)
{
	const struct stats_report *report = sheet->report;
	const size_t count = greynet_range_count(report->greynet);
	if (count == 0)
		put_line(sheet, STATS_NO_RANGES, NULL, 0);
	if (report->coverage->is_blind)
		put_line(sheet, STATS_BLIND, NULL, 0);
	for (size_t i = 0; i < count && i < report->top; i++) {
		struct greynet_range range;
		char prefix[PREFIX_TEXT_BYTES];
		char watched[NAME_BYTES];
		char quiet[NAME_BYTES];
		struct text text;
		greynet_get_range(report->greynet, i, &range);
		prefix_format(&range.prefix, prefix);
		text_init(&text, watched, sizeof watched);
		wording_add_duration(&text, report->language, range.watched_us);
		text_init(&text, quiet, sizeof quiet);
		wording_add_duration(&text, report->language, report->quiet_us);
		const struct value values[] = {
		    value_of_text(prefix), value_of_text(watched), value_of_text(quiet)};
		put_line(sheet, range.is_ready ? STATS_RANGE_READY : STATS_RANGE_YOUNG, values, 3);
	}
	const struct value more = value_of_count(count > report->top ? count - report->top : 0);
	if (count > report->top)
		put_line(sheet, STATS_MORE, &more, 1);
}

static void put_coverage(struct sheet_of_stats *sheet)
{
	const struct stats_report *report = sheet->report;
	const struct coverage *coverage = report->coverage;
	const uint64_t dark = coverage->declared_v4 + coverage->learned_v4;
	const struct coverage_reach reach = coverage_reach(dark);
	const struct value counts[] = {value_of_count(dark), value_of_count(coverage->declared_v4),
	    value_of_count(coverage->learned_v4)};
	put_heading(sheet, STATS_HEAD_COVERAGE, false);
	put_line(sheet, dark > 0 ? STATS_DARK : STATS_DARK_NONE, counts, 3);
	if (!coverage->is_whole)
		put_line(sheet, STATS_DARK_MORE, NULL, 0);
	if (dark > 0) {
		char mean[NAME_BYTES];
		char most[NAME_BYTES];
		struct text text;
		text_init(&text, mean, sizeof mean);
		wording_add_duration(&text, report->language, reach.mean_us);
		text_init(&text, most, sizeof most);
		wording_add_duration(&text, report->language, reach.most_us);
		const struct value values[] = {
		    value_of_count(COVERAGE_RATE), value_of_text(mean), value_of_text(most)};
		put_line(sheet, STATS_REACH, values, 3);
	}
	const struct value v6[] = {
	    value_of_count(coverage->declared_v6), value_of_count(coverage->heard_v6)};
	if (coverage->declared_v6 > 0 || coverage->heard_v6 > 0)
		put_line(sheet, STATS_V6, v6, 2);
	put_ranges(sheet);
}

static void put_kept(struct sheet_of_stats *sheet)
{
	const struct stats_report *report = sheet->report;
	char when[WHEN_TEXT_BYTES];
	put_heading(sheet, STATS_HEAD_KEPT, false);
	if (report->remembers_us != INT64_MIN) {
		format_time(report, report->remembers_us, when);
		const struct value value = value_of_text(when);
		put_line(sheet, STATS_REMEMBERS, &value, 1);
	}
	for (size_t i = 0; i < UPKEEP_CLASSES; i++) {
		const struct upkeep_removed *removed = &report->removed[i];
		if (removed->count == 0)
			continue;
		format_time(report, removed->until_us, when);
		const struct value values[] = {
		    value_of_text(stats_word(
			report->language, (enum stats_word)(STATS_CLASS_STATISTICS_5M + i))),
		    value_of_count(removed->count), value_of_text(when)};
		put_line(
		    sheet, removed->for_space ? STATS_REMOVED_SPACE : STATS_REMOVED, values, 3);
	}
}

int stats_write_text(const struct stats_report *report, FILE *out)
{
	struct sheet_of_stats sheet = {.report = report};
	screen_init(&sheet.screen, out);
	put_title(&sheet);
	int result = put_traffic(&sheet);
	if (result != 0)
		return result;
	put_notes(&sheet);
	put_gaps(&sheet);
	put_coverage(&sheet);
	put_kept(&sheet);
	return 0;
}
