/*
 * columns.h - a table for people: as wide as its content, at most SCREEN_COLUMNS, with East Asian
 * characters counted as two. What does not fit is wrapped within its column, never lost.
 */
#ifndef CMD_COLUMNS_H
#define CMD_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
	COLUMNS_MAX = 10,
	COLUMN_WIDTH_MIN = 8, /* of one that is wrapped */
};

/* Where there is too little width, who gives some up. */
enum column_wrap {
	COLUMN_RARE,  /* nothing of it; left out where all its cells are empty */
	COLUMN_WHOLE, /* nothing of it: numbers, names of states */
	COLUMN_LATE,  /* only where nobody else can: addresses */
	COLUMN_FIRST, /* sentences */
};

struct column_head {
	const char *name;
	bool is_right; /* numbers */
	enum column_wrap wrap;
};

struct columns;

/* The heads are borrowed. Returns NULL without memory. */
struct columns *columns_new(const struct column_head *heads, size_t count);
void columns_free(struct columns *columns); /* NULL is allowed */

/* A row of as many cells as there are heads, NULL for an empty one; copied, with what is hidden in
 * them made visible. 0 or -ENOMEM. */
int columns_add(struct columns *columns, const char *const *cells);
size_t columns_count(const struct columns *columns); /* rows */

/* Heads and rows. Write errors are left to ferror(). */
void columns_print(const struct columns *columns, FILE *out);

#endif
