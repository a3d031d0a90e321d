/*
 * Any bytes as a file of members: taken apart into rows that have names, or refused with one line
 * that can be shown. Cells are written again as they were read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/csv.h"
#include "cmd/member_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* A cell as it was read, through a file of one. */
static void write_again(const char *cell)
{
	char *text = NULL;
	size_t bytes = 0;
	struct csv csv;
	struct csv_row row;
	FILE *out = open_memstream(&text, &bytes);
	require(out != NULL);
	csv_put(out, cell);
	require(fclose(out) == 0);
	csv_begin(&csv, text, bytes);
	require(
	    csv_next(&csv, &row, NULL) == 1 && row.count == 1 && strcmp(row.cells[0], cell) == 0);
	require(csv_next(&csv, &row, NULL) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct member_rows rows = {.length = data_bytes};
	struct complaint complaint = {""};
	if (memchr(data, '\0', data_bytes) != NULL)
		return 0; /* refused before */
	rows.text = malloc(data_bytes + 1);
	require(rows.text != NULL);
	if (data_bytes > 0)
		memcpy(rows.text, data, data_bytes);
	rows.text[data_bytes] = '\0';
	int result = member_rows_parse(&rows, &complaint);
	require((result == 0) == (complaint.text[0] == '\0'));
	for (size_t i = 0; i < rows.count && result == 0; i++) {
		const struct member_row *row = &rows.rows[i];
		require(row->name != NULL && row->name[0] != '\0' && row->line > 0);
		write_again(row->name);
		if (row->note != NULL)
			write_again(row->note);
		for (size_t j = 0; j < row->prefix_count; j++)
			require(row->prefixes[j] != NULL);
	}
	member_rows_release(&rows);
	return 0;
}
