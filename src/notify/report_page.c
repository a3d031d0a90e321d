/* report_page.c - the text format's page: labels, their column, times. */
#include "base/when.h"
#include "notify/glyph.h"
#include "notify/report_internal.h"
#include "notify/wording_internal.h"

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
	char sentence[TELLING_BYTES];
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

void page_add_stamp(const struct page *page, struct text *text, int64_t time_us)
{
	char local[WHEN_TEXT_BYTES];
	when_format_local(time_us, local);
	telling_add_stamp(text, page->report->language, local, time_us);
}
