/*
 * wording_files.h - the words that an operator put in place of the built-in ones:
 * DIR/wording/ja.yaml and DIR/wording/en.yaml (notify/wording_set.h), each of which may be missing.
 *
 * The parent reads and checks them, when the station starts and when it is to look again, and gives
 * their text to the keeper: so a keeper that is started anew writes as the one before, whatever
 * lies in the directory by then.
 */
#ifndef CMD_STATION_WORDING_FILES_H
#define CMD_STATION_WORDING_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/paths.h"
#include "notify/wording_set.h"

enum {
	WORDING_FILE_BYTES_MAX = 256 * 1024, /* all words of a language have some 60 KiB */
};

/* "wording/ja.yaml" */
const char *wording_file_name(enum language language);

/*
 * The text of one, found right, to be freed; "" where there is no such file. Returns 0, or a
 * negative errno with a complaint: why it cannot be opened, -EFBIG, or -EINVAL with its line.
 */
int wording_file_read(const struct station_dir *dir, enum language language, char **ret_text,
    size_t *ret_length, struct complaint *complaint);

/* The words of a station. The same. */
int wording_files_read(
    const struct station_dir *dir, struct wording_set **ret_set, struct complaint *complaint);

/*
 * The same from their texts, as the parent gives them (wire_write_text()): a descriptor for each
 * language, which are closed; one that is negative is an error.
 */
int wording_files_take(const int fds[static LANGUAGE_COUNT], struct wording_set **ret_set,
    struct complaint *complaint);

/* Which languages have a file, for those who say so. */
bool wording_file_is_there(const struct station_dir *dir, enum language language);

#endif
