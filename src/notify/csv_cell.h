/*
 * csv_cell.h - a text as a cell of CSV (RFC 4180), in quotes.
 *
 * Spreadsheets run a cell that begins with = + - @, a tab or a carriage return as a formula; an
 * apostrophe before it says that it is text.
 */
#ifndef NOTIFY_CSV_CELL_H
#define NOTIFY_CSV_CELL_H

#include <stdio.h>

void csv_cell_put(FILE *out, const char *text);

#endif
