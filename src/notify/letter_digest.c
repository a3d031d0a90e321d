/* letter_digest.c - the regular report of a member, or of the whole station. */
#include <errno.h>

#include "notify/letter_internal.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

static void put_judged(struct sheet *sheet, const struct letter_digest *digest)
{
	char member[LETTER_NAME_BYTES];
	if (digest->member == NULL)
		return;
	letter_member(sheet->language, digest->member, LETTER_SUBJECT_NAME_COLUMNS, member);
	const struct value values[] = {
	    value_of_text(member), value_of_count(digest->packets_judged)};
	sheet_say(sheet,
	    digest->packets_judged > 0 ? PHRASE_DIGEST_JUDGED : PHRASE_DIGEST_JUDGED_NONE, values,
	    2);
}

static void put_alive(struct sheet *sheet, const struct letter_digest *digest)
{
	char from[WHEN_TEXT_BYTES];
	char to[WHEN_TEXT_BYTES];
	char desk[LETTER_NAME_BYTES];
	zone_format(sheet->setting->zone, digest->from_us, from);
	zone_format(sheet->setting->zone, digest->to_us, to);
	letter_desk(sheet->setting, desk);
	if (digest->packets == 0) {
		const struct value values[] = {
		    value_of_text(from), value_of_text(to), value_of_text(desk)};
		sheet_say(sheet, PHRASE_DIGEST_BLIND, values, 3);
		return;
	}
	const struct value values[] = {
	    value_of_count(digest->packets), value_of_text(from), value_of_text(to)};
	sheet_say(sheet, PHRASE_DIGEST_ALIVE, values, 3);
	put_judged(sheet, digest);
}

static void put_watch(struct sheet *sheet, const struct letter_digest *digest)
{
	char watched[TELLING_STAMP_BYTES];
	char duration[TELLING_STAMP_BYTES];
	struct text text;
	text_init(&text, watched, sizeof watched);
	wording_add_duration(
	    &text, sheet->language, digest->to_us - digest->from_us - digest->gaps_us);
	text_init(&text, duration, sizeof duration);
	wording_add_duration(&text, sheet->language, digest->gaps_us);
	const struct value dark = value_of_count(digest->dark_addresses);
	const struct value gaps[] = {
	    value_of_text(watched), value_of_count(digest->gaps), value_of_text(duration)};
	const struct value lost = value_of_count(digest->packets_lost);
	const struct value canaries[] = {
	    value_of_count(digest->canaries_arrived), value_of_count(digest->canaries_sent)};
	sheet_heading(sheet, PHRASE_HEADING_WATCH);
	if (digest->dark_addresses > 0)
		sheet_say(sheet, PHRASE_DIGEST_DARK, &dark, 1);
	if (digest->gaps > 0)
		sheet_say(sheet, PHRASE_DIGEST_GAPS, gaps, 3);
	else
		sheet_say(sheet, PHRASE_DIGEST_NO_GAP, gaps, 1);
	if (digest->packets_lost > 0)
		sheet_say(sheet, PHRASE_DIGEST_LOST, &lost, 1);
	if (digest->canaries_sent > 0)
		sheet_say(sheet, PHRASE_DIGEST_CANARIES, canaries, 2);
}

static void put_line(
    struct sheet *sheet, const struct registry *registry, const struct letter_digest_line *line)
{
	const struct finding *finding = line->finding;
	enum language language = sheet->language;
	char who[LETTER_NAME_BYTES * 2];
	char what[LETTER_NAME_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char local[WHEN_TEXT_BYTES];
	char id[24];
	char words[TELLING_BYTES];
	struct text text;
	text_init(&text, who, sizeof who);
	if (finding->drill)
		wording_letter_add(&text, language, PHRASE_TAG_DRILL, NULL, 0);
	letter_add_who(&text, language, registry, finding);
	text_init(&text, what, sizeof what);
	letter_add_what(&text, language, finding);
	text_init(&text, ports, sizeof ports);
	service_add_ports(&text, language, finding);
	zone_format(sheet->setting->zone, finding->first_us, local);
	const struct value values[] = {
	    value_of_text(wording_get(language)->severities[finding->severity]), value_of_text(who),
	    value_of_text(what), value_of_text(ports), value_of_text(local)};
	text_init(&text, words, sizeof words);
	wording_letter_add(&text, language, PHRASE_DIGEST_LINE, values, 5);
	if (line->incident == 0) {
		sheet_paragraph(sheet, words);
		return;
	}
	(void)snprintf(id, sizeof id, "%lld", (long long)line->incident);
	const struct value both[] = {value_of_text(id), value_of_text(words)};
	sheet_say(sheet, PHRASE_DIGEST_INCIDENT, both, 2);
}

void sheet_lines(struct sheet *sheet, const struct registry *registry,
    const struct letter_digest_line *lines, size_t listed, uint64_t count)
{
	const size_t shown = listed < LETTER_LINES_MAX ? listed : LETTER_LINES_MAX;
	for (size_t i = 0; i < shown; i++)
		put_line(sheet, registry, &lines[i]);
	if (count > shown) {
		const struct value more = value_of_count(count - shown);
		sheet_say(sheet, PHRASE_DIGEST_MORE, &more, 1);
	}
}

static void put_found(struct sheet *sheet, const struct letter_digest *digest)
{
	const struct value incidents[] = {value_of_count(digest->incidents_new),
	    value_of_count(digest->incidents_closed), value_of_count(digest->open_count)};
	const bool is_nothing = digest->incidents_new == 0 && digest->incidents_closed == 0 &&
				digest->open_count == 0 && digest->small_count == 0;
	if (is_nothing && digest->packets == 0)
		return; /* who sees nothing finds nothing */
	sheet_heading(sheet, PHRASE_HEADING_INCIDENTS);
	if (is_nothing) {
		sheet_say(sheet, PHRASE_DIGEST_NOTHING, NULL, 0);
		return;
	}
	sheet_say(sheet, PHRASE_DIGEST_INCIDENTS, incidents, 3);
	sheet_lines(sheet, digest->registry, digest->open, digest->open_listed, digest->open_count);
	sheet_heading(sheet, PHRASE_HEADING_SMALL);
	if (digest->small_count == 0)
		sheet_say(sheet, PHRASE_DIGEST_NONE, NULL, 0);
	sheet_lines(
	    sheet, digest->registry, digest->small, digest->small_listed, digest->small_count);
}

static void put_absence(struct sheet *sheet, const struct letter_digest *digest)
{
	char desk[LETTER_NAME_BYTES];
	letter_desk(sheet->setting, desk);
	const struct value values[] = {value_of_count(digest->days), value_of_text(desk)};
	sheet_heading(sheet, PHRASE_HEADING_ABSENCE);
	sheet_say(sheet, digest->days == 1 ? PHRASE_DIGEST_ABSENCE_DAILY : PHRASE_DIGEST_ABSENCE,
	    values, 2);
}

static int give_subject(
    const struct sheet *sheet, const struct letter_digest *digest, char **ret_subject)
{
	char name[LETTER_NAME_BYTES];
	char station[LETTER_NAME_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct text text;
	letter_station(sheet->setting, station);
	if (digest->member != NULL)
		letter_member(sheet->language, digest->member, LETTER_SUBJECT_NAME_COLUMNS, name);
	else
		letter_shorten(station, LETTER_SUBJECT_NAME_COLUMNS, name);
	const struct value values[] = {value_of_text(name), value_of_count(digest->packets)};
	text_init(&text, subject, sizeof subject);
	wording_letter_add(&text, sheet->language,
	    digest->packets == 0 ? PHRASE_DIGEST_SUBJECT_BLIND : PHRASE_DIGEST_SUBJECT, values, 2);
	return letter_give_subject(sheet->setting, false, subject, ret_subject);
}

int letter_digest(const struct letter_setting *setting, const struct letter_digest *digest,
    struct letter *ret_letter)
{
	struct letter letter = {.subject = NULL};
	struct sheet sheet;
	if (sheet_open(&sheet, setting) != 0)
		return -ENOMEM;
	put_alive(&sheet, digest);
	if (digest->packets > 0)
		put_watch(&sheet, digest);
	put_found(&sheet, digest);
	put_absence(&sheet, digest);
	letter_put_sender(&sheet, digest->member);

	int result = sheet_close(&sheet, &letter.body);
	if (result == 0)
		result = give_subject(&sheet, digest, &letter.subject);
	if (result != 0) {
		letter_release(&letter);
		return result;
	}
	*ret_letter = letter;
	return 0;
}
