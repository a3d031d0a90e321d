/*
 * screen.h - text for people, wrapped at so many columns with characters of double width, and
 * coloured where a person looks at it.
 *
 * Colours need a terminal, and the environment's NO_COLOR (no-color.org) empty or unset. Write
 * errors are left to ferror() on the stream.
 */
#ifndef NOTIFY_SCREEN_H
#define NOTIFY_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

enum {
	SCREEN_COLUMNS = 80, /* what every terminal shows */
};

enum style {
	STYLE_PLAIN,
	STYLE_LABEL,
	STYLE_ALARM,
	STYLE_WARNING,
	STYLE_MILD,
	STYLE_COUNT,
};

struct screen {
	FILE *out; /* borrowed */
	int columns;
	bool coloured;
	int column; /* where the next character goes */
};

/* As wide as a terminal. */
void screen_init(struct screen *screen, FILE *out);
/* Never coloured, with lines of at most `columns` columns, 40 or more. */
void screen_init_plain(struct screen *screen, FILE *out, int columns);

/* Writes on without wrapping. */
void screen_put(struct screen *screen, enum style style, const char *text);
/* Blanks up to a column; on the next line when that lies behind. */
void screen_go(struct screen *screen, int column);
/* So that the text's last character stands before `column`. */
void screen_put_right(struct screen *screen, int column, const char *text);
/* Writes on, breaking lines; lines after the first begin at `indent`. */
void screen_flow(struct screen *screen, int indent, const char *text);
void screen_end_line(struct screen *screen);

#endif
