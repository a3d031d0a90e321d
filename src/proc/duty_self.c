#include "proc/duty_self.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/duty_layout.h"
#include "proc/pack.h"
#include "proc/sandbox_internal.h"

/* The parent sends the layout before it starts the process. */
#define LAYOUT_WAIT_US INT64_C(1000000)

struct duty_self {
	struct duty_layout layout;
	pid_t parent;
	int control_fd; /* -1 when the channel has it */
	struct channel *control;
	struct duty_self_handler handler;
	int links[DUTY_LINKS_MAX][2]; /* -1 when taken; a channel has one */
	int descriptors[DUTY_DESCRIPTORS_MAX];
	/* Where a mute duty may write: its control channel, and what wakes readers of its relays.
	 */
	int write_fds[DUTY_LINKS_MAX + 1];
	uint8_t packet[MESSAGE_MAX_BYTES];
};

/* Gives a number to each descriptor that was laid out. */
static void number_descriptors(struct duty_self *self)
{
	struct sandbox_profile *profile = &self->layout.profile;
	int next = DUTY_FIRST_FD;
	self->control_fd = next;
	self->write_fds[profile->write_fd_count++] = next++;
	for (size_t i = 0; i < self->layout.link_count; i++) {
		self->links[i][0] = next++;
		if (!self->layout.links[i].is_relay)
			continue;
		self->links[i][1] = next;
		self->write_fds[profile->write_fd_count++] = next++;
	}
	if (self->layout.is_mute)
		profile->write_fds = self->write_fds;
	for (size_t i = 0; i < self->layout.descriptor_count; i++)
		self->descriptors[i] = next++;
	for (int fd = DUTY_FIRST_FD; fd < next; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* what is not there will fail later */
}

static int read_layout(struct duty_self *self, struct complaint *complaint)
{
	int type;
	struct message message;
	socklen_t bytes = sizeof type;
	if (getsockopt(DUTY_FIRST_FD, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 ||
	    type != SOCK_SEQPACKET)
		return complain(
		    complaint, -ENOTCONN, "this is started by `hinomi run` alone, not by hand");
	int error = message_receive(DUTY_FIRST_FD, LAYOUT_WAIT_US, self->packet, &message);
	if (error != 0)
		return complain(
		    complaint, error, "layout of the duty: %s, expected one", strerror(-error));
	if (message.fd >= 0)
		(void)close(message.fd); /* belongs to no layout */
	struct cursor cursor = cursor_over(message.payload, message.payload_bytes);
	if (message.type != DUTY_LAYOUT || !duty_layout_read(&cursor, &self->layout))
		return complain(complaint, -EPROTO, "layout of the duty: damaged");
	return 0;
}

int duty_begin(struct duty_self **ret_self, struct complaint *complaint)
{
	struct duty_self *self = calloc(1, sizeof *self);
	if (self == NULL)
		return complain(complaint, -ENOMEM, "duty: out of memory");
	self->parent = getppid();
	self->control_fd = -1;
	for (size_t i = 0; i < DUTY_LINKS_MAX; i++)
		self->links[i][0] = self->links[i][1] = -1;
	for (size_t i = 0; i < DUTY_DESCRIPTORS_MAX; i++)
		self->descriptors[i] = -1;
	int error = read_layout(self, complaint);
	if (error != 0) {
		free(self);
		return error;
	}
	number_descriptors(self);
	(void)prctl(PR_SET_NAME, self->layout.name, 0, 0, 0); /* for people: ps(1) shows it */
	*ret_self = self;
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* nobody wanted it */
}

void duty_end(struct duty_self *self)
{
	if (self == NULL)
		return;
	for (size_t i = 0; i < DUTY_LINKS_MAX; i++) {
		close_fd(self->links[i][0]);
		close_fd(self->links[i][1]);
	}
	for (size_t i = 0; i < DUTY_DESCRIPTORS_MAX; i++)
		close_fd(self->descriptors[i]);
	close_fd(self->control_fd);
	channel_free(self->control);
	free(self);
}

const char *duty_get_name(const struct duty_self *self)
{
	return self->layout.name;
}

static int take(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken >= 0 ? taken : -ENOENT;
}

int duty_take_descriptor(struct duty_self *self, const char *name)
{
	for (size_t i = 0; i < self->layout.descriptor_count; i++)
		if (strcmp(self->layout.descriptors[i], name) == 0)
			return take(&self->descriptors[i]);
	return -ENOENT;
}

/* Negative when there is none of that kind and name. */
static int find_link(const struct duty_self *self, const char *name, bool is_relay)
{
	for (size_t i = 0; i < self->layout.link_count; i++) {
		const struct duty_layout_link *link = &self->layout.links[i];
		if (link->is_relay == is_relay && strcmp(link->name, name) == 0)
			return (int)i;
	}
	return -ENOENT;
}

int duty_take_channel(struct duty_self *self, const char *link)
{
	int number = find_link(self, link, false);
	return number < 0 ? number : take(&self->links[number][0]);
}

int duty_take_relay(struct duty_self *self, const char *link, struct relay **ret_relay)
{
	int number = find_link(self, link, true);
	if (number < 0 || self->links[number][0] < 0)
		return -ENOENT;
	const struct duty_layout_link *row = &self->layout.links[number];
	int error = relay_open(self->links[number], row->is_from ? RELAY_WRITER : RELAY_READER,
	    row->record_max_bytes, ret_relay);
	if (error == 0)
		self->links[number][0] = self->links[number][1] = -1;
	return error;
}

static void take_link(struct duty_self *self, struct message *message)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	size_t number = cursor_u16(&cursor);
	if (!unpack_is_whole(&cursor) || number >= self->layout.link_count || message->fd < 0 ||
	    self->layout.links[number].is_relay)
		return;
	if (self->links[number][0] >= 0) {
		/* The old end was never taken: it leads to nobody, but is still there to take. */
		close_fd(self->links[number][0]);
		self->links[number][0] = message->fd;
		message->fd = -1;
		return;
	}
	int fd = message->fd;
	message->fd = -1;
	self->handler.on_channel(self->handler.context, self->layout.links[number].name, fd);
}

static void answer(struct duty_self *self, const struct message *question)
{
	const struct message message = {
	    .type = DUTY_PONG,
	    .payload = question->payload,
	    .payload_bytes = question->payload_bytes,
	    .fd = -1,
	};
	(void)channel_send(self->control, &message); /* without an answer it is killed */
}

static void on_message(void *context, struct message *message)
{
	struct duty_self *self = context;
	if (message->type >= DUTY_TYPE_FIRST)
		self->handler.on_message(self->handler.context, message);
	else if (message->type == DUTY_PING)
		answer(self, message);
	else if (message->type == DUTY_LINK)
		take_link(self, message);
	else if (message->type == DUTY_STOP)
		self->handler.on_stop(self->handler.context);
}

static void on_closed(void *context, int error)
{
	struct duty_self *self = context;
	(void)error; /* without a parent there is no duty */
	self->handler.on_stop(self->handler.context);
}

/* Where the parent dies now, this process dies too; where it did before, it must not go on. */
static int bind_to_parent(const struct duty_self *self, struct complaint *complaint)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != self->parent)
		return complain(complaint, -ESRCH, "the parent is gone, expected to die with it");
	return 0;
}

static int drop_rights(struct duty_self *self, struct complaint *complaint)
{
	if (!self->layout.drops_late)
		return 0;
	int error =
	    privilege_drop(self->layout.becomes_user ? &self->layout.user : NULL, complaint);
	if (IS_SANITIZED) /* who changed its rights is not traced, not even by its own leak check */
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* without it the check would say so */
	/* Other rights may have taken it back. */
	return error != 0 ? error : bind_to_parent(self, complaint);
}

static int enter_sandbox(
    struct duty_self *self, struct sandbox_state *ret_state, struct complaint *complaint)
{
	struct sandbox_state state;
	char described[SANDBOX_TEXT_BYTES];
	int error = sandbox_enter(&self->layout.profile, &state, complaint);
	if (error != 0)
		return error;
	if (self->layout.is_strict && state.lacks != 0) {
		sandbox_describe(&state, described);
		return complain(complaint, -ENOSYS,
		    "sandbox: %s; expected a kernel that can do all of it", described);
	}
	*ret_state = state;
	return 0;
}

static int say_ready(struct duty_self *self, const struct sandbox_state *state)
{
	uint8_t bytes[64];
	struct pack pack = pack_over(bytes, sizeof bytes);
	duty_ready_write(&pack, state);
	assert(pack_ok(&pack));
	const struct message message = {DUTY_IS_READY, bytes, pack.used, -1};
	return channel_send(self->control, &message);
}

int duty_enter(struct duty_self *self, struct loop *loop, const struct duty_self_handler *handler,
    struct sandbox_state *ret_state, struct complaint *complaint)
{
	const struct channel_handler control = {self, on_message, on_closed, NULL};
	self->handler = *handler;
	int error = channel_new(loop, self->control_fd, &control, &self->control);
	if (error != 0)
		return complain(complaint, error, "control channel: %s, expected to watch it",
		    strerror(-error));
	self->control_fd = -1;
	error = drop_rights(self, complaint);
	if (error == 0)
		error = enter_sandbox(self, ret_state, complaint);
	if (error != 0)
		return error;
	error = say_ready(self, ret_state);
	return error == 0 ? 0
			  : complain(complaint, error, "control channel: %s, expected to say ready",
				strerror(-error));
}

int duty_send(struct duty_self *self, const struct message *message)
{
	assert(message->type >= DUTY_TYPE_FIRST);
	return self->control != NULL ? channel_send(self->control, message)
				     : message_send(self->control_fd, message);
}
