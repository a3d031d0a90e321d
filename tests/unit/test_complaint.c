#include "base/complaint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "test.h"

static const struct {
	const char *name;
	const char *given;
	const char *shown;
} rows[] = {
    {"nothing", "", ""},
    {"plain text", "member a: 10.0.0.0/33", "member a: 10.0.0.0/33"},
    {"Japanese", "火の見", "火の見"},
    {"a newline", "a\nb", "a\\x0ab"},
    {"an escape sequence", "\x1b[31mred", "\\x1b[31mred"},
    {"DEL", "\x7f", "\\x7f"},
    {"C1: a control sequence introducer",
	"\xc2\x9b"
	"2J",
	"\\xc2\\x9b2J"},
    {"what follows C1 is text", "\xc2\xa0", "\xc2\xa0"},
    {"a stray byte", "\xff", "\\xff"},
    {"a stray continuation", "\x80", "\\x80"},
    {"a character cut short", "\xe7\x81", "\\xe7\\x81"},
    {"an overlong NUL", "\xc0\x80", "\\xc0\\x80"},
    {"an overlong slash", "\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
    {"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"the last code point", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    {"one past it", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct complaint complaint = {"before"};
		OK(complain(&complaint, -EIO, "%s", rows[i].given) == -EIO &&
			strcmp(complaint.text, rows[i].shown) == 0,
		    rows[i].name);
	}
	OK(complain(NULL, -ENOENT, "%d", 1) == -ENOENT, "without a complaint");
}

static bool is_whole_utf8(const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		size_t length = utf8_step(text, left);
		if (length == 0)
			return false;
		text += length;
		left -= length;
	}
	return true;
}

/* A line of every length about the limit; the middle goes, start and end stay. */
static void test_lengths(const char *unit, const char *name)
{
	static const char start[] = "FILE: ";
	static const char end[] = ", expected less";
	bool all_right = true;
	for (size_t units = 0; units < COMPLAINT_BYTES; units++) {
		struct complaint complaint = {""};
		char *middle = calloc(units + 1, strlen(unit));
		if (middle == NULL)
			return;
		for (size_t i = 0; i < units; i++)
			memcpy(middle + i * strlen(unit), unit, strlen(unit));
		(void)complain(&complaint, -EIO, "%s%s%s", start, middle, end);
		free(middle);

		size_t bytes = strlen(complaint.text);
		size_t whole = strlen(start) + units * strlen(unit) + strlen(end);
		all_right = all_right && bytes < COMPLAINT_BYTES && is_whole_utf8(complaint.text) &&
			    strncmp(complaint.text, start, strlen(start)) == 0 &&
			    strcmp(complaint.text + bytes - strlen(end), end) == 0 &&
			    (whole >= COMPLAINT_BYTES || bytes == whole) &&
			    (strstr(complaint.text, " ... ") != NULL) == (whole >= COMPLAINT_BYTES);
	}
	OK(all_right, name);
}

static void test_huge(void)
{
	enum {
		HUGE_BYTES = 1 << 20
	};
	struct complaint complaint = {""};
	char *huge = malloc(HUGE_BYTES);
	if (huge == NULL)
		return;
	memset(huge, 0x1b, HUGE_BYTES - 1);
	huge[HUGE_BYTES - 1] = '\0';
	OK(complain(&complaint, -EIO, "%s, expected text", huge) == -EIO &&
		strstr(complaint.text, "\\x1b, expected text") != NULL,
	    "a megabyte of escapes");
	free(huge);
}

int main(void)
{
	test_rows();
	test_lengths("x", "too long a line keeps its start and end");
	test_lengths("火", "and is cut between characters");
	test_huge();
	return test_done();
}
