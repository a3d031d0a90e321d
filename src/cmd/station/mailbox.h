/*
 * mailbox.h - a mailbox that is read and left as it is: a Maildir, or a folder by IMAP. Each
 * message is given until it was said to be settled; who starts anew is given those of the last
 * weeks again.
 *
 * What lies there anybody may have sent: of a message so much is read, of a mailbox so many.
 */
#ifndef CMD_STATION_MAILBOX_H
#define CMD_STATION_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"
#include "notify/mime.h"

struct mailbox;

enum {
	MAILBOX_SETTLED_MAX = 65536, /* past it all are forgotten, and given again */
	MAILBOX_FETCHED_MAX = 1000,  /* by IMAP: the latest of what is new */
};

/* What is older came before it could be of use. Less than RETURNS_KEPT_US (returns.h). */
#define MAILBOX_DAYS   30
#define MAILBOX_AGE_US (MAILBOX_DAYS * WHEN_DAY_US)

struct mailbox_message {
	uint64_t mark;     /* which one it is */
	const char *bytes; /* its first MIME_BYTES_MAX; the mailbox's, until the next one */
	size_t length;
};

/* Returns 0 or -ENOMEM. */
int mailbox_new_maildir(const char *path, struct mailbox **ret_mailbox);

struct mailbox_server {
	const char *url; /* imaps://HOST[:PORT]/FOLDER; copied, as all */
	const char *user;
	const char *password;
	const char *ca_file; /* NULL: the system's */
};
/* Likewise; -EIO where libcurl cannot be had. Before a sandbox: it loads what it needs later. */
int mailbox_new_imap(const struct mailbox_server *server, struct mailbox **ret_mailbox);
void mailbox_free(struct mailbox *mailbox); /* NULL is allowed */

/*
 * The next one that is not settled: 1, and *ret_message. 0 at the end, after which it begins anew.
 * A negative errno with a complaint where it could not be read. By IMAP each takes at most
 * MAILBOX_STEP_US.
 */
int mailbox_next(struct mailbox *mailbox, int64_t wall_us, struct mailbox_message *ret_message,
    struct complaint *complaint);
void mailbox_settle(struct mailbox *mailbox, uint64_t mark);

#define MAILBOX_STEP_US (30 * WHEN_SECOND_US)

#endif
