/*
 * watch_source.c - a station's use of live sources in small: a privileged parent opens, a sandboxed
 * child reads by an event loop of its own, and what was removed is opened anew when it is back.
 *
 *     watch_source count|frames|sips ADDRESS
 *
 * The child, whose user is nobody and whose rights are given up, adopts what it was sent and prints
 * a line for each change of state ("up", "down", "removed", "named NAME"), "frame HEX" for each
 * frame with "frames", and at its end "counts FRAMES BYTES DROPPED REFUSED PASSED". It reads until
 * there is nothing more; with "sips" it reads 16 frames each time that it may, and none at its end.
 * It ends when standard input does, or when the interface is removed; then the parent prints
 * "waiting", looks until an interface of that name is up, and opens it again. "ready" is printed
 * when it listens.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/sandbox.h"
#include "source/interface.h"
#include "source/source.h"

enum {
	TICK_MS = 100,
	LOOK_MS = 20,
	NOBODY = 65534,
	EXIT_REMOVED = 3,
	SHOWN_BYTES = 96,
	SIP_FRAMES = 16,
};

static const struct source_kind *const kinds[] = {&source_ring, &source_xdp, NULL};
static struct frame_batch batch;
static bool shows_frames;
static bool sips;

/* Prints what changed. */
static void tell(const struct source_state *before, const struct source_state *now)
{
	if (now->is_removed && !before->is_removed)
		puts("removed");
	else if (now->is_up != before->is_up)
		puts(now->is_up ? "up" : "down");
	if (strcmp(now->interface, before->interface) != 0)
		printf("named %s\n", now->interface);
	(void)fflush(stdout); /* whoever reads will miss it */
}

static void show_frames(void)
{
	for (size_t i = 0; shows_frames && i < batch.count; i++) {
		const struct frame *frame = &batch.frames[i];
		fputs("frame ", stdout);
		for (uint32_t at = 0; at < frame->captured_bytes && at < SHOWN_BYTES; at++)
			printf("%02x", frame->bytes[at]);
		putchar('\n');
	}
}

/* Reads until there is nothing more for now. Returns 1, 0 or an error as a read does. */
static int drain(struct source *source, struct complaint *complaint)
{
	int result = 1;
	do {
		batch.count = 0;
		result =
		    source_read(source, &batch, sips ? SIP_FRAMES : FRAME_BATCH_MAX, complaint);
		show_frames();
	} while (result == 1 && batch.count > 0 && !sips);
	return result;
}

static int watch(struct source *source)
{
	struct source_state before = {.is_up = true}, now;
	struct complaint complaint = {0};
	int result = 1;
	source_get_state(source, &now);
	memcpy(before.interface, now.interface, sizeof before.interface);
	puts("ready");
	while (result == 1) {
		struct pollfd waiting[] = {
		    {.fd = source_get_fd(source), .events = POLLIN},
		    {.fd = STDIN_FILENO, .events = POLLIN},
		};
		tell(&before, &now);
		before = now;
		(void)poll(waiting, 2, TICK_MS); /* whatever it gives */
		if (waiting[0].revents != 0)
			result = drain(source, &complaint);
		source_get_state(source, &now);
		if ((waiting[1].revents & (POLLIN | POLLHUP)) != 0 && result == 1) {
			source_stop();
			result = sips ? 0 : drain(source, &complaint);
		}
	}
	tell(&before, &now);
	source_get_state(source, &now);
	printf("counts %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", now.frames,
	    now.bytes, now.dropped, now.refused, now.passed);
	if (result < 0)
		printf("failed %d %s\n", -result, complaint.text);
	return result == -ENODEV ? EXIT_REMOVED : result == 0 ? 0 : 1;
}

/* The numbers of what lies in between are put where the grant is. */
static void receive(int channel, struct source_grant *grant)
{
	char control[CMSG_SPACE(sizeof grant->descriptors)];
	struct iovec whole = {grant, sizeof *grant};
	struct msghdr message = {
	    .msg_iov = &whole,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof control,
	};
	ssize_t bytes = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	assert(bytes == (ssize_t)sizeof *grant);
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	assert(rights != NULL && rights->cmsg_type == SCM_RIGHTS);
	memcpy(grant->descriptors, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
}

static void give(int channel, struct source_grant *grant)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof grant->descriptors)] = {0};
	const size_t bytes = grant->descriptor_count * sizeof grant->descriptors[0];
	struct iovec whole = {grant, sizeof *grant};
	struct msghdr message = {
	    .msg_iov = &whole,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = CMSG_SPACE(bytes),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(rights), grant->descriptors, bytes);
	ssize_t sent = sendmsg(channel, &message, 0);
	assert(sent == (ssize_t)sizeof *grant);
	source_grant_release(grant);
}

static int be_child(int channel)
{
	const struct sandbox_profile profile = {.may_listen = true};
	struct sandbox_state state;
	struct complaint complaint = {0};
	struct source_grant grant;
	struct source *source = NULL;
	receive(channel, &grant);
	if (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0 ||
	    sandbox_enter(&profile, &state, &complaint) != 0 ||
	    source_adopt(kinds, &grant, &source, &complaint) != 0) {
		(void)fprintf(stderr, "watch_source: %s\n", complaint.text);
		return 1;
	}
	source_set_waiting(source, false);
	int status = watch(source);
	source_close(source);
	return status;
}

/* Gives how the child ended. */
static int listen_once(struct source_grant *grant)
{
	int ends[2];
	int status = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return 1;
	(void)fflush(stdout); /* or the child writes it again */
	pid_t child = fork();
	if (child == 0) {
		source_grant_release(grant); /* it has those that it is sent only */
		status = be_child(ends[1]);
		(void)fflush(stdout); /* a lost line shows */
		_exit(status);
	}
	give(ends[0], grant);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 1;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Until it is there and up. False when standard input ended before. */
static bool await_interface(const char *name)
{
	struct interface_state state;
	puts("waiting");
	(void)fflush(stdout); /* as above */
	while (interface_look(name, &state) != 0 || !state.is_up) {
		struct pollfd waiting = {.fd = STDIN_FILENO, .events = POLLIN};
		if (poll(&waiting, 1, LOOK_MS) > 0)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct source_grant grant;
	struct complaint complaint;
	int status = EXIT_REMOVED;
	if (argc != 3) {
		(void)fprintf(
		    stderr, "watch_source: expected count, frames or sips, and an ADDRESS\n");
		return 2;
	}
	shows_frames = strcmp(argv[1], "frames") == 0;
	sips = strcmp(argv[1], "sips") == 0;
	while (status == EXIT_REMOVED) {
		if (source_prepare(kinds, argv[2], &grant, &complaint) != 0) {
			(void)fprintf(stderr, "watch_source: %s\n", complaint.text);
			return 2;
		}
		char name[SOURCE_INTERFACE_BYTES];
		memcpy(name, grant.interface, sizeof name);
		if (grant.notice[0] != '\0')
			(void)fprintf(stderr, "watch_source: %s\n", grant.notice);
		status = listen_once(&grant);
		if (status == EXIT_REMOVED && !await_interface(name))
			return 0;
	}
	return status;
}
