/* mail_encode.c - bodies in base64 and quoted-printable (RFC 2045 section 6). */
#include <stdint.h>
#include <string.h>

#include "notify/mail_internal.h"

enum {
	BASE64_LINE_BYTES = MAIL_LINE_MAX / 4 * 3,
	/* One byte in so many may be escaped: past that, base64 is the shorter one. */
	QUOTED_SHARE = 6,
};

const char *mail_encoding_name(enum mail_encoding encoding)
{
	return encoding == MAIL_BASE64 ? "base64" : "quoted-printable";
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '=';
}

enum mail_encoding mail_encoding_for(const char *text)
{
	size_t escaped = 0;
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		escaped += !is_plain(text[i]) && text[i] != '\n';
	return escaped <= length / QUOTED_SHARE ? MAIL_QUOTED : MAIL_BASE64;
}

void mail_put_base64(FILE *out, const char *bytes, size_t length)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)(uint8_t)bytes[i] << 16;
		if (left > 1)
			group |= (uint32_t)(uint8_t)bytes[i + 1] << 8;
		if (left > 2)
			group |= (uint8_t)bytes[i + 2];
		fputc(digits[group >> 18], out);
		fputc(digits[group >> 12 & 63], out);
		fputc(left > 1 ? digits[group >> 6 & 63] : '=', out);
		fputc(left > 2 ? digits[group & 63] : '=', out);
	}
}

void mail_put_base64_lines(FILE *out, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t taken = length < BASE64_LINE_BYTES ? length : BASE64_LINE_BYTES;
		mail_put_base64(out, bytes, taken);
		fputs("\r\n", out);
		bytes += taken;
		length -= taken;
	}
}

/* Lines gathered across the ends of those of the text, whose \n become CRLF. */
static void put_base64_text(FILE *out, const char *text)
{
	char line[BASE64_LINE_BYTES];
	size_t length = 0;
	bool after_return = false;
	while (*text != '\0') {
		line[length] = *text;
		if (*text == '\n' && !after_return) {
			line[length] = '\r';
			after_return = true; /* the \n itself comes next */
		} else {
			after_return = false;
			text++;
		}
		length++;
		if (length == sizeof line) {
			mail_put_base64_lines(out, line, length);
			length = 0;
		}
	}
	mail_put_base64_lines(out, line, length);
}

/* Of the byte at `at`, of which `column` is the one it would stand in. */
static bool must_quote(const char *at, int column)
{
	if (!is_plain(*at))
		return true;
	if (*at == ' ' && (at[1] == '\n' || at[1] == '\0')) /* at the end of a line it gets lost */
		return true;
	/* A dot at the beginning of a line is SMTP's, and "From " that of mailboxes. */
	return column == 0 && (*at == '.' || strncmp(at, "From ", 5) == 0);
}

static void put_quoted_text(FILE *out, const char *text)
{
	int column = 0;
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			fputs("\r\n", out);
			column = 0;
			continue;
		}
		bool quote = must_quote(text, column);
		int width = quote ? 3 : 1;
		/* The "=" of a soft line break needs room too. */
		if (column + width > MAIL_LINE_MAX - 1) {
			fputs("=\r\n", out);
			column = 0;
			quote = must_quote(text, column);
			width = quote ? 3 : 1;
		}
		if (quote)
			fprintf(out, "=%02X", (unsigned)(uint8_t)*text);
		else
			fputc(*text, out);
		column += width;
	}
	if (column > 0)
		fputs("=\r\n", out); /* a soft one: the text has no end of line there */
}

void mail_put_text(FILE *out, enum mail_encoding encoding, const char *text)
{
	if (encoding == MAIL_BASE64)
		put_base64_text(out, text);
	else
		put_quoted_text(out, text);
}
