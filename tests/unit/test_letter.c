#include "notify/letter.h"

#include <errno.h>
#include <string.h>

#include "notify/glyph.h"
#include "notify/letter_internal.h"
#include "notify/wording_letter.h"
#include "phrase_check.h"
#include "report_case.h"
#include "test.h"

enum {
	STRINGS = sizeof(struct letter_vocabulary) / sizeof(const char *),
	ALARMS_AT = offsetof(struct letter_vocabulary, alarms) / sizeof(const char *),
	ALARM_STRINGS = sizeof(struct letter_alarm_words) / sizeof(const char *),
	STEPS_AT = offsetof(struct letter_alarm_words, steps) / sizeof(const char *),
	CERTIFICATES_AT = offsetof(struct letter_vocabulary, certificates) / sizeof(const char *),
	CERTIFICATE_STRINGS = sizeof(struct letter_certificate_words) / sizeof(const char *),
	CERTIFICATE_STEPS_AT =
	    offsetof(struct letter_certificate_words, steps) / sizeof(const char *),
};

static const char *string_at(const struct letter_vocabulary *vocabulary, size_t index)
{
	const char *string;
	memcpy(&string, (const char *)vocabulary + index * sizeof string, sizeof string);
	return string;
}

/* A later step of an alarm, or of a certificate. */
static bool may_be_missing(size_t index)
{
	if (index >= CERTIFICATES_AT)
		return (index - CERTIFICATES_AT) % CERTIFICATE_STRINGS > CERTIFICATE_STEPS_AT;
	return index >= ALARMS_AT && (index - ALARMS_AT) % ALARM_STRINGS > STEPS_AT;
}

static void test_vocabulary(void)
{
	bool complete = true;
	bool agree = true;
	bool clean = true;
	bool own_language = true;
	for (size_t i = 0; i < STRINGS; i++) {
		const char *en = string_at(&wording_letter_en, i);
		const char *ja = string_at(&wording_letter_ja, i);
		if (en == NULL && ja == NULL && may_be_missing(i))
			continue;
		bool present = en != NULL && ja != NULL && en[0] != '\0' && ja[0] != '\0';
		complete = complete && present;
		if (!present) {
			printf("# string %zu is missing\n", i);
			continue;
		}
		clean = clean && is_clean(en) && is_clean(ja);
		own_language = own_language && !has_kana(en);
		if (places_of(en) >= 0 && places_of(en) == places_of(ja))
			continue;
		agree = false;
		printf("# %s\n# %s\n", en, ja);
	}
	OK(STRINGS > 150 && complete, "each string is in both languages or in none");
	OK(agree, "both languages have the same places");
	OK(clean, "all are UTF-8 without control characters");
	OK(own_language, "nothing Japanese is among the English");
	bool titles = true;
	for (int i = 0; i < ALARM_COUNT; i++)
		titles = titles && (places_of(wording_letter_en.alarms[i].title) & ~(1 << 1)) == 0;
	OK(titles, "a title has no place but that of what it is about");
}

static struct registry *registry;

static struct letter_setting setting_of(enum language language)
{
	return (struct letter_setting){.language = language};
}

static struct letter_incident incident_of(enum letter_kind kind)
{
	return (struct letter_incident){.id = 7, .kind = kind, .registry = registry};
}

static void test_spread(void)
{
	struct finding scan = case_scan_dark();
	struct finding flood = case_incoming();
	OK(letter_spread(&scan) == 254, "a search spreads over the addresses it asks");
	OK(letter_spread(&flood) == 5000, "a flood over its senders");
}

/* What an update does not tell, since it is as it was. */
static void test_update_without_change(void)
{
	const struct letter_setting setting = setting_of(LANGUAGE_EN);
	struct finding finding = case_scan_dark();
	struct letter_incident incident = incident_of(LETTER_UPDATE);
	struct letter letter;
	incident.told =
	    (struct letter_told){.severity = finding.severity, .spread = 254, .port_count = 1};
	OK(letter_about_incident(&setting, &incident, &finding, &letter) == 0, "an update");
	OK(strstr(letter.body, "It still goes on, 4 min 13 s after it was first seen.") != NULL,
	    "that it goes on is told always");
	OK(strstr(letter.body, "involved") == NULL && strstr(letter.body, "rated") == NULL &&
		strstr(letter.body, "last wrote") == NULL,
	    "what did not change, or was never told, is not");
	letter_release(&letter);
	letter_release(&letter);
	OK(letter.subject == NULL && letter.body == NULL && letter.finding == NULL,
	    "a letter may be released twice");
}

static void test_utc(void)
{
	const struct letter_setting setting = setting_of(LANGUAGE_EN);
	struct finding finding = case_scan_dark();
	const struct letter_incident incident = incident_of(LETTER_FIRST);
	struct letter letter;
	if (letter_about_incident(&setting, &incident, &finding, &letter) != 0)
		abort();
	OK(strstr(letter.body, "First: 2026-01-31 23:59:59.000 UTC\n") != NULL,
	    "a reader whose clocks show UTC reads each time once");
	OK(strstr(letter.body, "Sent by the Hinomi station, where") != NULL &&
		strstr(letter.body, "Please tell whoever runs the station.") != NULL,
	    "a station without a name, and without anybody to ask");
	letter_release(&letter);
}

/* Times at the ends of what a clock can show, an id likewise: no overflow, no cut. */
static void test_extremes(void)
{
	const struct letter_setting setting = setting_of(LANGUAGE_JA);
	struct finding finding = case_scan_dark();
	struct letter_incident incident = incident_of(LETTER_UPDATE);
	struct letter letter;
	finding.first_us = INT64_MIN;
	finding.last_us = INT64_MAX;
	finding.packets = UINT64_MAX;
	finding.targets = UINT64_MAX;
	finding.port_count = UINT64_MAX;
	incident.id = INT64_MIN;
	OK(letter_about_incident(&setting, &incident, &finding, &letter) == 0, "extreme numbers");
	OK(strstr(letter.body, "9,223,372,036,854,775,807") != NULL &&
		strstr(letter.body, "-9223372036854775808") != NULL,
	    "are told as far as they can be");
	letter_release(&letter);
}

/* Columns of the name in a verification's subject. */
static int shown_columns(size_t length, bool *ret_is_cut)
{
	char name[MEMBER_NAME_BYTES];
	char out[LETTER_NAME_BYTES];
	memset(name, 'm', length);
	name[length] = '\0';
	letter_shorten(name, LETTER_SUBJECT_NAME_COLUMNS, out);
	*ret_is_cut = strstr(out, "...") != NULL;
	return glyph_text_width(out);
}

static void test_shorten(void)
{
	bool is_cut;
	char out[LETTER_NAME_BYTES];
	OK(shown_columns(LETTER_SUBJECT_NAME_COLUMNS, &is_cut) == LETTER_SUBJECT_NAME_COLUMNS &&
		!is_cut,
	    "a name as wide as shown is whole");
	OK(shown_columns(LETTER_SUBJECT_NAME_COLUMNS + 1, &is_cut) == LETTER_SUBJECT_NAME_COLUMNS &&
		is_cut,
	    "one column more and it is cut");
	letter_shorten("火の見市役所情報政策課", 20, out);
	OK(strcmp(out, "火の見市役所情報...") == 0, "between characters of two columns");
	letter_shorten("a\r\nBcc: x\xff", 40, out);
	OK(strcmp(out, "a\\u{d}\\u{a}Bcc: x\\xff") == 0, "what is hidden is made visible");
}

static char *alarm_body(const char *detail)
{
	const struct letter_setting setting = setting_of(LANGUAGE_EN);
	const struct letter_alarm alarm = {
	    .alarm = ALARM_DISK_FULL, .what = "/var/lib/hinomi", .detail = detail};
	struct letter letter;
	if (letter_alarm(&setting, &alarm, &letter) != 0)
		abort();
	char *body = letter.body;
	letter.body = NULL;
	letter_release(&letter);
	return body;
}

static size_t count_of(const char *text, char wanted)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += *text == wanted;
	return count;
}

static void test_detail(void)
{
	char detail[LETTER_DETAIL_BYTES_MAX + 2];
	memset(detail, '#', sizeof detail);
	detail[LETTER_DETAIL_BYTES_MAX] = '\0';
	char *body = alarm_body(detail);
	OK(count_of(body, '#') == LETTER_DETAIL_BYTES_MAX, "as much as is shown of a report");
	free(body);
	detail[LETTER_DETAIL_BYTES_MAX] = '#';
	detail[LETTER_DETAIL_BYTES_MAX + 1] = '\0';
	body = alarm_body(detail);
	OK(count_of(body, '#') == LETTER_DETAIL_BYTES_MAX, "one byte more is cut");
	free(body);
	body = alarm_body(NULL);
	OK(strstr(body, "reported") == NULL, "where nothing was reported, nothing is said of it");
	free(body);
}

/* Each alarm in each language, with the longest that can be in it: whole to its last line. */
static void test_alarms_are_whole(void)
{
	char longest[MEMBER_NAME_BYTES];
	bool whole = true;
	memset(longest, '\x01', sizeof longest - 1); /* shown as \u{1}: five times as long */
	longest[sizeof longest - 1] = '\0';
	for (int i = 0; i < ALARM_COUNT * LANGUAGE_COUNT; i++) {
		struct letter_setting setting = setting_of((enum language)(i % LANGUAGE_COUNT));
		setting.desk = "the desk";
		const struct letter_alarm alarm = {.alarm = (enum alarm)(i / LANGUAGE_COUNT),
		    .what = longest,
		    .detail = longest,
		    .since_us = INT64_MIN,
		    .lasting_us = INT64_MAX,
		    .number = UINT64_MAX};
		struct letter letter;
		if (letter_alarm(&setting, &alarm, &letter) != 0)
			abort();
		whole = whole && strstr(letter.body, "the desk") != NULL &&
			strstr(letter.body, "\n1. ") != NULL;
		letter_release(&letter);
	}
	OK(whole, "alarms about what has the longest name are whole");
	OK(strcmp(alarm_name(ALARM_CANARY_LATE), "canary-late") == 0, "alarms have names");
}

static void test_alarm_subject(void)
{
	char address[LETTER_SUBJECT_WHAT_COLUMNS + 2];
	const struct letter_setting setting = setting_of(LANGUAGE_EN);
	struct letter_alarm alarm = {.alarm = ALARM_DELIVERY_FAILING, .what = address};
	struct letter letter;
	memset(address, 'a', sizeof address);
	address[LETTER_SUBJECT_WHAT_COLUMNS] = '\0';
	if (letter_alarm(&setting, &alarm, &letter) != 0)
		abort();
	OK(strstr(letter.subject, address) != NULL, "a subject with an address as wide as shown");
	letter_release(&letter);
	address[LETTER_SUBJECT_WHAT_COLUMNS] = 'a';
	address[LETTER_SUBJECT_WHAT_COLUMNS + 1] = '\0';
	if (letter_alarm(&setting, &alarm, &letter) != 0)
		abort();
	OK(strstr(letter.subject, "aaa... are not accepted") != NULL &&
		strstr(letter.body, address) != NULL,
	    "one column more is cut there, and whole in the body");
	letter_release(&letter);
}

int main(void)
{
	registry = case_registry();
	test_vocabulary();
	test_spread();
	test_update_without_change();
	test_utc();
	test_extremes();
	test_shorten();
	test_detail();
	test_alarms_are_whole();
	test_alarm_subject();
	registry_free(registry);
	return test_done();
}
