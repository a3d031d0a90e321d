/* report_finding.c - one finding as text: what, when, how sure and why, what to do, the numbers. */
#include <inttypes.h>
#include <math.h>

#include "base/when.h"
#include "notify/advice.h"
#include "notify/headline.h"
#include "notify/report_internal.h"
#include "notify/wording_internal.h"

enum {
	EVENTS_SHOWN_MAX = 5, /* the rest is in JSON */
	PORTS_SHOWN_MAX = 5,  /* the same */
	STEP_HANG = 3,        /* "1. " */
	RATE_BYTES = 32,
	SOURCE_PORTS_BYTES = FINDING_SOURCE_PORTS_MAX * 8,
};

/* A paragraph being put together. */
struct paragraph {
	struct text text;
	char bytes[PAGE_TEXT_BYTES];
};

static void begin(struct paragraph *paragraph)
{
	text_init(&paragraph->text, paragraph->bytes, sizeof paragraph->bytes);
}

/* Between sentences, not before the first. */
static void join(struct paragraph *paragraph, const struct page *page)
{
	if (paragraph->text.length > 0)
		text_add(
		    &paragraph->text, wording_get(page->report->language)->messages[MESSAGE_JOINT]);
}

static void join_sentence(
    struct paragraph *paragraph, const struct page *page, const char *sentence)
{
	join(paragraph, page);
	text_add(&paragraph->text, sentence);
}

static void join_message(struct paragraph *paragraph, const struct page *page, enum message message,
    const struct value *values, size_t value_count)
{
	join(paragraph, page);
	wording_add(&paragraph->text, page->report->language, message, values, value_count);
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
	char stamp[PAGE_STAMP_BYTES];
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
		char duration[PAGE_STAMP_BYTES];
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

	char duration[PAGE_STAMP_BYTES];
	struct text text;
	text_init(&text, duration, sizeof duration);
	wording_add_span(&text, page->report->language, finding->first_us, finding->last_us);
	const struct value value = value_of_text(duration);
	page_say(page, MESSAGE_WHEN_LONG, &value, 1);
	put_events(page, finding);
}

/* Words for a confidence; a percentage is rounded down, so that nothing is ever called 100 %. */
static void join_confidence(struct paragraph *paragraph, const struct page *page, double confidence)
{
	static const struct {
		double least;
		enum message message;
	} words[] = {
	    {0.95, MESSAGE_SURE_CERTAIN},
	    {0.80, MESSAGE_SURE_VERY_LIKELY},
	    {0.50, MESSAGE_SURE_LIKELY},
	    {0.00, MESSAGE_SURE_POSSIBLE},
	};
	if (!isfinite(confidence) || confidence < 0 || confidence > 1)
		return;
	double percent = confidence * 100 + 1e-6; /* 0.58 is a little less than 58 % */
	const struct value value = {.number = percent > 99 ? 99 : (int64_t)percent};
	size_t word = 0;
	while (confidence < words[word].least)
		word++;
	join_message(paragraph, page, words[word].message, &value, 1);
}

/* Said already where it is among the reasons of the estimate. */
static bool attribution_is_said(const struct finding *finding)
{
	for (size_t i = 0; i < finding->spoof_reason_count; i++) {
		uint8_t reason = finding->spoof_reasons[i].reason;
		if (reason == SPOOF_HANDSHAKE_SEEN || reason == SPOOF_TWO_WAY_SEEN)
			return finding->attribution != ATTRIBUTION_ONE_WAY;
	}
	return false;
}

static void put_attribution(struct page *page, const struct finding *finding)
{
	const struct vocabulary *vocabulary = wording_get(page->report->language);
	struct paragraph paragraph;
	begin(&paragraph);
	/* What is said of the sender would fall on the machine that is flooded. */
	if (finding->rule == RULE_DDOS_INCOMING) {
		page_say(page, MESSAGE_SENDERS_NOT_ACCUSED, NULL, 0);
		return;
	}
	/* That addresses are forged is what spoof.member says as a whole. */
	if (finding->rule != RULE_SPOOF_MEMBER) {
		if (!attribution_is_said(finding))
			join_sentence(
			    &paragraph, page, vocabulary->attributions[finding->attribution]);
		join_sentence(&paragraph, page, vocabulary->spoofs[finding->spoof]);
	}
	for (size_t i = 0; i < finding->spoof_reason_count; i++) {
		char reason[WORDING_SPOOF_REASON_BYTES];
		bool said = finding->rule == RULE_SPOOF_MEMBER &&
			    finding->spoof_reasons[i].reason == SPOOF_CROWD_OF_MEMBER;
		if (said)
			continue;
		wording_spoof_reason(
		    page->report->language, &finding->spoof_reasons[i], reason, sizeof reason);
		join_sentence(&paragraph, page, reason);
	}
	if (paragraph.text.length > 0)
		page_put(page, paragraph.bytes);
}

static void put_sure(struct page *page, const struct finding *finding)
{
	struct paragraph paragraph;
	char why[WORDING_WHY_BYTES];
	begin(&paragraph);
	join_confidence(&paragraph, page, finding->confidence);
	wording_why(page->report->language, finding, why, sizeof why);
	join_sentence(&paragraph, page, why);
	page_label(page, MESSAGE_LABEL_SURE);
	page_put(page, paragraph.bytes);
	put_attribution(page, finding);
}

/* "Windows file shares (TCP 445)": a sentence to be said to a vendor needs both. */
static void add_sought(
    struct text *text, const struct page *page, const struct finding *finding, const char *ports)
{
	const struct vocabulary *vocabulary = wording_get(page->report->language);
	const struct value values[] = {
	    value_of_text(vocabulary->sought[service_sought(finding)]), value_of_text(ports)};
	wording_add(text, page->report->language, MESSAGE_SOUGHT, values, 2);
}

static void put_steps(struct page *page, const struct finding *finding)
{
	enum language language = page->report->language;
	const char *const *steps = wording_get(language)->steps[advice_for(finding)];
	char address[ADDRESS_TEXT_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char sought[SERVICE_PORTS_BYTES];
	char local[WHEN_TEXT_BYTES];
	struct text text;
	address_format(&finding->subject, address);
	text_init(&text, ports, sizeof ports);
	service_add_ports(&text, language, finding);
	text_init(&text, sought, sizeof sought);
	add_sought(&text, page, finding, ports);
	when_format_local(finding->first_us, local);
	const struct value values[] = {value_of_text(address), value_of_text(sought),
	    value_of_text(local), value_of_text(ports)};

	page_label(page, MESSAGE_LABEL_STEPS);
	for (int i = 0; i < ADVICE_STEPS_MAX && steps[i] != NULL; i++) {
		struct paragraph paragraph;
		begin(&paragraph);
		text_add_number(&paragraph.text, i + 1);
		text_add(&paragraph.text, ". ");
		text_add_phrase(&paragraph.text, steps[i], values, 4);
		page_put_hanging(page, paragraph.bytes, STEP_HANG);
	}
}

static void join_rate(struct paragraph *paragraph, const struct page *page, double packets_per_s)
{
	if (!(packets_per_s > 0) || packets_per_s > 1e15) /* not a number, or none that was seen */
		return;
	char rate[RATE_BYTES];
	struct text text;
	int64_t tenths = (int64_t)(packets_per_s * 10 + 0.5);
	text_init(&text, rate, sizeof rate);
	text_add_number(&text, tenths / 10);
	if (tenths < 1000 && tenths % 10 != 0) { /* below 100 a tenth says something */
		text_add(&text, ".");
		text_add_number(&text, tenths % 10);
	}
	const struct value value = value_of_text(rate);
	join_message(paragraph, page, MESSAGE_NUMBERS_RATE, &value, 1);
}

static enum message counts_of(const struct finding *finding)
{
	if (finding->rule == RULE_DDOS_INCOMING)
		return MESSAGE_NUMBERS_RECEIVED;
	if (finding->rule == RULE_DDOS_VICTIM || finding->rule == RULE_DDOS_REFLECTOR)
		return MESSAGE_NUMBERS_ANSWERED;
	return MESSAGE_NUMBERS_SENT;
}

static void put_counts(struct page *page, const struct finding *finding)
{
	const struct vocabulary *vocabulary = wording_get(page->report->language);
	enum message counts = counts_of(finding);
	uint64_t others = counts == MESSAGE_NUMBERS_RECEIVED ? finding->sources : finding->targets;
	const struct value both[] = {value_of_count(finding->packets), value_of_count(others)};
	const struct value dark = value_of_count(finding->dark_targets);
	struct paragraph paragraph;
	begin(&paragraph);
	join_message(&paragraph, page, counts, both, 2);
	if (finding->dark_targets > 0)
		join_message(&paragraph, page, MESSAGE_NUMBERS_DARK, &dark, 1);
	join_rate(&paragraph, page, finding->packets_per_s);
	if (finding->tool >= 0) {
		const struct value tool[] = {value_of_count(finding->tool_packets),
		    value_of_text(vocabulary->tools[finding->tool])};
		join_message(&paragraph, page, MESSAGE_NUMBERS_TOOL, tool, 2);
	}
	const struct value role = value_of_text(vocabulary->roles[finding->role]);
	if (finding->rule != RULE_SPOOF_MEMBER) /* its machines did nothing */
		join_message(&paragraph, page, MESSAGE_NUMBERS_ROLE, &role, 1);
	/* ARP has no ports to speak of. */
	if (finding->shape != SHAPE_NONE && finding->rule != RULE_SCAN_SWEEP) {
		const struct value shape = value_of_text(vocabulary->shapes[finding->shape]);
		join_message(&paragraph, page, MESSAGE_NUMBERS_SHAPE, &shape, 1);
	}
	page_put(page, paragraph.bytes);
}

static void put_ports(struct page *page, const struct finding *finding)
{
	size_t shown =
	    finding->ports_listed < PORTS_SHOWN_MAX ? finding->ports_listed : PORTS_SHOWN_MAX;
	for (size_t i = 0; i < shown; i++) {
		const struct finding_port *port = &finding->ports[i];
		char name[SERVICE_PORT_BYTES];
		struct text text;
		text_init(&text, name, sizeof name);
		service_add_port(&text, page->report->language, port, true);
		const struct value values[] = {value_of_text(name), value_of_count(port->packets),
		    value_of_count(port->targets)};
		page_say(page,
		    port->targets > 0 ? MESSAGE_NUMBERS_PORT : MESSAGE_NUMBERS_PORT_PACKETS, values,
		    3);
	}
	uint64_t total = service_port_total(finding);
	if (total > shown) {
		const struct value more = value_of_count(total - shown);
		page_say(page, MESSAGE_NUMBERS_PORTS_MORE, &more, 1);
	}
}

static void put_source_ports(struct page *page, const struct finding *finding)
{
	if (finding->source_port_count == 0)
		return;
	char list[SOURCE_PORTS_BYTES];
	size_t length = 0;
	for (size_t i = 0; i < finding->source_port_count; i++)
		length += (size_t)snprintf(list + length, sizeof list - length,
		    i > 0 ? ", %u" : "%u",
		    (unsigned)finding->source_ports[i]); /* 5 digits and 2 of the 8 bytes each */
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
