/*
 * page_csv.h - a list of the API as a table: CSV (RFC 4180) that spreadsheets open, with a mark of
 * UTF-8 and no formulas (notify/csv_cell.h).
 *
 * A column is a path into an item: "finding.tool.name". Of an array each part stands in the cell,
 * apart by blanks; ports as "tcp/445". What an item does not have is an empty cell.
 */
#ifndef CMD_STATION_PAGE_CSV_H
#define CMD_STATION_PAGE_CSV_H

#include <stdio.h>

#include "base/complaint.h"
#include "cmd/station/page_routes.h"

void page_csv_head(FILE *out, const char *const *columns);
/*
 * The items of one list as it was answered. Adds to *count; `next` is "" where there is no more. 0,
 * or a negative errno with a complaint.
 */
int page_csv_rows(FILE *out, const char *const *columns, const char *text, size_t length,
    int64_t *count, char next[static PAGE_CURSOR_BYTES], struct complaint *complaint);

#endif
