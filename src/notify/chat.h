/*
 * chat.h - a notice as the web hooks of chat services take it: the subject, and the letter's text
 * as it is.
 *
 * Each service reads signs of its own in a text (who is called, what is bold, where a link leads).
 * Names in a letter are others' words, so nothing of a text may mean anything there:
 *
 *     slack        & < > are written as &amp; &lt; &gt;, which ends links and calls; no marks are
 *                  read (mrkdwn false)
 *     teams        an adaptive card of text runs, which know no marks
 *     mattermost   in a block of code, in which no marks and calls are; it holds no backquotes
 *     discord      likewise, and nobody may be called (allowed_mentions)
 *     google-chat  likewise; < > are shown as U+2039 and U+203A, since they call anywhere
 *     plain        text/plain, for anything else
 *
 * Where a notice can be answered by a link, that stands where it can be followed: behind a block of
 * code, or as the card's action.
 *
 * A text longer than the service takes is cut at a whole character and ends with U+2026.
 */
#ifndef NOTIFY_CHAT_H
#define NOTIFY_CHAT_H

#include <stddef.h>

#include "notify/notice_style.h"
#include "notify/webhook.h"

/* What the services take, in UTF-16 units, less what stands around it. */
enum {
	CHAT_SLACK_MAX = 4000,       /* longer ones are shown in parts */
	CHAT_TEAMS_MAX = 6000,       /* of 28 KiB in all, where a character may have three bytes */
	CHAT_MATTERMOST_MAX = 16000, /* 16383 */
	CHAT_DISCORD_MAX = 1980,     /* 2000 */
	CHAT_GOOGLE_MAX = 4000,      /* 4096 */
	CHAT_PLAIN_MAX = 65536,      /* nobody says; a letter has 20 KiB */
};

/* Gives the body, to be freed by the caller. `style` is one of a web hook. Returns 0 or -ENOMEM. */
int chat_write(enum notice_style style, const struct webhook_notice *notice, char **ret_bytes,
    size_t *ret_length);

#endif
