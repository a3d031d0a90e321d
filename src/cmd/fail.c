#include "cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>

int cmd_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("hinomi: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return EXIT_TROUBLE;
}
