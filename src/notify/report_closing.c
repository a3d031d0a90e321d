/* report_closing.c - the end of the text: what was read, what was lost, how far the view reached.
 */
#include <stdint.h>

#include "notify/report_internal.h"
#include "notify/wording_internal.h"

/* A uniform scanner's mean time to the first of D dark addresses is 2^32/(r*D). */
static const uint64_t scan_rate = 100; /* packets/s */
static const uint64_t ipv4_addresses = UINT64_C(1) << 32;
static const int64_t second_us = 1000000;

/* One sentence with one number, where there is anything to tell. */
static void say_count(struct page *page, enum message message, uint64_t count)
{
	const struct value value = value_of_count(count);
	if (count > 0)
		page_say(page, message, &value, 1);
}

static void put_read(struct page *page, const struct report_summary *summary)
{
	if (summary->packets == 0 || summary->first_us == INT64_MAX) {
		const struct value files = value_of_count(summary->files);
		page_say(page, MESSAGE_READ_NOTHING, &files, 1);
		return;
	}
	const struct value counts[] = {value_of_count(summary->files),
	    value_of_count(summary->packets), value_of_count(summary->bytes),
	    value_of_count(summary->hosts)};
	page_say(page, MESSAGE_READ, counts, 4);

	char first[TELLING_STAMP_BYTES];
	char last[TELLING_STAMP_BYTES];
	char duration[TELLING_STAMP_BYTES];
	struct text text;
	text_init(&text, first, sizeof first);
	page_add_stamp(page, &text, summary->first_us);
	text_init(&text, last, sizeof last);
	page_add_stamp(page, &text, summary->last_us);
	text_init(&text, duration, sizeof duration);
	wording_add_span(&text, page->report->language, summary->first_us, summary->last_us);
	const struct value span[] = {
	    value_of_text(first), value_of_text(last), value_of_text(duration)};
	page_say(page, MESSAGE_READ_SPAN, span, 3);
}

static void put_unread(struct page *page, const struct report_summary *summary)
{
	uint64_t unread = summary->truncated + summary->malformed + summary->unsupported;
	if (unread > 0) {
		const struct value values[] = {value_of_count(unread),
		    value_of_count(summary->truncated), value_of_count(summary->malformed),
		    value_of_count(summary->unsupported)};
		page_say(page, MESSAGE_UNREAD, values, 4);
	}
	if (summary->unsupported_links > 0) {
		char type[16];
		(void)snprintf(type, sizeof type, "%u", (unsigned)summary->unsupported_link_type);
		const struct value values[] = {
		    value_of_count(summary->unsupported_links), value_of_text(type)};
		page_say(page, MESSAGE_UNREAD_LINK, values, 2);
	}
	say_count(page, MESSAGE_DROPPED, summary->dropped);
	say_count(page, MESSAGE_EVICTED, summary->evicted);
	say_count(page, MESSAGE_OMITTED, summary->findings_omitted);
	say_count(page, MESSAGE_FORGED, summary->forged_sources);
	say_count(page, MESSAGE_CLOCK, summary->clock_steps);
}

static void put_reach(struct page *page, uint64_t dark_addresses)
{
	int64_t mean_us =
	    (int64_t)(ipv4_addresses * (uint64_t)second_us / scan_rate / dark_addresses);
	char mean[TELLING_STAMP_BYTES];
	char triple[TELLING_STAMP_BYTES];
	struct text text;
	text_init(&text, mean, sizeof mean);
	wording_add_duration(&text, page->report->language, mean_us);
	text_init(&text, triple, sizeof triple);
	wording_add_duration(&text, page->report->language, 3 * mean_us);
	const struct value values[] = {value_of_text(mean), value_of_text(triple)};
	page_say(page, MESSAGE_DARK_REACH, values, 2);
}

static void put_dark(struct page *page, const struct report_summary *summary)
{
	if (summary->dark_addresses > 0) {
		say_count(page, MESSAGE_DARK, summary->dark_addresses);
		put_reach(page, summary->dark_addresses);
	}
	bool has_dark = summary->dark_addresses > 0 || registry_has_dark(page->report->registry);
	if (has_dark && summary->dark_addresses == 0)
		page_say(page, MESSAGE_DARK_V6, NULL, 0);
	if (summary->dark_inferred)
		page_say(page, MESSAGE_DARK_INFERRED, NULL, 0);
	else if (!has_dark)
		page_say(page, MESSAGE_DARK_NONE, NULL, 0);
}

void page_put_closing(struct page *page, const struct report_summary *summary)
{
	struct page closing = *page;
	closing.body = PAGE_INDENT; /* sentences only: no column of labels */
	screen_put(&closing.screen, STYLE_LABEL,
	    wording_get(page->report->language)->messages[MESSAGE_LABEL_READ]);
	screen_end_line(&closing.screen);
	put_read(&closing, summary);
	say_count(&closing, MESSAGE_FILTERED, summary->filtered);
	put_unread(&closing, summary);
	put_dark(&closing, summary);
	page_put_strangers(&closing, summary);
}
