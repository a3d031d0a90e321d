/* letter.c - letters that are about no incident: verification, canary, alarms of the station. */
#include "notify/letter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "notify/glyph.h"
#include "notify/letter_internal.h"
#include "notify/wording_internal.h"

void letter_release(struct letter *letter)
{
	free(letter->subject);
	free(letter->body);
	free(letter->finding);
	free(letter->table);
	*letter = (struct letter){.subject = NULL};
}

int letter_finish(struct sheet *sheet, const char *subject, struct letter *ret_letter)
{
	struct letter letter = {.subject = NULL};
	int result = sheet_close(sheet, &letter.body);
	if (result == 0)
		result = letter_give_subject(sheet->setting, false, subject, &letter.subject);
	if (result != 0) {
		letter_release(&letter);
		return result;
	}
	*ret_letter = letter;
	return 0;
}

int letter_verification(const struct letter_setting *setting,
    const struct letter_verification *verification, struct letter *ret_letter)
{
	enum language language = setting->language;
	bool is_operator = verification->member == NULL;
	char station[LETTER_NAME_BYTES];
	char desk[LETTER_NAME_BYTES];
	char member[LETTER_NAME_BYTES] = "";
	char shortened[LETTER_NAME_BYTES] = "";
	char code[LETTER_NAME_BYTES];
	char words[LETTER_SUBJECT_BYTES];
	struct sheet sheet;
	struct text text;
	if (sheet_open(&sheet, setting) != 0)
		return -ENOMEM;
	letter_station(setting, station);
	letter_desk(setting, desk);
	letter_visible(verification->code, code);
	if (!is_operator) {
		letter_member(language, verification->member, LETTER_NAME_BYTES, member);
		letter_member(
		    language, verification->member, LETTER_SUBJECT_NAME_COLUMNS, shortened);
	}
	const struct value names[] = {value_of_text(station), value_of_text(member)};
	const struct value tell = value_of_text(desk);
	sheet_say(&sheet, is_operator ? PHRASE_VERIFY_OPERATOR : PHRASE_VERIFY, names, 2);
	sheet_heading(&sheet, PHRASE_HEADING_CODE);
	sheet_paragraph(&sheet, code);
	sheet_say_time(&sheet, PHRASE_VERIFY_UNTIL, verification->until_us);
	sheet_heading(&sheet, PHRASE_HEADING_STEPS);
	text_init(&text, words, sizeof words);
	wording_letter_add(&text, language, PHRASE_VERIFY_YES, &tell, 1);
	sheet_step(&sheet, 1, words);
	sheet_step(&sheet, 2, wording_letter_get(language)->phrases[PHRASE_VERIFY_NO]);
	sheet_end_mark(&sheet);
	sheet_say(&sheet, PHRASE_SENT_NEW, names, 1);
	sheet_say(&sheet, PHRASE_DESK, &tell, 1);

	text_init(&text, words, sizeof words);
	const struct value about = value_of_text(is_operator ? station : shortened);
	wording_letter_add(&text, language,
	    is_operator ? PHRASE_VERIFY_SUBJECT_OPERATOR : PHRASE_VERIFY_SUBJECT, &about, 1);
	return letter_finish(&sheet, words, ret_letter);
}

/* A time that is not known is left out. */
static void say_known_time(struct sheet *sheet, enum phrase phrase, int64_t time_us)
{
	if (time_us != 0)
		sheet_say_time(sheet, phrase, time_us);
}

int letter_canary(const struct letter_setting *setting, const struct letter_canary *canary,
    struct letter *ret_letter)
{
	char station[LETTER_NAME_BYTES];
	char interval[TELLING_STAMP_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct sheet sheet;
	struct text text;
	if (sheet_open(&sheet, setting) != 0)
		return -ENOMEM;
	letter_station(setting, station);
	text_init(&text, interval, sizeof interval);
	wording_add_duration(&text, setting->language, canary->interval_us);
	const struct value values[] = {value_of_count(canary->number), value_of_text(station)};
	const struct value often = value_of_text(interval);
	sheet_say(&sheet, PHRASE_CANARY, values, 2);
	sheet_heading(&sheet, PHRASE_HEADING_MEANING);
	if (canary->interval_us > 0)
		sheet_say(&sheet, PHRASE_CANARY_MEANING, &often, 1);
	else
		sheet_say(&sheet, PHRASE_CANARY_ON_DEMAND, NULL, 0);
	sheet_heading(&sheet, PHRASE_HEADING_TIMES);
	say_known_time(&sheet, PHRASE_CANARY_MADE, canary->made_us);
	say_known_time(&sheet, PHRASE_CANARY_FOUND, canary->found_us);
	say_known_time(&sheet, PHRASE_CANARY_WRITTEN, canary->written_us);
	letter_put_sender(&sheet, NULL);

	text_init(&text, subject, sizeof subject);
	wording_letter_add(&text, setting->language, PHRASE_CANARY_SUBJECT, values, 1);
	return letter_finish(&sheet, subject, ret_letter);
}

const char *alarm_name(enum alarm alarm)
{
	static const char *const names[] = {
	    [ALARM_CANARY_LATE] = "canary-late",
	    [ALARM_DELIVERY_FAILING] = "delivery-failing",
	    [ALARM_INTERFACE_SILENT] = "interface-silent",
	    [ALARM_INTERFACE_DOWN] = "interface-down",
	    [ALARM_PACKETS_LOST] = "packets-lost",
	    [ALARM_DISK_FILLING] = "disk-filling",
	    [ALARM_DISK_FULL] = "disk-full",
	    [ALARM_STORE_DAMAGED] = "store-damaged",
	    [ALARM_DUTY_FAILING] = "duty-failing",
	    [ALARM_STATION_DOWN] = "station-down",
	    [ALARM_CLOCK_STEPPED] = "clock-stepped",
	    [ALARM_WATCHER_LOST] = "watcher-lost",
	    [ALARM_NOTICES_HELD] = "notices-held",
	    [ALARM_PEER_SILENT] = "peer-silent",
	    [ALARM_ANSWERED_NOT_OURS] = "answered-not-ours",
	    [ALARM_ANSWERED_HARMLESS] = "answered-harmless",
	    [ALARM_MAIL_UNSIGNED] = "mail-unsigned",
	    [ALARM_INCIDENTS_MANY] = "incidents-many",
	};
	static_assert(sizeof names / sizeof names[0] == ALARM_COUNT, "a name for each");

	assert((unsigned)alarm < ALARM_COUNT);
	return names[alarm];
}

bool alarm_lasts(enum alarm alarm)
{
	return alarm != ALARM_ANSWERED_NOT_OURS && alarm != ALARM_ANSWERED_HARMLESS;
}

/* What stands in the places of an alarm's words. */
struct alarm_values {
	char what[LETTER_NAME_BYTES];
	char lasting[TELLING_STAMP_BYTES];
	char since[TELLING_STAMP_BYTES];
	struct value values[4];
};

/* Members and stations: as long, and as strange, as whoever named them liked. */
static bool is_named_by_others(enum alarm alarm)
{
	return alarm == ALARM_NOTICES_HELD || alarm == ALARM_PEER_SILENT;
}

static void fill_values(
    const struct sheet *sheet, const struct letter_alarm *alarm, struct alarm_values *filled)
{
	struct text text;
	const char *what = alarm->what != NULL ? alarm->what : "";
	if (is_named_by_others(alarm->alarm))
		letter_member(sheet->language, what, LETTER_SUBJECT_NAME_COLUMNS, filled->what);
	else
		letter_visible(what, filled->what);
	text_init(&text, filled->lasting, sizeof filled->lasting);
	wording_add_duration(&text, sheet->language, alarm->lasting_us);
	sheet_stamp(sheet, alarm->since_us, filled->since);
	filled->values[0] = value_of_text(filled->what);
	filled->values[1] = value_of_text(filled->lasting);
	filled->values[2] = value_of_count(alarm->number);
	filled->values[3] = value_of_text(filled->since);
}

static void put_phrase(struct sheet *sheet, const char *phrase, const struct alarm_values *filled)
{
	char paragraph[TELLING_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	text_add_phrase(&text, phrase, filled->values, 4);
	sheet_paragraph(sheet, paragraph);
}

/* What came from elsewhere is cut, and shown as what somebody else said. */
static void put_detail(struct sheet *sheet, const char *detail)
{
	char cut[LETTER_DETAIL_BYTES_MAX + 1];
	char visible[LETTER_DETAIL_BYTES_MAX * GLYPH_VISIBLE_GROWTH + 1];
	struct text text;
	text_init(&text, cut, sizeof cut);
	text_add(&text, detail);
	glyph_copy_visible(cut, visible, sizeof visible);
	const struct value value = value_of_text(visible);
	sheet_say(sheet, PHRASE_ALARM_DETAIL, &value, 1);
}

static void put_alarm(
    struct sheet *sheet, const struct letter_alarm *alarm, const struct alarm_values *filled)
{
	const struct letter_alarm_words *words =
	    &wording_letter_get(sheet->language)->alarms[alarm->alarm];
	put_phrase(sheet, words->says, filled);
	if (alarm->detail != NULL)
		put_detail(sheet, alarm->detail);
	sheet_heading(sheet, PHRASE_HEADING_MEANING);
	put_phrase(sheet, words->means, filled);
	sheet_heading(sheet, PHRASE_HEADING_STEPS);
	for (size_t i = 0; i < ADVICE_STEPS_MAX && words->steps[i] != NULL; i++) {
		char step[TELLING_BYTES];
		struct text text;
		text_init(&text, step, sizeof step);
		text_add_phrase(&text, words->steps[i], filled->values, 4);
		sheet_step(sheet, i + 1, step);
	}
}

void letter_alarm_title(enum language language, enum alarm alarm, const char *what,
    char out[static LETTER_SUBJECT_BYTES])
{
	char named[LETTER_NAME_BYTES];
	struct text text;
	if (is_named_by_others(alarm))
		letter_member(
		    language, what != NULL ? what : "", LETTER_SUBJECT_NAME_COLUMNS, named);
	else
		letter_shorten(what != NULL ? what : "", LETTER_SUBJECT_WHAT_COLUMNS, named);
	const struct value about = value_of_text(named);
	text_init(&text, out, LETTER_SUBJECT_BYTES);
	text_add_phrase(&text, wording_letter_get(language)->alarms[alarm].title, &about, 1);
}

int letter_alarm(const struct letter_setting *setting, const struct letter_alarm *alarm,
    struct letter *ret_letter)
{
	enum language language = setting->language;
	char title[LETTER_SUBJECT_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct alarm_values filled;
	struct sheet sheet;
	struct text text;
	assert((unsigned)alarm->alarm < ALARM_COUNT);
	if (sheet_open(&sheet, setting) != 0)
		return -ENOMEM;
	fill_values(&sheet, alarm, &filled);
	letter_alarm_title(language, alarm->alarm, alarm->what, title);
	if (alarm->is_over) {
		const struct value values[] = {value_of_text(title), value_of_text(filled.since),
		    value_of_text(filled.lasting)};
		sheet_say(&sheet, PHRASE_ALARM_OVER, values, 3);
	} else {
		put_alarm(&sheet, alarm, &filled);
	}
	letter_put_sender(&sheet, NULL);

	const struct value value = value_of_text(title);
	text_init(&text, subject, sizeof subject);
	wording_letter_add(&text, language,
	    alarm->is_over ? PHRASE_ALARM_SUBJECT_OVER : PHRASE_ALARM_SUBJECT, &value, 1);
	return letter_finish(&sheet, subject, ret_letter);
}
