/*
 * page_csv.h - a list of the API, or what lies in another answer, as a table: CSV (RFC 4180) that
 * spreadsheets open, with a mark of UTF-8 and no formulas (notify/csv_cell.h).
 *
 * A column is a path into an item: "finding.tool.name". Of an array each part stands in the cell,
 * apart by blanks; ports as "tcp/445". What an item does not have is an empty cell.
 */
#ifndef CMD_STATION_PAGE_CSV_H
#define CMD_STATION_PAGE_CSV_H

#include <stdio.h>

#include "base/complaint.h"
#include "cmd/station/page_routes.h"

struct page_table {
	FILE *out;
	const char *path; /* where its rows lie in the answer: "items" */
	const char *const *columns;
	int64_t rows;                 /* so far */
	char next[PAGE_CURSOR_BYTES]; /* where the list goes on; "": it does not */
	bool is_begun;                /* the answer was not "complete": nothing of it is written */
};

void page_csv_head(const struct page_table *table);
/* The rows of one answer, as it was given. 0, or a negative errno with a complaint. */
int page_csv_rows(
    struct page_table *table, const char *text, size_t length, struct complaint *complaint);

#endif
