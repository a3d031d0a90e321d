/* The page behind a letter's link: its words, and that whatever its texts hold is shown as text. */
#include "web/answer_page.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "phrase_check.h"
#include "test.h"
#include "web/answer_words.h"

enum {
	STRINGS = sizeof(struct answer_words) / sizeof(const char *),
	HASH_TEXT_BYTES = 64,
};

static const char *string_at(const struct answer_words *words, size_t index)
{
	const char *string;
	memcpy(&string, (const char *)words + index * sizeof string, sizeof string);
	return string;
}

static void test_words(void)
{
	bool complete = true;
	bool agree = true;
	bool clean = true;
	for (size_t i = 0; i < STRINGS; i++) {
		const char *en = string_at(&answer_words_en, i);
		const char *ja = string_at(&answer_words_ja, i);
		if (en == NULL || ja == NULL || (en[0] == '\0') != (ja[0] == '\0')) {
			printf("# string %zu is missing\n", i);
			complete = false;
			continue;
		}
		agree = agree && places_of(en) >= 0 && places_of(en) == places_of(ja);
		clean = clean && is_clean(en) && is_clean(ja) &&
			(!has_kana(en) || en == answer_words_en.other_language);
	}
	OK(complete, "each string is in both languages");
	OK(agree, "with the same places");
	OK(clean, "all are clean, and nothing Japanese is among the English");
	for (int i = ANSWER_NONE + 1; i < ANSWER_COUNT; i++)
		complete = complete && answer_words_en.choices[i].button[0] != '\0' &&
			   answer_find(answer_name((enum answer)i)) == i;
	OK(complete, "each answer has a button and a name");
	OK(answer_find("") == -1 && answer_find("On-it") == -1 && answer_find("fixed ") == -1,
	    "nothing else is one");
}

/* Else a browser shows the page without its style. */
static void test_policy(void)
{
	const char *style = answer_page_style();
	unsigned char digest[32];
	unsigned char text[HASH_TEXT_BYTES];
	size_t made = 0;
	char expected[128];
	if (EVP_Q_digest(NULL, "SHA256", NULL, style, strlen(style), digest, &made) != 1)
		abort();
	(void)EVP_EncodeBlock(text, digest, (int)made);
	(void)snprintf(expected, sizeof expected, "style-src 'sha256-%s'", (const char *)text);
	const bool is_it = strstr(ANSWER_PAGE_POLICY, expected) != NULL;
	if (!is_it)
		printf("# expected %s\n", expected);
	OK(is_it, "the policy has the hash of the style");
	OK(strstr(style, "url(") == NULL && strstr(style, "@import") == NULL &&
		strchr(style, '<') == NULL,
	    "which asks for nothing from elsewhere");
}

static struct answer_page page_of(enum language language)
{
	struct answer_page page = {.language = language, .incident = 1042, .state = INCIDENT_NEW};
	(void)snprintf(page.member, sizeof page.member, "example-town");
	(void)snprintf(page.machine, sizeof page.machine, "192.0.2.5");
	(void)snprintf(page.headline, sizeof page.headline, "192.0.2.5 does something.");
	(void)snprintf(page.severity, sizeof page.severity, "HIGH");
	(void)snprintf(page.first, sizeof page.first, "then");
	(void)snprintf(page.last, sizeof page.last, "now");
	(void)snprintf(page.until, sizeof page.until, "later");
	(void)snprintf(page.form, sizeof page.form, "0123456789abcdef");
	return page;
}

static char *write_page(const struct answer_page *page)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		abort();
	answer_page_write(out, page);
	if (fclose(out) != 0)
		abort();
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;
	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		count++;
	return count;
}

static void test_page(void)
{
	struct answer_page page = page_of(LANGUAGE_EN);
	char *text = write_page(&page);
	OK(strstr(text, "<html lang=\"en\">") != NULL && strstr(text, "example-town") != NULL &&
		strstr(text, "<dd>192.0.2.5</dd>") != NULL && strstr(text, "<dd>1042</dd>") != NULL,
	    "what it is about");
	OK(count_of(text, "<button ") == 5 && count_of(text, "<form method=\"post\">") == 1 &&
		strstr(text, "value=\"0123456789abcdef\"") != NULL,
	    "five answers in a form with its token");
	OK(strstr(text, "<script") == NULL && strstr(text, "//") == NULL,
	    "no script, and no link out");
	OK(strstr(text, "class=\"done\"") == NULL && strstr(text, "class=\"drill\"") == NULL,
	    "nothing was answered, and it is no exercise");
	free(text);
	page.answer = ANSWER_HARMLESS;
	page.is_drill = true;
	page.state = INCIDENT_CLOSED;
	page.reason = CLOSE_HARMLESS;
	(void)snprintf(page.note, sizeof page.note, "ours");
	text = write_page(&page);
	OK(strstr(text, "class=\"done\"") != NULL && strstr(text, "hinomi exception add") != NULL &&
		strstr(text, "Your note: ours") != NULL &&
		strstr(text, "class=\"drill\"") != NULL &&
		strstr(text, "closed (known and harmless)") != NULL,
	    "what was answered, and what comes of it");
	free(text);
	page.language = LANGUAGE_JA;
	text = write_page(&page);
	OK(strstr(text, "<html lang=\"ja\">") != NULL &&
		strstr(text, "インシデント 1042") != NULL &&
		strstr(text, "href=\"?lang=en\"") != NULL,
	    "in Japanese, with a way to English");
	free(text);
}

#define HOSTILE "</dd></title><script>alert(1)</script>&amp;\"'><img src=x onerror=y>{1}{9}%s"

static void test_hostile(void)
{
	struct answer_page page = page_of(LANGUAGE_EN);
	char *fields[] = {page.station, page.member, page.desk, page.headline, page.note};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		(void)snprintf(fields[i], 200, "%s", HOSTILE);
	(void)snprintf(page.machine, sizeof page.machine, "<b>\"'");
	(void)snprintf(page.severity, sizeof page.severity, "<b>\"'");
	(void)snprintf(page.form, sizeof page.form, "\"><b>'");
	(void)snprintf(page.first, sizeof page.first, "<b>");
	page.answer = ANSWER_ON_IT;
	char *text = write_page(&page);
	OK(strstr(text, "<script") == NULL && strstr(text, "<img") == NULL &&
		strstr(text, "<b>") == NULL && strstr(text, "&lt;script&gt;") != NULL,
	    "whatever texts hold begins no element");
	OK(count_of(text, "</title>") == 1 && count_of(text, "</dd>") == 6, "and ends none");
	OK(count_of(text, "{1}{9}%s") == 5, "nor is it a place for another");
	free(text);
}

/* All that has room is written whole. */
static void test_longest(void)
{
	struct answer_page page = page_of(LANGUAGE_JA);
	memset(page.note, '&', sizeof page.note - 1);
	memset(page.member, '<', sizeof page.member - 1);
	memset(page.headline, '"', sizeof page.headline - 1);
	page.answer = ANSWER_STOP;
	char *text = write_page(&page);
	OK(count_of(text, "&amp;") == sizeof page.note - 1 &&
		count_of(text, "&quot;") == sizeof page.headline - 1 &&
		count_of(text, "&lt;") == sizeof page.member - 1,
	    "the longest texts are there whole");
	free(text);
}

static void test_troubles(void)
{
	char *first = NULL;
	for (int i = 0; i < ANSWER_TROUBLE_COUNT; i++) {
		char *text = NULL;
		size_t length = 0;
		FILE *out = open_memstream(&text, &length);
		if (out == NULL)
			abort();
		answer_trouble_write(out, (enum answer_trouble)i);
		if (fclose(out) != 0)
			abort();
		OK(strstr(text, "<p lang=\"ja\">") != NULL &&
			strstr(text, "<p lang=\"en\">") != NULL && strstr(text, "<form") == NULL &&
			strstr(text, "<a ") == NULL,
		    "what cannot be is said in both languages");
		if (first == NULL)
			first = text;
		else
			free(text);
	}
	free(first);
}

static void test_sound(void)
{
	struct answer_page good = page_of(LANGUAGE_EN);
	OK(answer_page_is_sound(&good), "a page that came is taken");
	struct answer_page page = good;
	memset(page.member, 'x', sizeof page.member);
	OK(!answer_page_is_sound(&page), "not one whose text does not end");
	page = good;
	page.note[0] = '\xff';
	OK(!answer_page_is_sound(&page), "or is no UTF-8");
	page = good;
	page.state = INCIDENT_STATE_COUNT;
	OK(!answer_page_is_sound(&page), "or whose state is none");
	page = good;
	page.reason = CLOSE_REASON_COUNT;
	OK(!answer_page_is_sound(&page), "or whose reason is none");
	page = good;
	page.answer = ANSWER_COUNT;
	OK(!answer_page_is_sound(&page), "or whose answer is none");
	page = good;
	page.language = LANGUAGE_COUNT;
	OK(!answer_page_is_sound(&page), "or whose language is none");
}

int main(void)
{
	test_words();
	test_policy();
	test_page();
	test_hostile();
	test_longest();
	test_troubles();
	test_sound();
	return test_done();
}
