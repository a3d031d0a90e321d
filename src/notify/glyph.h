/*
 * glyph.h - one character of text as a terminal shows it: how wide it is, and where a line may
 * break around it.
 *
 * Widths follow Unicode's East Asian Width (UAX 11), breaks the Japanese rules for line composition
 * (JIS X 4051: which marks may not begin or end a line), as far as names and our own words need it.
 * The C library's wcwidth() would depend on a locale that may not be installed.
 */
#ifndef NOTIFY_GLYPH_H
#define NOTIFY_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GLYPH_VISIBLE_GROWTH = 6, /* \u{1f} */
};

struct glyph {
	uint32_t code; /* U+FFFD for a byte that is not UTF-8 */
	uint8_t bytes; /* 0 at the end of the text */
	uint8_t width; /* 0, 1 or 2 columns */
};

/* The first character of a text that ends with NUL. */
struct glyph glyph_at(const char *text);

bool glyph_may_not_begin_line(const struct glyph *glyph);
bool glyph_may_not_end_line(const struct glyph *glyph);

/*
 * Controls, and what is not seen but changes what is: direction marks (U+202E and its like), line
 * separators, blanks without width.
 */
bool glyph_is_hidden(const struct glyph *glyph);

/* Columns of a whole text. */
int glyph_text_width(const char *text);

/*
 * Copies a name that others chose, with what is hidden written as \u{202e} and bytes that are not
 * UTF-8 as \xff. An `out` GLYPH_VISIBLE_GROWTH times as large as the name, and NUL, never cuts it;
 * four times are enough where there are no control characters of one byte.
 */
void glyph_copy_visible(const char *name, char *out, size_t out_bytes);

#endif
