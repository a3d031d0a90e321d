#include "cmd/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_formula(const char *cell)
{
	return *cell != '\0' && strchr("=+-@\t\r", *cell) != NULL;
}

/* Apostrophes, and behind them what would be a formula. */
static bool is_guarded(const char *cell)
{
	const size_t marks = strspn(cell, "'");
	return marks > 0 && is_formula(cell + marks);
}

void csv_put(FILE *out, const char *cell)
{
	fputc('"', out);
	if (is_formula(cell) || is_guarded(cell))
		fputc('\'', out);
	for (; *cell != '\0'; cell++) {
		if (*cell == '"')
			fputc('"', out);
		fputc(*cell, out);
	}
	fputc('"', out);
}

void csv_begin(struct csv *csv, char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf";
	const bool has_mark = length >= 3 && memcmp(text, mark, 3) == 0;
	*csv = (struct csv){.at = text + (has_mark ? 3 : 0), .end = text + length, .line = 1};
}

static bool is_line_end(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' || (*csv->at == '\r' && csv->at[1] == '\n');
}

static void skip_line_end(struct csv *csv)
{
	if (csv->at < csv->end && *csv->at == '\r')
		csv->at++;
	if (csv->at < csv->end) {
		csv->at++;
		csv->line++;
	}
}

/* Up to its closing quote; doubled ones become one. */
static int take_quoted(struct csv *csv, char **ret_cell, struct complaint *complaint)
{
	char *out = ++csv->at;
	*ret_cell = out;
	for (;;) {
		if (csv->at == csv->end)
			return complain(complaint, -EINVAL, "a quote is not closed");
		if (*csv->at == '"' && csv->at[1] != '"')
			break;
		if (*csv->at == '"')
			csv->at++;
		csv->line += *csv->at == '\n';
		*out++ = *csv->at++;
	}
	csv->at++;
	if (!is_line_end(csv) && *csv->at != ',')
		return complain(complaint, -EINVAL, "text after a closing quote, expected a comma");
	*out = '\0'; /* on the closing quote, or before it */
	return 0;
}

static int take_plain(struct csv *csv, char **ret_cell, struct complaint *complaint)
{
	*ret_cell = csv->at;
	while (!is_line_end(csv) && *csv->at != ',') {
		if (*csv->at == '"')
			return complain(complaint, -EINVAL,
			    "a quote within a cell, expected it around the whole");
		csv->at++;
	}
	return 0;
}

static int take_row(struct csv *csv, struct csv_row *row, struct complaint *complaint)
{
	for (;;) {
		char *cell = NULL;
		if (row->count == CSV_CELLS_MAX)
			return complain(complaint, -EINVAL, "more than %d cells", CSV_CELLS_MAX);
		int error = *csv->at == '"' ? take_quoted(csv, &cell, complaint)
					    : take_plain(csv, &cell, complaint);
		if (error != 0)
			return error;
		const bool is_last = is_line_end(csv);
		char *cell_end = csv->at;
		if (is_last)
			skip_line_end(csv);
		else
			csv->at++;
		*cell_end = '\0'; /* of a plain cell: the comma or line end, which was passed */
		row->cells[row->count++] = is_guarded(cell) ? cell + 1 : cell;
		if (is_last)
			return 0;
	}
}

int csv_next(struct csv *csv, struct csv_row *ret_row, struct complaint *complaint)
{
	while (csv->at < csv->end && is_line_end(csv))
		skip_line_end(csv);
	*ret_row = (struct csv_row){.line = csv->line};
	if (csv->at == csv->end)
		return 0;
	int error = take_row(csv, ret_row, complaint);
	return error != 0 ? error : 1;
}
