/* letter_certificate.c - that a certificate for mail ends soon, or has ended. */
#include <assert.h>
#include <errno.h>

#include "notify/letter_internal.h"
#include "notify/wording_internal.h"

enum {
	VALUES_COUNT = 6,
};

/* What stands in the places of its words. */
struct certificate_values {
	char address[LETTER_NAME_BYTES];
	char until[TELLING_STAMP_BYTES];
	char desk[LETTER_NAME_BYTES];
	char number[32];
	char member[LETTER_NAME_BYTES];
	struct value values[VALUES_COUNT];
};

static void fill_values(const struct sheet *sheet, const struct letter_certificate *certificate,
    struct certificate_values *filled)
{
	letter_shorten(certificate->address, LETTER_SUBJECT_WHAT_COLUMNS, filled->address);
	sheet_stamp(sheet, certificate->until_us, filled->until);
	letter_desk(sheet->setting, filled->desk);
	if (certificate->member != NULL)
		letter_member(sheet->language, certificate->member, LETTER_SUBJECT_NAME_COLUMNS,
		    filled->member);
	else
		letter_station(sheet->setting, filled->member);
	(void)snprintf(filled->number, sizeof filled->number, "%lld",
	    (long long)certificate->contact); /* it is no count: no marks between its digits */
	filled->values[0] = value_of_text(filled->address);
	filled->values[1] = value_of_count(certificate->days);
	filled->values[2] = value_of_text(filled->until);
	filled->values[3] = value_of_text(filled->desk);
	filled->values[4] = value_of_text(filled->number);
	filled->values[5] = value_of_text(filled->member);
}

static void put_phrase(
    struct sheet *sheet, const char *phrase, const struct certificate_values *filled)
{
	char paragraph[TELLING_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	text_add_phrase(&text, phrase, filled->values, VALUES_COUNT);
	sheet_paragraph(sheet, paragraph);
}

static void put_steps(struct sheet *sheet, const struct letter_certificate_words *words,
    const struct certificate_values *filled)
{
	sheet_heading(sheet, PHRASE_HEADING_STEPS);
	for (size_t i = 0; i < ADVICE_STEPS_MAX && words->steps[i] != NULL; i++) {
		char step[TELLING_BYTES];
		struct text text;
		text_init(&text, step, sizeof step);
		text_add_phrase(&text, words->steps[i], filled->values, VALUES_COUNT);
		sheet_step(sheet, i + 1, step);
	}
}

int letter_certificate(const struct letter_setting *setting,
    const struct letter_certificate *certificate, struct letter *ret_letter)
{
	const bool is_over = certificate->days == 0;
	char title[LETTER_SUBJECT_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct certificate_values filled;
	struct sheet sheet;
	struct text text;
	assert((unsigned)certificate->kind < LETTER_CERTIFICATE_KINDS);
	const struct letter_certificate_words *words =
	    &wording_letter_get(setting->language)->certificates[certificate->kind];
	if (sheet_open(&sheet, setting) != 0)
		return -ENOMEM;
	fill_values(&sheet, certificate, &filled);
	put_phrase(&sheet, is_over ? words->says_over : words->says_soon, &filled);
	sheet_heading(&sheet, PHRASE_HEADING_MEANING);
	put_phrase(&sheet, is_over ? words->means_over : words->means_soon, &filled);
	put_steps(&sheet, words, &filled);
	letter_put_sender(
	    &sheet, certificate->kind == LETTER_CERTIFICATE_YOURS ? certificate->member : NULL);

	text_init(&text, title, sizeof title);
	text_add_phrase(
	    &text, is_over ? words->title_over : words->title_soon, filled.values, VALUES_COUNT);
	const struct value value = value_of_text(title);
	text_init(&text, subject, sizeof subject);
	wording_letter_add(&text, setting->language, PHRASE_CERTIFICATE_SUBJECT, &value, 1);
	return letter_finish(&sheet, subject, ret_letter);
}
