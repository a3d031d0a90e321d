/* letter_sheet.c - the sheet that a letter's body is written on, and names made fit for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/glyph.h"
#include "notify/headline.h"
#include "notify/letter_internal.h"
#include "notify/wording_internal.h"

enum {
	STEP_HANG = 3,           /* "1. " */
	SHEET_COLUMNS = 1 << 20, /* no line is broken: see letter.h */
};

int sheet_open(struct sheet *sheet, const struct letter_setting *setting)
{
	*sheet = (struct sheet){.setting = setting, .language = setting->language};
	sheet->file = open_memstream(&sheet->bytes, &sheet->length);
	if (sheet->file == NULL)
		return -ENOMEM;
	screen_init_plain(&sheet->screen, sheet->file, SHEET_COLUMNS);
	return 0;
}

int sheet_close(struct sheet *sheet, char **ret_body)
{
	bool failed = ferror(sheet->file) != 0;
	if (fclose(sheet->file) != 0 || failed) {
		free(sheet->bytes);
		return -ENOMEM; /* a stream into memory fails of nothing else */
	}
	*ret_body = sheet->bytes;
	return 0;
}

static bool is_step(const char *line)
{
	return line[0] >= '1' && line[0] <= '9' && line[1] == '.' && line[2] == ' ';
}

void letter_print(FILE *out, const char *body)
{
	struct screen screen;
	screen_init_plain(&screen, out, LETTER_COLUMNS);
	while (*body != '\0') {
		const size_t length = strcspn(body, "\n");
		char *line = strndup(body, length);
		if (line == NULL || glyph_text_width(line) <= LETTER_COLUMNS)
			fwrite(body, 1, length, out);
		else
			screen_flow(&screen, is_step(line) ? STEP_HANG : 0, line);
		screen_end_line(&screen);
		free(line);
		body += length + (body[length] == '\n');
	}
}

void sheet_gap(struct sheet *sheet)
{
	screen_end_line(&sheet->screen);
}

void sheet_end_mark(struct sheet *sheet)
{
	sheet_gap(sheet);
	screen_put(&sheet->screen, STYLE_PLAIN, "-- ");
	screen_end_line(&sheet->screen);
}

void sheet_heading(struct sheet *sheet, enum phrase phrase)
{
	sheet_gap(sheet);
	screen_put(
	    &sheet->screen, STYLE_PLAIN, wording_letter_get(sheet->language)->phrases[phrase]);
	screen_end_line(&sheet->screen);
}

void sheet_paragraph(struct sheet *sheet, const char *text)
{
	if (text[0] == '\0')
		return;
	screen_flow(&sheet->screen, 0, text);
	screen_end_line(&sheet->screen);
}

void sheet_say(
    struct sheet *sheet, enum phrase phrase, const struct value *values, size_t value_count)
{
	char paragraph[TELLING_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	wording_letter_add(&text, sheet->language, phrase, values, value_count);
	sheet_paragraph(sheet, paragraph);
}

void sheet_step(struct sheet *sheet, size_t number, const char *step)
{
	char head[32];
	struct text text;
	text_init(&text, head, sizeof head);
	text_add_number(&text, (int64_t)number);
	text_add(&text, ". ");
	screen_put(&sheet->screen, STYLE_PLAIN, head);
	screen_flow(&sheet->screen, STEP_HANG, step);
	screen_end_line(&sheet->screen);
}

void sheet_stamp(const struct sheet *sheet, int64_t time_us, char out[static TELLING_STAMP_BYTES])
{
	char local[WHEN_TEXT_BYTES];
	struct text text;
	zone_format(sheet->setting->zone, time_us, local);
	text_init(&text, out, TELLING_STAMP_BYTES);
	telling_add_stamp(&text, sheet->language, local, time_us);
}

void sheet_say_time(struct sheet *sheet, enum phrase phrase, int64_t time_us)
{
	char stamp[TELLING_STAMP_BYTES];
	sheet_stamp(sheet, time_us, stamp);
	const struct value value = value_of_text(stamp);
	sheet_say(sheet, phrase, &value, 1);
}

void letter_visible(const char *name, char out[static LETTER_NAME_BYTES])
{
	glyph_copy_visible(name, out, LETTER_NAME_BYTES);
}

void letter_shorten(const char *name, int columns, char out[static LETTER_NAME_BYTES])
{
	static const char more[] = "...";
	char visible[LETTER_NAME_BYTES];
	letter_visible(name, visible);
	struct text text;
	text_init(&text, out, LETTER_NAME_BYTES);
	if (glyph_text_width(visible) <= columns) {
		text_add(&text, visible);
		return;
	}
	int width = 0;
	const char *at = visible;
	for (struct glyph glyph = glyph_at(at); glyph.bytes > 0; glyph = glyph_at(at)) {
		char one[8] = "";
		width += glyph.width;
		if (width > columns - (int)sizeof more + 1)
			break;
		memcpy(one, at, glyph.bytes);
		text_add(&text, one);
		at += glyph.bytes;
	}
	text_add(&text, more);
}

void letter_member(
    enum language language, const char *member, int columns, char out[static LETTER_NAME_BYTES])
{
	if (strcmp(member, "local") == 0)
		member = wording_get(language)->messages[MESSAGE_LOCAL];
	letter_shorten(member, columns, out);
}

static void name_or(enum language language, const char *name, enum phrase in_its_place,
    char out[static LETTER_NAME_BYTES])
{
	letter_visible(
	    name != NULL ? name : wording_letter_get(language)->phrases[in_its_place], out);
}

void letter_station(const struct letter_setting *setting, char out[static LETTER_NAME_BYTES])
{
	name_or(setting->language, setting->station, PHRASE_STATION, out);
}

void letter_desk(const struct letter_setting *setting, char out[static LETTER_NAME_BYTES])
{
	name_or(setting->language, setting->desk, PHRASE_DESK_UNKNOWN, out);
}

void letter_put_sender(struct sheet *sheet, const char *member)
{
	char station[LETTER_NAME_BYTES];
	char name[LETTER_NAME_BYTES];
	char desk[LETTER_NAME_BYTES];
	letter_station(sheet->setting, station);
	letter_desk(sheet->setting, desk);
	sheet_end_mark(sheet);
	if (member != NULL) {
		letter_member(sheet->language, member, LETTER_NAME_BYTES, name);
		const struct value values[] = {value_of_text(station), value_of_text(name)};
		sheet_say(sheet, PHRASE_SENT_MEMBER, values, 2);
	} else {
		const struct value value = value_of_text(station);
		sheet_say(sheet, PHRASE_SENT_OPERATOR, &value, 1);
	}
	const struct value value = value_of_text(desk);
	sheet_say(sheet, PHRASE_DESK, &value, 1);
}

int letter_give_subject(
    const struct letter_setting *setting, bool is_drill, const char *rest, char **ret_subject)
{
	char subject[LETTER_SUBJECT_BYTES];
	struct text text;
	text_init(&text, subject, sizeof subject);
	text_add(&text, "[hinomi] ");
	if (is_drill)
		wording_letter_add(&text, setting->language, PHRASE_TAG_DRILL, NULL, 0);
	text_add(&text, rest);
	*ret_subject = strdup(subject);
	return *ret_subject == NULL ? -ENOMEM : 0;
}

void letter_add_who(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding)
{
	char address[ADDRESS_TEXT_BYTES] = "";
	char member[LETTER_NAME_BYTES];
	letter_member(language, registry_member_name(registry, finding->member),
	    LETTER_SUBJECT_NAME_COLUMNS, member);
	if (finding->rule == RULE_SPOOF_MEMBER) { /* is about none of its machines */
		text_add(text, member);
		return;
	}
	address_format(&finding->subject, address);
	const struct value values[] = {value_of_text(member), value_of_text(address)};
	wording_letter_add(text, language, PHRASE_SUBJECT_WHO, values, 2);
}

/* Where the machine is the one that is flooded, or all is about forging, no doubt is added. */
static bool tells_of_forging(const struct finding *finding)
{
	return finding->role == ROLE_ACTOR && finding->rule != RULE_SPOOF_MEMBER &&
	       finding->spoof != SPOOF_UNLIKELY;
}

void letter_add_what(struct text *text, enum language language, const struct finding *finding)
{
	const char *what = wording_letter_get(language)->whats[finding->rule];
	if (!tells_of_forging(finding)) {
		text_add(text, what);
		return;
	}
	const struct value value = value_of_text(what);
	wording_letter_add(text, language,
	    finding->spoof == SPOOF_LIKELY ? PHRASE_WHAT_PROBABLY_FORGED : PHRASE_WHAT_MAYBE_FORGED,
	    &value, 1);
}
