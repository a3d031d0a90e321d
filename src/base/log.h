/*
 * log.h - one line on standard error for each event, for people, grep and journald alike.
 *
 *     2026-01-31T23:59:59.000001Z warning capture: source.down interface=eth0 after_s=12 why="..."
 *     <4>capture: source.down interface=eth0 after_s=12 why="..."
 *
 * The second form where systemd reads it (JOURNAL_STREAM): the journal knows the time, and takes
 * the priority from the front. An event has a name that does not change, and fields. Values are
 * quoted where they hold more than plain characters; in them whatever acts on a terminal, turns the
 * direction of writing or ends a line is shown as \xNN for each byte, as is what is no UTF-8. So
 * foreign text can make neither a second line nor another field.
 *
 * Duties log, once; mechanisms return errors (base/complaint.h). A line is built in the caller's
 * memory and written by one write(2), short enough that lines of several processes do not mix.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_LINE_BYTES = 4096,      /* PIPE_BUF: what is written at once is not mixed */
	LOG_VALUE_MAX_BYTES = 1024, /* of one value as it is shown; then comes "..." */
	LOG_NAME_BYTES = 32,
};

/* The priorities of syslog(3). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

struct log_line {
	enum log_level level;
	size_t used;
	bool is_cut; /* a field found no room; those after it are left out too */
	char text[LOG_LINE_BYTES];
};

/*
 * Says who logs from now on, and what is left out (less grave than `least`). Looks where standard
 * error goes, so call it before the sandbox is entered and whenever that changes. Without it lines
 * say "hinomi", with times, up to LOG_LEVEL_INFO.
 */
void log_open(const char *name, enum log_level least);

/* A line: begin, any fields, end. Keys and the event are our own words, without spaces. */
void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_text(struct log_line *line, const char *key, const char *value);
void log_bytes(struct log_line *line, const char *key, const void *value, size_t count);
void log_signed(struct log_line *line, const char *key, int64_t value);
void log_unsigned(struct log_line *line, const char *key, uint64_t value);
void log_end(struct log_line *line);

#endif
