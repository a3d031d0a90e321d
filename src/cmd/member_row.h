/* member_row.h - the members of a file, as rows. For member_file.c and what it is split into. */
#ifndef CMD_MEMBER_ROW_H
#define CMD_MEMBER_ROW_H

#include "base/complaint.h"
#include "base/json_read.h"

struct member_row {
	size_t line;
	const char *name;
	const char *language; /* NULL: not given, as all that follow */
	const char *zone;
	const char *note;
	const char *country;
	const char *hours;
	const char *egress;
	const char **prefixes;
	size_t prefix_count;
	const char **dark;
	size_t dark_count;
};

struct member_rows {
	char *text; /* that the rows point into */
	size_t length;
	struct member_row *rows;
	size_t count;
	size_t room;
	struct json_node **roots; /* of JSON, likewise */
	size_t root_count;
	size_t line; /* that is wrong */
};

/*
 * Takes apart what is in `text`: JSON Lines where it begins with a brace, else CSV. 0, or a
 * negative errno with a complaint, and the line.
 */
int member_rows_parse(struct member_rows *rows, struct complaint *complaint);
void member_rows_release(struct member_rows *rows);

#endif
