/*
 * message.h - typed messages between duties, whole or not at all.
 *
 * A channel is one end of a pair of sockets (SOCK_SEQPACKET). Each message has the header
 *
 *     2 bytes   MESSAGE_VERSION
 *     2 bytes   type
 *     4 bytes   bytes of the payload that follows
 *
 * big-endian, a payload (proc/pack.h), and one descriptor or none. The peer is as hostile as what
 * it reads: a packet that is not exactly this ends the channel. What type and payload mean is for
 * the caller to check.
 *
 * Sending never waits: what the kernel does not take now is queued, in bounds, and goes out by the
 * loop.
 */
#ifndef PROC_MESSAGE_H
#define PROC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "proc/loop.h"

enum {
	MESSAGE_VERSION = 1,
	MESSAGE_HEADER_BYTES = 8,
	/*
	 * A notice with what belongs to it fits; larger things go as a descriptor. The kernel takes
	 * a packet only whole, and by default about 200 KiB of them.
	 */
	MESSAGE_PAYLOAD_MAX_BYTES = 128 << 10,
	MESSAGE_MAX_BYTES = MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_MAX_BYTES,
	/* What may wait for one peer that does not read: some dozens of the largest. */
	CHANNEL_QUEUE_MAX_BYTES = 4 << 20,
};

struct channel;

struct message {
	uint16_t type;
	const uint8_t *payload;
	size_t payload_bytes;
	int fd; /* -1 when there is none */
};

/* In each of these everything may be done with the channel, freeing it too. */
struct channel_handler {
	void *context;
	/*
	 * The payload is valid until it returns. The descriptor is closed then, unless who keeps it
	 * has set message->fd to -1.
	 */
	void (*on_message)(void *context, struct message *message);
	/*
	 * Once, when there is nothing more to come: `error` is 0 when the peer is gone, -EPROTO
	 * when it sent what is no message, or another negative errno.
	 */
	void (*on_closed)(void *context, int error);
	/* May be NULL: what was queued has gone out. */
	void (*on_drained)(void *context);
};

/* Makes the sockets of two ends (close-on-exec). 0 or a negative errno. */
int channel_pair(int ret_fds[static 2]);

/* An end, by the loop; takes `fd` when it returns 0. 0 or a negative errno. */
int channel_new(
    struct loop *loop, int fd, const struct channel_handler *handler, struct channel **ret_channel);
/* NULL is allowed. What is queued is dropped. */
void channel_free(struct channel *channel);

/*
 * Sends, or queues. Borrows the payload; takes the descriptor when it returns 0. Else a negative
 * errno: -EMSGSIZE past MESSAGE_PAYLOAD_MAX_BYTES, -EAGAIN when the queue is full, -EPIPE when the
 * peer is gone.
 */
int channel_send(struct channel *channel, const struct message *message);

/*
 * One message by a bare socket, for before there is a loop: waits at most `wait_us`. 0, and the
 * message, whose payload lies in `packet` and whose descriptor is the caller's. Else a negative
 * errno: -ETIMEDOUT, -EPIPE when the peer is gone, -EPROTO when what came is no message.
 */
int message_receive(
    int fd, int64_t wait_us, uint8_t packet[static MESSAGE_MAX_BYTES], struct message *ret_message);

/*
 * The other way: at once, else a negative errno as channel_send gives it, and -EAGAIN when the peer
 * has no room now. Borrows the descriptor as well.
 */
int message_send(int fd, const struct message *message);

#endif
