/* mail_header.c - headers that hold what others chose: encoded words (RFC 2047), names of files. */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "notify/mail_internal.h"

enum {
	PLAIN_WORD_MAX = 60, /* a longer one could not be folded */
	QUOTED_NAME_MAX = 50,
	WORD_FRAME = 12,        /* "=?UTF-8?B?" and "?=" */
	WORD_BYTES_MIN = 12,    /* less room than for this is not worth an encoded word */
	FILENAME_PART_MAX = 50, /* of a name in the form of RFC 2231 */
};

static bool is_printable(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	return true;
}

/* A word that stands in a header as it is, and is taken for nothing else. */
static bool is_plain_word(const char *word, size_t length)
{
	return length > 0 && length <= PLAIN_WORD_MAX && is_printable(word, length) &&
	       memmem(word, length, "=?", 2) == NULL;
}

/* Goes on, on the next line where this much does not fit. Returns the new column. */
static size_t put_space(FILE *out, size_t column, size_t width)
{
	if (column + 1 + width <= MAIL_LINE_MAX) {
		fputc(' ', out);
		return column + 1;
	}
	fputs("\r\n ", out);
	return 1;
}

/* How much of a text, in whole characters, fits into so many bytes; at least one character. */
static size_t fitting(const char *text, size_t bytes_max)
{
	size_t taken = 0;
	size_t length = strlen(text);
	while (taken < length) {
		size_t step = utf8_step(text + taken, length - taken);
		if (step == 0)
			step = 1;
		if (taken > 0 && taken + step > bytes_max)
			break;
		taken += step;
	}
	return taken;
}

/* All of it in encoded words, from a column on; each begins with a blank or a fold. */
static void put_encoded(FILE *out, const char *text, size_t column)
{
	while (*text != '\0') {
		column = put_space(out, column, WORD_FRAME + WORD_BYTES_MIN / 3 * 4);
		size_t room = MAIL_LINE_MAX - column;
		if (room > MAIL_WORD_MAX)
			room = MAIL_WORD_MAX;
		size_t taken = fitting(text, (room - WORD_FRAME) / 4 * 3);
		fputs("=?UTF-8?B?", out);
		mail_put_base64(out, text, taken);
		fputs("?=", out);
		column += WORD_FRAME + (taken + 2) / 3 * 4;
		text += taken;
	}
}

void mail_put_text_header(FILE *out, const char *name, const char *text)
{
	const char *at = text;
	size_t column = strlen(name) + 1;
	fprintf(out, "%s:", name);
	for (;;) {
		size_t length = strcspn(at, " ");
		if (!is_plain_word(at, length)) {
			put_encoded(out, at, column);
			break;
		}
		column = put_space(out, column, length);
		fwrite(at, 1, length, out);
		column += length;
		at += length;
		if (*at == '\0')
			break;
		at++; /* the blank, which the next word begins with */
	}
	fputs("\r\n", out);
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void mail_put_address_header(FILE *out, const char *name, const char *display, const char *address)
{
	const char *text = display != NULL ? display : "";
	size_t length = strlen(text);
	fprintf(out, "%s:", name);
	if (length > 0 && length <= QUOTED_NAME_MAX && is_printable(text, length) &&
	    strstr(text, "=?") == NULL) {
		fputc(' ', out);
		put_quoted(out, text);
	} else {
		put_encoded(out, text, strlen(name) + 1);
	}
	/* Always on a line of its own: an address may be as long as three. */
	fprintf(out, "%s<%s>\r\n", length > 0 ? "\r\n " : " ", address);
}

static bool is_token(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length <= FILENAME_PART_MAX &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		   length;
}

/* RFC 2231 sections 3 and 4: parts, in which all but letters and digits is %XX. */
void mail_put_filename(FILE *out, const char *filename)
{
	if (is_token(filename)) {
		fprintf(out, ";\r\n filename=%s", filename);
		return;
	}
	int part = 0;
	do {
		size_t width = 0;
		fprintf(out, ";\r\n filename*%d*=%s", part, part == 0 ? "UTF-8''" : "");
		for (; *filename != '\0' && width + 3 <= FILENAME_PART_MAX; filename++) {
			const char one[2] = {*filename, '\0'};
			bool plain = is_token(one);
			if (plain)
				fputc(*filename, out);
			else
				fprintf(out, "%%%02X", (unsigned)(uint8_t)*filename);
			width += plain ? 1 : 3;
		}
		part++;
	} while (*filename != '\0');
}
