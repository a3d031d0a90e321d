#include "cmd/password_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/cmd.h"

enum {
	/* One more than may be, so that a longer one is seen, and the line's end. */
	LINE_BYTES = PASSWORD_MAX_BYTES + 3,
};

/* A line without its end; the rest of what comes is left. Returns its length, or -1. */
static ssize_t read_line(int fd, char line[static LINE_BYTES])
{
	size_t used = 0;
	while (used < LINE_BYTES - 1) {
		const ssize_t got = read(fd, line + used, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 || line[used] == '\n')
			break;
		used++;
	}
	if (used > 0 && line[used - 1] == '\r')
		used--;
	line[used] = '\0';
	return (ssize_t)used;
}

static ssize_t ask(int terminal, const char *prompt, char line[static LINE_BYTES])
{
	struct termios before;
	if (tcgetattr(terminal, &before) != 0)
		return -1;
	struct termios silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(terminal, TCSAFLUSH, &silent) != 0)
		return -1;
	(void)dprintf(terminal, "%s", prompt); /* what cannot be seen can be typed */
	const ssize_t length = read_line(terminal, line);
	(void)dprintf(terminal, "\n");
	(void)tcsetattr(terminal, TCSAFLUSH, &before); /* as it was taken from there */
	return length;
}

/* -1 where they differ, or the terminal fails. */
static ssize_t ask_twice(int terminal, char line[static LINE_BYTES])
{
	char again[LINE_BYTES];
	const ssize_t length = ask(terminal, "New password: ", line);
	const ssize_t second = length < 0 ? -1 : ask(terminal, "Once more: ", again);
	const bool same = length >= 0 && length == second && strcmp(line, again) == 0;
	if (second >= 0 && !same)
		(void)cmd_fail("the passwords differ, expected the same twice");
	else if (!same)
		(void)cmd_fail("the terminal: %s", strerror(errno));
	explicit_bzero(again, sizeof again);
	return same ? length : -1;
}

static ssize_t read_any(const char *path, char line[static LINE_BYTES])
{
	const bool is_input = path != NULL ? strcmp(path, "-") == 0 : isatty(STDIN_FILENO) == 0;
	const int fd = is_input       ? STDIN_FILENO
		       : path != NULL ? open(path, O_RDONLY | O_CLOEXEC)
				      : open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		(void)cmd_fail("%s: %s", path != NULL ? path : "/dev/tty", strerror(errno));
		return -1;
	}
	ssize_t length = path == NULL && !is_input ? ask_twice(fd, line) : read_line(fd, line);
	if (length < 0 && (path != NULL || is_input))
		(void)cmd_fail("%s: %s", is_input ? "standard input" : path, strerror(errno));
	if (!is_input)
		(void)close(fd); /* only read */
	return length;
}

int password_read(
    const char *path, const struct password_about *about, char ret_kept[static PASSWORD_KEPT_BYTES])
{
	char line[LINE_BYTES];
	struct complaint complaint;
	const ssize_t length = read_any(path, line);
	int status = length < 0 ? EXIT_TROUBLE : 0;
	if (status == 0 && password_check(line, (size_t)length, about, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	if (status == 0 && password_keep(line, (size_t)length, ret_kept) != 0)
		status = cmd_fail("out of memory");
	explicit_bzero(line, sizeof line);
	return status;
}
