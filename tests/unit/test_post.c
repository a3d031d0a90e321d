#include "web/post.h"

#include "base/when.h"
#include "http_help.h"
#include "test.h"

/* ---- Servers ---- */

static struct loop *server_loop;

static void set_loop(struct loop *loop)
{
	server_loop = loop;
}

/* Takes what is as it should be, and says what is not. */
static void take(void *context, struct http_request *request)
{
	size_t count;
	const uint8_t *body = http_request_body(request, &count);
	const char *type = http_request_header(request, "Content-Type");
	const char *test = http_request_header(request, "X-Test");
	const char *agent = http_request_header(request, "User-Agent");
	(void)context;
	if (count != 3 || memcmp(body, "{}\n", 3) != 0)
		http_refuse(request, 400, "another body");
	else if (type == NULL || strcmp(type, "application/json") != 0 || test == NULL ||
		 strcmp(test, "a value") != 0 || agent == NULL || strncmp(agent, "Hinomi/", 7) != 0)
		http_refuse(request, 400, "other headers");
	else
		http_accept(request);
}

static void refuse(void *context, struct http_request *request)
{
	(void)context;
	http_refuse(request, 403, "not you\x1b[31m");
}

static const struct route routes[] = {
    {.path = "/take", .method = ROUTE_POST, .body_max_bytes = 100, .run = take},
    {.path = "/refuse", .method = ROUTE_POST, .body_max_bytes = 100, .run = refuse},
};

/* Says these bytes to everybody, `times` times, and closes. */
static pid_t start_teller(int fd, const char *text, size_t times)
{
	pid_t child = fork();
	if (child != 0) {
		(void)close(fd);
		return child;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;) {
		struct pollfd watched = {.fd = fd, .events = POLLIN};
		char heard[4096];
		(void)poll(&watched, 1, -1);
		int client = accept(fd, NULL, NULL);
		(void)recv(client, heard, sizeof heard, 0);
		for (size_t i = 0; i < times; i++)
			if (send(client, text, strlen(text), MSG_NOSIGNAL) < 0)
				break;
		(void)shutdown(client, SHUT_WR);
		(void)recv(client, heard, sizeof heard, 0);
		(void)close(client);
	}
}

static void end_teller(pid_t child)
{
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
}

/* ---- The client ---- */

static struct loop *loop;
static struct post_result results[8];
static size_t result_count;

static void on_result(void *context, const struct post_result *result)
{
	(void)context;
	results[result_count++] = *result;
}

static struct post *open_post(uint16_t port, const char *path, unsigned seconds)
{
	char url[128];
	struct post *post = NULL;
	struct complaint complaint;
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)port, path);
	const struct post_options options = {
	    .loop = loop, .url = url, .seconds = seconds, .on_result = on_result};
	result_count = 0;
	OK(post_new(&options, &post, &complaint) == 0, path);
	return post;
}

static int send_one(struct post *post)
{
	static const struct post_header header = {"X-Test", "a value"};
	return post_send(post, "{}\n", 3, &header, 1);
}

/* Until so many results are there, or so many seconds have passed. */
static void turn(size_t results_wanted, int64_t seconds)
{
	const int64_t begin_us = loop_monotonic_us(loop);
	while (result_count < results_wanted &&
	       loop_monotonic_us(loop) - begin_us < seconds * WHEN_SECOND_US)
		(void)loop_turn(loop, 50000);
}

static bool is_result(size_t number, bool is_taken, long status, const char *reply)
{
	const struct post_result *result = &results[number];
	bool is_so = number < result_count && result->is_taken == is_taken &&
		     result->status == status && strstr(result->reply, reply) != NULL;
	if (!is_so)
		printf("# %zu results; taken %d, status %ld, reply %s\n", result_count,
		    result->is_taken, result->status, result->reply);
	return is_so;
}

/* Posts once to it. */
static void try_one(uint16_t port, const char *path)
{
	struct post *post = open_post(port, path, 2);
	(void)send_one(post);
	turn(1, 10);
	post_free(post);
}

static void test_answers(void)
{
	uint16_t port;
	int fd = listen_somewhere(&port);
	const struct http_options options = {.routes = routes, .route_count = 2};
	pid_t server = start_server(fd, options, set_loop);
	try_one(port, "/take");
	OK(is_result(0, true, 204, "HTTP 204"), "what is taken");
	try_one(port, "/refuse");
	OK(is_result(0, false, 403, "HTTP 403 not you\\u{1b}[31m"), "what is refused, and why");
	try_one(port, "/nothing");
	OK(is_result(0, false, 404, "HTTP 404"), "where there is nothing");

	struct post *post = open_post(port, "/take", 2);
	for (size_t i = 1; i <= 5; i++) {
		(void)send_one(post);
		turn(i, 10);
	}
	OK(result_count == 5 && is_result(4, true, 204, ""), "one after the other");
	post_free(post);
	OK(end_server(server), "the server is content");
	try_one(port, "/take");
	OK(is_result(0, false, 0, "connect"), "where nobody listens");
}

static void test_silence(void)
{
	uint16_t port;
	int fd = listen_somewhere(&port); /* where nobody ever answers */
	try_one(port, "/silent");
	OK(is_result(0, false, 0, "timed out"), "who does not answer is not waited for");

	struct post *post = open_post(port, "/latest", 30);
	(void)send_one(post);
	turn(1, 1);
	OK(result_count == 0, "it is on its way");
	(void)send_one(post);
	OK(is_result(0, false, 0, "before the next one"), "the next one ends it");
	turn(2, 1);
	OK(result_count == 1, "and is on its way itself");
	post_free(post);
	turn(2, 1);
	OK(result_count == 1, "who frees it hears no more");
	(void)close(fd);
}

static void test_hostile(void)
{
	static const struct {
		const char *name;
		const char *text;
		size_t times;
		bool is_taken;
		long status;
		const char *reply;
	} rows[] = {
	    {"a redirect is not followed",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		1, false, 302, "HTTP 302"},
	    {"headers without end",
		"HTTP/1.1 200 OK\r\nX-A: 0123456789012345678901234567890123456789\r\n", 100000,
		false, 200, ""},
	    {"no HTTP", "SSH-2.0-x\r\n", 1, false, 0, ""},
	    {"nothing", "", 1, false, 0, "Empty reply"},
	    {"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 1, false, 200,
		"transfer closed"},
	    {"bytes that act on terminals",
		"HTTP/1.1 500 x\r\nConnection: close\r\n\r\n\x1b]0;x\a\r\nSecond", 1, false, 500,
		"HTTP 500 \\u{1b}]0;x\\u{7}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint16_t port;
		int fd = listen_somewhere(&port);
		pid_t teller = start_teller(fd, rows[i].text, rows[i].times);
		try_one(port, "/hostile");
		OK(is_result(0, rows[i].is_taken, rows[i].status, rows[i].reply) &&
			strchr(results[0].reply, '\n') == NULL,
		    rows[i].name);
		end_teller(teller);
	}
}

static void test_endless(void)
{
	enum {
		LINES = 200000
	};
	uint16_t port;
	int fd = listen_somewhere(&port);
	pid_t teller =
	    start_teller(fd, "HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", LINES);
	try_one(port, "/endless");
	OK(is_result(0, false, 200, ""), "an answer without end is cut");
	end_teller(teller);
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (loop_new(&loop_clock_system, &loop) != 0)
		return 1;
	test_answers();
	test_silence();
	test_hostile();
	test_endless();
	post_free(NULL);
	loop_free(loop);
	return test_done();
}
