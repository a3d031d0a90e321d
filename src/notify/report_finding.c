/* report_finding.c - one finding as text: what, when, how sure and why, what to do, the numbers. */
#include "base/when.h"
#include "notify/headline.h"
#include "notify/report_internal.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

enum {
	EVENTS_SHOWN_MAX = 5, /* the rest is in JSON */
	STEP_HANG = 3,        /* "1. " */
	SOURCE_PORTS_BYTES = FINDING_SOURCE_PORTS_MAX * 8,
};

/* A paragraph being put together. */
struct paragraph {
	struct text text;
	char bytes[TELLING_BYTES];
};

static void begin(struct paragraph *paragraph)
{
	text_init(&paragraph->text, paragraph->bytes, sizeof paragraph->bytes);
}

static enum style style_of(enum severity severity)
{
	static const enum style styles[] = {
	    [SEVERITY_INFO] = STYLE_PLAIN,
	    [SEVERITY_LOW] = STYLE_MILD,
	    [SEVERITY_MEDIUM] = STYLE_WARNING,
	    [SEVERITY_HIGH] = STYLE_ALARM,
	    [SEVERITY_CRITICAL] = STYLE_ALARM,
	};
	return styles[severity];
}

static void put_headline(struct page *page, const struct finding *finding)
{
	const struct report *report = page->report;
	const struct vocabulary *vocabulary = wording_get(report->language);
	struct paragraph tag;
	begin(&tag);
	if (finding->drill)
		text_add(&tag.text, vocabulary->messages[MESSAGE_DRILL_TAG]);
	const struct value severity = value_of_text(vocabulary->severities[finding->severity]);
	wording_add(&tag.text, report->language, MESSAGE_SEVERITY_TAG, &severity, 1);
	screen_put(&page->screen, style_of(finding->severity), tag.bytes);

	char sentence[HEADLINE_BYTES];
	struct text text;
	text_init(&text, sentence, sizeof sentence);
	text_add(&text, vocabulary->messages[MESSAGE_JOINT]);
	headline_add(&text, report->language, report->registry, finding);
	screen_flow(&page->screen, PAGE_INDENT, sentence);
	screen_end_line(&page->screen);
}

static void put_time(struct page *page, enum message message, int64_t time_us)
{
	char stamp[TELLING_STAMP_BYTES];
	struct text text;
	text_init(&text, stamp, sizeof stamp);
	page_add_stamp(page, &text, time_us);
	const struct value value = value_of_text(stamp);
	page_say(page, message, &value, 1);
}

static void put_events(struct page *page, const struct finding *finding)
{
	if (finding->event_count < 2)
		return;
	const struct value events = value_of_count(finding->event_count);
	page_say(page, MESSAGE_WHEN_EVENTS, &events, 1);
	for (size_t i = 0; i < finding->event_count && i < EVENTS_SHOWN_MAX; i++) {
		const struct finding_event *event = &finding->events[i];
		char local[WHEN_TEXT_BYTES];
		char duration[TELLING_STAMP_BYTES];
		struct text text;
		when_format_local(event->first_us, local);
		text_init(&text, duration, sizeof duration);
		wording_add_span(&text, page->report->language, event->first_us, event->last_us);
		const struct value values[] = {value_of_text(local), value_of_text(duration),
		    value_of_count(event->packets), value_of_count(event->targets)};
		page_say(page, MESSAGE_EVENT, values, 4);
	}
	if (finding->event_count > EVENTS_SHOWN_MAX) {
		const struct value more = value_of_count(finding->event_count - EVENTS_SHOWN_MAX);
		page_say(page, MESSAGE_EVENTS_MORE, &more, 1);
	}
}

static void put_when(struct page *page, const struct finding *finding)
{
	page_label(page, MESSAGE_LABEL_WHEN);
	if (finding->last_us <= finding->first_us) {
		put_time(page, MESSAGE_WHEN_ONCE, finding->first_us);
		return;
	}
	put_time(page, MESSAGE_WHEN_FIRST, finding->first_us);
	put_time(page, MESSAGE_WHEN_LAST, finding->last_us);

	char duration[TELLING_STAMP_BYTES];
	struct text text;
	text_init(&text, duration, sizeof duration);
	wording_add_span(&text, page->report->language, finding->first_us, finding->last_us);
	const struct value value = value_of_text(duration);
	page_say(page, MESSAGE_WHEN_LONG, &value, 1);
	put_events(page, finding);
}

static void put_sure(struct page *page, const struct finding *finding)
{
	struct paragraph paragraph;
	begin(&paragraph);
	telling_add_sure(&paragraph.text, page->report->language, finding);
	page_label(page, MESSAGE_LABEL_SURE);
	page_put(page, paragraph.bytes);
	begin(&paragraph);
	telling_add_attribution(&paragraph.text, page->report->language, finding);
	if (paragraph.text.length > 0)
		page_put(page, paragraph.bytes);
}

static void put_steps(struct page *page, const struct finding *finding)
{
	enum language language = page->report->language;
	size_t count = telling_step_count(language, finding);
	char local[WHEN_TEXT_BYTES];
	when_format_local(finding->first_us, local);
	page_label(page, MESSAGE_LABEL_STEPS);
	for (size_t i = 0; i < count; i++) {
		struct paragraph paragraph;
		begin(&paragraph);
		text_add_number(&paragraph.text, (int64_t)i + 1);
		text_add(&paragraph.text, ". ");
		telling_add_step(&paragraph.text, language, finding, i, local);
		page_put_hanging(page, paragraph.bytes, STEP_HANG);
	}
}

static void put_counts(struct page *page, const struct finding *finding)
{
	struct paragraph paragraph;
	begin(&paragraph);
	telling_add_counts(&paragraph.text, page->report->language, finding);
	page_put(page, paragraph.bytes);
}

static void put_ports(struct page *page, const struct finding *finding)
{
	size_t shown = finding->ports_listed < TELLING_PORTS_SHOWN ? finding->ports_listed
								   : TELLING_PORTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		struct paragraph paragraph;
		begin(&paragraph);
		telling_add_port(&paragraph.text, page->report->language, &finding->ports[i]);
		page_put(page, paragraph.bytes);
	}
	uint64_t total = service_port_total(finding);
	if (total > shown) {
		const struct value more = value_of_count(total - shown);
		page_say(page, MESSAGE_NUMBERS_PORTS_MORE, &more, 1);
	}
}

static void put_source_ports(struct page *page, const struct finding *finding)
{
	char list[SOURCE_PORTS_BYTES];
	struct text text;
	if (finding->source_port_count == 0)
		return;
	text_init(&text, list, sizeof list);
	telling_add_source_port_list(&text, finding);
	const struct value values[] = {
	    value_of_text(list), value_of_count(finding->source_port_count)};
	page_say(page, MESSAGE_NUMBERS_SOURCE_PORTS, values, 2);
}

void page_put_finding(struct page *page, const struct finding *finding)
{
	put_headline(page, finding);
	if (finding->drill) {
		screen_go(&page->screen, PAGE_INDENT);
		screen_flow(&page->screen, PAGE_INDENT,
		    wording_get(page->report->language)->messages[MESSAGE_DRILL_NOTE]);
		screen_end_line(&page->screen);
	}
	put_when(page, finding);
	put_sure(page, finding);
	put_steps(page, finding);
	page_label(page, MESSAGE_LABEL_NUMBERS);
	put_counts(page, finding);
	put_ports(page, finding);
	put_source_ports(page, finding);
	screen_end_line(&page->screen);
}

int report_write_finding(const struct report *report, const struct finding *finding)
{
	struct page page;
	page_init(&page, report);
	page_put_finding(&page, finding);
	return report_finish(report->out);
}
