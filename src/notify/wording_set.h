/*
 * wording_set.h - the words of letters as a station has them: the built-in ones, and what its
 * operator put in their place by files (DIR/wording/ja.yaml and en.yaml).
 *
 * A file holds only what differs, by sections and names as `hinomi notice wording` writes them. All
 * of it is checked before any of it is used (wording_check(): places, fields that must be named,
 * length, hidden characters); one mistake refuses the file. What is put into the places comes from
 * elsewhere and is never taken for a phrase itself.
 */
#ifndef NOTIFY_WORDING_SET_H
#define NOTIFY_WORDING_SET_H

#include <stddef.h>
#include <stdio.h>

#include "base/complaint.h"
#include "notify/wording.h"

struct wording_set;

/* The built-in words. Returns 0 or -ENOMEM; `wording_set_free` it (NULL is allowed). */
int wording_set_new(struct wording_set **ret_set);
void wording_set_free(struct wording_set *set);

struct wording_file {
	const char *name; /* that stands in complaints; all is borrowed for the call */
	const char *text;
	size_t length;
};

/*
 * Puts what a file says in their place, once for a language.
 * Returns 0, -ENOMEM, or -EINVAL with a complaint "NAME:LINE: what, what was expected", and then
 * the words are as before.
 */
int wording_set_read(struct wording_set *set, enum language language,
    const struct wording_file *file, struct complaint *complaint);

/*
 * From now on all that is written in this process is written with these; NULL: the built-in ones.
 * Borrowed until others are used. To be called while nothing is written.
 */
void wording_use(const struct wording_set *set);

/*
 * All that can be changed, with the meaning of the places, as a file that wording_set_read() takes:
 * the built-in words. Write errors are left to ferror().
 */
void wording_write(enum language language, FILE *file);

#endif
