/* returned_text.c - what somebody answered, in a few lines. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "notify/returned_internal.h"

enum {
	CONVERTED_BYTES = 16 << 10, /* of a letter's beginning, in UTF-8 */
	LINE_BYTES = 300,
};

/* What the answer repeats of ours, or says before it; and what ends it. */
static bool is_quoted(const char *line)
{
	return line[0] == '>' || line[0] == '\0';
}

static bool is_end(const char *line)
{
	return strcmp(line, "-- ") == 0 || strcmp(line, "--") == 0 ||
	       strstr(line, "-----Original Message-----") != NULL;
}

/* Where the line ends; *ret_next is where the next one begins, NULL at the end. */
static void cut_line(char *line, char **ret_next)
{
	char *feed = strchr(line, '\n');
	*ret_next = feed == NULL ? NULL : feed + 1;
	if (feed != NULL)
		*feed = '\0';
	const size_t length = strlen(line);
	if (length > 0 && line[length - 1] == '\r')
		line[length - 1] = '\0';
}

/* False where there is no more room. */
static bool add_line(const char *line, char out[static RETURNED_TEXT_BYTES])
{
	static const char part[] = " / ";
	char shown[LINE_BYTES];
	const size_t used = strlen(out);
	const size_t before = used > 0 ? sizeof part - 1 : 0;
	returned_copy(line, shown, sizeof shown);
	const size_t length = strlen(shown);
	if (used + before + length >= RETURNED_TEXT_BYTES)
		return false;
	memcpy(out + used, part, before);
	memcpy(out + used + before, shown, length + 1);
	return true;
}

static void add_lines(char *text, char out[static RETURNED_TEXT_BYTES])
{
	int lines = 0;
	char *next;
	for (char *line = text; line != NULL && lines < RETURNED_LINES_MAX; line = next) {
		cut_line(line, &next);
		if (is_end(line))
			return;
		if (is_quoted(line))
			continue;
		if (!add_line(line, out))
			return;
		lines++;
	}
}

void returned_read_text(struct charsets *charsets, const char *charset,
    const struct returned_bytes *text, char out[static RETURNED_TEXT_BYTES])
{
	char *converted = malloc(CONVERTED_BYTES);
	out[0] = '\0';
	if (converted == NULL)
		return;
	struct charset_room room = {converted, CONVERTED_BYTES};
	const size_t length = charsets_convert(charsets, charset, text->bytes, text->length, &room);
	for (size_t i = 0; i < length; i++)
		if (converted[i] == '\0')
			converted[i] = ' '; /* nobody writes that */
	add_lines(converted, out);
	free(converted);
}
