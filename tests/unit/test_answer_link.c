/* The links in letters: made, read, and every other one refused. */
#include "web/answer_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

#define NOW_US (INT64_C(1775000000) * WHEN_SECOND_US)

static struct answer_key key_of(const char *digit)
{
	char text[ANSWER_KEY_TEXT_BYTES];
	struct answer_key key;
	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = *digit;
	if (answer_key_read(text, sizeof text - 1, &key, NULL) != 0)
		abort();
	return key;
}

static const struct answer_link plain = {
    .incident = 42, .contact = 7, .until_us = NOW_US + 30 * WHEN_DAY_US};

static void write_plain(const struct answer_key *key, char token[static ANSWER_TOKEN_BYTES])
{
	if (answer_link_write(key, &plain, token) != 0)
		abort();
}

static void test_round(void)
{
	const struct answer_key key = key_of("a");
	const struct answer_key other = key_of("b");
	char token[ANSWER_TOKEN_BYTES];
	char again[ANSWER_TOKEN_BYTES];
	struct answer_link read;
	OK(answer_link_prepare() == 0, "OpenSSL has what it needs");
	write_plain(&key, token);
	write_plain(&key, again);
	OK(strlen(token) == ANSWER_TOKEN_LETTERS && strcmp(token, again) == 0,
	    "a token is as long as it should be, and the same each time");
	OK(answer_link_looks_right(token), "it has the letters of one");
	OK(answer_link_read(&key, token, NOW_US, &read) == 0 && read.incident == 42 &&
		read.contact == 7 && read.until_us >= plain.until_us &&
		read.until_us < plain.until_us + 4 * WHEN_HOUR_US,
	    "what is read is what was written, with an end a little later");
	OK(answer_link_read(&other, token, NOW_US, &read) == -EINVAL, "not with another key");
	OK(answer_link_read(&key, token, read.until_us - 1, &read) == 0,
	    "it is good until a moment before its end");
	OK(answer_link_read(&key, token, read.until_us, &read) == -ETIME, "and then no more");
	OK(answer_link_read(&key, token, INT64_MAX, &read) == -ETIME, "nor ever after");
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Each bit of each letter; a letter stands for six. */
static void test_flips(void)
{
	const struct answer_key key = key_of("a");
	char token[ANSWER_TOKEN_BYTES];
	struct answer_link read;
	size_t tried = 0;
	size_t refused = 0;
	write_plain(&key, token);
	for (size_t at = 0; at < ANSWER_TOKEN_LETTERS; at++) {
		for (unsigned bit = 0; bit < 6; bit++) {
			char changed[ANSWER_TOKEN_BYTES];
			memcpy(changed, token, sizeof changed);
			const size_t digit = (size_t)(strchr(letters, token[at]) - letters);
			changed[at] = letters[digit ^ 1U << bit];
			tried++;
			refused += answer_link_read(&key, changed, NOW_US, &read) == -EINVAL;
		}
	}
	OK(tried == 192 && refused == tried, "each of its 192 bits flipped: refused");
}

static void test_lengths(void)
{
	const struct answer_key key = key_of("a");
	char token[ANSWER_TOKEN_BYTES + 8];
	struct answer_link read;
	bool refused = true;
	write_plain(&key, token);
	for (size_t length = 0; length < ANSWER_TOKEN_LETTERS; length++) {
		char cut[ANSWER_TOKEN_BYTES];
		memcpy(cut, token, sizeof cut);
		cut[length] = '\0';
		refused = refused && answer_link_read(&key, cut, NOW_US, &read) == -EINVAL &&
			  !answer_link_looks_right(cut);
	}
	OK(refused, "cut at any length: refused");
	memcpy(token + ANSWER_TOKEN_LETTERS, "A", 2);
	OK(answer_link_read(&key, token, NOW_US, &read) == -EINVAL, "a letter longer: refused");
	token[ANSWER_TOKEN_LETTERS] = '\0';
	for (int c = 1; c < 256; c++) {
		char odd[ANSWER_TOKEN_BYTES];
		if (strchr(letters, c) != NULL)
			continue;
		memcpy(odd, token, sizeof odd);
		odd[5] = (char)c;
		refused = refused && answer_link_read(&key, odd, NOW_US, &read) == -EINVAL;
	}
	OK(refused, "any byte that is no letter of it: refused");
}

static void test_limits(void)
{
	static const struct {
		const char *name;
		int64_t incident;
		int64_t contact;
		int64_t until_us;
		int result;
	} rows[] = {
	    {"the largest numbers", ANSWER_INCIDENT_MAX, ANSWER_CONTACT_MAX, NOW_US, 0},
	    {"an incident past them", ANSWER_INCIDENT_MAX + 1, 1, NOW_US, -ERANGE},
	    {"a contact past them", 1, ANSWER_CONTACT_MAX + 1, NOW_US, -ERANGE},
	    {"no incident", 0, 1, NOW_US, -ERANGE},
	    {"no contact", 1, 0, NOW_US, -ERANGE},
	    {"a negative one", 1, -1, NOW_US, -ERANGE},
	    {"a time before all", 1, 1, -WHEN_HOUR_US, -ERANGE},
	    {"a time past all", 1, 1, INT64_MAX, -ERANGE},
	    {"the last hour", 1, 1, ((INT64_C(1) << 24) - 4) * WHEN_HOUR_US, 0},
	    {"one past it", 1, 1, (INT64_C(1) << 24) * WHEN_HOUR_US, -ERANGE},
	};
	const struct answer_key key = key_of("c");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct answer_link link = {
		    rows[i].incident, rows[i].contact, rows[i].until_us};
		char token[ANSWER_TOKEN_BYTES];
		struct answer_link read;
		int result = answer_link_write(&key, &link, token);
		if (result == 0 &&
		    (answer_link_read(&key, token, 0, &read) != 0 ||
			read.incident != link.incident || read.contact != link.contact))
			result = -1;
		OK(result == rows[i].result, rows[i].name);
	}
}

/* No mail program takes the last letter for the end of a sentence. */
static void test_ends(void)
{
	const struct answer_key key = key_of("d");
	bool is_plain = true;
	for (int64_t hour = 0; hour < 200; hour++) {
		const struct answer_link link = {1, 1, NOW_US + hour * WHEN_HOUR_US};
		char token[ANSWER_TOKEN_BYTES];
		struct answer_link read;
		is_plain = is_plain && answer_link_write(&key, &link, token) == 0 &&
			   strchr("-_", token[ANSWER_TOKEN_LETTERS - 1]) == NULL &&
			   answer_link_read(&key, token, 0, &read) == 0 &&
			   read.until_us >= link.until_us;
	}
	OK(is_plain, "the last letter is a letter or a digit, and no link ends early");
}

static void test_forms(void)
{
	const struct answer_key key = key_of("a");
	const struct answer_key other = key_of("b");
	const struct answer_link next = {43, 7, plain.until_us};
	char token[ANSWER_TOKEN_BYTES];
	char second[ANSWER_TOKEN_BYTES];
	char form[ANSWER_FORM_BYTES];
	write_plain(&key, token);
	OK(answer_link_write(&key, &next, second) == 0 &&
		answer_form_write(&key, token, form) == 0 && strlen(form) == ANSWER_FORM_LETTERS,
	    "a form's token");
	OK(answer_form_check(&key, token, form), "is right with its link");
	OK(!answer_form_check(&key, second, form), "not with another");
	OK(!answer_form_check(&other, token, form), "nor with another key");
	OK(!answer_form_check(&key, token, "") && !answer_form_check(&key, "", form),
	    "nor without either");
	OK(strncmp(form, token, ANSWER_FORM_LETTERS) != 0, "the link does not tell it");
	bool refused = true;
	for (size_t at = 0; at < ANSWER_FORM_LETTERS; at++) {
		char changed[ANSWER_FORM_BYTES];
		memcpy(changed, form, sizeof changed);
		changed[at] = changed[at] == 'A' ? 'B' : 'A';
		refused = refused && !answer_form_check(&key, token, changed);
	}
	OK(refused, "nor with any letter changed");
}

static void test_keys(void)
{
	struct answer_key a = {.is_there = false};
	struct answer_key b = {.is_there = false};
	struct complaint complaint;
	char text[ANSWER_KEY_TEXT_BYTES + 1];
	OK(answer_key_make(&a) == 0 && answer_key_make(&b) == 0 && a.is_there &&
		memcmp(a.bytes, b.bytes, sizeof a.bytes) != 0,
	    "no two keys are the same");
	answer_key_format(&a, text);
	b.is_there = false;
	OK(answer_key_read(text, ANSWER_KEY_TEXT_BYTES - 1, &b, &complaint) == 0 && b.is_there &&
		memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0,
	    "a key is read as it was written");
	text[ANSWER_KEY_TEXT_BYTES - 1] = '\n';
	OK(answer_key_read(text, ANSWER_KEY_TEXT_BYTES, &b, &complaint) == 0,
	    "with its line's end");
	text[ANSWER_KEY_TEXT_BYTES] = '\n';
	OK(answer_key_read(text, ANSWER_KEY_TEXT_BYTES + 1, &b, &complaint) == -EINVAL,
	    "more is none");
	OK(answer_key_read(text, ANSWER_KEY_TEXT_BYTES - 2, &b, &complaint) == -EINVAL &&
		answer_key_read("", 0, &b, &complaint) == -EINVAL,
	    "nor is less");
	text[3] = 'g';
	OK(answer_key_read(text, ANSWER_KEY_TEXT_BYTES - 1, &b, &complaint) == -EINVAL &&
		strstr(complaint.text, "64 hexadecimal digits") != NULL,
	    "nor what is not hexadecimal");
}

int main(void)
{
	test_round();
	test_flips();
	test_lengths();
	test_limits();
	test_ends();
	test_forms();
	test_keys();
	return test_done();
}
