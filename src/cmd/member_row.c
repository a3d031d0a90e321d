#include "cmd/member_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cmd/csv.h"

enum {
	ROWS_MIN = 64,
};

enum field {
	FIELD_NAME,
	FIELD_LANGUAGE,
	FIELD_ZONE,
	FIELD_PREFIXES,
	FIELD_DARK,
	FIELD_NOTE,
	FIELD_COUNTRY,
	FIELD_HOURS,
	FIELD_EGRESS,
	FIELDS
};

static const char *const field_names[FIELDS] = {
    "name", "language", "zone", "prefixes", "dark", "note", "country", "hours", "egress"};

static int find_field(const char *name)
{
	for (int i = 0; i < FIELDS; i++)
		if (strcmp(field_names[i], name) == 0)
			return i;
	return -1;
}

static struct member_row *add_row(struct member_rows *rows)
{
	if (rows->count == rows->room) {
		size_t room = rows->room == 0 ? ROWS_MIN : 2 * rows->room;
		struct member_row *grown = reallocarray(rows->rows, room, sizeof *grown);
		if (grown == NULL)
			return NULL;
		rows->rows = grown;
		rows->room = room;
	}
	rows->rows[rows->count] = (struct member_row){.line = rows->line};
	return &rows->rows[rows->count++];
}

/* ---- CSV ---- */

/* The words of a cell. */
static int take_words(char *cell, const char ***ret_words, size_t *ret_count)
{
	const char **words = calloc(strlen(cell) / 2 + 1, sizeof *words);
	size_t count = 0;
	if (words == NULL)
		return -ENOMEM;
	for (char *word = cell; *(word += strspn(word, " \n\r\t")) != '\0';) {
		words[count++] = word;
		word += strcspn(word, " \n\r\t");
		if (*word != '\0')
			*word++ = '\0';
	}
	*ret_words = words;
	*ret_count = count;
	return 0;
}

static int take_cell(struct member_row *row, int field, char *cell)
{
	switch (field) {
	case FIELD_NAME:
		row->name = cell;
		return 0;
	case FIELD_LANGUAGE:
		row->language = *cell != '\0' ? cell : NULL;
		return 0;
	case FIELD_ZONE:
		row->zone = *cell != '\0' ? cell : NULL;
		return 0;
	case FIELD_NOTE:
		row->note = cell;
		return 0;
	case FIELD_COUNTRY:
		row->country = *cell != '\0' ? cell : NULL;
		return 0;
	case FIELD_HOURS:
		row->hours = *cell != '\0' ? cell : NULL;
		return 0;
	case FIELD_EGRESS:
		row->egress = *cell != '\0' ? cell : NULL;
		return 0;
	case FIELD_PREFIXES:
		return take_words(cell, &row->prefixes, &row->prefix_count);
	default:
		return take_words(cell, &row->dark, &row->dark_count);
	}
}

/* Which column is which field. */
static int take_header(
    const struct csv_row *header, int fields[static CSV_CELLS_MAX], struct complaint *complaint)
{
	bool has_name = false;
	for (size_t i = 0; i < header->count; i++) {
		fields[i] = find_field(header->cells[i]);
		if (fields[i] < 0)
			return complain(complaint, -EINVAL, "column \"%s\" is not known, is it %s?",
			    header->cells[i], nearest_name(header->cells[i], field_names, FIELDS));
		for (size_t j = 0; j < i; j++)
			if (fields[j] == fields[i])
				return complain(complaint, -EINVAL, "column %s stands there twice",
				    header->cells[i]);
		has_name |= fields[i] == FIELD_NAME;
	}
	return has_name ? 0
			: complain(complaint, -EINVAL,
			      "no column \"name\", expected a first line such as "
			      "name,language,zone,prefixes,dark,note");
}

static int take_csv_row(struct member_rows *rows, const struct csv_row *cells,
    const struct csv_row *header, const int *fields, struct complaint *complaint)
{
	int result = 0;
	if (cells->count != header->count)
		return complain(complaint, -EINVAL, "has %zu cells, expected %zu as the first line",
		    cells->count, header->count);
	struct member_row *row = add_row(rows);
	if (row == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	for (size_t i = 0; i < cells->count && result == 0; i++)
		result = take_cell(row, fields[i], cells->cells[i]);
	return result == 0 ? 0 : complain(complaint, result, "out of memory");
}

static int parse_csv(struct member_rows *rows, struct complaint *complaint)
{
	struct csv csv;
	struct csv_row header;
	struct csv_row cells;
	int fields[CSV_CELLS_MAX];
	csv_begin(&csv, rows->text, rows->length);
	int result = csv_next(&csv, &header, complaint);
	rows->line = header.line;
	if (result == 1)
		result = take_header(&header, fields, complaint) == 0 ? 1 : -EINVAL;
	while (result == 1) {
		result = csv_next(&csv, &cells, complaint);
		rows->line = cells.line;
		if (result == 1 && take_csv_row(rows, &cells, &header, fields, complaint) != 0)
			result = -EINVAL;
	}
	return result;
}

/* ---- JSON Lines ---- */

static int take_list(const struct json_node *list, const char ***ret_words, size_t *ret_count)
{
	const size_t count = json_read_count(list);
	const char **words = calloc(count + 1, sizeof *words);
	if (words == NULL)
		return -ENOMEM;
	*ret_words = words; /* the row's, whatever comes */
	for (size_t i = 0; i < count; i++)
		if (!json_read_text(json_read_item(list, i), &words[i]))
			return -EINVAL;
	*ret_count = count;
	return json_read_is_array(list) ? 0 : -EINVAL;
}

struct taking {
	struct member_row *row;
	struct complaint *complaint;
};

static int take_value(struct member_row *row, int field, const struct json_node *value)
{
	switch (field) {
	case FIELD_NAME:
		return json_read_text(value, &row->name) ? 0 : -EINVAL;
	case FIELD_LANGUAGE:
		return json_read_text(value, &row->language) ? 0 : -EINVAL;
	case FIELD_ZONE:
		return json_read_text(value, &row->zone) ? 0 : -EINVAL;
	case FIELD_NOTE:
		return json_read_text(value, &row->note) ? 0 : -EINVAL;
	case FIELD_COUNTRY:
		return json_read_text(value, &row->country) ? 0 : -EINVAL;
	case FIELD_HOURS:
		return json_read_text(value, &row->hours) ? 0 : -EINVAL;
	case FIELD_EGRESS:
		return json_read_text(value, &row->egress) ? 0 : -EINVAL;
	case FIELD_PREFIXES:
		return take_list(value, &row->prefixes, &row->prefix_count);
	default:
		return take_list(value, &row->dark, &row->dark_count);
	}
}

/* What a list of members says besides is left out. */
static int visit_member(void *context, const char *name, const struct json_node *value)
{
	static const char *const others[] = {"type", "id", "created"};
	const struct taking *taking = context;
	const int field = find_field(name);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(others[i], name) == 0)
			return 0;
	if (field < 0)
		return complain(taking->complaint, -EINVAL, "\"%s\" is not known, is it %s?", name,
		    nearest_name(name, field_names, FIELDS));
	int result = take_value(taking->row, field, value);
	return result == 0 ? 0
			   : complain(taking->complaint, result, "%s: expected %s", name,
				 field == FIELD_PREFIXES || field == FIELD_DARK ? "a list of texts"
										: "a text");
}

static int keep_root(struct member_rows *rows, struct json_node *root)
{
	struct json_node **grown =
	    reallocarray(rows->roots, rows->root_count + 1, sizeof(struct json_node *));
	if (grown == NULL) {
		json_read_free(root);
		return -ENOMEM;
	}
	rows->roots = grown;
	rows->roots[rows->root_count++] = root;
	return 0;
}

static int take_json_line(
    struct member_rows *rows, const char *line, size_t length, struct complaint *complaint)
{
	struct json_node *root = NULL;
	int result = json_read(line, length, &root, complaint);
	if (result != 0)
		return result;
	struct member_row *row = keep_root(rows, root) == 0 ? add_row(rows) : NULL;
	if (row == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	struct taking taking = {row, complaint};
	if (!json_read_is_object(root))
		return complain(complaint, -EINVAL, "expected an object");
	return json_read_names(root, visit_member, &taking);
}

static int parse_json(struct member_rows *rows, struct complaint *complaint)
{
	const char *end = rows->text + rows->length;
	int result = 0;
	rows->line = 0;
	for (const char *line = rows->text; line < end && result == 0;) {
		const char *line_end = memchr(line, '\n', (size_t)(end - line));
		if (line_end == NULL)
			line_end = end;
		rows->line++;
		size_t length = (size_t)(line_end - line);
		if (strspn(line, " \t\r") < length)
			result = take_json_line(rows, line, length, complaint);
		line = line_end + (line_end < end);
	}
	return result;
}

/* ---- Either ---- */

int member_rows_parse(struct member_rows *rows, struct complaint *complaint)
{
	const size_t blanks = strspn(rows->text, " \t\r\n");
	int result =
	    rows->text[blanks] == '{' ? parse_json(rows, complaint) : parse_csv(rows, complaint);
	for (size_t i = 0; i < rows->count && result == 0; i++) {
		rows->line = rows->rows[i].line;
		if (rows->rows[i].name == NULL || rows->rows[i].name[0] == '\0')
			result = complain(complaint, -EINVAL, "no name, expected that of a member");
	}
	return result;
}

void member_rows_release(struct member_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->rows[i].prefixes);
		free(rows->rows[i].dark);
	}
	for (size_t i = 0; i < rows->root_count; i++)
		json_read_free(rows->roots[i]);
	free(rows->roots);
	free(rows->rows);
	free(rows->text);
}
