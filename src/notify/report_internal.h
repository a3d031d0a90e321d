/* report_internal.h - what the formats share, and the parts of the text. Of src/notify/ only. */
#ifndef NOTIFY_REPORT_INTERNAL_H
#define NOTIFY_REPORT_INTERNAL_H

#include "notify/report.h"
#include "notify/screen.h"
#include "notify/telling.h"
#include "notify/text.h"
#include "notify/wording_internal.h"

int report_write_text(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary);
int report_write_json(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary);
int report_write_csv(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary);

/* Everything out of the buffer: 0, or -EIO when this or any write before failed. */
int report_finish(FILE *out);

/* The name of a finding's member as it was given; NULL for strangers. */
const char *report_member(const struct report *report, const struct finding *finding);
/* Somebody named members: more than the one made for private addresses. */
bool report_has_members(const struct report *report);

/*
 * The word for a port's protocol in JSON and CSV (hinomi-read(1)), or NULL where its number
 * stands instead; and whether the port says something.
 */
const char *report_protocol_name(const struct finding_port *port);
bool report_has_port(const struct finding_port *port);

/* A page of the text format: labels at the left, what belongs to them in a column of its own. */
struct page {
	const struct report *report;
	struct screen screen;
	int body; /* where the column begins */
};

enum {
	PAGE_INDENT = 2,
};

void page_init(struct page *page, const struct report *report);
/* One paragraph in the column. */
void page_put(struct page *page, const char *text);
/* The same, its lines after the first `hang` columns further right. */
void page_put_hanging(struct page *page, const char *text, int hang);
/* A short sentence of the vocabulary as a paragraph. */
void page_say(
    struct page *page, enum message message, const struct value *values, size_t value_count);
void page_label(struct page *page, enum message message);

/* "2026-02-01 08:59:59.000 JST (2026-01-31 23:59:59.000 UTC)"; once where the zone is UTC. */
void page_add_stamp(const struct page *page, struct text *text, int64_t time_us);

/* One finding in full. */
void page_put_finding(struct page *page, const struct finding *finding);
/* What was read, what could not be, and what could not be seen. */
void page_put_closing(struct page *page, const struct report_summary *summary);
/* What strangers sent to unused addresses; nothing where none were counted. */
void page_put_strangers(struct page *page, const struct report_summary *summary);

#endif
