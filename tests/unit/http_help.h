/*
 * http_help.h - a server of web/http.h in a child, in the sandbox of the web duty, and a client
 * that says to it exactly what a test wants said.
 */
#ifndef HTTP_HELP_H
#define HTTP_HELP_H

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/sandbox.h"
#include "web/http.h"
#include "web/listen.h"

enum {
	ANSWER_BYTES = 256 << 10,
	CLIENT_WAIT_MS = 20000,
};

static inline struct address loopback_v4(void)
{
	return address_from_v4_u32(0x7f000001);
}

/* A listening socket on a port of the system's choice. */
static inline int listen_somewhere(uint16_t *ret_port)
{
	const struct address address = loopback_v4();
	struct complaint complaint;
	struct sockaddr_in at;
	socklen_t bytes = sizeof at;
	int fd;
	if (web_listen("listen", &address, 0, &fd, &complaint) != 0)
		return -1;
	if (getsockname(fd, (struct sockaddr *)&at, &bytes) != 0)
		return -1;
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static inline void stop_server(void *context, uint32_t what)
{
	(void)what;
	loop_stop(context);
}

/* Serves until SIGTERM, in the sandbox. Returns the child, which exits with 0 where all was well.
 */
static inline pid_t start_server(
    int fd, struct http_options options, void (*set_loop)(struct loop *loop))
{
	pid_t child = fork();
	if (child != 0) {
		(void)close(fd);
		return child;
	}
	const struct sandbox_profile profile = {.may_message = true, .may_serve = true};
	struct sandbox_state state;
	struct complaint complaint = {.text = ""};
	struct loop *loop;
	struct http *http = NULL;
	uint64_t number;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	int result = loop_new(&loop_clock_system, &loop);
	if (result != 0)
		exit(1);
	set_loop(loop);
	options.loop = loop;
	result = loop_add_signal(loop, SIGTERM, (struct loop_call){stop_server, loop}, &number);
	if (result == 0)
		result = http_new(&options, fd, &http, &complaint);
	if (result == 0)
		result = sandbox_enter(&profile, &state, &complaint);
	if (result == 0)
		result = loop_run(loop);
	if (result != 0)
		fprintf(stderr, "server: %s\n", complaint.text);
	http_free(http);
	loop_free(loop);
	exit(result == 0 ? 0 : 1);
}

/* Whether it ended well. */
static inline bool end_server(pid_t child)
{
	int status = -1;
	(void)kill(child, SIGTERM);
	(void)waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static inline int connect_to(uint16_t port)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return -1;
	return fd;
}

/* Reads until the other side closes, or has been silent for so long. The count of bytes. */
static inline size_t hear(int fd, char *out, size_t room, int wait_ms)
{
	size_t used = 0;
	struct pollfd watched = {.fd = fd, .events = POLLIN};
	while (used + 1 < room && poll(&watched, 1, wait_ms) > 0) {
		ssize_t got = recv(fd, out + used, room - 1 - used, 0);
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	out[used] = '\0';
	return used;
}

/* All that is answered to these bytes, after which the client says nothing more. */
static inline const char *ask_bytes(uint16_t port, const char *bytes, size_t count)
{
	static char answer[ANSWER_BYTES];
	int fd = connect_to(port);
	answer[0] = '\0';
	if (fd < 0)
		return "no connection";
	(void)send(fd, bytes, count, MSG_NOSIGNAL);
	(void)hear(fd, answer, sizeof answer, CLIENT_WAIT_MS);
	(void)close(fd);
	return answer;
}

static inline const char *ask(uint16_t port, const char *text)
{
	return ask_bytes(port, text, strlen(text));
}

/* The status of an answer; 0 for none. */
static inline int status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.", 7) == 0 && strlen(answer) > 12
		   ? (int)strtol(answer + 9, NULL, 10)
		   : 0;
}

static inline const char *body_of(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");
	return end != NULL ? end + 4 : "";
}

#endif
