/*
 * files.h - notices as files in a directory of this machine, for programs that look there: one file
 * each, which is there whole or not at all.
 *
 * A file is called by what a Message-ID begins with, and by what it holds: i42.c3.0.json. So one
 * that is written twice is the same file, and nothing of its name was chosen by others.
 */
#ifndef NOTIFY_FILES_H
#define NOTIFY_FILES_H

#include <stddef.h>

#include "base/complaint.h"

enum {
	FILES_PATH_BYTES = 1024, /* of a directory, and of a file in it */
	FILES_MODE = 0640,
};

/*
 * "file:///DIR": `base`, or a directory below it, whose names are letters, digits, points, hyphens
 * and underscores, none beginning with a point. `base` is the one that the operator allowed, ""
 * where there is none. Returns 0 and writes the directory's path (ret_path may be NULL), -EINVAL
 * with a complaint, or -ENOTCONN where there is no `base`.
 */
int files_check_address(const char *address, const char *base, char *ret_path, size_t path_bytes,
    struct complaint *complaint);

/* The name of a file for a notice; -EINVAL for an event that is no Message-ID of ours. */
int files_name(const char *event, const char *media_type, char *out, size_t out_bytes);

/*
 * Writes a file whole: beside its place, to the disk, then into its place. `path` is of a directory
 * that is there. Returns 0, or what the system said.
 */
int files_write(const char *path, const char *name, const char *bytes, size_t length);

#endif
