#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/complaint.h"

int cmd_fail(const char *format, ...)
{
	char *line = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) < 0)
		line = NULL; /* its value is undefined then */
	va_end(arguments);

	struct complaint shown;
	(void)complain(&shown, 0, "%s", line != NULL ? line : "out of memory");
	fprintf(stderr, "hinomi: %s\n", shown.text);
	free(line);
	return EXIT_TROUBLE;
}

int cmd_fail_output(int error)
{
	return cmd_fail("standard output: %s; expected a file or a pipe that takes all of it",
	    error != 0 ? strerror(error) : "writing failed");
}

int cmd_flush_output(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	return cmd_fail_output(errno);
}

const char *cmd_refused_option(char **argv, int long_max, char letter[static CMD_LETTER_BYTES])
{
	bool is_letter = optopt < 0 || optopt > long_max;
	if (!is_letter)
		return argv[optind - 1]; /* argv[] before the call may be another: it is permuted */
	(void)snprintf(letter, CMD_LETTER_BYTES, "-%c", optopt); /* always two characters */
	return letter;
}
