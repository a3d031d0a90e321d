#include "notify/glyph.h"

#include <stdio.h>
#include <string.h>
#include <uchar.h>

#include "base/utf8.h"
#include "notify/text.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* UAX 11, classes W and F, without gaps that no name meets. */
static const struct range wide[] = {
    {0x1100, 0x115f},   /* Hangul initials */
    {0x2e80, 0x303e},   /* radicals, CJK marks */
    {0x3041, 0xa4cf},   /* kana to Yi */
    {0xa960, 0xa97c},   /* Hangul initials */
    {0xac00, 0xd7a3},   /* Hangul */
    {0xf900, 0xfaff},   /* compatibility ideographs */
    {0xfe30, 0xfe6f},   /* vertical and small forms */
    {0xff01, 0xff60},   /* full-width forms */
    {0xffe0, 0xffe6},   /* full-width signs */
    {0x1f300, 0x1f64f}, /* pictures */
    {0x1f680, 0x1f6ff}, /* traffic */
    {0x1f900, 0x1faff}, /* more pictures */
    {0x20000, 0x3fffd}, /* ideographs */
};

static const struct range without_width[] = {
    {0x0300, 0x036f}, /* accents */
    {0x200b, 0x200f}, /* joiners, direction */
    {0x202a, 0x202e}, /* direction */
    {0x2060, 0x206f}, /* joiners, direction */
    {0x20d0, 0x20f0}, /* accents of signs */
    {0x3099, 0x309a}, /* sound marks of kana */
    {0xfe00, 0xfe0f}, /* variants */
    {0xfe20, 0xfe2f}, /* half accents */
    {0x3164, 0x3164}, /* filler of Hangul */
    {0xfeff, 0xfeff}, /* byte order mark */
};

static const struct range hidden[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, /* controls */
    {0x00ad, 0x00ad},                   /* soft hyphen */
    {0x034f, 0x034f},                   /* grapheme joiner */
    {0x061c, 0x061c},                   /* Arabic letter mark */
    {0x115f, 0x1160},                   /* fillers of Hangul */
    {0x180e, 0x180e},                   /* Mongolian vowel separator */
    {0x200b, 0x200c},                   /* blanks without width; U+200D joins signs to one */
    {0x200e, 0x200f},                   /* direction marks */
    {0x2028, 0x202e},                   /* line separators, direction embeddings and overrides */
    {0x2060, 0x206f},                   /* word joiner, invisible signs, direction isolates */
    {0x3164, 0x3164},                   /* filler of Hangul */
    {0xfeff, 0xfeff},                   /* byte order mark */
    {0xffa0, 0xffa0},                   /* filler of Hangul, narrow */
    {0xe0000, 0xe007f},                 /* tags */
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

#define IS_IN(ranges, code) is_in((ranges), sizeof(ranges) / sizeof(ranges)[0], (code))

/* The number of a well-formed character of so many bytes (RFC 3629). */
static uint32_t code_of(const char *text, size_t bytes)
{
	static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (uint8_t)text[0] & first_bits[bytes];
	for (size_t i = 1; i < bytes; i++)
		code = code << 6 | ((uint8_t)text[i] & 0x3fU);
	return code;
}

static uint8_t width_of(uint32_t code)
{
	if (code < without_width[0].first) /* most of all text */
		return 1;
	if (IS_IN(without_width, code))
		return 0;
	return IS_IN(wide, code) ? 2 : 1;
}

struct glyph glyph_at(const char *text)
{
	if (text[0] == '\0')
		return (struct glyph){0};
	size_t bytes = utf8_step(text, strnlen(text, 4));
	if (bytes == 0)
		return (struct glyph){.code = 0xfffd, .bytes = 1, .width = 1};
	uint32_t code = code_of(text, bytes);
	return (struct glyph){.code = code, .bytes = (uint8_t)bytes, .width = width_of(code)};
}

static bool is_one_of(uint32_t code, const char32_t *list)
{
	for (; *list != 0; list++) {
		if (*list == code)
			return true;
	}
	return false;
}

bool glyph_may_not_begin_line(const struct glyph *glyph)
{
	static const char32_t marks[] = U"、。，．・：；？！）」』】〕〉》ー～々"
					U"ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ";
	return glyph->width == 0 || (glyph->width == 2 && is_one_of(glyph->code, marks));
}

bool glyph_may_not_end_line(const struct glyph *glyph)
{
	return glyph->width == 2 && is_one_of(glyph->code, U"（「『【〔〈《");
}

bool glyph_is_hidden(const struct glyph *glyph)
{
	return IS_IN(hidden, glyph->code);
}

int glyph_text_width(const char *text)
{
	int width = 0;
	for (struct glyph glyph = glyph_at(text); glyph.bytes > 0; glyph = glyph_at(text)) {
		width += glyph.width;
		text += glyph.bytes;
	}
	return width;
}

void glyph_copy_visible(const char *name, char *out, size_t out_bytes)
{
	struct text text;
	text_init(&text, out, out_bytes);
	for (struct glyph glyph = glyph_at(name); glyph.bytes > 0; glyph = glyph_at(name)) {
		char shown[16];
		if (utf8_step(name, glyph.bytes) == 0)
			(void)snprintf(shown, sizeof shown, "\\x%02x", (unsigned)(uint8_t)name[0]);
		else if (glyph_is_hidden(&glyph))
			(void)snprintf(shown, sizeof shown, "\\u{%x}", (unsigned)glyph.code);
		else
			(void)snprintf(shown, sizeof shown, "%.*s", (int)glyph.bytes, name);
		text_add(&text, shown);
		name += glyph.bytes;
	}
}
