#include "web/http.h"

#include <sys/resource.h>
#include <time.h>

#include "base/when.h"
#include "http_help.h"
#include "test.h"

enum {
	BODY_MAX = 1000,
};

/* ---- What the server serves ---- */

static struct loop *server_loop;
static struct http_request *late_one;

static void set_loop(struct loop *loop)
{
	server_loop = loop;
}

static void say_hello(void *context, struct http_request *request)
{
	(void)context;
	http_answer(request, 200, "text/plain", "hello\n", 6);
}

static void say_rest(void *context, struct http_request *request)
{
	const char *rest = http_request_rest(request);
	(void)context;
	http_answer(request, 200, "text/plain", rest, strlen(rest));
}

static void say_body(void *context, struct http_request *request)
{
	size_t count;
	const uint8_t *body = http_request_body(request, &count);
	(void)context;
	http_answer(request, 200, "application/octet-stream", body, count);
}

static void say_header(void *context, struct http_request *request)
{
	const char *value = http_request_header(request, "x-test");
	char peer[ADDRESS_TEXT_BYTES];
	char text[256];
	(void)context;
	address_format(http_request_peer(request), peer);
	int length = snprintf(text, sizeof text, "%s %s", peer, value != NULL ? value : "(none)");
	http_answer(request, 200, "text/plain", text, (size_t)length);
}

static void answer_late(void *context, uint32_t what)
{
	(void)what;
	http_answer(context, 200, "text/plain", "late\n", 5);
}

static void wait_a_little(void *context, struct http_request *request)
{
	uint64_t number;
	(void)context;
	if (loop_add_timer(
		server_loop, 300000, 0, (struct loop_call){answer_late, request}, &number) != 0)
		http_refuse(request, 503, "no timer");
}

static void wait_for_ever(void *context, struct http_request *request)
{
	(void)context;
	late_one = request;
}

static void say_much(void *context, struct http_request *request)
{
	static char text[100000];
	(void)context;
	memset(text, 'x', sizeof text);
	http_answer(request, 200, "text/plain", text, sizeof text);
}

static void show_page(void *context, struct http_request *request)
{
	(void)context;
	http_show(request, 200, "default-src 'self'", "<p>", 3);
}

static void lead_on(void *context, struct http_request *request)
{
	(void)context;
	http_redirect(request, "hello?a=b");
}

static void say_query(void *context, struct http_request *request)
{
	const char *value = http_request_query(request, "lang");
	(void)context;
	if (value == NULL)
		value = "(none)";
	http_answer(request, 200, "text/plain", value, strlen(value));
}

static void take_it(void *context, struct http_request *request)
{
	(void)context;
	http_accept(request);
}

static const struct route routes[] = {
    {.path = "/hello", .method = ROUTE_GET, .run = say_hello},
    {.path = "/rest/", .is_prefix = true, .method = ROUTE_GET, .run = say_rest},
    {.path = "/body", .method = ROUTE_POST, .body_max_bytes = BODY_MAX, .run = say_body},
    {.path = "/both", .method = ROUTE_GET, .run = say_hello},
    {.path = "/both", .method = ROUTE_POST, .body_max_bytes = BODY_MAX, .run = take_it},
    {.path = "/header", .method = ROUTE_GET, .run = say_header},
    {.path = "/show", .method = ROUTE_GET, .run = show_page},
    {.path = "/lead", .method = ROUTE_POST, .body_max_bytes = BODY_MAX, .run = lead_on},
    {.path = "/query", .method = ROUTE_GET, .run = say_query},
    {.path = "/late", .method = ROUTE_GET, .run = wait_a_little},
    {.path = "/never", .method = ROUTE_GET, .run = wait_for_ever},
    {.path = "/much", .method = ROUTE_GET, .run = say_much},
};

static const struct http_options options = {
    .routes = routes, .route_count = sizeof routes / sizeof routes[0]};

/* ---- Requests ---- */

#define END "Host: a\r\nConnection: close\r\n\r\n"
#define X100                                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

static const struct {
	const char *name;
	const char *request;
	int status;
	const char *body; /* NULL: whatever it is */
} rows[] = {
    {"a page", "GET /hello HTTP/1.1\r\n" END, 200, "hello\n"},
    {"by HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 200, "hello\n"},
    {"a query is not part of the path", "GET /hello?a=b HTTP/1.1\r\n" END, 200, "hello\n"},
    {"a value of a query", "GET /query?x=1&lang=en HTTP/1.1\r\n" END, 200, "en"},
    {"undecoded", "GET /query?lang=%65n HTTP/1.1\r\n" END, 200, "%65n"},
    {"none of a query", "GET /query HTTP/1.1\r\n" END, 200, "(none)"},
    {"two of one", "GET /query?lang=a&lang=b HTTP/1.1\r\n" END, 200, "(none)"},
    {"one without a value", "GET /query?lang HTTP/1.1\r\n" END, 200, "(none)"},
    {"a page for people", "GET /show HTTP/1.1\r\n" END, 200, "<p>"},
    {"where what was posted leads", "POST /lead HTTP/1.1\r\nContent-Length: 0\r\n" END, 303, ""},
    {"its head alone", "HEAD /hello HTTP/1.1\r\n" END, 200, ""},
    {"what follows a prefix", "GET /rest/one HTTP/1.1\r\n" END, 200, "one"},
    {"decoded", "GET /rest/%E7%81%AB%20a%2Fb HTTP/1.1\r\n" END, 200, "火 a/b"},
    {"what waits for its answer", "GET /late HTTP/1.1\r\n" END, 200, "late\n"},
    {"a long answer", "GET /much HTTP/1.1\r\n" END, 200, NULL},
    {"a header and who asks", "GET /header HTTP/1.1\r\nX-Test: v\r\n" END, 200, "127.0.0.1 v"},
    {"a header of another case", "GET /header HTTP/1.1\r\nx-tEST: v\r\n" END, 200, "127.0.0.1 v"},
    {"no header", "GET /header HTTP/1.1\r\n" END, 200, "127.0.0.1 (none)"},
    {"a header twice is none", "GET /header HTTP/1.1\r\nX-Test: v\r\nX-Test: w\r\n" END, 200,
	"127.0.0.1 (none)"},
    {"a body", "POST /body HTTP/1.1\r\nContent-Length: 3\r\n" END "abc", 200, "abc"},
    {"no body", "POST /body HTTP/1.1\r\nContent-Length: 0\r\n" END, 200, ""},
    {"the longest body", "POST /body HTTP/1.1\r\nContent-Length: 1000\r\n" END X1000, 200, X1000},
    {"without content", "POST /both HTTP/1.1\r\nContent-Length: 1\r\n" END "a", 204, ""},

    {"nothing", "GET / HTTP/1.1\r\n" END, 404, "there is nothing of this name here\n"},
    {"another name", "GET /hell HTTP/1.1\r\n" END, 404, NULL},
    {"a longer name", "GET /hello/ HTTP/1.1\r\n" END, 404, NULL},
    {"two slashes", "GET //hello HTTP/1.1\r\n" END, 404, NULL},
    {"another spelling", "GET /%68ello HTTP/1.1\r\n" END, 404, NULL},
    {"upwards", "GET /../../../../etc/passwd HTTP/1.1\r\n" END, 404, NULL},
    {"upwards, hidden", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" END, 404, NULL},
    {"upwards behind a prefix", "GET /rest/../hello HTTP/1.1\r\n" END, 404, NULL},
    {"a whole URL", "GET http://a/hello HTTP/1.1\r\n" END, 404, NULL},
    {"a prefix without rest", "GET /rest/ HTTP/1.1\r\n" END, 404, NULL},
    {"half a byte", "GET /rest/a%2 HTTP/1.1\r\n" END, 404, NULL},
    {"no byte", "GET /rest/%zz HTTP/1.1\r\n" END, 404, NULL},
    {"a NUL", "GET /rest/a%00b HTTP/1.1\r\n" END, 404, NULL},
    {"a line end", "GET /rest/a%0d%0aSet-Cookie:x HTTP/1.1\r\n" END, 404, NULL},
    {"no UTF-8", "GET /rest/%ff HTTP/1.1\r\n" END, 404, NULL},
    {"the longest rest",
	"GET /rest/" X100 X100
	"0123456789012345678901234567890123456789012345678901234 HTTP/1.1\r\n" END,
	200, X100 X100 "0123456789012345678901234567890123456789012345678901234"},
    {"one more",
	"GET /rest/" X100 X100
	"01234567890123456789012345678901234567890123456789012345 HTTP/1.1\r\n" END,
	404, NULL},

    {"a page by POST", "POST /hello HTTP/1.1\r\nContent-Length: 0\r\n" END, 405,
	"this is asked for in another way: see Allow\n"},
    {"a body's place by GET", "GET /body HTTP/1.1\r\n" END, 405, NULL},
    {"another method", "DELETE /hello HTTP/1.1\r\n" END, 405, NULL},
    {"a method of nobody", "BREW /hello HTTP/1.1\r\n" END, 405, NULL},
    {"TRACE", "TRACE /hello HTTP/1.1\r\n" END, 405, NULL},
    {"OPTIONS", "OPTIONS /both HTTP/1.1\r\n" END, 405, NULL},
    {"CONNECT", "CONNECT a:443 HTTP/1.1\r\n" END, 404, NULL},

    {"one byte more than fits", "POST /body HTTP/1.1\r\nContent-Length: 1001\r\n" END X1000 "a",
	413, "the body is larger than anything that is taken here\n"},
    {"a length past all numbers",
	"POST /body HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n" END, 413, NULL},
    {"a page with a body", "GET /hello HTTP/1.1\r\nContent-Length: 1\r\n" END "a", 413, NULL},
    {"no length", "POST /body HTTP/1.1\r\n" END, 411, NULL},
    {"a negative length", "POST /body HTTP/1.1\r\nContent-Length: -1\r\n" END, 400, NULL},
    {"a length of nothing", "POST /body HTTP/1.1\r\nContent-Length: \r\n" END, 400, NULL},
    {"two lengths", "POST /body HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 3\r\n" END "abc",
	400, NULL},
    {"two in one", "POST /body HTTP/1.1\r\nContent-Length: 1, 1\r\n" END "abc", 400, NULL},
    {"pieces", "POST /body HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "1\r\na\r\n0\r\n\r\n",
	411, NULL},
    {"pieces and a length",
	"POST /body HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n" END
	"0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	411, NULL},
    {"HTTP/1.1 without a host", "GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n", 400, NULL},
    {"no HTTP", "hello there\r\n\r\n", 400, NULL},
    {"a blank before a colon is another header", "GET /header HTTP/1.1\r\nX-Test : v\r\n" END, 200,
	"127.0.0.1 (none)"},
    {"also of a length", "POST /body HTTP/1.1\r\nContent-Length : 3\r\n" END "abc", 411, NULL},
};

static void test_rows(uint16_t port)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *answer = ask(port, rows[i].request);
		bool passed = status_of(answer) == rows[i].status &&
			      (rows[i].body == NULL || strcmp(body_of(answer), rows[i].body) == 0);
		OK(passed, rows[i].name);
		if (!passed)
			printf("# expected %d, got: %.200s\n", rows[i].status, answer);
	}
}

static void test_headers(uint16_t port)
{
	static const char *const wanted[] = {"Content-Type: text/plain\r\n",
	    "Cache-Control: no-store\r\n", "X-Content-Type-Options: nosniff\r\n",
	    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
	    "Referrer-Policy: no-referrer\r\n"};
	const char *answer = ask(port, "GET /hello HTTP/1.1\r\n" END);
	bool is_there = true;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		is_there = is_there && strstr(answer, wanted[i]) != NULL;
	OK(is_there, "an answer has the headers that keep browsers in bounds");
	OK(strstr(answer, "Server:") == NULL, "and does not say what serves it");
	answer = ask(port, "GET /nothing HTTP/1.1\r\n" END);
	OK(strstr(answer, "nosniff") != NULL && strstr(answer, "default-src 'none'") != NULL,
	    "a refusal has them too");
	answer = ask(port, "DELETE /hello HTTP/1.1\r\n" END);
	OK(strstr(answer, "\r\nAllow: GET, HEAD\r\n") != NULL, "of a page one is told its methods");
	answer = ask(port, "DELETE /body HTTP/1.1\r\n" END);
	OK(strstr(answer, "\r\nAllow: POST\r\n") != NULL, "and of what takes a body");
	answer = ask(port, "DELETE /both HTTP/1.1\r\n" END);
	OK(strstr(answer, "\r\nAllow: GET, HEAD, POST\r\n") != NULL, "and of what is both");
	answer = ask(port, "GET /show HTTP/1.1\r\n" END);
	OK(strstr(answer, "\r\nContent-Security-Policy: default-src 'self'\r\n") != NULL &&
		strstr(answer, "default-src 'none'") == NULL &&
		strstr(answer, "\r\nX-Robots-Tag: noindex, nofollow\r\n") != NULL &&
		strstr(answer, "\r\nContent-Type: text/html; charset=utf-8\r\n") != NULL &&
		strstr(answer, "no-store") != NULL,
	    "a page has the policy that it brings, and all else");
	answer = ask(port, "POST /lead HTTP/1.1\r\nContent-Length: 0\r\n" END);
	OK(strstr(answer, "\r\nLocation: hello?a=b\r\n") != NULL &&
		strstr(answer, "\r\nContent-Type") == NULL,
	    "a redirection says where, and nothing else");
}

static void test_large_headers(uint16_t port)
{
	enum {
		BYTES = 64 << 10
	};
	static char request[BYTES + 256];
	int used = snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
	memset(request + used, 'a', BYTES);
	memcpy(request + used + BYTES, "\r\n\r\n", 5);
	int status = status_of(ask(port, request));
	OK(status == 431 || status == 413 || status == 400 || status == 0, "64 KiB of one header");
	used = snprintf(request, sizeof request, "GET /");
	memset(request + used, 'a', BYTES);
	memcpy(request + used + BYTES, " HTTP/1.1\r\n\r\n", 14);
	status = status_of(ask(port, request));
	OK(status == 414 || status == 431 || status == 400 || status == 0, "64 KiB of path");
	used = snprintf(request, sizeof request, "GET /hello HTTP/1.1\r\nHost: a\r\n");
	for (size_t at = (size_t)used; at + 6 < BYTES; at += 6)
		memcpy(request + at, "A: b\r\n", 7);
	status = status_of(ask(port, request));
	OK(status == 431 || status == 413 || status == 400 || status == 0, "10,000 headers");
	OK(status_of(ask(port, rows[0].request)) == 200, "after which others are served");
}

/* Each byte in a packet of its own, and cut at every length. */
static void test_pieces(uint16_t port)
{
	static const char request[] = "POST /body HTTP/1.1\r\nContent-Length: 3\r\n" END "abc";
	static char answer[4096];
	int fd = connect_to(port);
	for (size_t i = 0; i + 1 < sizeof request; i++)
		(void)send(fd, request + i, 1, MSG_NOSIGNAL);
	(void)hear(fd, answer, sizeof answer, CLIENT_WAIT_MS);
	(void)close(fd);
	OK(strcmp(body_of(answer), "abc") == 0, "byte by byte");
	bool was_taken = false;
	for (size_t length = 0; length + 1 < sizeof request; length++) {
		fd = connect_to(port);
		(void)send(fd, request, length, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)hear(fd, answer, sizeof answer, 50); /* half a line is waited for longer */
		(void)close(fd);
		was_taken = was_taken || status_of(answer) == 200;
	}
	OK(!was_taken, "cut at any length it is not taken");
	OK(status_of(ask(port, rows[0].request)) == 200, "after which others are served");
}

static void test_several(uint16_t port)
{
	static char answer[4096];
	int fd = connect_to(port);
	static const char two[] =
	    "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /rest/x HTTP/1.1\r\n" END;
	(void)send(fd, two, sizeof two - 1, MSG_NOSIGNAL);
	(void)hear(fd, answer, sizeof answer, CLIENT_WAIT_MS);
	(void)close(fd);
	const char *second = strstr(body_of(answer), "HTTP/1.1 200");
	OK(second != NULL && strcmp(body_of(second), "x") == 0, "two requests by one connection");
}

/* ---- Crowds ---- */

static int64_t monotonic_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

static bool is_closed(int fd)
{
	char byte;
	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

static size_t count_closed(const int *fds, size_t count)
{
	size_t closed = 0;
	for (size_t i = 0; i < count; i++)
		closed += is_closed(fds[i]);
	return closed;
}

static void test_address_limit(uint16_t port)
{
	static int fds[HTTP_ADDRESS_MAX + 1];
	for (size_t i = 0; i < HTTP_ADDRESS_MAX; i++)
		fds[i] = connect_to(port);
	(void)usleep(300000);
	OK(count_closed(fds, HTTP_ADDRESS_MAX) == 0, "as many as one address may have stay");
	fds[HTTP_ADDRESS_MAX] = connect_to(port);
	(void)usleep(300000);
	OK(count_closed(fds, HTTP_ADDRESS_MAX + 1) == 1 && is_closed(fds[0]),
	    "one more, and the oldest makes room");
	for (size_t i = 0; i <= HTTP_ADDRESS_MAX; i++)
		(void)close(fds[i]);
	(void)usleep(300000);
}

/* From one of the addresses of this machine. */
static int connect_from(uint32_t address, uint16_t port)
{
	const struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
	const struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return -1;
	return fd;
}

static void test_whole_limit(uint16_t port)
{
	static int fds[HTTP_CONNECTIONS_MAX];
	const size_t peers = HTTP_CONNECTIONS_MAX / (HTTP_ADDRESS_MAX - 1) + 1;
	int first = connect_from(INADDR_LOOPBACK + 100, port);
	(void)usleep(100000);
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX - 1; i++)
		fds[i] = connect_from(INADDR_LOOPBACK + 1 + (uint32_t)(i % peers), port);
	(void)usleep(500000);
	OK(count_closed(fds, HTTP_CONNECTIONS_MAX - 1) == 0 && !is_closed(first),
	    "as many as there may be stay");
	int last = connect_from(INADDR_LOOPBACK + 101, port);
	(void)usleep(300000);
	OK(count_closed(fds, HTTP_CONNECTIONS_MAX - 1) == 1,
	    "one more, and one of whoever has most makes room");
	OK(!is_closed(first) && !is_closed(last), "not the oldest of all, nor the new one");
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX - 1; i++)
		(void)close(fds[i]);
	(void)close(first);
	(void)close(last);
	(void)usleep(300000);
}

/* Who asked is gone, in one way or the other, when the answer comes. */
static void test_leaving(uint16_t port)
{
	static const char request[] = "GET /late HTTP/1.1\r\n" END;
	for (int i = 0; i < 20; i++) {
		const struct linger hard = {.l_onoff = i % 2, .l_linger = 0};
		int fd = connect_to(port);
		(void)send(fd, request, sizeof request - 1, MSG_NOSIGNAL);
		(void)usleep(10000);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		(void)close(fd);
	}
	(void)usleep(500000);
	OK(status_of(ask(port, request)) == 200, "who asks and leaves does no harm");
}

static void test_crowd(uint16_t port)
{
	enum {
		CROWD = 400,
		ASKED = 50
	};
	static int fds[CROWD];
	int64_t slowest_us = 0;
	bool all_served = true;
	for (size_t i = 0; i < CROWD; i++) {
		fds[i] = connect_to(port);
		(void)send(fds[i], "GET /hello HTTP/1.1\r\nX-", 23, MSG_NOSIGNAL);
	}
	for (size_t i = 0; i < ASKED; i++) {
		const int64_t began_us = monotonic_us();
		all_served = status_of(ask(port, rows[0].request)) == 200 && all_served;
		const int64_t took_us = monotonic_us() - began_us;
		slowest_us = took_us > slowest_us ? took_us : slowest_us;
	}
	OK(all_served, "400 that say half a request, and others are served");
	OK(slowest_us < 1000000, "in less than a second each");
	if (slowest_us >= 1000000)
		printf("# the slowest took %lld us\n", (long long)slowest_us);
	for (size_t i = 0; i < CROWD; i++)
		(void)close(fds[i]);
}

/* Says something every now and then, and never comes to an end. */
static void test_patience(uint16_t port)
{
	const int64_t began_us = monotonic_us();
	int silent = connect_to(port);
	int slow = connect_to(port);
	(void)send(slow, "GET /hello HTTP/1.1\r\n", 21, MSG_NOSIGNAL);
	while (monotonic_us() - began_us < 2 * HTTP_PATIENCE_US &&
	       (!is_closed(slow) || !is_closed(silent))) {
		(void)send(slow, "X: a\r\n", 6, MSG_NOSIGNAL);
		(void)usleep(200000);
	}
	const int64_t took_us = monotonic_us() - began_us;
	OK(is_closed(slow) && is_closed(silent),
	    "who is silent or slow is not waited for for ever");
	OK(took_us >= HTTP_PATIENCE_US && took_us < HTTP_PATIENCE_US + 4 * WHEN_SECOND_US,
	    "but for as long as one may take");
	(void)close(silent);
	(void)close(slow);
}

/* ---- By name ---- */

static void test_direct(void)
{
	static const char *const direct[] = {"127.0.0.1", "127.0.0.1:9464", "[::1]", "[::1]:9464",
	    "192.0.2.1:80", "localhost", "localhost:9464", "LOCALHOST:1", "[2001:db8::1]:65535",
	    "[::ffff:127.0.0.1]:1"};
	static const char *const others[] = {"", "evil.example", "evil.example:9464",
	    "localhost.evil.example", "127.0.0.1.evil.example", "localhost:", "localhost:x",
	    "localhost:1:2", "::1", "[127.0.0.1]", "[localhost]", "[::1", "[::1]x", "[]", "[",
	    "127.0.0.1 ", " 127.0.0.1", "127.0.0.1:9464/x", "127.1", "2130706433", "0x7f.0.0.1",
	    "[::1%lo]", "0123456789012345678901234567890123456789012345678901234567890123456789"};
	bool all_direct = true;
	bool any_other = false;
	for (size_t i = 0; i < sizeof direct / sizeof direct[0]; i++)
		all_direct = route_is_direct(direct[i]) && all_direct;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		any_other = any_other || route_is_direct(others[i]);
		if (route_is_direct(others[i]))
			printf("# %s\n", others[i]);
	}
	OK(all_direct, "addresses and localhost lead where they say");
	OK(!any_other, "names, and what looks like an address, need not");
}

/* ---- The end ---- */

static void test_end(uint16_t port, pid_t server)
{
	static char answer[4096];
	int waits = connect_to(port);
	int half = connect_to(port);
	(void)send(waits, "GET /never HTTP/1.1\r\n" END, 21 + sizeof END - 1, MSG_NOSIGNAL);
	(void)send(half, "GET /he", 7, MSG_NOSIGNAL);
	(void)usleep(300000);
	OK(end_server(server), "it ends while somebody waits, in its sandbox, and leaves nothing");
	(void)hear(waits, answer, sizeof answer, CLIENT_WAIT_MS);
	OK(status_of(answer) == 503 || answer[0] == '\0', "who waits is not left waiting");
	(void)close(waits);
	(void)close(half);
}

/* With no descriptor left nobody can come in; when there are some again they can. */
static void test_no_descriptors(void)
{
	struct rlimit limit;
	uint16_t port;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	int fd = listen_somewhere(&port);
	const struct rlimit few = {.rlim_cur = 16, .rlim_max = limit.rlim_max};
	(void)setrlimit(RLIMIT_NOFILE, &few);
	pid_t server = start_server(fd, options, set_loop);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	int fds[32];
	for (size_t i = 0; i < 32; i++)
		fds[i] = connect_to(port);
	(void)usleep(500000);
	for (size_t i = 0; i < 32; i++)
		(void)close(fds[i]);
	OK(status_of(ask(port, rows[0].request)) == 200, "descriptors run out and come back");
	OK(end_server(server), "and it ends well");
}

static void test_listen(void)
{
	uint16_t port;
	struct complaint complaint = {.text = ""};
	const struct address here = loopback_v4();
	const struct address elsewhere = address_from_v4_u32(0xc0000201);
	char expected[COMPLAINT_BYTES];
	int fd = listen_somewhere(&port);
	int other;
	OK(fd >= 0, "listening");
	OK(web_listen("metrics.listen", &here, port, &other, &complaint) == -EADDRINUSE,
	    "a port in use is refused");
	(void)snprintf(expected, sizeof expected,
	    "metrics.listen: 127.0.0.1:%u: another program listens there; expected a free port: "
	    "choose another, or off",
	    (unsigned)port);
	OK(strcmp(complaint.text, expected) == 0, "with one line that says what to do");
	OK(web_listen("metrics.listen", &elsewhere, port, &other, &complaint) == -EADDRNOTAVAIL &&
		strstr(complaint.text, "192.0.2.1") != NULL,
	    "an address of others is refused");
	(void)close(fd);
	OK(web_listen("metrics.listen", &here, port, &fd, &complaint) == 0, "it is free again");
	(void)close(fd);
}

int main(void)
{
	uint16_t port;
	(void)signal(SIGPIPE, SIG_IGN);
	test_listen();
	test_direct();
	int fd = listen_somewhere(&port);
	pid_t server = start_server(fd, options, set_loop);
	test_rows(port);
	test_headers(port);
	test_large_headers(port);
	test_pieces(port);
	test_several(port);
	test_leaving(port);
	test_address_limit(port);
	test_whole_limit(port);
	test_crowd(port);
	test_patience(port);
	test_end(port, server);
	test_no_descriptors();
	return test_done();
}
