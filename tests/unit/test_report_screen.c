#include "notify/screen.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify/glyph.h"
#include "test.h"

enum {
	ROOM = 4096,
};

static const struct {
	const char *name;
	const char *text;
	int width;
} widths[] = {
    {"nothing", "", 0},
    {"ASCII", "abc", 3},
    {"ideographs", "火の見", 6},
    {"full-width marks", "（、）", 6},
    {"half-width katakana", "ｱｲ", 2},
    {"an accent of its own", "e\xcc\x81", 1},
    {"a kana's sound mark", "か\xe3\x82\x99", 2},
    {"an ideograph of the second plane", "\xf0\xa0\xae\xb7", 2},
    {"a picture", "\xf0\x9f\x94\xa5", 2},
    {"bytes that are not UTF-8", "\xff\xfe", 2},
    {"a character cut short", "a\xe7\x81", 3},
};

static void test_widths(void)
{
	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
		OK(glyph_text_width(widths[i].text) == widths[i].width, widths[i].name);
}

static const struct {
	const char *name;
	const char *text;
	const char *expected;
} names[] = {
    {"nothing", "", ""},
    {"plain", "example-town", "example-town"},
    {"Japanese", "火の見町", "火の見町"},
    {"right-to-left override",
	"a\xe2\x80\xae"
	"b",
	"a\\u{202e}b"},
    {"isolates", "\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"},
    {"marks of direction", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u{200e}\\u{200f}\\u{61c}"},
    {"line separators", "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
    {"a blank without width", "a\xe2\x80\x8b", "a\\u{200b}"},
    {"newline and escape", "\n\x1b[31m", "\\u{a}\\u{1b}[31m"},
    {"C1", "\xc2\x9b", "\\u{9b}"},
    {"tags", "\xf3\xa0\x81\x81", "\\u{e0041}"},
    {"not UTF-8",
	"\xff"
	"a\xc0\xaf",
	"\\xffa\\xc0\\xaf"},
    {"Hebrew stays", "\xd7\x90", "\xd7\x90"},
};

static void test_names(void)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char out[ROOM];
		glyph_copy_visible(names[i].text, out, sizeof out);
		OK(strcmp(out, names[i].expected) == 0, names[i].name);
	}
	char worst[128];
	char out[sizeof worst * 4];
	memset(worst, 0xff, sizeof worst - 1);
	worst[sizeof worst - 1] = '\0';
	glyph_copy_visible(worst, out, sizeof out);
	OK(strlen(out) == 4 * (sizeof worst - 1), "the longest name of the worst bytes is not cut");
}

#define TEN  "123456789 "
#define KANA "あいうえおかきくけこ" /* 20 columns */

/* Lines begin at 2, after "[X]". */
static const struct {
	const char *name;
	const char *text;
	const char *expected;
} flows[] = {
    {"short", " a b", "[X] a b\n"},
    {"to the last column", TEN TEN TEN TEN TEN TEN TEN "1234567",
	"[X]" TEN TEN TEN TEN TEN TEN TEN "1234567\n"},
    {"one past it", TEN TEN TEN TEN TEN TEN TEN "12345678",
	"[X]" TEN TEN TEN TEN TEN TEN "123456789\n  12345678\n"},
    {"blanks at a break vanish", TEN TEN TEN TEN TEN TEN TEN "1234567   a",
	"[X]" TEN TEN TEN TEN TEN TEN TEN "1234567\n  a\n"},
    {"several blanks stay inside", "a   b", "[X]a   b\n"},
    {"blanks at the end", "a  ", "[X]a  \n"},
    {"between ideographs", KANA KANA KANA "あいうえおかきくけ",
	"[X]" KANA KANA KANA "あいうえおかきく\n  け\n"},
    {"a full stop does not begin a line", KANA KANA KANA "あいうえおかきく。",
	"[X]" KANA KANA KANA "あいうえおかき\n  く。\n"},
    {"nor do two", KANA KANA KANA "あいうえおかきく）。",
	"[X]" KANA KANA KANA "あいうえおかき\n  く）。\n"},
    {"a bracket does not end a line", KANA KANA KANA "あいうえおかき（く",
	"[X]" KANA KANA KANA "あいうえおかき\n  （く\n"},
    {"a bracket stays with its word", KANA KANA KANA "あいうえおか（TCP）",
	"[X]" KANA KANA KANA "あいうえおか\n  （TCP）\n"},
    {"between word and ideograph", KANA KANA KANA "あいうえおかき123あ",
	"[X]" KANA KANA KANA "あいうえおかき123\n  あ\n"},
};

static void test_flows(void)
{
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
		char *text = NULL;
		size_t bytes = 0;
		FILE *out = open_memstream(&text, &bytes);
		struct screen screen;
		if (out == NULL)
			abort();
		screen_init(&screen, out);
		screen_put(&screen, STYLE_ALARM, "[X]");
		screen_flow(&screen, 2, flows[i].text);
		screen_end_line(&screen);
		(void)fclose(out);
		OK(strcmp(text, flows[i].expected) == 0, flows[i].name);
		free(text);
	}
}

/* A word longer than a line is broken, and nothing of it is lost. */
static void test_long_word(void)
{
	char word[301];
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	struct screen screen;
	if (out == NULL)
		abort();
	memset(word, 'W', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	screen_init(&screen, out);
	screen_flow(&screen, 2, word);
	(void)fclose(out);
	size_t letters = 0;
	size_t column = 0;
	bool fits = true;
	for (const char *at = text; *at != '\0'; at++) {
		letters += *at == 'W';
		column = *at == '\n' ? 0 : column + 1;
		fits = fits && column <= SCREEN_COLUMNS;
	}
	OK(letters == sizeof word - 1 && fits, "a word of 300 letters is broken at the edge");
	free(text);
}

/* What a terminal gets of a coloured word. */
static void read_terminal(char *ret_text, size_t room)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	ret_text[0] = '\0';
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		goto out;
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	FILE *out = slave < 0 ? NULL : fdopen(slave, "w");
	if (out == NULL)
		goto out;
	struct screen screen;
	screen_init(&screen, out);
	screen_put(&screen, STYLE_ALARM, "word");
	screen_put(&screen, STYLE_PLAIN, "!");
	(void)fflush(out);
	ssize_t bytes = read(master, ret_text, room - 1);
	ret_text[bytes < 0 ? 0 : bytes] = '\0';
	(void)fclose(out);
out:
	if (master >= 0)
		(void)close(master);
}

static void test_colours(void)
{
	char text[ROOM];
	if (unsetenv("NO_COLOR") != 0)
		abort();
	read_terminal(text, sizeof text);
	if (text[0] == '\0') {
		OK(true, "colours on a terminal # SKIP no pseudo-terminal here");
		return;
	}
	OK(strcmp(text, "\033[1;31mword\033[0m!") == 0, "colours on a terminal");
	if (setenv("NO_COLOR", "", 1) != 0)
		abort();
	read_terminal(text, sizeof text);
	OK(strcmp(text, "\033[1;31mword\033[0m!") == 0, "an empty NO_COLOR counts as unset");
	if (setenv("NO_COLOR", "1", 1) != 0)
		abort();
	read_terminal(text, sizeof text);
	OK(strcmp(text, "word!") == 0, "none with NO_COLOR");
	if (unsetenv("NO_COLOR") != 0)
		abort();
}

int main(void)
{
	test_widths();
	test_names();
	test_flows();
	test_long_word();
	test_colours();
	return test_done();
}
