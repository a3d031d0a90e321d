/* Answers of the API as tables. */
#include "cmd/station/page_csv.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const char *const columns[] = {"at", "finding.ports", "flags", "note", NULL};

/* The rows of an answer at "the.rows"; *ret_table tells of it. */
static char *rows_of(const char *answer, struct page_table *ret_table)
{
	char *text = NULL;
	size_t length = 0;
	struct complaint complaint = {""};
	struct page_table table = {
	    .out = open_memstream(&text, &length), .path = "the.rows", .columns = columns};
	if (table.out == NULL)
		abort();
	const int result = page_csv_rows(&table, answer, strlen(answer), &complaint);
	if (fclose(table.out) != 0)
		abort();
	if (result != 0)
		printf("# %s\n", complaint.text);
	*ret_table = table;
	return text;
}

static void try_answer(const char *answer, const char *expected, const char *name)
{
	struct page_table table;
	char *text = rows_of(answer, &table);
	if (strcmp(text, expected) != 0)
		printf("# %s\n", text);
	OK(strcmp(text, expected) == 0, name);
	free(text);
}

static void try_whole(void)
{
	struct page_table table;
	try_answer("{\"the\":{\"rows\":[{\"at\":1,\"flags\":[true,false],\"note\":\"=1+1\"},"
		   "{\"finding\":{\"ports\":[{\"proto\":\"tcp\",\"port\":23}]}}]}}",
	    "\"1\",\"\",\"1 0\",\"'=1+1\"\r\n\"\",\"tcp/23\",\"\",\"\"\r\n", "rows of an answer");
	try_answer("{\"the\":{}}", "", "what is not there has no rows");
	try_answer("{}", "", "nor where nothing leads to it");
	char *text = rows_of("{\"the\":{\"rows\":[{}]},\"next\":\"1.2\"}", &table);
	OK(table.rows == 1 && strcmp(table.next, "1.2") == 0 && !table.is_begun,
	    "where a list goes on");
	free(text);
}

static void try_begun(void)
{
	struct page_table table;
	char *text = rows_of("{\"the\":{\"rows\":[{\"at\":1}]},\"complete\":false}", &table);
	OK(table.is_begun && table.rows == 0 && text[0] == '\0',
	    "of what is being read still nothing is written");
	free(text);
	text = rows_of("{\"the\":{\"rows\":[{\"at\":1}]},\"complete\":true}", &table);
	OK(!table.is_begun && table.rows == 1, "and all of it when it was read");
	free(text);
}

int main(void)
{
	try_whole();
	try_begun();
	return test_done();
}
