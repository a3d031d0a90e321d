#include "base/complaint.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const char ELLIPSIS[] = " ... ";

enum {
	ESCAPED_BYTES = 4, /* \xNN */
	/* What is kept of the end of a line too long: what was expected stands there. */
	TAIL_BYTES = 200,
};

/* Writes one character, escaped where it is not to be shown. Returns the bytes written. */
static size_t show(char *out, const char *text, size_t length)
{
	if (length > 0 && !utf8_is_control(text, length)) {
		memcpy(out, text, length);
		return length;
	}
	size_t bytes = length == 0 ? 1 : length;
	for (size_t i = 0; i < bytes; i++)
		(void)snprintf(out + i * ESCAPED_BYTES, ESCAPED_BYTES + 1, "\\x%02x",
		    (unsigned)(uint8_t)text[i]); /* always four characters */
	return bytes * ESCAPED_BYTES;
}

/* Gives a copy in which everything can be shown, or NULL without memory. */
static char *show_all(const char *text, size_t text_bytes)
{
	char *shown = malloc(text_bytes * ESCAPED_BYTES + 1);
	if (shown == NULL)
		return NULL;

	size_t used = 0;
	for (size_t at = 0; at < text_bytes;) {
		size_t length = utf8_step(text + at, text_bytes - at);
		used += show(shown + used, text + at, length);
		at += length == 0 ? 1 : length;
	}
	shown[used] = '\0';
	return shown;
}

/* Whether a character may be cut off before this byte. */
static bool is_boundary(char byte)
{
	return ((uint8_t)byte & 0xc0U) != 0x80U;
}

/* A long line loses its middle: its start says which thing, its end what was expected. */
static void fit(struct complaint *complaint, const char *line)
{
	size_t bytes = strlen(line);
	if (bytes < sizeof complaint->text) {
		memcpy(complaint->text, line, bytes + 1);
		return;
	}

	size_t head = sizeof complaint->text - sizeof ELLIPSIS - TAIL_BYTES;
	while (head > 0 && !is_boundary(line[head]))
		head--;
	size_t tail = bytes - TAIL_BYTES;
	while (!is_boundary(line[tail]))
		tail++;
	(void)snprintf(complaint->text, sizeof complaint->text, "%.*s%s%s", (int)head, line,
	    ELLIPSIS, line + tail); /* fits by the sizes above */
}

int complain(struct complaint *complaint, int error, const char *format, ...)
{
	if (complaint == NULL)
		return error;

	char *line = NULL;
	char *shown = NULL;
	va_list arguments;
	va_start(arguments, format);
	int bytes = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (bytes < 0)
		line = NULL; /* its value is undefined then */
	else
		shown = show_all(line, (size_t)bytes);

	fit(complaint, shown != NULL ? shown : "out of memory while describing another error");
	free(shown);
	free(line);
	return error;
}
