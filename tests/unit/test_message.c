#include "proc/message.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

enum {
	TURNS = 4, /* enough for all that is on its way */
	FLOOD_MAX = 1000,
};

/* Both ends of a pair: one is a channel, the other a channel or a bare socket. */
struct end {
	struct channel *channel;
	int messages;
	uint16_t type;
	uint8_t payload[16];
	size_t payload_bytes;
	uint64_t sum;   /* of all payloads' bytes */
	bool keeps;     /* the descriptor */
	bool frees;     /* the channel, when anything is told */
	bool has_fd;    /* the last message had one */
	int fd;         /* what was kept, or -1 */
	int closed;     /* how often the end was told */
	int error;      /* what it was told with */
	int drained;    /* how often */
	bool is_broken; /* something came after the end */
};

static struct loop *loop;

static void on_message(void *context, struct message *message)
{
	struct end *end = context;
	end->messages++;
	end->is_broken = end->is_broken || end->closed > 0;
	end->type = message->type;
	end->payload_bytes = message->payload_bytes;
	for (size_t i = 0; i < message->payload_bytes; i++)
		end->sum += message->payload[i];
	memcpy(end->payload, message->payload,
	    message->payload_bytes < sizeof end->payload ? message->payload_bytes
							 : sizeof end->payload);
	end->has_fd = message->fd >= 0;
	if (end->keeps && message->fd >= 0) {
		end->fd = message->fd;
		message->fd = -1;
	}
	if (end->frees) {
		channel_free(end->channel);
		end->channel = NULL;
	}
}

static void on_closed(void *context, int error)
{
	struct end *end = context;
	end->closed++;
	end->error = error;
	if (end->frees) {
		channel_free(end->channel);
		end->channel = NULL;
	}
}

static void on_drained(void *context)
{
	struct end *end = context;
	end->drained++;
	if (end->frees) {
		channel_free(end->channel);
		end->channel = NULL;
	}
}

static void open_end(struct end *end, int fd)
{
	const struct channel_handler handler = {end, on_message, on_closed, on_drained};
	*end = (struct end){.fd = -1};
	int error = channel_new(loop, fd, &handler, &end->channel);
	assert(error == 0);
}

static void open_both(struct end ends[static 2])
{
	int fds[2];
	int error = channel_pair(fds);
	assert(error == 0);
	open_end(&ends[0], fds[0]);
	open_end(&ends[1], fds[1]);
}

/* One end, and the bare socket of its peer. */
static int open_one(struct end *end)
{
	int fds[2];
	int error = channel_pair(fds);
	assert(error == 0);
	open_end(end, fds[0]);
	return fds[1];
}

static void turn(void)
{
	for (int i = 0; i < TURNS; i++) {
		int error = loop_turn(loop, 0);
		assert(error == 0);
	}
}

static int send_text(struct channel *channel, uint16_t type, const char *text, int fd)
{
	return channel_send(
	    channel, &(struct message){type, (const uint8_t *)text, strlen(text), fd});
}

static int open_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;
	assert(dir != NULL);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir); /* was only read */
	return count;
}

static void test_exchange(void)
{
	struct end ends[2];
	open_both(ends);
	OK(send_text(ends[0].channel, 7, "hello", -1) == 0 &&
		send_text(ends[1].channel, 65535, "", -1) == 0,
	    "both send");
	turn();
	OK(ends[1].messages == 1 && ends[1].type == 7 && ends[1].payload_bytes == 5 &&
		memcmp(ends[1].payload, "hello", 5) == 0 && !ends[1].has_fd,
	    "a message arrives whole");
	OK(ends[0].messages == 1 && ends[0].type == 65535 && ends[0].payload_bytes == 0,
	    "one without a payload too");
	channel_free(ends[0].channel);
	turn();
	turn();
	OK(ends[1].closed == 1 && ends[1].error == 0, "that the peer is gone is told once");
	OK(send_text(ends[1].channel, 1, "x", -1) == -EPIPE, "and nothing can be sent to it");
	channel_free(ends[1].channel);
	channel_free(NULL);
}

static void test_last_words(void)
{
	struct end ends[2];
	open_both(ends);
	int error = send_text(ends[1].channel, 1, "never read", -1);
	for (int i = 0; error == 0 && i < 40; i++)
		error = send_text(ends[0].channel, 2, "last", -1);
	channel_free(ends[0].channel);
	turn();
	OK(error == 0 && ends[1].messages == 40 && ends[1].closed == 1 && ends[1].error == 0 &&
		!ends[1].is_broken,
	    "what a peer said before it went arrives first, though it read nothing itself");
	channel_free(ends[1].channel);
}

static void test_descriptors(void)
{
	struct end ends[2];
	struct stat before;
	struct stat after;
	int count = open_count();
	open_both(ends);
	ends[1].keeps = true;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert(fd >= 0 && fstat(fd, &before) == 0);
	OK(send_text(ends[0].channel, 1, "take", fd) == 0, "a descriptor is sent");
	turn();
	OK(ends[1].fd >= 0 && fstat(ends[1].fd, &after) == 0 && before.st_rdev == after.st_rdev &&
		(fcntl(ends[1].fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "and taken, closed when another program is run");
	OK(fcntl(fd, F_GETFD) == -1 || fd == ends[1].fd, "the sender has it no more");
	(void)close(ends[1].fd); /* /dev/null */
	ends[1].keeps = false;
	OK(send_text(ends[0].channel, 1, "leave", open("/dev/null", O_RDWR | O_CLOEXEC)) == 0,
	    "one that nobody wants");
	turn();
	OK(ends[1].has_fd && open_count() == count + 2, "is closed");
	channel_free(ends[0].channel);
	channel_free(ends[1].channel);
	OK(open_count() == count, "nothing stays open");
}

/* Sends a packet as it stands, with `count` descriptors. */
static void send_raw(int socket, const void *bytes, size_t size, size_t count)
{
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr header;
	} control = {{0}};
	struct iovec part = {(void *)(uintptr_t)bytes, size};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	int fds[8];
	for (size_t i = 0; i < count; i++)
		fds[i] = STDIN_FILENO;
	if (count > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	ssize_t sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	assert(sent == (ssize_t)size);
}

#define LARGEST (MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_MAX_BYTES)

static const struct {
	const char *name;
	size_t bytes;
	uint8_t header[12];
	size_t fds;
	int error;
} packets[] = {
    {"the largest message", LARGEST, {0, 1, 0, 9, 0, 2, 0, 0}, 0, 1},
    {"one byte more", LARGEST + 1, {0, 1, 0, 9, 0, 2, 0, 1}, 0, -EPROTO},
    {"one byte more, and it lies", LARGEST + 1, {0, 1, 0, 9, 0, 2, 0, 0}, 0, -EPROTO},
    {"another version", 8, {0, 2, 0, 9, 0, 0, 0, 0}, 0, -EPROTO},
    {"half a header", 7, {0, 1, 0, 9, 0, 0, 0}, 0, -EPROTO},
    {"less than it says", 12, {0, 1, 0, 9, 0, 0, 0, 5, 1, 2, 3, 4}, 0, -EPROTO},
    {"more than it says", 12, {0, 1, 0, 9, 0, 0, 0, 3, 1, 2, 3, 4}, 0, -EPROTO},
    {"a length of all ones", 8, {0, 1, 0, 9, 0xff, 0xff, 0xff, 0xff}, 0, -EPROTO},
    {"no message, but descriptors", 3, {1, 2, 3}, 2, -EPROTO},
    {"nothing at all", 0, {0}, 0, 0},
    {"many descriptors", 8, {0, 1, 0, 9, 0, 0, 0, 0}, 8, 1},
};

static void test_hostile(void)
{
	static uint8_t bytes[LARGEST + 1];
	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
		struct end end;
		int count = open_count();
		int peer = open_one(&end);
		memset(bytes, 1, sizeof bytes);
		memcpy(bytes, packets[i].header, sizeof packets[i].header);
		send_raw(peer, bytes, packets[i].bytes, packets[i].fds);
		turn();
		bool taken = end.messages == 1 && end.closed == 0 &&
			     end.payload_bytes == packets[i].bytes - MESSAGE_HEADER_BYTES &&
			     end.has_fd == (packets[i].fds > 0);
		bool ended = end.messages == 0 && end.closed == 1 && end.error == packets[i].error;
		OK(packets[i].error == 1 ? taken : ended, packets[i].name);
		channel_free(end.channel);
		(void)close(peer); /* of the test */
		if (open_count() != count)
			OK(false, "a descriptor stays open");
	}
}

static void test_largest(void)
{
	static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES + 1];
	struct end ends[2];
	open_both(ends);
	memset(payload, 1, sizeof payload);
	struct message message = {1, payload, sizeof payload, -1};
	OK(channel_send(ends[0].channel, &message) == -EMSGSIZE, "one byte too many is not sent");
	message.payload_bytes = MESSAGE_PAYLOAD_MAX_BYTES;
	OK(channel_send(ends[0].channel, &message) == 0, "the largest is");
	turn();
	OK(ends[1].messages == 1 && ends[1].sum == MESSAGE_PAYLOAD_MAX_BYTES, "and arrives");
	channel_free(ends[0].channel);
	channel_free(ends[1].channel);
}

static void test_queue(void)
{
	static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES];
	struct end ends[2];
	open_both(ends);
	int error = 0;
	int sent = 0;
	memset(payload, 1, sizeof payload);
	for (; error == 0 && sent < FLOOD_MAX; sent += error == 0)
		error = channel_send(
		    ends[0].channel, &(struct message){1, payload, sizeof payload, -1});
	OK(error == -EAGAIN && sent > CHANNEL_QUEUE_MAX_BYTES / LARGEST,
	    "who sends to one that does not read is told when the queue is full");
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	OK(send_text(ends[0].channel, 2, "small", fd) == 0 &&
		ends[0].drained == 0, /* the last piece of the queue is smaller than a payload */
	    "something small finds room");
	ends[1].keeps = true;
	for (int i = 0; i < FLOOD_MAX && ends[0].drained == 0; i++)
		turn();
	turn();
	OK(ends[1].messages == sent + 1 && ends[0].drained == 1 &&
		ends[1].sum == (uint64_t)sent * sizeof payload + 's' + 'm' + 'a' + 'l' + 'l',
	    "all arrives in the end, and that the queue is empty is told once");
	OK(ends[1].type == 2 && ends[1].fd >= 0 && fcntl(ends[1].fd, F_GETFD) >= 0,
	    "in order, with its descriptor");
	(void)close(ends[1].fd); /* /dev/null */

	int count = open_count();
	for (error = 0; error == 0;)
		error = channel_send(
		    ends[0].channel, &(struct message){1, payload, sizeof payload, -1});
	error = send_text(ends[0].channel, 2, "lost", open("/dev/null", O_RDWR | O_CLOEXEC));
	channel_free(ends[1].channel);
	turn();
	OK(error == 0 && ends[0].closed == 1 && open_count() == count - 2,
	    "when the peer goes what was queued is dropped, descriptors too");
	channel_free(ends[0].channel);
}

/* A peer that refuses to read, but stays: no turn may spin for it. */
static void test_half_closed(void)
{
	static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES];
	struct end end;
	int peer = open_one(&end);
	int error = 0;
	while (error == 0)
		error =
		    channel_send(end.channel, &(struct message){1, payload, sizeof payload, -1});
	int shut = shutdown(peer, SHUT_RD);
	/* Makes room, so that writing is tried. */
	while (recv(peer, payload, sizeof payload, MSG_DONTWAIT) > 0)
		;
	turn();
	int64_t before_us = loop_monotonic_us(loop);
	error = loop_turn(loop, 20000);
	OK(shut == 0 && error == 0 && end.closed == 0 &&
		loop_monotonic_us(loop) - before_us >= 20000 &&
		send_text(end.channel, 1, "x", -1) == -EPIPE,
	    "a peer that will not read is not written to for ever");
	(void)close(peer); /* of the test */
	turn();
	OK(end.closed == 1 && end.error == 0, "and is told when it goes");
	channel_free(end.channel);
}

static void test_free_inside(void)
{
	static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES];
	struct end ends[2];
	open_both(ends);
	ends[1].frees = true;
	int error = send_text(ends[0].channel, 1, "a", -1);
	if (error == 0)
		error = send_text(ends[0].channel, 1, "b", -1);
	turn();
	OK(error == 0 && ends[1].messages == 1 && ends[1].closed == 0 && ends[0].closed == 1,
	    "freed when a message comes, nothing more is told");
	channel_free(ends[0].channel);

	open_both(ends);
	ends[1].frees = true;
	channel_free(ends[0].channel);
	turn();
	OK(ends[1].closed == 1 && ends[1].channel == NULL, "freed when the peer goes");

	open_both(ends);
	ends[0].frees = true;
	for (error = 0; error == 0;)
		error = channel_send(
		    ends[0].channel, &(struct message){1, payload, sizeof payload, -1});
	for (int i = 0; i < FLOOD_MAX && ends[0].drained == 0; i++)
		turn();
	turn();
	OK(ends[0].drained == 1 && ends[0].channel == NULL && ends[1].closed == 1,
	    "freed when its queue is empty");
	channel_free(ends[1].channel);
}

static void test_without_loop(void)
{
	static uint8_t packet[MESSAGE_MAX_BYTES];
	struct end end;
	struct message message;
	int peer = open_one(&end);
	OK(message_receive(peer, 1000, packet, &message) == -ETIMEDOUT, "no message in time");
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int error = send_text(end.channel, 5, "one", fd);
	if (error == 0)
		error = send_text(end.channel, 6, "two", -1);
	OK(error == 0 && message_receive(peer, 1000, packet, &message) == 0 && message.type == 5 &&
		message.payload_bytes == 3 && message.fd >= 0 &&
		(fcntl(message.fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "one message is taken without a loop, with its descriptor");
	(void)close(message.fd); /* /dev/null */
	OK(message_receive(peer, 0, packet, &message) == 0 && message.type == 6 && message.fd == -1,
	    "the next waits for the next call");
	const struct message back = {
	    .type = 7, .payload = (const uint8_t *)"back", .payload_bytes = 4, .fd = -1};
	OK(message_send(peer, &back) == 0, "one is sent without a loop");
	turn();
	OK(end.messages == 1 && end.type == 7, "and arrives");
	const struct message large = {
	    .type = 7, .payload = packet, .payload_bytes = MESSAGE_PAYLOAD_MAX_BYTES + 1, .fd = -1};
	OK(message_send(peer, &large) == -EMSGSIZE, "one byte too many");
	channel_free(end.channel);
	OK(message_receive(peer, 1000, packet, &message) == -EPIPE, "a peer that is gone is told");
	OK(message_send(peer, &back) == -EPIPE, "to who sends as well");
	(void)close(peer); /* of the test */
	peer = open_one(&end);
	send_raw(peer, "xyz", 3, 1);
	OK(message_receive(peer, 0, packet, &message) == -ETIMEDOUT, "what was sent is not here");
	turn();
	OK(end.error == -EPROTO, "but there");
	channel_free(end.channel);
	(void)close(peer); /* of the test */
}

int main(void)
{
	int error = loop_new(&loop_clock_system, &loop);
	assert(error == 0);
	test_exchange();
	test_last_words();
	test_descriptors();
	test_hostile();
	test_largest();
	test_queue();
	test_half_closed();
	test_free_inside();
	test_without_loop();
	loop_free(loop);
	return test_done();
}
