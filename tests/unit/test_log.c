/*
 * Lines are read back from a pipe that stands for standard error.
 */
#include "base/log.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static int pipe_fds[2];
static int real_stderr;
static char said[2 * LOG_LINE_BYTES];

static void listen_on(void)
{
	int error = pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK);
	assert(error == 0);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	assert(real_stderr >= 0 && dup2(pipe_fds[1], STDERR_FILENO) == STDERR_FILENO);
}

static void listen_off(void)
{
	assert(dup2(real_stderr, STDERR_FILENO) == STDERR_FILENO);
	(void)close(real_stderr); /* its copy stays */
	(void)close(pipe_fds[0]); /* was only read */
	(void)close(pipe_fds[1]); /* what was written was read */
}

/* What was written to standard error since. */
static const char *heard(void)
{
	ssize_t bytes = read(pipe_fds[0], said, sizeof said - 1);
	said[bytes > 0 ? bytes : 0] = '\0';
	return said;
}

static bool is_line(const char *rest)
{
	const char *line = heard();
	bool same = strcmp(line, rest) == 0;
	if (!same)
		printf("# %s", line);
	return same;
}

/* Makes standard error look like the stream that systemd made. */
static void open_journal(const char *name, enum log_level least)
{
	struct stat status;
	char stream[64];
	assert(fstat(STDERR_FILENO, &status) == 0);
	(void)snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev,
	    (unsigned long long)status.st_ino); /* fits */
	assert(setenv("JOURNAL_STREAM", stream, 1) == 0);
	log_open(name, least);
}

static void test_forms(void)
{
	struct log_line line;
	log_begin(&line, LOG_LEVEL_WARNING, "source.down");
	log_text(&line, "interface", "eth0");
	log_end(&line);
	const char *text = heard();
	OK(strlen(text) > 28 && text[4] == '-' && text[10] == 'T' && text[26] == 'Z' &&
		strcmp(text + 27, " warning hinomi: source.down interface=eth0\n") == 0,
	    "by itself a line has time, level and name");

	assert(setenv("JOURNAL_STREAM", "1:2", 1) == 0);
	log_open("keeper", LOG_LEVEL_INFO);
	log_begin(&line, LOG_LEVEL_ERROR, "x");
	log_end(&line);
	text = heard();
	OK(strlen(text) > 27 && strcmp(text + 27, " error keeper: x\n") == 0,
	    "as where the journal reads another stream");

	open_journal("capture", LOG_LEVEL_INFO);
	log_begin(&line, LOG_LEVEL_NOTICE, "source.up");
	log_signed(&line, "a", INT64_MIN);
	log_unsigned(&line, "b", UINT64_MAX);
	log_end(&line);
	OK(is_line("<5>capture: source.up a=-9223372036854775808 b=18446744073709551615\n"),
	    "where it reads ours, the priority; numbers of any size");
	log_begin(&line, LOG_LEVEL_DEBUG, "detail");
	log_end(&line);
	OK(is_line(""), "what is less grave than wanted is left out");
	open_journal("capture", LOG_LEVEL_DEBUG);
	log_begin(&line, LOG_LEVEL_DEBUG, "detail");
	log_end(&line);
	OK(is_line("<7>capture: detail\n"), "unless it is wanted");
}

static const struct {
	const char *name;
	const char *value;
	const char *shown;
} values[] = {
    {"a plain word", "2001:db8::1/64", "2001:db8::1/64"},
    {"nothing", "", "\"\""},
    {"a blank", "two words", "\"two words\""},
    {"what looks like a field", "x=1", "\"x=1\""},
    {"quotes and backslashes", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"a new line with a second event", "x\n<3>hinomi: forged", "\"x\\x0a<3>hinomi: forged\""},
    {"what acts on a terminal", "\x1b[2J\r\t\x7f", "\"\\x1b[2J\\x0d\\x09\\x7f\""},
    {"a control character of two bytes", "\xc2\x85", "\"\\xc2\\x85\""},
    {"Japanese", "\xe7\x81\xab\xe3\x81\xae\xe8\xa6\x8b",
	"\"\xe7\x81\xab\xe3\x81\xae\xe8\xa6\x8b\""},
    {"what turns the direction",
	"a\xe2\x80\xae"
	"b",
	"\"a\\xe2\\x80\\xae"
	"b\""},
    {"what isolates it", "\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f",
	"\"\\xe2\\x81\\xa6\\xd8\\x9c\\xe2\\x80\\x8f\""},
    {"a line separator", "\xe2\x80\xa8", "\"\\xe2\\x80\\xa8\""},
    {"its neighbours, which do no harm", "\xe2\x80\xa7\xe2\x80\xaf",
	"\"\xe2\x80\xa7\xe2\x80\xaf\""},
    {"no UTF-8", "\xff\xc3(", "\"\\xff\\xc3(\""},
};

static void test_values(void)
{
	struct log_line line;
	open_journal("x", LOG_LEVEL_INFO);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		char expected[256];
		(void)snprintf(expected, sizeof expected, "<6>x: e v=%s w=1\n", values[i].shown);
		log_begin(&line, LOG_LEVEL_INFO, "e");
		log_text(&line, "v", values[i].value);
		log_signed(&line, "w", 1);
		log_end(&line);
		OK(is_line(expected), values[i].name);
	}
	log_begin(&line, LOG_LEVEL_INFO, "e");
	log_bytes(&line, "v", "a\0b", 3);
	log_end(&line);
	OK(is_line("<6>x: e v=\"a\\x00b\"\n"), "a zero among bytes");
}

/* How a value of that many bytes ends. */
static bool ends_with(const char *byte, size_t count, const char *end)
{
	static char value[8 * LOG_LINE_BYTES];
	struct log_line line;
	memset(value, byte[0], count);
	log_begin(&line, LOG_LEVEL_INFO, "e");
	log_bytes(&line, "v", value, count);
	log_end(&line);
	const char *text = heard();
	size_t bytes = strlen(text);
	return bytes > strlen(end) && strcmp(text + bytes - strlen(end), end) == 0 &&
	       bytes < LOG_VALUE_MAX_BYTES + 32;
}

static void test_limits(void)
{
	struct log_line line;
	static char value[LOG_VALUE_MAX_BYTES + 1];
	open_journal("x", LOG_LEVEL_INFO);
	OK(ends_with("a", LOG_VALUE_MAX_BYTES, "aaa\n") &&
		ends_with(" ", LOG_VALUE_MAX_BYTES, " \"\n"),
	    "the longest value is shown whole");
	OK(ends_with("a", LOG_VALUE_MAX_BYTES + 1, "a...\"\n") &&
		ends_with(" ", sizeof value * 2, " ...\"\n") &&
		ends_with("\n", LOG_VALUE_MAX_BYTES / 4 + 1, "\\x0a...\"\n"),
	    "one byte more is cut, and says so");

	memset(value, 'b', LOG_VALUE_MAX_BYTES);
	log_begin(&line, LOG_LEVEL_INFO, "e");
	for (int i = 0; i < 10; i++)
		log_text(&line, "v", value);
	log_signed(&line, "w", 1);
	log_end(&line);
	const char *text = heard();
	size_t bytes = strlen(text);
	OK(bytes <= LOG_LINE_BYTES && strcmp(text + bytes - 9, " cut=yes\n") == 0 &&
		strstr(text, "w=1") == NULL && strchr(text, '\n') == text + bytes - 1,
	    "a line that is full leaves fields out, and says so");

	log_open("a-name-that-is-longer-than-anybody-needs", LOG_LEVEL_INFO);
	log_begin(&line, LOG_LEVEL_INFO, "e");
	log_end(&line);
	OK(is_line("<6>a-name-that-is-longer-than-anyb: e\n"), "a long name is cut");
}

int main(void)
{
	assert(unsetenv("JOURNAL_STREAM") == 0);
	listen_on();
	test_forms();
	test_values();
	test_limits();
	listen_off();
	return test_done();
}
