#include "cmd/station/page_csv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "notify/csv_cell.h"

enum {
	NAME_BYTES = 32, /* of a part of a path: our own */
};

void page_csv_head(const struct page_table *table)
{
	fputs("\xef\xbb\xbf", table->out);
	for (size_t i = 0; table->columns[i] != NULL; i++) {
		if (i > 0)
			fputc(',', table->out);
		csv_cell_put(table->out, table->columns[i]);
	}
	fputs("\r\n", table->out);
}

static const struct json_node *find(const struct json_node *node, const char *path)
{
	while (*path != '\0') {
		char name[NAME_BYTES];
		const size_t length = strcspn(path, ".");
		(void)snprintf(name, sizeof name, "%.*s", (int)length, path);
		node = json_read_member(node, name);
		path += length + (path[length] == '.');
	}
	return node;
}

/* One value as text; of an object what it is about. */
static void add_value(FILE *cell, const struct json_node *node)
{
	const char *text;
	int64_t number;
	double real;
	bool flag;
	if (json_read_text(node, &text))
		fputs(text, cell);
	else if (json_read_whole(node, &number))
		fprintf(cell, "%" PRId64, number);
	else if (json_read_real(node, &real))
		fprintf(cell, "%.6g", real);
	else if (json_read_flag(node, &flag))
		fputs(flag ? "1" : "0", cell);
	else if (json_read_is_object(node) && json_read_member(node, "port") != NULL) {
		add_value(cell, json_read_member(node, "proto"));
		fputc('/', cell);
		add_value(cell, json_read_member(node, "port"));
	}
}

static void add_values(FILE *cell, const struct json_node *node)
{
	if (!json_read_is_array(node)) {
		add_value(cell, node);
		return;
	}
	for (size_t i = 0; i < json_read_count(node); i++) {
		if (i > 0)
			fputc(' ', cell);
		add_value(cell, json_read_item(node, i));
	}
}

static bool put_cell(FILE *out, const struct json_node *node)
{
	char *text = NULL;
	size_t length = 0;
	FILE *cell = open_memstream(&text, &length);
	if (cell == NULL)
		return false;
	add_values(cell, node);
	const bool failed = ferror(cell) != 0;
	if (fclose(cell) != 0 || failed) {
		free(text);
		return false;
	}
	csv_cell_put(out, text);
	free(text);
	return true;
}

static bool put_row(FILE *out, const char *const *columns, const struct json_node *item)
{
	bool good = true;
	for (size_t i = 0; columns[i] != NULL && good; i++) {
		if (i > 0)
			fputc(',', out);
		good = put_cell(out, find(item, columns[i]));
	}
	fputs("\r\n", out);
	return good;
}

int page_csv_rows(
    struct page_table *table, const char *text, size_t length, struct complaint *complaint)
{
	struct json_node *root = NULL;
	const char *place = "";
	int result = json_read(text, length, &root, complaint);
	if (result != 0)
		return result;
	const struct json_node *items = find(root, table->path);
	bool is_complete = true;
	(void)json_read_flag(json_read_member(root, "complete"), &is_complete); /* most are */
	table->is_begun = !is_complete; /* a part of it would be taken for the whole */
	for (size_t i = 0; i < json_read_count(items) && result == 0 && is_complete; i++) {
		if (!put_row(table->out, table->columns, json_read_item(items, i)))
			result = complain(complaint, -ENOMEM, "no memory for a table");
		table->rows++;
	}
	(void)json_read_text(json_read_member(root, "next"), &place); /* or there is none */
	(void)snprintf(table->next, sizeof table->next, "%s", place);
	json_read_free(root);
	return result;
}
