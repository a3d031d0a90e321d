/* letter_summary.c - many incidents at once, in one letter that can be read. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/when.h"
#include "notify/csv_cell.h"
#include "notify/glyph.h"
#include "notify/letter_internal.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

enum {
	ROW_BYTES =
	    2048, /* the longest name with every byte made visible, and what else there is */
};

/* ---- The table ---- */

static void put_row(
    FILE *out, const struct registry *registry, const struct letter_digest_line *line)
{
	const struct finding *finding = line->finding;
	char subject[ADDRESS_TEXT_BYTES];
	char name[LETTER_NAME_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char first[WHEN_TEXT_BYTES];
	char last[WHEN_TEXT_BYTES];
	struct text text;
	address_format(&finding->subject, subject);
	glyph_copy_visible(registry_member_name(registry, finding->member), name, sizeof name);
	text_init(&text, ports, sizeof ports);
	service_add_ports(&text, LANGUAGE_EN, finding);
	when_format_utc(finding->first_us, first);
	when_format_utc(finding->last_us, last);
	fprintf(out, "%" PRId64 ",%s,%s,%s,", line->incident, severity_name(finding->severity),
	    rule_name(finding->rule), subject);
	csv_cell_put(out, name);
	fputc(',', out);
	csv_cell_put(out, ports);
	fprintf(out, ",%s,%s,%" PRIu64 ",%" PRIu64 ",%s\r\n", first, last, finding->packets,
	    letter_spread(finding), finding->drill ? "true" : "false");
}

/* As many rows as there is room for. */
static int give_table(const struct letter_summary *summary, char **ret_table, uint64_t *ret_count)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);
	if (out == NULL)
		return -ENOMEM;
	*ret_count = 0;
	fputs(
	    "incident,severity,rule,subject,member,ports,first,last,packets,spread,drill\r\n", out);
	while (*ret_count < summary->listed && ferror(out) == 0 && fflush(out) == 0 &&
	       length + ROW_BYTES <= LETTER_TABLE_BYTES_MAX)
		put_row(out, summary->registry, &summary->lines[(*ret_count)++]);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(bytes);
		return -ENOMEM;
	}
	*ret_table = bytes;
	return 0;
}

/* ---- The text ---- */

static void put_kind(struct sheet *sheet, const char *what, uint64_t count)
{
	const struct value values[] = {value_of_text(what), value_of_count(count)};
	if (count > 0)
		sheet_say(sheet, PHRASE_SUMMARY_KIND, values, 2);
}

static void put_kinds(struct sheet *sheet, const struct letter_summary *summary)
{
	const struct vocabulary *words = wording_get(sheet->language);
	sheet_heading(sheet, PHRASE_HEADING_KINDS);
	for (int severity = SEVERITY_COUNT - 1; severity >= 0; severity--)
		put_kind(sheet, words->severities[severity], summary->by_severity[severity]);
	sheet_gap(sheet);
	for (int rule = 0; rule < RULE_COUNT; rule++)
		put_kind(sheet, wording_letter_get(sheet->language)->whats[rule],
		    summary->by_rule[rule]);
}

static void put_steps(struct sheet *sheet)
{
	const struct letter_vocabulary *words = wording_letter_get(sheet->language);
	char desk[LETTER_NAME_BYTES];
	char step[TELLING_BYTES];
	struct text text;
	letter_desk(sheet->setting, desk);
	const struct value value = value_of_text(desk);
	text_init(&text, step, sizeof step);
	wording_letter_add(&text, sheet->language, PHRASE_SUMMARY_STEP_ASK, &value, 1);
	sheet_heading(sheet, PHRASE_HEADING_STEPS);
	sheet_step(sheet, 1, words->phrases[PHRASE_SUMMARY_STEP_COMMON]);
	sheet_step(sheet, 2, words->phrases[PHRASE_SUMMARY_STEP_URGENT]);
	sheet_step(sheet, 3, step);
}

static void put_body(struct sheet *sheet, const struct letter_summary *summary, uint64_t rows)
{
	char since[WHEN_TEXT_BYTES];
	zone_format(sheet->setting->zone, summary->since_us, since);
	const struct value values[] = {
	    value_of_count(summary->count), value_of_text(since), value_of_count(summary->sent)};
	const struct value listed[] = {value_of_count(rows), value_of_count(summary->count)};
	sheet_say(sheet, PHRASE_SUMMARY, values, 3);
	sheet_say(sheet, PHRASE_SUMMARY_WHY, NULL, 0);
	put_kinds(sheet, summary);
	put_steps(sheet);
	sheet_heading(sheet, PHRASE_HEADING_URGENT);
	sheet_lines(sheet, summary->registry, summary->lines, summary->listed, summary->count);
	sheet_gap(sheet);
	sheet_say(sheet, PHRASE_SUMMARY_TABLE, listed, 2);
	letter_put_sender(sheet, summary->member);
}

static int give_subject(
    const struct sheet *sheet, const struct letter_summary *summary, char **ret_subject)
{
	char name[LETTER_NAME_BYTES];
	char station[LETTER_NAME_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct text text;
	letter_station(sheet->setting, station);
	if (summary->member != NULL)
		letter_member(sheet->language, summary->member, LETTER_SUBJECT_NAME_COLUMNS, name);
	else
		letter_shorten(station, LETTER_SUBJECT_NAME_COLUMNS, name);
	const struct value values[] = {value_of_text(name), value_of_count(summary->count)};
	text_init(&text, subject, sizeof subject);
	wording_letter_add(&text, sheet->language, PHRASE_SUMMARY_SUBJECT, values, 2);
	return letter_give_subject(sheet->setting, false, subject, ret_subject);
}

int letter_summary(const struct letter_setting *setting, const struct letter_summary *summary,
    struct letter *ret_letter)
{
	struct letter letter = {.subject = NULL};
	struct sheet sheet;
	uint64_t rows = 0;
	int result = give_table(summary, &letter.table, &rows);
	if (result != 0)
		return result;
	if (sheet_open(&sheet, setting) != 0) {
		letter_release(&letter);
		return -ENOMEM;
	}
	put_body(&sheet, summary, rows);
	result = sheet_close(&sheet, &letter.body);
	if (result == 0)
		result = give_subject(&sheet, summary, &letter.subject);
	if (result != 0) {
		letter_release(&letter);
		return result;
	}
	*ret_letter = letter;
	return 0;
}
