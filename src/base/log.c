#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"
#include "base/when.h"

enum {
	ESCAPED_BYTES = 4, /* \xNN */
	SHOWN_MAX_BYTES = 4 * ESCAPED_BYTES,
	KEY_MAX_BYTES = 64,
	/* What a field may take: a blank, the key, =, quotes around the value and "...". */
	FIELD_MAX_BYTES = 1 + KEY_MAX_BYTES + 3 + LOG_VALUE_MAX_BYTES + 3,
	NUMBER_BYTES = 24,
};

static const char CUT[] = " cut=yes";

/* How this process logs. */
static char log_name[LOG_NAME_BYTES] = "hinomi";
static enum log_level log_least = LOG_LEVEL_INFO;
static bool is_journal;

/* Whether standard error is the very stream that systemd made (systemd.exec(5)). */
static bool is_journal_stream(void)
{
	struct stat status;
	char told[2 * NUMBER_BYTES];
	const char *stream = getenv("JOURNAL_STREAM");
	if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
		return false;
	(void)snprintf(told, sizeof told, "%llu:%llu", (unsigned long long)status.st_dev,
	    (unsigned long long)status.st_ino); /* two numbers fit */
	return strcmp(told, stream) == 0;
}

void log_open(const char *name, enum log_level least)
{
	(void)snprintf(log_name, sizeof log_name, "%s", name); /* a long one is cut */
	log_least = least;
	is_journal = is_journal_stream();
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_NOTICE:
		return "notice";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "error";
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
	line->level = level;
	line->is_cut = false;
	int used;
	if (is_journal) {
		used = snprintf(
		    line->text, sizeof line->text, "<%d>%s: %s", (int)level, log_name, event);
	} else {
		struct timespec now = {0};
		char when[WHEN_TEXT_BYTES];
		(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
		when_format_utc((int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000, when);
		used = snprintf(line->text, sizeof line->text, "%s %s %s: %s", when,
		    level_name(level), log_name, event);
	}
	assert(used > 0 && (size_t)used < sizeof line->text - FIELD_MAX_BYTES); /* our own words */
	line->used = (size_t)used;
}

/*
 * Characters that are shown, but move what stands around them or begin a line: U+061C, U+200E,
 * U+200F, U+2028 to U+202E, U+2066 to U+2069.
 */
static bool is_turning(const char *text, size_t length)
{
	const uint8_t *b = (const uint8_t *)text;
	if (length == 2)
		return b[0] == 0xd8 && b[1] == 0x9c;
	if (length != 3 || b[0] != 0xe2)
		return false;
	return (b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f || (b[2] >= 0xa8 && b[2] <= 0xae))) ||
	       (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
}

/* Writes the next character as it is shown. Returns how many bytes of the text it was. */
static size_t show(const char *text, size_t left, char out[static SHOWN_MAX_BYTES + 1])
{
	size_t length = utf8_step(text, left);
	if (length == 1 && (text[0] == '"' || text[0] == '\\')) {
		(void)snprintf(out, 3, "\\%c", text[0]); /* always two characters */
		return 1;
	}
	if (length > 0 && !utf8_is_control(text, length) && !is_turning(text, length)) {
		memcpy(out, text, length);
		out[length] = '\0';
		return length;
	}
	length += length == 0;
	for (size_t i = 0; i < length; i++)
		(void)snprintf(out + i * ESCAPED_BYTES, ESCAPED_BYTES + 1, "\\x%02x",
		    (unsigned)(uint8_t)text[i]); /* always four characters */
	return length;
}

static bool is_plain(const char *text, size_t count)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+-%,";
	for (size_t i = 0; i < count; i++)
		if (text[i] == '\0' || strchr(plain, text[i]) == NULL)
			return false;
	return count > 0 && count <= LOG_VALUE_MAX_BYTES;
}

static void put(struct log_line *line, const char *text, size_t count)
{
	memcpy(line->text + line->used, text, count);
	line->used += count;
}

/* " key=", where a whole field finds room. */
static bool begin_field(struct log_line *line, const char *key)
{
	size_t bytes = strlen(key);
	assert(bytes <= KEY_MAX_BYTES); /* our own words */
	if (FIELD_MAX_BYTES + sizeof CUT > sizeof line->text - line->used)
		line->is_cut = true;
	if (line->is_cut)
		return false;
	put(line, " ", 1);
	put(line, key, bytes);
	put(line, "=", 1);
	return true;
}

void log_bytes(struct log_line *line, const char *key, const void *value, size_t count)
{
	const char *text = value;
	char shown[SHOWN_MAX_BYTES + 1];
	size_t used = 0;
	if (!begin_field(line, key))
		return;
	if (is_plain(text, count)) {
		put(line, text, count);
		return;
	}
	put(line, "\"", 1);
	for (size_t at = 0; at < count;) {
		at += show(text + at, count - at, shown);
		used += strlen(shown);
		if (used > LOG_VALUE_MAX_BYTES) {
			put(line, "...", 3);
			break;
		}
		put(line, shown, strlen(shown));
	}
	put(line, "\"", 1);
}

void log_text(struct log_line *line, const char *key, const char *value)
{
	log_bytes(line, key, value, strlen(value));
}

void log_signed(struct log_line *line, const char *key, int64_t value)
{
	char text[NUMBER_BYTES];
	(void)snprintf(text, sizeof text, "%lld", (long long)value); /* any number fits */
	log_text(line, key, text);
}

void log_unsigned(struct log_line *line, const char *key, uint64_t value)
{
	char text[NUMBER_BYTES];
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)value); /* any number fits */
	log_text(line, key, text);
}

void log_end(struct log_line *line)
{
	if (line->level > log_least)
		return;
	if (line->is_cut)
		put(line, CUT, sizeof CUT - 1);
	put(line, "\n", 1);
	ssize_t written;
	do
		written = write(STDERR_FILENO, line->text, line->used);
	while (written < 0 && errno == EINTR);
	/* Where standard error cannot be written to there is nobody to tell. */
}
