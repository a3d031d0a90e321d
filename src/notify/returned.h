/*
 * returned.h - what comes back to the sender of notices: that one could not be delivered (RFC 3464,
 * and shapes that were usual before), that it is late, or what somebody answered.
 *
 * Anybody may send it. So it says of which notice it speaks only by a Message-ID, which nobody can
 * guess who did not get the notice (cmd/station/message_tag.h); whoever reads it goes by that, and
 * takes the rest for words of a stranger. All text is one line, cut, with what is hidden in it made
 * visible.
 */
#ifndef NOTIFY_RETURNED_H
#define NOTIFY_RETURNED_H

#include <stddef.h>

#include "notify/charset.h"

enum {
	RETURNED_IDS_MAX = 4,
	RETURNED_ID_BYTES = 201, /* MAIL_ID_BYTES_MAX and its end */
	RETURNED_WORD_BYTES = 256,
	RETURNED_TEXT_BYTES = 1024,
	RETURNED_LINES_MAX = 12, /* of an answer */
};

enum returned_kind {
	RETURNED_NOTHING, /* it is none of these, or what machines answer by themselves */
	RETURNED_FAILED,
	RETURNED_DELAYED,
	RETURNED_REPLY,
	RETURNED_KIND_COUNT,
};

struct returned {
	enum returned_kind kind;
	/* Of what it may speak, the likeliest first; without angle brackets. */
	char ids[RETURNED_IDS_MAX][RETURNED_ID_BYTES];
	size_t id_count;
	char from[RETURNED_WORD_BYTES];   /* whose answer; for whom it could not be delivered */
	char reason[RETURNED_TEXT_BYTES]; /* "5.1.1: 550 no such user" */
	char text[RETURNED_TEXT_BYTES]; /* of an answer: its first lines, without what it quotes */
};

/* `charsets` may be NULL. */
void returned_read(
    const char *bytes, size_t length, struct charsets *charsets, struct returned *ret_returned);

#endif
