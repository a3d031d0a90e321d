/*
 * complaint.h - why something failed, carried up to the one place that prints it.
 *
 * Mechanisms do not log: they return a negative errno and fill a complaint with one line that
 * names the thing and what was expected. Control characters in foreign text are shown as \xNN.
 */
#ifndef BASE_COMPLAINT_H
#define BASE_COMPLAINT_H

#include <stddef.h>

enum {
	COMPLAINT_BYTES = 512
};

struct complaint {
	char text[COMPLAINT_BYTES]; /* without "hinomi: " and without a newline; "" when unused */
};

/*
 * Formats into `complaint` (which may be NULL) and returns `error` unchanged, so that a failing
 * function ends with `return complain(complaint, -EINVAL, "...", ...)`.
 */
__attribute__((format(printf, 3, 4))) int complain(
    struct complaint *complaint, int error, const char *format, ...);

#endif
