#include "cmd/station/mailbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "cmd/station/mailbox_internal.h"

int mailbox_new(const struct mailbox_kind *kind, void *own, struct mailbox **ret_mailbox)
{
	struct mailbox *mailbox = own == NULL ? NULL : calloc(1, sizeof *mailbox);
	if (mailbox == NULL) {
		free(own);
		return -ENOMEM;
	}
	mailbox->kind = kind;
	mailbox->own = own;
	mailbox->settled = table_new(sizeof(uint64_t), sizeof(uint64_t), MAILBOX_SETTLED_MAX);
	if (mailbox->settled == NULL) {
		mailbox_free(mailbox);
		return -ENOMEM;
	}
	*ret_mailbox = mailbox;
	return 0;
}

void mailbox_free(struct mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	mailbox->kind->release(mailbox);
	table_free(mailbox->settled);
	free(mailbox);
}

static uint64_t hash_of(uint64_t mark)
{
	return hash_bytes(&mark, sizeof mark, HASH_SEED_FIXED);
}

bool mailbox_is_settled(const struct mailbox *mailbox, uint64_t mark)
{
	return table_find(mailbox->settled, &mark, hash_of(mark)) != NULL;
}

void mailbox_settle(struct mailbox *mailbox, uint64_t mark)
{
	if (mailbox_is_settled(mailbox, mark))
		return;
	if (table_count(mailbox->settled) == MAILBOX_SETTLED_MAX)
		table_clear(mailbox->settled);
	/* where memory is out it is given again */
	(void)table_insert(mailbox->settled, &mark, hash_of(mark));
}

int mailbox_next(struct mailbox *mailbox, int64_t wall_us, struct mailbox_message *ret_message,
    struct complaint *complaint)
{
	return mailbox->kind->next(mailbox, wall_us, ret_message, complaint);
}
