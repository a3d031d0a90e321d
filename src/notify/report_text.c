/* report_text.c - the text format: who must act first, strangers in a table, what to watch, the
 * end. */
#include <string.h>

#include "base/when.h"
#include "notify/glyph.h"
#include "notify/headline.h"
#include "notify/report_internal.h"
#include "notify/wording_internal.h"

enum {
	STRANGERS_SHOWN_MAX = 10,
	WATCH_SHOWN_MAX = 50, /* a screen or two; all of them with --all */
	OVERVIEW_BYTES = 512,
	/* Ends of the table's columns; an address of IPv6 that is longer has a line of its own. */
	COLUMN_WHAT = 20,
	COLUMN_PACKETS_END = 51,
	COLUMN_TARGETS_END = 62,
	COLUMN_PORTS = 64,
};

/* Where a finding stands. */
enum section {
	SECTION_FULL,
	SECTION_STRANGERS,
	SECTION_WATCH,
	SECTION_COUNT
};

struct tally {
	size_t in_section[SECTION_COUNT];
	size_t of_severity[SEVERITY_COUNT];                   /* of those in full */
	const struct finding *strangers[STRANGERS_SHOWN_MAX]; /* the largest, largest first */
	size_t strangers_kept;
};

static enum section section_of(const struct report *report, const struct finding *finding)
{
	/* A stranger that calls for action may be one of ours whose range nobody named. */
	bool is_small = finding->severity <= SEVERITY_LOW;
	if (finding->member == MEMBER_NONE && is_small && !report->all)
		return SECTION_STRANGERS;
	if (finding->watch || finding->severity == SEVERITY_INFO)
		return SECTION_WATCH;
	return SECTION_FULL;
}

/* Keeps the largest; of equals the earlier, which finding_compare put first. */
static void keep_stranger(struct tally *tally, const struct finding *finding)
{
	size_t place = tally->strangers_kept;
	while (place > 0 && tally->strangers[place - 1]->packets < finding->packets)
		place--;
	if (place == STRANGERS_SHOWN_MAX)
		return;
	if (tally->strangers_kept < STRANGERS_SHOWN_MAX)
		tally->strangers_kept++;
	for (size_t i = tally->strangers_kept - 1; i > place; i--)
		tally->strangers[i] = tally->strangers[i - 1];
	tally->strangers[place] = finding;
}

static void count_findings(
    const struct report *report, const struct finding *findings, size_t count, struct tally *tally)
{
	memset(tally, 0, sizeof *tally);
	for (size_t i = 0; i < count; i++) {
		enum section section = section_of(report, &findings[i]);
		tally->in_section[section]++;
		if (section == SECTION_FULL)
			tally->of_severity[findings[i].severity]++;
		if (section == SECTION_STRANGERS)
			keep_stranger(tally, &findings[i]);
	}
}

/* One sentence at the left edge. */
static void put_sentence(
    struct page *page, enum message message, const struct value *values, size_t value_count)
{
	char sentence[OVERVIEW_BYTES];
	struct text text;
	text_init(&text, sentence, sizeof sentence);
	wording_add(&text, page->report->language, message, values, value_count);
	screen_flow(&page->screen, 0, sentence);
	screen_end_line(&page->screen);
}

/* What is said where something was found, but nothing that calls for action. */
static enum message calm_message(const struct report *report)
{
	return report_has_members(report) ? MESSAGE_NO_FINDING_MEMBERS : MESSAGE_NO_FINDING_LOCAL;
}

static void put_overview(struct page *page, const struct tally *tally)
{
	enum language language = page->report->language;
	const struct vocabulary *vocabulary = wording_get(language);
	if (tally->in_section[SECTION_FULL] == 0) {
		bool nothing = tally->in_section[SECTION_STRANGERS] == 0 &&
			       tally->in_section[SECTION_WATCH] == 0;
		put_sentence(
		    page, nothing ? MESSAGE_NO_FINDING : calm_message(page->report), NULL, 0);
		screen_end_line(&page->screen);
		return;
	}
	char parts[OVERVIEW_BYTES];
	struct text text;
	text_init(&text, parts, sizeof parts);
	for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO; severity--) {
		if (tally->of_severity[severity] == 0)
			continue;
		const struct value values[] = {value_of_count(tally->of_severity[severity]),
		    value_of_text(vocabulary->severities[severity])};
		if (text.length > 0)
			text_add(&text, vocabulary->messages[MESSAGE_ITEM_JOINT]);
		wording_add(&text, language, MESSAGE_OVERVIEW_PART, values, 2);
	}
	const struct value values[] = {
	    value_of_count(tally->in_section[SECTION_FULL]), value_of_text(parts)};
	put_sentence(page, MESSAGE_OVERVIEW, values, 2);
	screen_end_line(&page->screen);
}

static void put_heading(struct page *page, enum message message, size_t count)
{
	char heading[OVERVIEW_BYTES];
	struct text text;
	const struct value value = value_of_count(count);
	text_init(&text, heading, sizeof heading);
	wording_add(&text, page->report->language, message, &value, 1);
	screen_put(&page->screen, STYLE_LABEL, heading);
	screen_end_line(&page->screen);
}

struct row {
	const char *address;
	const char *what;
	const char *packets;
	const char *targets;
	const char *ports;
};

static void put_row(struct screen *screen, const struct row *row)
{
	screen_go(screen, PAGE_INDENT);
	screen_put(screen, STYLE_PLAIN, row->address);
	screen_go(screen, COLUMN_WHAT);
	screen_put(screen, STYLE_PLAIN, row->what);
	screen_put_right(screen, COLUMN_PACKETS_END, row->packets);
	screen_put_right(screen, COLUMN_TARGETS_END, row->targets);
	screen_go(screen, COLUMN_PORTS);
	screen_put(screen, STYLE_PLAIN, row->ports);
	screen_end_line(screen);
}

static void put_stranger(struct page *page, const struct finding *finding)
{
	enum language language = page->report->language;
	char address[ADDRESS_TEXT_BYTES];
	char packets[32];
	char targets[32];
	char ports[SERVICE_PORT_BYTES] = "";
	struct text text;
	address_format(&finding->subject, address);
	text_init(&text, packets, sizeof packets);
	text_add_number(&text, value_of_count(finding->packets).number);
	bool receives = finding->rule == RULE_DDOS_INCOMING;
	text_init(&text, targets, sizeof targets);
	text_add_number(
	    &text, value_of_count(receives ? finding->sources : finding->targets).number);
	if (finding->ports_listed > 0) {
		text_init(&text, ports, sizeof ports);
		service_add_port(&text, language, &finding->ports[0], false);
		if (service_port_total(finding) > 1)
			text_add(&text, " ...");
	}
	const struct row row = {
	    address, wording_get(language)->titles[finding->rule], packets, targets, ports};
	put_row(&page->screen, &row);
}

static void put_strangers(struct page *page, const struct tally *tally)
{
	const char *const *messages = wording_get(page->report->language)->messages;
	size_t count = tally->in_section[SECTION_STRANGERS];
	if (count == 0)
		return;
	put_heading(page, MESSAGE_STRANGERS, count);
	const struct row names = {messages[MESSAGE_COLUMN_ADDRESS], messages[MESSAGE_COLUMN_WHAT],
	    messages[MESSAGE_COLUMN_PACKETS], messages[MESSAGE_COLUMN_TARGETS],
	    messages[MESSAGE_COLUMN_PORTS]};
	put_row(&page->screen, &names);
	for (size_t i = 0; i < tally->strangers_kept; i++)
		put_stranger(page, tally->strangers[i]);
	if (count > tally->strangers_kept) {
		const struct value more = value_of_count(count - tally->strangers_kept);
		screen_go(&page->screen, PAGE_INDENT);
		put_sentence(page, MESSAGE_STRANGERS_MORE, &more, 1);
	}
	screen_end_line(&page->screen);
}

/* The reason that says best why it is only watched; the first where none does. */
static const struct reason_given *reason_to_watch(const struct finding *finding)
{
	for (size_t i = 0; i < finding->reason_count; i++) {
		switch ((int)finding->reasons[i].reason) {
		case REASON_DARK_WATCH:
		case REASON_WATCH_FAILURES:
		case REASON_PEER_TO_PEER:
		case REASON_WEB_CLIENT:
		case REASON_RETRIES:
		case REASON_ROUTER:
			return &finding->reasons[i];
		default:
			break;
		}
	}
	return finding->reason_count > 0 ? &finding->reasons[0] : NULL;
}

static void put_watch_line(struct page *page, const struct finding *finding)
{
	const struct report *report = page->report;
	const struct vocabulary *vocabulary = wording_get(report->language);
	char who[HEADLINE_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char local[WHEN_TEXT_BYTES];
	char reason[WORDING_WHY_BYTES] = "";
	char line[TELLING_BYTES];
	struct text text;
	text_init(&text, who, sizeof who);
	if (finding->drill)
		text_add(&text, vocabulary->messages[MESSAGE_DRILL_TAG]);
	if (finding->drill)
		text_add(&text, vocabulary->messages[MESSAGE_JOINT]);
	headline_add_who(&text, report->language, report->registry, finding);
	text_init(&text, ports, sizeof ports);
	service_add_ports(&text, report->language, finding);
	when_format_local(finding->first_us, local);
	text_init(&text, reason, sizeof reason);
	if (reason_to_watch(finding) != NULL)
		wording_add_reason(&text, report->language, reason_to_watch(finding));

	const struct value values[] = {
	    value_of_text(who), value_of_text(ports), value_of_text(local), value_of_text(reason)};
	text_init(&text, line, sizeof line);
	wording_add(&text, report->language, MESSAGE_WATCH_LINE, values, 4);
	screen_go(&page->screen, PAGE_INDENT);
	screen_flow(&page->screen, 2 * PAGE_INDENT, line);
	screen_end_line(&page->screen);
}

static void put_watch(
    struct page *page, const struct finding *findings, size_t count, const struct tally *tally)
{
	size_t total = tally->in_section[SECTION_WATCH];
	size_t left = page->report->all || total < WATCH_SHOWN_MAX ? total : WATCH_SHOWN_MAX;
	size_t hidden = total - left;
	if (total == 0)
		return;
	put_heading(page, MESSAGE_WATCH, total);
	for (size_t i = 0; i < count && left > 0; i++) {
		if (section_of(page->report, &findings[i]) != SECTION_WATCH)
			continue;
		put_watch_line(page, &findings[i]);
		left--;
	}
	if (hidden > 0) {
		const struct value more = value_of_count(hidden);
		screen_go(&page->screen, PAGE_INDENT);
		put_sentence(page, MESSAGE_WATCH_MORE, &more, 1);
	}
	screen_end_line(&page->screen);
}

int report_write_text(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary)
{
	struct tally tally;
	struct page page;
	count_findings(report, findings, count, &tally);
	page_init(&page, report);
	put_overview(&page, &tally);
	for (size_t i = 0; i < count && ferror(report->out) == 0; i++) {
		if (section_of(report, &findings[i]) == SECTION_FULL)
			page_put_finding(&page, &findings[i]);
	}
	put_strangers(&page, &tally);
	put_watch(&page, findings, count, &tally);
	page_put_closing(&page, summary);
	return report_finish(report->out);
}
