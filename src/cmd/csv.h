/*
 * csv.h - rows of comma-separated values (RFC 4180) out of memory, and cells that spreadsheets keep
 * as they are.
 *
 * Lines end with LF or CRLF; a cell in quotes may hold both. A byte order mark at the start, which
 * spreadsheets write, is skipped; lines without anything are too.
 *
 * A cell that begins with = + - @ or a tab would be run as a formula by a spreadsheet. It is
 * written with an apostrophe before it, and read without: so is one that has apostrophes before
 * such a character, so that what was written is read again as it was.
 */
#ifndef CMD_CSV_H
#define CMD_CSV_H

#include <stddef.h>
#include <stdio.h>

#include "base/complaint.h"

enum {
	CSV_CELLS_MAX = 16, /* of a row */
};

struct csv {
	char *at; /* borrowed, and written to: what was read is taken apart */
	char *end;
	size_t line; /* of what comes next, from 1 */
};

struct csv_row {
	char *cells[CSV_CELLS_MAX]; /* each ends with NUL; valid as long as the text */
	size_t count;
	size_t line; /* where it begins */
};

/* The text holds no NUL, and has one behind its end. */
void csv_begin(struct csv *csv, char *text, size_t length);
/* 1: a row; 0: there is no more; -EINVAL with a complaint (without the line, which is the row's).
 */
int csv_next(struct csv *csv, struct csv_row *ret_row, struct complaint *complaint);

/* A cell in quotes. */
void csv_put(FILE *out, const char *cell);

#endif
