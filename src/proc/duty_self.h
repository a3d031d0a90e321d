/*
 * duty_self.h - a duty, as it is seen from inside.
 *
 * A process that was started by proc/duties.h calls duty_begin, opens and takes what it needs, and
 * calls duty_enter before it touches anything from outside. Then it is in its sandbox, its parent
 * knows that it is ready, and its loop answers the parent's questions: whoever works long must turn
 * the loop now and then.
 */
#ifndef PROC_DUTY_SELF_H
#define PROC_DUTY_SELF_H

#include "base/complaint.h"
#include "proc/loop.h"
#include "proc/message.h"
#include "proc/relay.h"
#include "proc/sandbox.h"

struct duty_self;

struct duty_self_handler {
	void *context;
	/* Of types from DUTY_TYPE_FIRST on, from the parent; as in proc/message.h. */
	void (*on_message)(void *context, struct message *message);
	/* Who is at the other end of that channel was started anew: `fd` is the new end, taken. */
	void (*on_channel)(void *context, const char *link, int fd);
	/* It is to end: the parent says so, or is gone. May come twice. */
	void (*on_stop)(void *context);
};

/*
 * Reads what it is and got, from the descriptors that its parent laid out. 0, or a negative errno
 * with a complaint: -ENOTCONN where nobody did so.
 */
int duty_begin(struct duty_self **ret_self, struct complaint *complaint);
/* NULL is allowed. What was not taken is closed; to the parent it is as if the duty had ended. */
void duty_end(struct duty_self *self);

const char *duty_get_name(const struct duty_self *self);
/* The caller's from then on, close-on-exec; -ENOENT when there is none of that name (any more). */
int duty_take_descriptor(struct duty_self *self, const char *name);
int duty_take_channel(struct duty_self *self, const char *link);
/* Opens this duty's side of it. 0 or a negative errno. */
int duty_take_relay(struct duty_self *self, const char *link, struct relay **ret_relay);

/*
 * Drops the rights that are left, enters the sandbox of the duty's row, tells the parent that it is
 * ready. The loop must be there before. 0 and what the sandbox became, or a negative errno with a
 * complaint, after which the process must end: a strict duty also where the kernel cannot do all of
 * it.
 */
int duty_enter(struct duty_self *self, struct loop *loop, const struct duty_self_handler *handler,
    struct sandbox_state *ret_state, struct complaint *complaint);

/*
 * To the parent, of a type from DUTY_TYPE_FIRST on; as channel_send. Before duty_enter it goes at
 * once or not at all (message_send).
 */
int duty_send(struct duty_self *self, const struct message *message);

#endif
