/* mailbox_internal.h - a mailbox as a set of functions; for mailbox.c and mailbox_*.c. */
#ifndef CMD_STATION_MAILBOX_INTERNAL_H
#define CMD_STATION_MAILBOX_INTERNAL_H

#include "base/table.h"
#include "cmd/station/mailbox.h"

struct mailbox_kind {
	int (*next)(struct mailbox *mailbox, int64_t wall_us, struct mailbox_message *ret_message,
	    struct complaint *complaint);
	void (*release)(struct mailbox *mailbox);
};

struct mailbox {
	const struct mailbox_kind *kind;
	void *own; /* the kind's */
	struct table *settled;
	char bytes[MIME_BYTES_MAX];
};

/* Takes `own`, also when it fails. */
int mailbox_new(const struct mailbox_kind *kind, void *own, struct mailbox **ret_mailbox);
bool mailbox_is_settled(const struct mailbox *mailbox, uint64_t mark);

#endif
