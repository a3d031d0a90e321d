/* returned_internal.h - shared by returned.c and returned_text.c; not for others. */
#ifndef NOTIFY_RETURNED_INTERNAL_H
#define NOTIFY_RETURNED_INTERNAL_H

#include "notify/returned.h"

/* One line of what a stranger wrote, cut at a whole character, with what is hidden made visible. */
void returned_copy(const char *text, char *out, size_t room);

struct returned_bytes {
	const char *bytes;
	size_t length;
};

/* The first lines of an answer, without what it quotes: parted by " / ". */
void returned_read_text(struct charsets *charsets, const char *charset,
    const struct returned_bytes *text, char out[static RETURNED_TEXT_BYTES]);

#endif
