#include "proc/message.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "proc/pack.h"

enum {
	/* Read from one peer before others have their turn. */
	RECEIVED_AT_ONCE_MAX = 16,
	/* The kernel counts what a packet costs itself, and doubles what is asked for. */
	BUFFER_BYTES = 2 * MESSAGE_MAX_BYTES,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
};

struct queued {
	struct queued *next;
	int fd; /* or -1 */
	size_t bytes;
	uint8_t packet[];
};

struct channel {
	struct loop *loop;
	int fd; /* -1 when it is closed */
	uint64_t watch;
	struct channel_handler handler;
	struct queued *first;
	struct queued **last;
	size_t queued_bytes;
	bool is_called; /* a call of the loop is on its way, and frees it at its end */
	bool is_freed;
	uint8_t packet[MESSAGE_MAX_BYTES];
};

int channel_pair(int ret_fds[static 2])
{
	int fds[2];
	const int bytes = BUFFER_BYTES;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) != 0) {
			int error = -errno;
			(void)close(fds[0]); /* nothing was sent */
			(void)close(fds[1]); /* likewise */
			return error;
		}
	}
	memcpy(ret_fds, fds, sizeof fds);
	return 0;
}

static void drop_first(struct channel *channel)
{
	struct queued *queued = channel->first;
	channel->first = queued->next;
	if (channel->first == NULL)
		channel->last = &channel->first;
	channel->queued_bytes -= sizeof *queued + queued->bytes;
	if (queued->fd >= 0)
		(void)close(queued->fd); /* the peer has its own now, or never will */
	free(queued);
}

static void drop_all(struct channel *channel)
{
	while (channel->first != NULL)
		drop_first(channel);
}

static void close_channel(struct channel *channel)
{
	if (channel->fd < 0)
		return;
	loop_remove(channel->loop, channel->watch);
	(void)close(channel->fd); /* what was sent was sent */
	channel->fd = -1;
	drop_all(channel);
}

static void fail(struct channel *channel, int error)
{
	close_channel(channel);
	channel->handler.on_closed(channel->handler.context, error);
}

/* One packet, and its descriptor where `fd` is one. 0 or a negative errno. */
static int send_packet(int socket, struct iovec *parts, size_t part_count, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header; /* for its alignment */
	} control = {{0}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = part_count};
	if (fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof control.bytes;
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

static int queue(struct channel *channel, const uint8_t *header, const struct message *message)
{
	size_t bytes = MESSAGE_HEADER_BYTES + message->payload_bytes;
	if (sizeof(struct queued) + bytes > CHANNEL_QUEUE_MAX_BYTES - channel->queued_bytes)
		return -EAGAIN;
	struct queued *queued = malloc(sizeof *queued + bytes);
	if (queued == NULL)
		return -ENOMEM;
	if (channel->first == NULL) {
		int error = loop_change_watch(channel->loop, channel->watch, EPOLLIN | EPOLLOUT);
		if (error != 0) {
			free(queued);
			return error;
		}
	}
	*queued = (struct queued){.fd = message->fd, .bytes = bytes};
	memcpy(queued->packet, header, MESSAGE_HEADER_BYTES);
	if (message->payload_bytes > 0)
		memcpy(queued->packet + MESSAGE_HEADER_BYTES, message->payload,
		    message->payload_bytes);
	*channel->last = queued;
	channel->last = &queued->next;
	channel->queued_bytes += sizeof *queued + bytes;
	return 0;
}

static void write_header(const struct message *message, uint8_t out[static MESSAGE_HEADER_BYTES])
{
	struct pack pack = pack_over(out, MESSAGE_HEADER_BYTES);
	pack_u16(&pack, MESSAGE_VERSION);
	pack_u16(&pack, message->type);
	pack_u32(&pack, (uint32_t)message->payload_bytes);
}

static int send_now(int socket, uint8_t *header, const struct message *message)
{
	uint8_t *payload = (uint8_t *)(uintptr_t)message->payload; /* is only read */
	struct iovec parts[2] = {{header, MESSAGE_HEADER_BYTES}, {payload, message->payload_bytes}};
	return send_packet(socket, parts, 2, message->fd);
}

int message_send(int fd, const struct message *message)
{
	uint8_t header[MESSAGE_HEADER_BYTES];
	if (message->payload_bytes > MESSAGE_PAYLOAD_MAX_BYTES)
		return -EMSGSIZE;
	write_header(message, header);
	return send_now(fd, header, message);
}

int channel_send(struct channel *channel, const struct message *message)
{
	uint8_t header[MESSAGE_HEADER_BYTES];
	if (message->payload_bytes > MESSAGE_PAYLOAD_MAX_BYTES)
		return -EMSGSIZE;
	if (channel->fd < 0)
		return -EPIPE;
	write_header(message, header);
	if (channel->first != NULL)
		return queue(channel, header, message);
	int error = send_now(channel->fd, header, message);
	if (error == -EAGAIN)
		return queue(channel, header, message);
	if (error == 0 && message->fd >= 0)
		(void)close(message->fd); /* the peer has its own */
	return error;
}

static void flush(struct channel *channel)
{
	while (channel->first != NULL) {
		struct iovec part = {channel->first->packet, channel->first->bytes};
		int error = send_packet(channel->fd, &part, 1, channel->first->fd);
		if (error == -EAGAIN)
			return;
		if (error == -EPIPE) {
			/* Reading tells, after what is still to be read. */
			drop_all(channel);
			break;
		}
		if (error != 0) {
			fail(channel, error);
			return;
		}
		drop_first(channel);
	}
	int error = loop_change_watch(channel->loop, channel->watch, EPOLLIN);
	if (error != 0)
		fail(channel, error);
	else if (channel->handler.on_drained != NULL)
		channel->handler.on_drained(channel->handler.context);
}

/* The first of those that came; all others are closed. -1 when none came. */
static int take_descriptor(struct msghdr *header)
{
	int taken = -1;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
	     part = CMSG_NXTHDR(header, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
			if (taken < 0)
				taken = fd;
			else
				(void)close(fd); /* nobody asked for it */
		}
	}
	return taken;
}

/* Whether these bytes are one whole message. */
static bool parse(const uint8_t *packet, size_t bytes, struct message *ret_message)
{
	struct cursor cursor = cursor_over(packet, bytes);
	uint16_t version = cursor_u16(&cursor);
	uint16_t type = cursor_u16(&cursor);
	uint32_t payload_bytes = cursor_u32(&cursor);
	if (!cursor_ok(&cursor) || version != MESSAGE_VERSION || payload_bytes != cursor.left)
		return false;
	*ret_message =
	    (struct message){.type = type, .payload = cursor.at, .payload_bytes = payload_bytes};
	return true;
}

/*
 * Takes one packet. 0, or a negative errno: -EAGAIN when there is none now, -EPIPE when the peer is
 * gone, -EPROTO when it is no message.
 */
static int take_packet(
    int socket, uint8_t packet[static MESSAGE_MAX_BYTES], struct message *ret_message)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header; /* for its alignment */
	} control;
	struct iovec part = {packet, MESSAGE_MAX_BYTES};
	struct msghdr header = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = CMSG_LEN(sizeof(int)), /* the kernel drops what does not fit */
	};
	ssize_t bytes;
	/* A reset is told before what had been sent already, and only once. */
	do
		bytes = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (bytes < 0 && (errno == EINTR || errno == ECONNRESET));
	if (bytes < 0)
		return -errno;
	int fd = take_descriptor(&header);
	if (bytes == 0 || (header.msg_flags & MSG_TRUNC) != 0 ||
	    !parse(packet, (size_t)bytes, ret_message)) {
		if (fd >= 0)
			(void)close(fd); /* belongs to no message */
		return bytes == 0 ? -EPIPE : -EPROTO;
	}
	ret_message->fd = fd;
	return 0;
}

int message_receive(
    int fd, int64_t wait_us, uint8_t packet[static MESSAGE_MAX_BYTES], struct message *ret_message)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	const struct timespec wait = {
	    .tv_sec = wait_us / US_PER_S, .tv_nsec = wait_us % US_PER_S * NS_PER_US};
	int count = ppoll(&ready, 1, &wait, NULL);
	if (count < 0)
		return -errno;
	return count == 0 ? -ETIMEDOUT : take_packet(fd, packet, ret_message);
}

static int receive_one(struct channel *channel)
{
	struct message message;
	int error = take_packet(channel->fd, channel->packet, &message);
	if (error != 0)
		return error;
	channel->handler.on_message(channel->handler.context, &message);
	if (message.fd >= 0)
		(void)close(message.fd); /* nobody kept it */
	return 0;
}

static void receive(struct channel *channel)
{
	int error = 0;
	for (int i = 0; i < RECEIVED_AT_ONCE_MAX && error == 0 && channel->fd >= 0; i++)
		error = receive_one(channel);
	if (error != 0 && error != -EAGAIN && channel->fd >= 0)
		fail(channel, error == -EPIPE ? 0 : error);
}

static void on_ready(void *context, uint32_t events)
{
	struct channel *channel = context;
	channel->is_called = true;
	if ((events & EPOLLOUT) != 0)
		flush(channel);
	if ((events & ~(uint32_t)EPOLLOUT) != 0 && channel->fd >= 0)
		receive(channel);
	channel->is_called = false;
	if (channel->is_freed)
		free(channel);
}

int channel_new(
    struct loop *loop, int fd, const struct channel_handler *handler, struct channel **ret_channel)
{
	struct channel *channel = calloc(1, sizeof *channel);
	if (channel == NULL)
		return -ENOMEM;
	channel->loop = loop;
	channel->fd = fd;
	channel->handler = *handler;
	channel->last = &channel->first;
	int error = loop_add_watch(
	    loop, fd, EPOLLIN, (struct loop_call){on_ready, channel}, &channel->watch);
	if (error != 0) {
		free(channel);
		return error;
	}
	*ret_channel = channel;
	return 0;
}

void channel_free(struct channel *channel)
{
	if (channel == NULL)
		return;
	close_channel(channel);
	if (channel->is_called)
		channel->is_freed = true;
	else
		free(channel);
}
