/* report_page.c - the text format's page: labels, their column, times. */
#include <string.h>

#include "base/when.h"
#include "notify/glyph.h"
#include "notify/report_internal.h"
#include "notify/wording_internal.h"

/* Where "2026-01-31T23:59:59.000001Z" has its T, and where its milliseconds end. */
enum {
	UTC_T = 10,
	UTC_MS_END = 23,
};

static const enum message labels[] = {
    MESSAGE_LABEL_WHEN,
    MESSAGE_LABEL_SURE,
    MESSAGE_LABEL_STEPS,
    MESSAGE_LABEL_NUMBERS,
};

void page_init(struct page *page, const struct report *report)
{
	const struct vocabulary *vocabulary = wording_get(report->language);
	int widest = 0;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		int width = glyph_text_width(vocabulary->messages[labels[i]]);
		if (width > widest)
			widest = width;
	}
	*page = (struct page){.report = report, .body = PAGE_INDENT + widest + PAGE_INDENT};
	screen_init(&page->screen, report->out);
}

void page_put_hanging(struct page *page, const char *text, int hang)
{
	screen_go(&page->screen, page->body);
	screen_flow(&page->screen, page->body + hang, text);
	screen_end_line(&page->screen);
}

void page_put(struct page *page, const char *text)
{
	page_put_hanging(page, text, 0);
}

void page_say(
    struct page *page, enum message message, const struct value *values, size_t value_count)
{
	char sentence[PAGE_TEXT_BYTES];
	struct text text;
	text_init(&text, sentence, sizeof sentence);
	wording_add(&text, page->report->language, message, values, value_count);
	page_put(page, sentence);
}

void page_label(struct page *page, enum message message)
{
	screen_go(&page->screen, PAGE_INDENT);
	screen_put(
	    &page->screen, STYLE_LABEL, wording_get(page->report->language)->messages[message]);
}

/* Milliseconds, as in the local time beside it: logs that it is joined with have no more. */
static void format_utc_ms(int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	static const char zone[] = " UTC";
	when_format_utc(time_us, out);
	out[UTC_T] = ' ';
	memcpy(out + UTC_MS_END, zone, sizeof zone);
}

void page_add_stamp(const struct page *page, struct text *text, int64_t time_us)
{
	char local[WHEN_TEXT_BYTES];
	char utc[WHEN_TEXT_BYTES];
	when_format_local(time_us, local);
	format_utc_ms(time_us, utc);
	if (strcmp(local, utc) == 0) {
		text_add(text, utc);
		return;
	}
	const struct value values[] = {value_of_text(local), value_of_text(utc)};
	wording_add(text, page->report->language, MESSAGE_STAMP, values, 2);
}
