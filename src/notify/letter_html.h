/*
 * letter_html.h - a letter as a page for paper and fax: A4, black on white, large type, and above
 * each page which incident it is, when and by whom it was written, and whom to call back.
 *
 * The page needs nothing besides itself: no script, no picture, no font from elsewhere, and a
 * policy that forbids them. Whatever a text holds is shown as text: markup is escaped, and what is
 * hidden made visible.
 */
#ifndef NOTIFY_LETTER_HTML_H
#define NOTIFY_LETTER_HTML_H

#include <stdint.h>
#include <stdio.h>

#include "notify/letter.h"

/* Borrowed for the call. */
struct letter_print {
	const char *subject;
	const char *body;   /* lines end with \n */
	int64_t incident;   /* 0: none */
	int64_t written_us; /* 0: not told */
};

/* Write errors are left to ferror() on the stream. */
void letter_html_write(
    FILE *file, const struct letter_setting *setting, const struct letter_print *print);

#endif
