/* report_strangers.c - what strangers sent to unused addresses, where they were only counted. */
#include <stdint.h>

#include "notify/report_internal.h"
#include "notify/wording_internal.h"

enum {
	PORTS_SHOWN_MAX = 5, /* they are the background, and must not bury what was found */
	PARAGRAPH_BYTES = 1024,
};

/*
 * About how many distinct addresses, or at most about so many: whoever was folded and came back
 * counts again, and so does each reply that got no record. But there are no more of them than of
 * all senders together.
 */
static uint64_t estimate_sources(const struct report_summary *summary)
{
	const struct strangers *strangers = &summary->strangers;
	uint64_t sources;
	if (__builtin_add_overflow(strangers->kept, strangers->folded, &sources) ||
	    __builtin_add_overflow(sources, strangers->refused, &sources))
		sources = UINT64_MAX;
	return sources < summary->hosts ? sources : summary->hosts;
}

static bool is_whole(const struct strangers *strangers)
{
	return strangers->folded == 0 && strangers->refused == 0;
}

static void put_total(struct page *page, const struct report_summary *summary)
{
	const struct strangers *strangers = &summary->strangers;
	const struct value values[] = {
	    value_of_count(estimate_sources(summary)), value_of_count(strangers->packets)};
	enum message message =
	    is_whole(strangers) ? MESSAGE_COUNTED_STRANGERS : MESSAGE_COUNTED_STRANGERS_MOST;
	enum language language = page->report->language;
	char paragraph[PARAGRAPH_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	wording_add(&text, language, message, values, 2);
	text_add(&text, wording_get(language)->messages[MESSAGE_JOINT]);
	wording_add(&text, language, MESSAGE_COUNTED_MEANING, NULL, 0);
	page_put(page, paragraph);
}

/* Rounded, but never 0 of what there is, nor all of what is not all. */
static void add_share(struct text *text, enum language language, uint64_t part, uint64_t whole)
{
	double percent = 100.0 * (double)part / (double)whole;
	enum message message = percent < 1 ? MESSAGE_SHARE_BELOW : MESSAGE_SHARE;
	int64_t rounded = percent < 1 ? 1 : (int64_t)(percent + 0.5);
	if (rounded >= 100 && part < whole)
		rounded = 99;
	const struct value value = {.number = rounded};
	wording_add(text, language, message, &value, 1);
}

static void put_port(struct page *page, const struct strangers *strangers, size_t number)
{
	enum language language = page->report->language;
	const struct strangers_port *port = &strangers->ports[number];
	const struct finding_port named = {.port = port->port, .protocol = port->protocol};
	char name[SERVICE_PORT_BYTES];
	char share[SERVICE_PORT_BYTES];
	struct text text;
	text_init(&text, name, sizeof name);
	service_add_port(&text, language, &named, true);
	text_init(&text, share, sizeof share);
	add_share(&text, language, port->packets, strangers->packets);
	const struct value values[] = {
	    value_of_text(name), value_of_text(share), value_of_count(port->sources)};
	page_say(page, MESSAGE_COUNTED_PORT, values, 3);
}

static void put_ports(struct page *page, const struct strangers *strangers)
{
	if (strangers->port_count == 0)
		return;
	page_say(page, MESSAGE_COUNTED_PORTS, NULL, 0);
	struct page list = *page;
	list.body += PAGE_INDENT;
	for (size_t i = 0; i < strangers->port_count && i < PORTS_SHOWN_MAX; i++)
		put_port(&list, strangers, i);
	page->screen = list.screen;
}

static void add_count(
    struct text *text, enum language language, enum message message, uint64_t count)
{
	const struct value value = value_of_count(count);
	if (count == 0)
		return;
	if (text->length > 0)
		text_add(text, wording_get(language)->messages[MESSAGE_ITEM_JOINT]);
	wording_add(text, language, message, &value, 1);
}

static void put_lost(struct page *page, const struct strangers *strangers)
{
	enum language language = page->report->language;
	char items[PARAGRAPH_BYTES];
	struct text text;
	if (is_whole(strangers))
		return;
	text_init(&text, items, sizeof items);
	add_count(&text, language, MESSAGE_COUNTED_FOLDED, strangers->folded);
	add_count(&text, language, MESSAGE_COUNTED_REFUSED, strangers->refused);
	const struct value value = value_of_text(items);
	page_say(page, MESSAGE_COUNTED_IN_SUMS, &value, 1);
}

void page_put_strangers(struct page *page, const struct report_summary *summary)
{
	/* without members strangers are what is judged, and told of above */
	if (summary->strangers.packets == 0 || !report_has_members(page->report))
		return;
	put_total(page, summary);
	put_ports(page, &summary->strangers);
	put_lost(page, &summary->strangers);
}
