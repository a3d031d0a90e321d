#include "cmd/station/message_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "notify/glyph.h"
#include "notify/mail.h"

static const char TYPE[] = "\r\nContent-Type: text/plain; charset=UTF-8\r\n"
			   "Content-Transfer-Encoding: ";

/* ---- The encodings of notify/mail_encode.c ---- */

static int digit_of(char letter)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = letter == '\0' ? NULL : strchr(digits, letter);
	return found == NULL ? -1 : (int)(found - digits);
}

static size_t decode_base64(const char *text, size_t length, char *out)
{
	uint32_t group = 0;
	int bits = 0;
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(text[i]);
		if (digit < 0)
			continue; /* line ends, and = at the end */
		group = group << 6 | (uint32_t)digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[used++] = (char)(group >> bits & 0xffU);
	}
	return used;
}

static int hex_of(char letter)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = letter == '\0' ? NULL : strchr(digits, letter);
	return found == NULL ? -1 : (int)(found - digits);
}

static size_t decode_quoted(const char *text, size_t length, char *out)
{
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '=' || i + 2 >= length) {
			out[used++] = text[i];
			continue;
		}
		int high = hex_of(text[i + 1]);
		int low = hex_of(text[i + 2]);
		if (high >= 0 && low >= 0)
			out[used++] = (char)(high * 16 + low);
		i += 2; /* a byte, or a line that goes on */
	}
	return used;
}

/* ---- What is shown ---- */

/* Lines with \n, and the rest as it may be seen. */
static char *make_visible(char *text)
{
	const size_t room = strlen(text) * GLYPH_VISIBLE_GROWTH + 2;
	char *visible = malloc(room);
	size_t used = 0;
	if (visible == NULL)
		return NULL;
	visible[0] = '\0';
	for (char *line = text; *line != '\0';) {
		size_t bytes = strcspn(line, "\n");
		const bool has_end = line[bytes] == '\n';
		line[bytes] = '\0';
		if (bytes > 0 && line[bytes - 1] == '\r')
			line[bytes - 1] = '\0';
		glyph_copy_visible(line, visible + used, room - used - 1);
		used += strlen(visible + used);
		visible[used++] = '\n';
		visible[used] = '\0';
		line += bytes + has_end;
	}
	return visible;
}

static char *text_of_mail(const char *bytes, size_t length)
{
	const char *type = memmem(bytes, length, TYPE, sizeof TYPE - 1);
	if (type == NULL)
		return NULL;
	const char *encoding = type + sizeof TYPE - 1;
	size_t left = length - (size_t)(encoding - bytes);
	const char *body = memmem(encoding, left, "\r\n\r\n", 4);
	if (body == NULL)
		return NULL;
	body += 4;
	left = length - (size_t)(body - bytes);
	/* in no encoding does a line of text begin so */
	const char *end = memmem(body, left, "\r\n--=_hinomi_", 13);
	if (end != NULL)
		left = (size_t)(end - body);
	char *text = malloc(left + 1);
	if (text == NULL)
		return NULL;
	size_t used = strncmp(encoding, "base64", 6) == 0 ? decode_base64(body, left, text)
							  : decode_quoted(body, left, text);
	text[used] = '\0';
	return text;
}

static char *text_of_hook(const char *bytes, size_t length)
{
	struct json_node *root = NULL;
	const char *text = NULL;
	char *copy = NULL;
	if (json_read(bytes, length, &root, NULL) != 0)
		return NULL;
	if (json_read_text(json_read_member(root, "text"), &text))
		copy = strdup(text);
	json_read_free(root);
	return copy;
}

char *message_text(const void *bytes, size_t length)
{
	const char *message = bytes;
	char *text = length > 0 && message[0] == '{' ? text_of_hook(message, length)
						     : text_of_mail(message, length);
	char *visible = text == NULL ? NULL : make_visible(text);
	free(text);
	return visible;
}

static bool has_line(const char *bytes, size_t length, const char *line)
{
	return memmem(bytes, length, line, strlen(line)) != NULL;
}

struct message_seal message_seal(const void *bytes, size_t length)
{
	const char *end = length == 0 ? NULL : memmem(bytes, length, "\r\n\r\n", 4);
	if (end == NULL || ((const char *)bytes)[0] == '{')
		return (struct message_seal){.is_letter = false};
	/* its own headers alone */
	const size_t headers = (size_t)(end - (const char *)bytes) + 2;
	const bool is_encrypted =
	    has_line(bytes, headers, "\r\nContent-Type: application/pkcs7-mime;");
	return (struct message_seal){
	    .is_letter = true,
	    .is_signed = has_line(bytes, headers,
		is_encrypted ? "\r\n" MAIL_INSIDE_SIGNED "\r\n"
			     : "\r\nContent-Type: multipart/signed;"),
	    .is_encrypted = is_encrypted,
	};
}
