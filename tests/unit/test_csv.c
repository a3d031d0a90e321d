/* Rows of comma-separated values: what is read of them, and what is refused. */
#include "cmd/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* Every cell of a text in brackets, rows with their lines; "!" and the complaint at the end. */
static char *read_all(const char *text)
{
	static char out[4096];
	char *copy = strdup(text);
	struct csv csv;
	struct csv_row row;
	struct complaint complaint = {""};
	int result;
	size_t used = 0;
	if (copy == NULL)
		abort();
	out[0] = '\0';
	csv_begin(&csv, copy, strlen(copy));
	while ((result = csv_next(&csv, &row, &complaint)) == 1) {
		used += (size_t)snprintf(out + used, sizeof out - used, "%zu", row.line);
		for (size_t i = 0; i < row.count; i++)
			used +=
			    (size_t)snprintf(out + used, sizeof out - used, "[%s]", row.cells[i]);
	}
	if (result != 0)
		(void)snprintf(out + used, sizeof out - used, "%zu!%s", row.line, complaint.text);
	free(copy);
	return out;
}

static const char *const rows[][2] = {
    {"", ""},
    {"\n\r\n\n", ""},
    {"a", "1[a]"},
    {"a\n", "1[a]"},
    {"a,b\r\nc,d\r\n", "1[a][b]2[c][d]"},
    {"a,b\nc,d", "1[a][b]2[c][d]"},
    {"\xef\xbb\xbf"
     "a",
	"1[a]"},
    {",", "1[][]"},
    {"a,\n", "1[a][]"},
    {"\"a,b\"", "1[a,b]"},
    {"\"a\"\"b\"\n", "1[a\"b]"},
    {"\"\"", "1[]"},
    {"\"\",x", "1[][x]"},
    {"\"a\nb\"\n\nc", "1[a\nb]4[c]"},
    {"\"a\r\nb\",c\r\nd", "1[a\r\nb][c]3[d]"},
    {"'=1", "1[=1]"},
    {"''=1", "1['=1]"},
    {"'tis", "1['tis]"},
    {"'", "1[']"},
    {"a\rb", "1[a\rb]"},
    {"\"a", "1!a quote is not closed"},
    {"\"a\"\"", "1!a quote is not closed"},
    {"x\n\"a\"b", "1[x]2!text after a closing quote, expected a comma"},
    {"a\"b", "1!a quote within a cell, expected it around the whole"},
    {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
	"1[1][2][3][4][5][6][7][8][9][10][11][12][13][14][15][16]"},
    {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,", "1!more than 16 cells"},
};

static void test_cells(void)
{
	static const char *const cells[] = {"", "plain", "a,b", "\"", "a\"b", "=1", "'=1", "''=1",
	    "'tis", "+", "-1", "@x", "\tx", "'\t", "火の見", "a\nb", "'"};
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		char *text = NULL;
		size_t length = 0;
		char expected[64];
		FILE *out = open_memstream(&text, &length);
		if (out == NULL)
			abort();
		csv_put(out, cells[i]);
		(void)fclose(out); /* memory */
		(void)snprintf(expected, sizeof expected, "1[%s]", cells[i]);
		bool is_safe = strchr("=+-@\t", text[1]) == NULL || text[1] == '\0';
		OK(strcmp(read_all(text), expected) == 0 && is_safe,
		    "what is written is read again, and is no formula");
		free(text);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *got = read_all(rows[i][0]);
		if (strcmp(got, rows[i][1]) != 0)
			printf("# %s\n", got);
		OK(strcmp(got, rows[i][1]) == 0, "a text");
	}
	test_cells();
	return test_done();
}
