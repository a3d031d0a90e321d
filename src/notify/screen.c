#include "notify/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify/glyph.h"

/* ECMA-48 SGR. */
static const char *const styles[] = {
    [STYLE_PLAIN] = "",
    [STYLE_LABEL] = "\033[1m",
    [STYLE_ALARM] = "\033[1;31m",
    [STYLE_WARNING] = "\033[1;33m",
    [STYLE_MILD] = "\033[36m",
};
static_assert(sizeof styles / sizeof styles[0] == STYLE_COUNT, "a sequence for each");

void screen_init(struct screen *screen, FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");
	int descriptor = fileno(out);
	*screen = (struct screen){.out = out, .columns = SCREEN_COLUMNS};
	screen->coloured = (no_colour == NULL || no_colour[0] == '\0') && descriptor >= 0 &&
			   isatty(descriptor) == 1;
}

void screen_init_plain(struct screen *screen, FILE *out, int columns)
{
	assert(columns >= SCREEN_COLUMNS / 2);
	*screen = (struct screen){.out = out, .columns = columns};
}

void screen_put(struct screen *screen, enum style style, const char *text)
{
	bool coloured = screen->coloured && style != STYLE_PLAIN;
	if (coloured)
		fputs(styles[style], screen->out);
	fputs(text, screen->out);
	if (coloured)
		fputs("\033[0m", screen->out);
	screen->column += glyph_text_width(text);
}

void screen_end_line(struct screen *screen)
{
	fputc('\n', screen->out);
	screen->column = 0;
}

void screen_go(struct screen *screen, int column)
{
	if (screen->column > column)
		screen_end_line(screen);
	fprintf(screen->out, "%*s", column - screen->column, "");
	screen->column = column;
}

void screen_put_right(struct screen *screen, int column, const char *text)
{
	int start = column - glyph_text_width(text);
	if (start > screen->column)
		screen_go(screen, start);
	else
		screen_put(screen, STYLE_PLAIN, " ");
	screen_put(screen, STYLE_PLAIN, text);
}

static bool is_blank(const struct glyph *glyph)
{
	return glyph->code == ' ' || glyph->bytes == 0;
}

/*
 * What stays on one line: a word of narrow characters, or one wide character, with the marks that
 * may not be parted from it.
 */
static size_t unit_bytes(const char *text)
{
	const char *at = text;
	struct glyph glyph = glyph_at(at);
	while (glyph_may_not_end_line(&glyph)) {
		at += glyph.bytes;
		glyph = glyph_at(at);
	}
	if (glyph.width == 2) {
		at += glyph.bytes;
		glyph = glyph_at(at);
	} else {
		while (!is_blank(&glyph) && glyph.width < 2) {
			at += glyph.bytes;
			glyph = glyph_at(at);
		}
	}
	while (glyph.bytes > 0 && glyph_may_not_begin_line(&glyph)) {
		at += glyph.bytes;
		glyph = glyph_at(at);
	}
	return (size_t)(at - text);
}

static int width_of(const char *text, size_t bytes)
{
	int width = 0;
	for (const char *at = text; at < text + bytes;) {
		struct glyph glyph = glyph_at(at);
		width += glyph.width;
		at += glyph.bytes;
	}
	return width;
}

static void next_line(struct screen *screen, int indent)
{
	screen_end_line(screen);
	screen_go(screen, indent);
}

/* Characters one by one, for what is longer than a line. */
static void put_broken(struct screen *screen, int indent, const char *text, size_t bytes)
{
	for (const char *at = text; at < text + bytes;) {
		struct glyph glyph = glyph_at(at);
		if (screen->column + glyph.width > screen->columns)
			next_line(screen, indent);
		fwrite(at, 1, glyph.bytes, screen->out);
		screen->column += glyph.width;
		at += glyph.bytes;
	}
}

static void put_unit(struct screen *screen, int indent, const char *text, size_t bytes)
{
	int width = width_of(text, bytes);
	if (indent + width > screen->columns) {
		put_broken(screen, indent, text, bytes);
		return;
	}
	fwrite(text, 1, bytes, screen->out);
	screen->column += width;
}

void screen_flow(struct screen *screen, int indent, const char *text)
{
	assert(indent >= 0 && indent < screen->columns / 2);
	while (*text != '\0') {
		int blanks = (int)strspn(text, " ");
		text += blanks;
		size_t bytes = unit_bytes(text);
		int end = screen->column + blanks + width_of(text, bytes);
		if (end > screen->columns && screen->column > indent)
			next_line(screen, indent);
		else
			screen_go(screen, screen->column + blanks);
		put_unit(screen, indent, text, bytes);
		text += bytes;
	}
}
