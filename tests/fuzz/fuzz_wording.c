/*
 * The first byte chooses. Any bytes as a file of words: taken, or refused with one line that can be
 * shown; what is taken is used in letters of every rule, whose subjects stay one line. Or any bytes
 * as a letter on paper: whatever they hold, they begin no tag.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/sample.h"
#include "notify/letter_html.h"
#include "notify/wording_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	TAGS_OWN_MAX = 64, /* of a page, and a part for each heading */
	HEADING_TAGS = 12,
};

static void require(int condition)
{
	if (!condition)
		abort();
}

static void require_line(const char *text)
{
	size_t left = strlen(text);
	require(left > 0);
	while (left > 0) {
		size_t length = utf8_step(text, left);
		require(length > 0 && !utf8_is_control(text, length));
		text += length;
		left -= length;
	}
}

/* Each rule's letter, of each kind, in both languages. */
static void write_letters(const struct registry *registry)
{
	for (int rule = 0; rule < RULE_COUNT; rule++) {
		const int kind = rule % LETTER_KIND_COUNT;
		const struct sample_wish wish = {.rule = (enum rule)rule,
		    .tool = sample_has_tool((enum rule)rule) ? TOOL_MIRAI : -1,
		    .port = -1,
		    .spoof = rule % SPOOF_COUNT,
		    .severity = -1,
		    .is_drill = rule % 2 == 0};
		const struct letter_setting setting = {
		    .language = (enum language)(rule % LANGUAGE_COUNT)};
		struct finding finding;
		struct letter letter;
		sample_finding(&wish, &finding);
		const struct letter_incident incident = {.id = 1,
		    .kind = (enum letter_kind)kind,
		    .registry = registry,
		    .told = {SEVERITY_LOW, 1, 0, finding.last_us, 1},
		    .relapses = 1};
		require(letter_about_incident(&setting, &incident, &finding, &letter) == 0);
		require_line(letter.subject);
		require(strncmp(letter.subject, "[hinomi] ", 9) == 0);
		require(!wish.is_drill || strstr(letter.subject, "[DRILL]") != NULL);
		letter_release(&letter);
	}
}

static void try_words(const char *text, size_t length)
{
	struct complaint complaint = {""};
	struct wording_set *set = NULL;
	struct registry *registry = NULL;
	require(wording_set_new(&set) == 0);
	const struct wording_file file = {"fuzz.yaml", text, length};
	int result = wording_set_read(set, LANGUAGE_EN, &file, &complaint);
	if (result != 0) {
		require_line(complaint.text);
		require(strncmp(complaint.text, "fuzz.yaml", 9) == 0);
	} else {
		require(registry_new(&registry) == 0);
		require(registry_add_member(registry, "{1}", "192.0.2.0/24", NULL) == 0);
		require(registry_seal(registry, NULL) == 0);
		wording_use(set);
		write_letters(registry);
		wording_use(NULL);
		registry_free(registry);
	}
	wording_set_free(set);
}

static size_t count(const char *text, const char *what)
{
	size_t count = 0;
	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		count++;
	return count;
}

static void try_page(const char *text)
{
	char *page = NULL;
	size_t bytes = 0;
	const struct letter_setting setting = {
	    .language = LANGUAGE_JA, .station = text, .desk = "desk"};
	const struct letter_print print = {
	    .subject = text, .body = text, .incident = 1, .written_us = 1};
	FILE *file = open_memstream(&page, &bytes);
	require(file != NULL);
	letter_html_write(file, &setting, &print);
	require(fclose(file) == 0);
	require(strlen(page) == bytes);
	require(count(page, "<") == count(page, ">"));
	require(count(page, "<") <=
		TAGS_OWN_MAX + HEADING_TAGS * (count(page, "<h2>") + count(page, "<hr>")));
	require(count(page, "<script") == 0 && count(page, "<img") == 0);
	require(count(page, "</pre>") == count(page, "<pre>"));
	for (const char *at = page; *at != '\0';) {
		size_t length = utf8_step(at, strlen(at) < 4 ? strlen(at) : 4);
		require(length > 0 && (*at == '\n' || !utf8_is_control(at, length)));
		at += length;
	}
	free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	if (data_bytes == 0)
		return 0;
	char *text = malloc(data_bytes);
	require(text != NULL);
	memcpy(text, data + 1, data_bytes - 1);
	text[data_bytes - 1] = '\0';
	if (data[0] % 2 == 0)
		try_words(text, data_bytes - 1);
	else
		try_page(text);
	free(text);
	return 0;
}
