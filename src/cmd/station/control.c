#include "cmd/station/control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* A request and its newline. */
	REQUEST_LINE_BYTES = SERVICE_REQUEST_BYTES_MAX + 1,
	GROUPS_MAX = 1024, /* of one process; the kernel allows 65,536, and nobody has them */
};

#define REST_US WHEN_SECOND_US

/* Somebody who is connected. */
struct client {
	struct control *control;
	int fd; /* -1: nobody */
	uid_t user;
	uint64_t watch;
	uint64_t deadline;
	uint64_t resumption; /* a line of his waits for its turn */
	bool is_ending;      /* what is left to send is the last */
	char *line;          /* REQUEST_LINE_BYTES: what came and was not answered yet */
	size_t used;
	char *answer; /* NULL: there is none to be sent */
	size_t answer_bytes;
	size_t sent;
};

struct control {
	struct control_options options;
	int fd;
	uint64_t watch;
	uint64_t rest; /* the door is shut for want of descriptors */
	size_t client_count;
	struct client clients[CONTROL_CLIENTS_MAX];
};

static void serve(struct client *client);

/* ---- Coming and going ---- */

static void listen_to_door(struct control *control, bool wanted)
{
	(void)loop_change_watch(control->options.loop, control->watch, wanted ? EPOLLIN : 0);
}

static void drop(struct client *client)
{
	struct control *control = client->control;
	struct loop *loop = control->options.loop;
	loop_remove(loop, client->watch);
	loop_remove(loop, client->deadline);
	loop_remove(loop, client->resumption);
	(void)close(client->fd); /* what was not sent is not wanted */
	free(client->line);
	free(client->answer);
	*client = (struct client){.control = control, .fd = -1};
	control->client_count--;
	listen_to_door(control, true);
}

static void on_deadline(void *context, uint32_t what)
{
	(void)what;
	drop(context);
}

/* Something went on: he has as long again for what comes next. */
static bool set_deadline(struct client *client)
{
	const struct loop_call call = {on_deadline, client};
	struct loop *loop = client->control->options.loop;
	loop_remove(loop, client->deadline);
	client->deadline = 0;
	return loop_add_timer(loop, CONTROL_PATIENCE_US, 0, call, &client->deadline) == 0;
}

static bool is_in_group(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t bytes = sizeof groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) != 0)
		return false;
	for (size_t i = 0; i < bytes / sizeof groups[0]; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* The kernel tells who connected: whoever may open the socket, and nobody by another way. */
static bool may_ask(const struct control *control, int fd, uid_t *ret_user)
{
	struct ucred peer;
	socklen_t bytes = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0 || bytes != sizeof peer)
		return false;
	*ret_user = peer.uid;
	return peer.uid == 0 || peer.uid == control->options.owner ||
	       peer.gid == control->options.group || is_in_group(fd, control->options.group);
}

static struct client *find_place(struct control *control)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd < 0)
			return &control->clients[i];
	return NULL;
}

static void on_client(void *context, uint32_t what);

static bool admit(struct client *client, int fd, uid_t user)
{
	const struct loop_call call = {on_client, client};
	struct loop *loop = client->control->options.loop;
	client->line = malloc(REQUEST_LINE_BYTES);
	if (client->line == NULL)
		return false;
	client->fd = fd;
	client->user = user;
	client->control->client_count++;
	if (loop_add_watch(loop, fd, EPOLLIN, call, &client->watch) == 0 && set_deadline(client))
		return true;
	client->fd = -1; /* the caller closes it */
	loop_remove(loop, client->watch);
	free(client->line);
	*client = (struct client){.control = client->control, .fd = -1};
	client->control->client_count--;
	return false;
}

static void on_rest(void *context, uint32_t what)
{
	struct control *control = context;
	(void)what;
	control->rest = 0;
	listen_to_door(control, true);
}

/* Whoever stands there would be told of again at once, and could not come in. */
static void rest(struct control *control)
{
	const struct loop_call call = {on_rest, control};
	struct loop *loop = control->options.loop;
	if (control->rest == 0 && loop_add_timer(loop, REST_US, 0, call, &control->rest) == 0)
		listen_to_door(control, false);
}

static void on_door(void *context, uint32_t what)
{
	struct control *control = context;
	struct client *place = find_place(control);
	uid_t user = 0;
	(void)what;
	if (place == NULL) {
		listen_to_door(control, false); /* until somebody goes */
		return;
	}
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			rest(control);
		return; /* or he is gone already */
	}
	if (!may_ask(control, fd, &user) || !admit(place, fd, user))
		(void)close(fd); /* who may not ask hears nothing */
}

/* ---- Answers ---- */

/* Sends what can be sent now. False when he is gone. */
static bool send_answer(struct client *client)
{
	while (client->sent < client->answer_bytes) {
		ssize_t sent = send(client->fd, client->answer + client->sent,
		    client->answer_bytes - client->sent, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		client->sent += (size_t)sent;
		if (!set_deadline(client))
			return false;
	}
	free(client->answer);
	client->answer = NULL;
	return true;
}

/* The answer to a line, to be sent. False without memory. */
static bool make_answer(struct client *client, const char *line, size_t length)
{
	const struct control_options *options = &client->control->options;
	const struct keeper_clock clock = options->get_clock(options->context);
	FILE *out = open_memstream(&client->answer, &client->answer_bytes);
	if (out == NULL)
		return false;
	const struct service_asker asker = {
	    .from = "control", .user = (unsigned)client->user, .role = PAGE_OPERATOR};
	struct service service = *options->service;
	service.asker = &asker;
	(void)service_answer(&service, &clock, line, length, out); /* it says how it went */
	const bool failed = ferror(out) != 0;
	client->sent = 0;
	options->on_answered(options->context);
	return fclose(out) == 0 && !failed && client->answer != NULL;
}

static void on_resumption(void *context, uint32_t what)
{
	struct client *client = context;
	(void)what;
	client->resumption = 0;
	serve(client);
}

/* Another line of his is there: others come first. */
static bool resume_later(struct client *client)
{
	const struct loop_call call = {on_resumption, client};
	if (client->resumption != 0)
		return true;
	return loop_add_timer(client->control->options.loop, 0, 0, call, &client->resumption) == 0;
}

/* What of the lines was answered makes room. */
static void forget_line(struct client *client, size_t bytes)
{
	memmove(client->line, client->line + bytes, client->used - bytes);
	client->used -= bytes;
}

/* Answers one line, where there is one and nothing is to be sent before. False: he is to go. */
static bool answer_line(struct client *client)
{
	const char *end = memchr(client->line, '\n', client->used);
	if (end == NULL && client->used < REQUEST_LINE_BYTES)
		return !client->is_ending; /* more is to come, or was to */
	const size_t length = end != NULL ? (size_t)(end - client->line) : client->used;
	if (!make_answer(client, client->line, length))
		return false;
	forget_line(client, end != NULL ? length + 1 : length);
	client->is_ending |= end == NULL; /* where the next begins nobody knows */
	return true;
}

static void serve(struct client *client)
{
	bool stays = client->answer != NULL || answer_line(client);
	if (stays && client->answer != NULL)
		stays = send_answer(client);
	if (stays && client->answer == NULL && memchr(client->line, '\n', client->used) != NULL)
		stays = resume_later(client);
	else if (stays && client->answer == NULL && client->is_ending)
		stays = false;
	if (!stays) {
		drop(client);
		return;
	}
	/* who ended his side is not listened to: it would tell so for ever */
	const uint32_t listen =
	    client->is_ending || client->used == REQUEST_LINE_BYTES ? 0 : EPOLLIN;
	(void)loop_change_watch(client->control->options.loop, client->watch,
	    client->answer != NULL ? EPOLLOUT : listen);
}

static void on_client(void *context, uint32_t what)
{
	struct client *client = context;
	if (client->answer == NULL && client->used < REQUEST_LINE_BYTES && !client->is_ending) {
		ssize_t got = recv(
		    client->fd, client->line + client->used, REQUEST_LINE_BYTES - client->used, 0);
		if (got < 0 && errno != EAGAIN && errno != EINTR) {
			drop(client);
			return;
		}
		client->is_ending = got == 0;
		client->used += got > 0 ? (size_t)got : 0;
	} else if ((what & (EPOLLERR | EPOLLHUP)) != 0) {
		drop(client); /* nobody reads the answer any more */
		return;
	}
	if (client->resumption == 0)
		serve(client);
}

/* ---- The whole ---- */

int control_new(const struct control_options *options, int fd, struct control **ret_control)
{
	struct control *control = calloc(1, sizeof *control);
	if (control == NULL)
		return -ENOMEM;
	control->options = *options;
	control->fd = fd;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i] = (struct client){.control = control, .fd = -1};
	const struct loop_call call = {on_door, control};
	int result = loop_add_watch(options->loop, fd, EPOLLIN, call, &control->watch);
	if (result != 0) {
		free(control);
		return result;
	}
	*ret_control = control;
	return 0;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	loop_remove(control->options.loop, control->rest);
	loop_remove(control->options.loop, control->watch);
	(void)close(control->fd); /* the parent has it as well */
	free(control);
}
