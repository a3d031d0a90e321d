/* Answers without an end: who reads them, slowly, not at all, or is gone. */
#include <time.h>

#include "base/when.h"
#include "http_help.h"
#include "test.h"

/* ---- What the server serves ---- */

enum {
	STREAMS = HTTP_STREAMS_MAX + 1,
	PIECE = 16 << 10,
};

static struct loop *server_loop;
static struct http_stream *streams[STREAMS];
static size_t gone;
static int last_result;

static void on_gone(void *context)
{
	struct http_stream **stream = context;
	*stream = NULL;
	gone++;
}

static void set_loop(struct loop *loop)
{
	server_loop = loop;
}

static void begin_stream(void *context, struct http_request *request)
{
	size_t i = 0;
	(void)context;
	while (i + 1 < STREAMS && streams[i] != NULL)
		i++;
	const int result = http_stream_begin(request, on_gone, &streams[i], &streams[i]);
	if (result == -EUSERS)
		http_problem(request, 503, NULL, "there are as many as there may be");
	else if (result != 0)
		http_problem(request, 500, NULL, "not begun");
}

static void begin_late(void *context, uint32_t what)
{
	(void)what;
	begin_stream(NULL, context);
}

static void begin_stream_later(void *context, struct http_request *request)
{
	uint64_t number;
	(void)context;
	if (loop_add_timer(
		server_loop, 100000, 0, (struct loop_call){begin_late, request}, &number) != 0)
		http_refuse(request, 503, "no timer");
}

static void send_all(void *context, struct http_request *request)
{
	char event[16];
	const char *data = http_request_query(request, "data");
	(void)context;
	(void)snprintf(event, sizeof event, "said");
	for (size_t i = 0; i < STREAMS; i++)
		if (streams[i] != NULL)
			last_result = http_stream_send(streams[i], event, data, strlen(data));
	http_accept(request);
}

static void send_lines(void *context, struct http_request *request)
{
	(void)context;
	if (streams[0] != NULL)
		last_result = http_stream_send(streams[0], "lines", "a\nb\r\n", 5);
	http_accept(request);
}

/* To the first, until it takes no more. */
static void send_much(void *context, struct http_request *request)
{
	static char bytes[PIECE];
	char text[64];
	size_t sent = 0;
	(void)context;
	memset(bytes, 'x', sizeof bytes);
	last_result = 0;
	while (streams[0] != NULL && last_result == 0 && sent < 1000) {
		last_result = http_stream_send(streams[0], "much", bytes, sizeof bytes);
		sent += last_result == 0;
	}
	const int length = snprintf(text, sizeof text, "%zu %d %d", sent, last_result == -ENOBUFS,
	    streams[0] != NULL && http_stream_waiting(streams[0]) <= HTTP_STREAM_BYTES);
	http_answer(request, 200, "text/plain", text, (size_t)length);
}

static void end_all(void *context, struct http_request *request)
{
	(void)context;
	for (size_t i = 0; i < STREAMS; i++) {
		if (streams[i] != NULL)
			http_stream_end(streams[i]);
		streams[i] = NULL;
	}
	http_accept(request);
}

static void count_gone(void *context, struct http_request *request)
{
	char text[32];
	(void)context;
	const int length = snprintf(text, sizeof text, "%zu", gone);
	http_answer(request, 200, "text/plain", text, (size_t)length);
}

static const struct route routes[] = {
    {.path = "/events", .method = ROUTE_GET, .run = begin_stream},
    {.path = "/later", .method = ROUTE_GET, .run = begin_stream_later},
    {.path = "/send", .method = ROUTE_GET, .run = send_all},
    {.path = "/lines", .method = ROUTE_GET, .run = send_lines},
    {.path = "/much", .method = ROUTE_GET, .run = send_much},
    {.path = "/end", .method = ROUTE_GET, .run = end_all},
    {.path = "/gone", .method = ROUTE_GET, .run = count_gone},
};

static const struct http_options options = {
    .routes = routes, .route_count = sizeof routes / sizeof routes[0]};

/* ---- Clients ---- */

#define END       "Host: a\r\nConnection: close\r\n\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" END

static char heard[1 << 20];

static int open_stream(uint16_t port, uint32_t from, const char *request)
{
	const struct sockaddr_in local = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + from)};
	const struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int few = 4096;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof few);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&local, sizeof local) != 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return -1;
	(void)send(fd, request, strlen(request), MSG_NOSIGNAL);
	return fd;
}

static const char *read_some(int fd)
{
	(void)hear(fd, heard, sizeof heard, 300);
	return heard;
}

static size_t gone_count(uint16_t port)
{
	return strtoul(body_of(ask(port, GET("/gone"))), NULL, 10);
}

static void test_events(uint16_t port)
{
	int fd = open_stream(port, 1, GET("/events"));
	const char *answer = read_some(fd);
	OK(status_of(answer) == 200 &&
		strstr(answer, "\r\nContent-Type: text/event-stream; charset=utf-8\r\n") != NULL &&
		strstr(answer, "\r\nCache-Control: no-store\r\n") != NULL &&
		strstr(answer, "retry: 2000\n\n") != NULL,
	    "a stream begins at once");
	(void)ask(port, GET("/send?data=one"));
	OK(strstr(read_some(fd), "event: said\ndata: one\n\n") != NULL, "what is sent comes");
	(void)ask(port, GET("/send?data=two"));
	(void)ask(port, GET("/send?data=three"));
	answer = read_some(fd);
	OK(strstr(answer, "data: two\n\n") != NULL && strstr(answer, "data: three\n\n") != NULL,
	    "and what comes after it");
	(void)ask(port, GET("/lines"));
	OK(strstr(read_some(fd), "event: lines\ndata: a\ndata: b\ndata: \ndata: \n\n") != NULL,
	    "lines are lines of one event");
	(void)ask(port, GET("/send?data=last"));
	(void)ask(port, GET("/end"));
	answer = read_some(fd);
	OK(strstr(answer, "data: last\n\n") != NULL && strstr(answer, "\r\n0\r\n\r\n") != NULL,
	    "what was sent before the end comes, and the end");
	OK(gone_count(port) == 0, "whoever ends it is not told that it is gone");
	(void)close(fd);
}

static void test_late(uint16_t port)
{
	int fd = open_stream(port, 1, GET("/later"));
	(void)usleep(300000);
	(void)ask(port, GET("/send?data=one"));
	OK(strstr(read_some(fd), "data: one\n\n") != NULL, "one that begins later is as good");
	(void)ask(port, GET("/end"));
	(void)close(fd);
	OK(status_of(ask(port, "HEAD /events HTTP/1.1\r\n" END)) == 200, "its head has an end");
	(void)usleep(200000);
	OK(gone_count(port) == 1, "and then it is gone");
}

static void test_leaving(uint16_t port)
{
	const size_t before = gone_count(port);
	for (int i = 0; i < 20; i++) {
		const struct linger hard = {.l_onoff = i % 2, .l_linger = 0};
		int fd = open_stream(port, 1, GET("/events"));
		(void)usleep(10000);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		(void)close(fd);
	}
	for (int i = 0; i < 4; i++) { /* a first piece is still taken by the other side */
		(void)ask(port, GET("/send?data=one"));
		(void)usleep(100000);
	}
	OK(gone_count(port) == before + 20, "whoever leaves is noticed by what is sent to him");
}

/* A reader who takes nothing, and one beside him. */
static void test_slow(uint16_t port)
{
	int slow = open_stream(port, 1, GET("/events"));
	(void)usleep(200000);
	int quick = open_stream(port, 2, GET("/events"));
	(void)usleep(200000);
	(void)read_some(quick);
	bool was_full = false;
	for (int i = 0; i < 100 && !was_full; i++) {
		const char *said = body_of(ask(port, GET("/much")));
		was_full = strstr(said, " 1 1") != NULL && strncmp(said, "0 ", 2) == 0;
		(void)usleep(20000);
	}
	OK(was_full, "for whoever does not read no more is kept than there may be");
	(void)ask(port, GET("/send?data=quick"));
	OK(strstr(read_some(quick), "data: quick\n\n") != NULL, "others go on");
	size_t got = hear(slow, heard, sizeof heard, 1000);
	OK(got > HTTP_STREAM_BYTES / 2, "when he reads again, he has what was kept");
	while (hear(slow, heard, sizeof heard, 500) > 0)
		continue;
	(void)ask(port, GET("/send?data=again"));
	OK(strstr(read_some(slow), "data: again\n\n") != NULL, "and what comes");
	(void)ask(port, GET("/end"));
	(void)close(slow);
	(void)close(quick);
}

static void test_limits(uint16_t port)
{
	static int fds[HTTP_STREAMS_MAX];
	const char *answer = "";
	for (size_t i = 0; i < HTTP_ADDRESS_STREAMS_MAX; i++) {
		fds[i] = open_stream(port, 1, GET("/events"));
		(void)usleep(5000);
	}
	int more = open_stream(port, 1, GET("/events"));
	answer = read_some(more);
	OK(status_of(answer) == 503, "one more of an address than there may be is refused");
	(void)close(more);
	for (size_t i = HTTP_ADDRESS_STREAMS_MAX; i < HTTP_STREAMS_MAX; i++) {
		fds[i] = open_stream(port, 2, GET("/events"));
		(void)usleep(5000);
	}
	OK(strstr(read_some(fds[HTTP_STREAMS_MAX - 1]), "retry") != NULL,
	    "another address has its own");
	more = open_stream(port, 3, GET("/events"));
	OK(status_of(read_some(more)) == 503, "and so has all the world");
	(void)close(more);
	OK(status_of(ask(port, GET("/gone"))) == 200, "who asks for an end has one all the same");
	/* a crowd that says nothing displaces its own, not those who read */
	static int crowd[2 * HTTP_CONNECTIONS_MAX];
	for (size_t i = 0; i < 2 * HTTP_CONNECTIONS_MAX; i++)
		crowd[i] = open_stream(port, 4 + (uint32_t)(i % 8), "GET /ev");
	(void)usleep(500000);
	(void)ask(port, GET("/send?data=still"));
	OK(strstr(read_some(fds[0]), "data: still\n\n") != NULL &&
		strstr(read_some(fds[HTTP_STREAMS_MAX - 1]), "data: still\n\n") != NULL,
	    "a crowd displaces none of them");
	for (size_t i = 0; i < 2 * HTTP_CONNECTIONS_MAX; i++)
		(void)close(crowd[i]);
	(void)ask(port, GET("/end"));
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		(void)close(fds[i]);
	(void)usleep(200000);
	more = open_stream(port, 1, GET("/events"));
	OK(status_of(read_some(more)) == 200, "when they are gone there is room again");
	(void)ask(port, GET("/end"));
	(void)close(more);
}

/* Longer than any other answer may take, with a sign of life, and one who is stuck. */
static void test_time(uint16_t port)
{
	int silent = open_stream(port, 1, GET("/events"));
	(void)usleep(200000);
	(void)read_some(silent);
	/* no more than the piece that the sign is: the next would come as well */
	(void)hear(silent, heard, sizeof "3\r\n:\n\n",
	    (int)((HTTP_STREAM_QUIET_US + 3 * WHEN_SECOND_US) / 1000));
	OK(strstr(heard, ":\n\n") != NULL, "a stream outlasts patience, and says that it is there");
	(void)ask(port, GET("/end"));
	(void)close(silent);
	const size_t before = gone_count(port);
	int stuck = open_stream(port, 1, GET("/events"));
	(void)usleep(200000);
	for (int i = 0; i < 100; i++)
		if (strncmp(body_of(ask(port, GET("/much"))), "0 ", 2) == 0)
			break;
	const time_t began = time(NULL);
	while (gone_count(port) == before && time(NULL) - began < 60)
		(void)usleep(500000);
	const int64_t took_us = (time(NULL) - began) * WHEN_SECOND_US;
	OK(took_us >= HTTP_STREAM_STALL_US - 2 * WHEN_SECOND_US &&
		took_us <= HTTP_STREAM_STALL_US + 10 * WHEN_SECOND_US,
	    "whoever takes nothing for so long is gone");
	(void)close(stuck);
}

int main(void)
{
	uint16_t port;
	(void)signal(SIGPIPE, SIG_IGN);
	int fd = listen_somewhere(&port);
	pid_t server = start_server(fd, options, set_loop);
	test_events(port);
	test_late(port);
	test_leaving(port);
	test_slow(port);
	test_limits(port);
	test_time(port);
	int last = open_stream(port, 1, GET("/events"));
	(void)usleep(200000);
	OK(end_server(server), "it ends while somebody reads, and leaves nothing");
	OK(strstr(read_some(last), "\r\n0\r\n\r\n") != NULL, "who is told the end of it");
	(void)close(last);
	return test_done();
}
