/*
 * member_file.h - members in files: CSV, or JSON Lines. What is written is read again as it was.
 *
 *     name,language,zone,prefixes,dark,note,country,hours,egress
 *     {"type":"member","name":...,"language":...,"zone":...,"prefixes":[...],"dark":[...],"note":...}
 *
 * In CSV ranges stand in one cell with blanks between; columns may come in any order, and all but
 * `name` be missing.
 */
#ifndef CMD_MEMBER_FILE_H
#define CMD_MEMBER_FILE_H

#include <stdio.h>

#include "cmd/manage.h"

enum {
	MEMBER_FILE_BYTES_MAX = 16 << 20, /* 65,536 ranges with long names */
};

/* All members, in order of their names. An exit status. */
int member_file_write(struct manage *manage, FILE *out, enum manage_format format);

/*
 * Reads a file ("-": standard input) whole, looks whether all of it can be, and only then sends it
 * to the station, in as many requests as it needs. An exit status, after a message with the line
 * that is wrong.
 */
int member_file_read(struct manage *manage, const char *path);

#endif
