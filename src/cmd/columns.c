#include "cmd/columns.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/glyph.h"
#include "notify/screen.h"

enum {
	GAP = 2,
	ROWS_MIN = 16,
};

struct row {
	char *cells[COLUMNS_MAX];
};

struct columns {
	const struct column_head *heads;
	size_t count;
	struct row *rows;
	size_t row_count;
	size_t row_room;
};

struct columns *columns_new(const struct column_head *heads, size_t count)
{
	assert(count > 0 && count <= COLUMNS_MAX);
	struct columns *columns = calloc(1, sizeof *columns);
	if (columns == NULL)
		return NULL;
	columns->heads = heads;
	columns->count = count;
	return columns;
}

static void free_row(const struct columns *columns, struct row *row)
{
	for (size_t i = 0; i < columns->count; i++)
		free(row->cells[i]);
}

void columns_free(struct columns *columns)
{
	if (columns == NULL)
		return;
	for (size_t i = 0; i < columns->row_count; i++)
		free_row(columns, &columns->rows[i]);
	free(columns->rows);
	free(columns);
}

size_t columns_count(const struct columns *columns)
{
	return columns->row_count;
}

static char *copy_visible(const char *text)
{
	const size_t room = strlen(text) * GLYPH_VISIBLE_GROWTH + 1;
	char *copy = malloc(room);
	if (copy != NULL)
		glyph_copy_visible(text, copy, room);
	return copy;
}

static bool make_room(struct columns *columns)
{
	if (columns->row_count < columns->row_room)
		return true;
	size_t room = columns->row_room == 0 ? ROWS_MIN : 2 * columns->row_room;
	struct row *rows = reallocarray(columns->rows, room, sizeof *rows);
	if (rows == NULL)
		return false;
	columns->rows = rows;
	columns->row_room = room;
	return true;
}

int columns_add(struct columns *columns, const char *const *cells)
{
	struct row row = {.cells = {NULL}};
	bool is_whole = make_room(columns);
	for (size_t i = 0; i < columns->count; i++) {
		row.cells[i] = copy_visible(cells[i] != NULL ? cells[i] : "");
		is_whole &= row.cells[i] != NULL;
	}
	if (!is_whole) {
		free_row(columns, &row);
		return -ENOMEM;
	}
	columns->rows[columns->row_count++] = row;
	return 0;
}

/* ---- Widths ---- */

/* A column that is not there: with its gap it takes nothing. */
#define LEFT_OUT (-GAP)

static bool is_left_out(const struct columns *columns, size_t column)
{
	if (columns->heads[column].wrap != COLUMN_RARE)
		return false;
	for (size_t i = 0; i < columns->row_count; i++)
		if (columns->rows[i].cells[column][0] != '\0')
			return false;
	return true;
}

static void measure(const struct columns *columns, int widths[static COLUMNS_MAX])
{
	for (size_t i = 0; i < columns->count; i++) {
		widths[i] = LEFT_OUT;
		if (is_left_out(columns, i))
			continue;
		widths[i] = glyph_text_width(columns->heads[i].name);
		for (size_t j = 0; j < columns->row_count; j++) {
			int width = glyph_text_width(columns->rows[j].cells[i]);
			if (width > widths[i])
				widths[i] = width;
		}
	}
}

static int total(const struct columns *columns, const int widths[static COLUMNS_MAX])
{
	int sum = GAP * ((int)columns->count - 1);
	for (size_t i = 0; i < columns->count; i++)
		sum += widths[i];
	return sum;
}

/* The widest of those that may give up one; NULL when there is none. */
static int *find_widest(
    const struct columns *columns, int widths[static COLUMNS_MAX], enum column_wrap wrap)
{
	int *widest = NULL;
	for (size_t i = 0; i < columns->count; i++)
		if (columns->heads[i].wrap == wrap && widths[i] > COLUMN_WIDTH_MIN &&
		    (widest == NULL || widths[i] > *widest))
			widest = &widths[i];
	return widest;
}

static void fit(const struct columns *columns, int widths[static COLUMNS_MAX])
{
	for (int wrap = COLUMN_FIRST; wrap > COLUMN_WHOLE; wrap--) {
		int *widest = find_widest(columns, widths, (enum column_wrap)wrap);
		while (widest != NULL && total(columns, widths) > SCREEN_COLUMNS) {
			--*widest;
			widest = find_widest(columns, widths, (enum column_wrap)wrap);
		}
	}
}

/* ---- Printing ---- */

/* How much of a text fits into so many columns: up to where it may be broken, where it may. */
static size_t take_line(const char *text, int width)
{
	size_t used = 0;
	size_t break_at = 0;
	int column = 0;
	for (struct glyph glyph = glyph_at(text); glyph.bytes > 0; glyph = glyph_at(text + used)) {
		/* a character wider than the column is put all the same */
		if (column + glyph.width > width && used > 0)
			return break_at > 0 ? break_at : used;
		column += glyph.width;
		used += glyph.bytes;
		if (glyph.code < 0x80 && strchr(" ,-.@/", (int)glyph.code) != NULL)
			break_at = used;
	}
	return used;
}

static void put_cell(
    struct screen *screen, const struct column_head *head, int start, int width, const char *text)
{
	screen_go(screen, head->is_right ? start + width - glyph_text_width(text) : start);
	screen_put(screen, STYLE_PLAIN, text);
}

/* A row, over as many lines as its cells need. */
static void put_row(struct screen *screen, const struct columns *columns, const int *widths,
    const char *const *cells)
{
	const char *rest[COLUMNS_MAX];
	bool more = true;
	for (size_t i = 0; i < columns->count; i++)
		rest[i] = cells[i];
	while (more) {
		int start = 0;
		more = false;
		for (size_t i = 0; i < columns->count; i++) {
			char line[4 * SCREEN_COLUMNS * GLYPH_VISIBLE_GROWTH];
			if (widths[i] == LEFT_OUT)
				continue;
			size_t bytes = take_line(rest[i], widths[i]);
			if (bytes >= sizeof line)
				bytes = sizeof line - 1; /* marks without width, hundreds of them */
			memcpy(line, rest[i], bytes);
			line[bytes] = '\0';
			rest[i] += bytes;
			rest[i] += strspn(rest[i], " ");
			if (line[0] != '\0')
				put_cell(screen, &columns->heads[i], start, widths[i], line);
			start += widths[i] + GAP;
			more |= *rest[i] != '\0';
		}
		screen_end_line(screen);
	}
}

void columns_print(const struct columns *columns, FILE *out)
{
	struct screen screen;
	const char *heads[COLUMNS_MAX];
	int widths[COLUMNS_MAX];
	screen_init(&screen, out);
	measure(columns, widths);
	fit(columns, widths);
	for (size_t i = 0; i < columns->count; i++)
		heads[i] = columns->heads[i].name;
	put_row(&screen, columns, widths, heads);
	for (size_t i = 0; i < columns->row_count; i++)
		put_row(&screen, columns, widths, (const char *const *)columns->rows[i].cells);
}
