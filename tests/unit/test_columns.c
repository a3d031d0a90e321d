/* Tables that fit a terminal: what wraps, in which order, and that nothing is lost. */
#include "cmd/columns.h"

#include <stdlib.h>
#include <string.h>

#include "notify/glyph.h"
#include "notify/screen.h"
#include "test.h"

static const struct column_head heads[] = {
    {"ID", true, COLUMN_WHOLE},
    {"NAME", false, COLUMN_LATE},
    {"REASON", false, COLUMN_FIRST},
};

/* What a table of these rows looks like, to be freed. */
static char *print(const char *const (*rows)[3], size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct columns *columns = columns_new(heads, 3);
	if (out == NULL || columns == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		if (columns_add(columns, rows[i]) != 0)
			abort();
	columns_print(columns, out);
	columns_free(columns);
	(void)fclose(out); /* memory */
	return text;
}

static bool is(char *text, const char *expected)
{
	bool same = strcmp(text, expected) == 0;
	if (!same)
		printf("# %s# expected\n# %s", text, expected);
	free(text);
	return same;
}

/* Whether no line is wider than a terminal. */
static bool fits(const char *text)
{
	char line[1024];
	for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
		(void)snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
		if (glyph_text_width(line) > SCREEN_COLUMNS)
			return false;
	}
	return true;
}

static void test_small(void)
{
	const char *const rows[][3] = {{"1", "town", "x"}, {"12", NULL, "火の見"}, {"3", "a", ""}};
	OK(is(print(rows, 3), "ID  NAME  REASON\n"
			      " 1  town  x\n"
			      "12        火の見\n"
			      " 3  a\n"),
	    "as wide as what is in it");
	OK(is(print(rows, 0), "ID  NAME  REASON\n"), "heads alone");
}

static void test_wrap(void)
{
	const char *const rows[][3] = {{"1", "198.51.100.100/32",
	    "the scanner of the auditors, who come each spring and stay for a while, and then go"}};
	char *text = print(rows, 1);
	OK(fits(text) && strstr(text, "198.51.100.100/32") != NULL,
	    "a sentence is wrapped, so that an address need not be");
	OK(is(text,
	       "ID  NAME               REASON\n"
	       " 1  198.51.100.100/32  the scanner of the auditors, who come each spring and \n"
	       "                       stay for a while, and then go\n"),
	    "at blanks");
}

static void test_long(void)
{
	char name[200];
	char reason[600];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	reason[0] = '\0';
	for (size_t i = 0; i < 150; i++)
		memcpy(reason + 3 * i, "火", sizeof "火");
	const char *const rows[][3] = {{"1", name, reason}};
	char *text = print(rows, 1);
	size_t names = 0;
	size_t fires = 0;
	for (const char *at = text; *at != '\0'; at++) {
		names += *at == 'n';
		fires += strncmp(at, "火", 3) == 0;
	}
	OK(fits(text) && names == sizeof name - 1 && fires == 150, "however long, nothing is lost");
	free(text);
}

static void test_hidden(void)
{
	const char *const rows[][3] = {{"1", "a\x1b[31m\n", "\xe2\x80\xae"}};
	OK(is(print(rows, 1), "ID  NAME              REASON\n"
			      " 1  a\\u{1b}[31m\\u{a}  \\u{202e}\n"),
	    "what is hidden is seen");
}

int main(void)
{
	test_small();
	test_wrap();
	test_long();
	test_hidden();
	return test_done();
}
