/* What an answer of a station's API is, and what is read of a request to it. */
#define ZLIB_CONST
#include <zlib.h>

#include "http_help.h"
#include "test.h"

enum {
	BODY_MAX = 100,
	LONG_BYTES = 5000,
};

static char long_text[LONG_BYTES + 1];

static void set_loop(struct loop *loop)
{
	(void)loop;
}

/* ---- What the server serves ---- */

static void say_long(void *context, struct http_request *request)
{
	const struct http_reply reply = {.status = 200,
	    .type = "application/json",
	    .bytes = long_text,
	    .count = LONG_BYTES,
	    .etag = "v1-a",
	    .caching = HTTP_REVALIDATE};
	(void)context;
	http_reply(request, &reply);
}

/* As many different ones as there are names, each more than once. */
static void say_named(void *context, struct http_request *request)
{
	char text[LONG_BYTES];
	const char *name = http_request_rest(request);
	(void)context;
	memset(text, name[0], sizeof text);
	const struct http_reply reply = {
	    .status = 200, .type = "text/plain", .bytes = text, .count = sizeof text, .etag = name};
	http_reply(request, &reply);
}

static void say_short(void *context, struct http_request *request)
{
	const struct http_reply reply = {.status = 200,
	    .type = "text/csv",
	    .bytes = "a,b\n",
	    .count = 4,
	    .policy = "default-src 'self'",
	    .set_cookie = "hinomi=x; HttpOnly; SameSite=Strict; Path=/",
	    .filename = "火 \"1\"\r\n.csv"};
	(void)context;
	http_reply(request, &reply);
}

static void say_picture(void *context, struct http_request *request)
{
	const struct http_reply reply = {.status = 200,
	    .type = "image/png",
	    .bytes = long_text,
	    .count = LONG_BYTES,
	    .caching = HTTP_IMMUTABLE};
	(void)context;
	http_reply(request, &reply);
}

/* What was compressed before. */
static void say_packed(void *context, struct http_request *request)
{
	static uint8_t packed[LONG_BYTES];
	z_stream stream = {.next_in = (const Bytef *)long_text, .avail_in = LONG_BYTES};
	(void)context;
	(void)deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	stream.next_out = packed;
	stream.avail_out = sizeof packed;
	(void)deflate(&stream, Z_FINISH);
	const struct http_reply reply = {.status = 200,
	    .type = "text/html",
	    .bytes = packed,
	    .count = stream.total_out,
	    .etag = "p",
	    .is_gzip = true};
	(void)deflateEnd(&stream);
	http_reply(request, &reply);
}

static void say_problem(void *context, struct http_request *request)
{
	(void)context;
	http_problem(request, 400, "limit", "limit: \"x\\\" is none; expected 1 to 500");
}

static void say_gone(void *context, struct http_request *request)
{
	(void)context;
	http_problem(request, 404, NULL, "there is no such incident");
}

static void say_busy(void *context, struct http_request *request)
{
	(void)context;
	const struct http_trouble busy = {.status = 429, .detail = "too many ask", .after_s = 3};
	http_tell(request, &busy);
}

/* Everything that a handler can read, in one line. */
static void say_read(void *context, struct http_request *request)
{
	static const char *const known[] = {"q", "lang"};
	char query[16];
	char cookie[8];
	char text[512];
	(void)context;
	const bool has_query = http_request_query_text(request, "q", query, sizeof query);
	const bool has_cookie = http_request_cookie(request, "hinomi", cookie, sizeof cookie);
	const char *other = http_request_query_other(request, known, 2);
	const int length = snprintf(text, sizeof text, "%s|%s|%s|q=%s,%d,%zu|c=%s,%d|%s|%s%s%s",
	    http_request_path(request), http_request_segment(request, 0),
	    http_request_segment(request, 1), query, has_query,
	    http_request_query_count(request, "q"), cookie, has_cookie, other != NULL ? other : "-",
	    http_request_is_json(request) ? "json " : "",
	    http_request_is_for(request, "https://town.example:8443") ? "ours " : "",
	    http_request_is_from_elsewhere(request, "https://town.example:8443") ? "foreign" : "");
	http_answer(request, 200, "text/plain", text, (size_t)length);
}

static const struct route routes[] = {
    {.path = "/long", .method = ROUTE_GET, .run = say_long},
    {.path = "/named/", .is_prefix = true, .method = ROUTE_GET, .run = say_named},
    {.path = "/short", .method = ROUTE_GET, .run = say_short},
    {.path = "/picture", .method = ROUTE_GET, .run = say_picture},
    {.path = "/packed", .method = ROUTE_GET, .run = say_packed},
    {.path = "/api/problem", .method = ROUTE_GET, .run = say_problem},
    {.path = "/api/gone", .method = ROUTE_GET, .run = say_gone},
    {.path = "/api/busy", .method = ROUTE_GET, .run = say_busy},
    {.path = "/api/{a}/of/{b}", .method = ROUTE_GET, .run = say_read},
    {.path = "/api/{a}/of/{b}", .method = ROUTE_PATCH, .body_max_bytes = BODY_MAX, .run = say_read},
    {.path = "/api/{a}/of/{b}",
	.method = ROUTE_DELETE,
	.body_max_bytes = BODY_MAX,
	.run = say_read},
};

static const struct http_options options = {
    .routes = routes, .route_count = sizeof routes / sizeof routes[0], .problems_under = "/api/"};

/* ---- Requests ---- */

#define END   "Connection: close\r\n\r\n"
#define LOCAL "Host: 127.0.0.1:80\r\n"
#define READ  "GET /api/x/of/y HTTP/1.1\r\n"

static const struct {
	const char *name;
	const char *request;
	int status;
	const char *body; /* NULL: whatever it is */
} rows[] = {
    {"two open segments", "GET /api/a%2Fb/of/%E7%81%AB HTTP/1.1\r\n" LOCAL END, 200,
	"/api/a%2Fb/of/%E7%81%AB|a/b|火|q=,0,0|c=,0|-|ours "},
    {"by PATCH", "PATCH /api/x/of/y HTTP/1.1\r\n" LOCAL "Content-Length: 0\r\n" END, 200, NULL},
    {"by DELETE, without a length", "DELETE /api/x/of/y HTTP/1.1\r\n" LOCAL END, 200, NULL},
    {"a value decoded", "GET /api/x/of/y?q=%E7%81%AB+a%26b HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=火 a&b,1,1|c=,0|-|ours "},
    {"an empty value", "GET /api/x/of/y?q= HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=,1,1|c=,0|-|ours "},
    {"two values are none", "GET /api/x/of/y?q=1&q=2 HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=,0,2|c=,0|-|ours "},
    {"a damaged value", "GET /api/x/of/y?q=%f HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=,0,1|c=,0|-|ours "},
    {"a value of 15 bytes", "GET /api/x/of/y?q=123456789012345 HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=123456789012345,1,1|c=,0|-|ours "},
    {"and one more", "GET /api/x/of/y?q=1234567890123456 HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=,0,1|c=,0|-|ours "},
    {"a name of nobody", "GET /api/x/of/y?q=1&lang=en&r=1 HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=1,1,1|c=,0|r|ours "},
    {"names have one case", "GET /api/x/of/y?Q=1 HTTP/1.1\r\n" LOCAL END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|Q|ours "},

    {"a cookie among others", READ LOCAL "Cookie: a=b; hinomi=1234567; xhinomi=2\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=1234567,1|-|ours "},
    {"one byte more than fits", READ LOCAL "Cookie: hinomi=12345678\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"two cookies of one name are none", READ LOCAL "Cookie: hinomi=1; hinomi=2\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"two headers of cookies are none", READ LOCAL "Cookie: hinomi=1\r\nCookie: hinomi=2\r\n" END,
	200, "/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"a cookie in quotes is none", READ LOCAL "Cookie: hinomi=\"1\"\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"a cookie without a value", READ LOCAL "Cookie: hinomi; hinomi2=3\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},

    {"JSON", READ LOCAL "Content-Type: application/json\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|json ours "},
    {"with a parameter", READ LOCAL "Content-Type: Application/JSON ; charset=utf-8\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|json ours "},
    {"a longer type is another", READ LOCAL "Content-Type: application/jsonx\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"what a form can send", READ LOCAL "Content-Type: text/plain;application/json\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},

    {"by its name", READ "Host: TOWN.example:8443\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"by its name at another port", READ "Host: town.example\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|"},
    {"by a name of somebody", READ "Host: evil.example:8443\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|"},
    {"from our page",
	READ LOCAL "Origin: http://127.0.0.1:80\r\nSec-Fetch-Site: same-origin\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"from our page by its name", READ LOCAL "Origin: https://town.example:8443\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"typed in", READ LOCAL "Sec-Fetch-Site: none\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours "},
    {"from a page of somebody", READ LOCAL "Origin: http://evil.example\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours foreign"},
    {"from another port", READ LOCAL "Origin: http://127.0.0.1:81\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours foreign"},
    {"from a sister", READ LOCAL "Sec-Fetch-Site: same-site\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours foreign"},
    {"from somewhere else", READ LOCAL "Sec-Fetch-Site: cross-site\r\nOrigin: null\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours foreign"},
    {"from a page whose name leads here",
	READ "Host: evil.example\r\nOrigin: http://evil.example\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|foreign"},
    {"two origins", READ LOCAL "Origin: null\r\nOrigin: null\r\n" END, 200,
	"/api/x/of/y|x|y|q=,0,0|c=,0|-|ours foreign"},

    {"a problem", "GET /api/problem HTTP/1.1\r\n" LOCAL END, 400,
	"{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"limit: "
	"\\\"x\\\\\\\" is none; expected 1 to 500\",\"field\":\"limit\",\"expected\":\"1 to "
	"500\"}"},
    {"without a field", "GET /api/gone HTTP/1.1\r\n" LOCAL END, 404,
	"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"there is no "
	"such incident\"}"},
    {"what is not there is a problem as well", "GET /api/nothing HTTP/1.1\r\n" LOCAL END, 404,
	"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"there is "
	"nothing of this name here\"}"},
    {"elsewhere it is a line", "GET /nothing HTTP/1.1\r\n" LOCAL END, 404,
	"there is nothing of this name here\n"},
    {"another method", "POST /api/x/of/y HTTP/1.1\r\n" LOCAL "Content-Length: 0\r\n" END, 405,
	NULL},
    {"PATCH without a length", "PATCH /api/x/of/y HTTP/1.1\r\n" LOCAL END, 411, NULL},
    {"DELETE with too long a body",
	"DELETE /api/x/of/y HTTP/1.1\r\n" LOCAL "Content-Length: 101\r\n" END, 413,
	"{\"type\":\"about:blank\",\"title\":\"Content Too Large\",\"status\":413,\"detail\":\"the "
	"body is larger than anything that is taken here\"}"},
};

static void test_rows(uint16_t port)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *answer = ask(port, rows[i].request);
		bool passed = status_of(answer) == rows[i].status &&
			      (rows[i].body == NULL || strcmp(body_of(answer), rows[i].body) == 0);
		OK(passed, rows[i].name);
		if (!passed)
			printf("# expected %d, got: %.700s\n", rows[i].status, answer);
	}
}

/* ---- Compression ---- */

static bool has(const char *answer, const char *header)
{
	const char *at = strstr(answer, header);
	const char *end = strstr(answer, "\r\n\r\n");
	return at != NULL && end != NULL && at < end;
}

/* Whether the body, of as many bytes as Content-Length says, is the long text in gzip. */
static bool is_packed(const char *answer)
{
	static char out[LONG_BYTES + 100];
	const char *length = strstr(answer, "Content-Length: ");
	z_stream stream = {.next_in = (const Bytef *)body_of(answer), .next_out = (Bytef *)out};
	if (length == NULL || !has(answer, "\r\nContent-Encoding: gzip\r\n"))
		return false;
	stream.avail_in = (uInt)strtoul(length + 16, NULL, 10);
	stream.avail_out = sizeof out;
	(void)inflateInit2(&stream, 15 + 16);
	const int result = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	return result == Z_STREAM_END && stream.total_out == LONG_BYTES &&
	       memcmp(out, long_text, LONG_BYTES) == 0;
}

static bool is_plain(const char *answer)
{
	return status_of(answer) == 200 && !has(answer, "Content-Encoding") &&
	       strcmp(body_of(answer), long_text) == 0;
}

static const struct {
	const char *accepted;
	bool is_taken;
} codings[] = {{"gzip", true}, {"deflate, gzip;q=1.0, *;q=0.5", true}, {"GZIP", true},
    {" gzip ; q=0.001", true}, {"br,gzip", true}, {"gzip;q=0", false}, {"gzip;q=0.000", false},
    {"gzip; q=0.0 , br", false}, {"", false}, {"br", false}, {"xgzip", false}, {"gzipx", false},
    {"identity", false}};

static void test_compression(uint16_t port)
{
	char request[256];
	bool all = true;
	for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
		static const char *const paths[] = {"/long", "/packed"};
		for (size_t j = 0; j < 2; j++) {
			(void)snprintf(request, sizeof request,
			    "GET %s HTTP/1.1\r\n" LOCAL "Accept-Encoding: %s\r\n" END, paths[j],
			    codings[i].accepted);
			const char *answer = ask(port, request);
			const bool is_so =
			    has(answer, "\r\nVary: Accept-Encoding\r\n") &&
			    (codings[i].is_taken ? is_packed(answer) : is_plain(answer));
			all = all && is_so;
			if (!is_so)
				printf("# %s: %s: %.300s\n", paths[j], codings[i].accepted, answer);
		}
	}
	OK(all, "text goes as whoever asks takes it");
	const char *answer =
	    ask(port, "GET /picture HTTP/1.1\r\n" LOCAL "Accept-Encoding: gzip\r\n" END);
	OK(is_plain(answer) && !has(answer, "Vary"), "pictures are what they are");
	answer = ask(port, "GET /short HTTP/1.1\r\n" LOCAL "Accept-Encoding: gzip\r\n" END);
	OK(!has(answer, "Content-Encoding") && strcmp(body_of(answer), "a,b\n") == 0,
	    "and so is what is short");
}

/* What is kept of what was compressed is each time that of its name. */
static void test_kept(uint16_t port)
{
	char request[256];
	char out[LONG_BYTES + 1] = "";
	bool all = true;
	for (int i = 0; i < 120; i++) {
		const char name = (char)('a' + i * 7 % 40 % 26);
		(void)snprintf(request, sizeof request,
		    "GET /named/%c HTTP/1.1\r\n" LOCAL "Accept-Encoding: gzip\r\n" END, name);
		const char *answer = ask(port, request);
		z_stream stream = {.next_in = (const Bytef *)body_of(answer),
		    .avail_in = 2000, /* it ends before */
		    .next_out = (Bytef *)out,
		    .avail_out = sizeof out};
		(void)inflateInit2(&stream, 15 + 16);
		all = all && inflate(&stream, Z_FINISH) == Z_STREAM_END &&
		      stream.total_out == LONG_BYTES && out[0] == name &&
		      out[LONG_BYTES - 1] == name;
		(void)inflateEnd(&stream);
	}
	OK(all, "what was compressed before is what was asked for");
}

/* ---- Headers ---- */

static void test_headers(uint16_t port)
{
	const char *answer = ask(port, "GET /short HTTP/1.1\r\n" LOCAL END);
	OK(has(answer, "\r\nSet-Cookie: hinomi=x; HttpOnly; SameSite=Strict; Path=/\r\n"),
	    "a cookie is set");
	OK(has(answer, "\r\nContent-Security-Policy: default-src 'self'\r\n"), "a policy is given");
	OK(has(answer, "\r\nContent-Disposition: attachment; filename=\"_____1___.csv\"; "
		       "filename*=UTF-8''%E7%81%AB%20%221%22%0D%0A.csv\r\n"),
	    "a name to save it under is given, whatever is in it");
	OK(has(answer, "\r\nCache-Control: no-store\r\n") && !has(answer, "ETag"),
	    "nothing is kept that need not be");
	answer = ask(port, "GET /picture HTTP/1.1\r\n" LOCAL END);
	OK(has(answer, "\r\nCache-Control: public, max-age=31536000, immutable\r\n"),
	    "what never changes is kept");
	answer = ask(port, "GET /long HTTP/1.1\r\n" LOCAL END);
	OK(has(answer, "\r\nCache-Control: private, no-cache\r\n") &&
		has(answer, "\r\nETag: W/\"v1-a\"\r\n"),
	    "what may change is asked for again");
	answer = ask(port, "GET /api/gone HTTP/1.1\r\n" LOCAL END);
	OK(has(answer, "\r\nContent-Type: application/problem+json\r\n") && has(answer, "nosniff"),
	    "a problem says that it is one");
	answer = ask(port, "GET /api/busy HTTP/1.1\r\n" LOCAL END);
	OK(status_of(answer) == 429 && has(answer, "\r\nRetry-After: 3\r\n") &&
		has(answer, "\r\nContent-Type: application/problem+json\r\n") &&
		strstr(body_of(answer), "too many ask") != NULL,
	    "who asks too often is told when to try again");
	answer = ask(port, "PUT /api/x/of/y HTTP/1.1\r\n" LOCAL "Content-Length: 0\r\n" END);
	OK(has(answer, "\r\nAllow: GET, HEAD, PATCH, DELETE\r\n"), "all methods are told");
}

static void test_etags(uint16_t port)
{
	static const struct {
		const char *value;
		int status;
	} values[] = {{"W/\"v1-a\"", 304}, {"\"v1-a\"", 304}, {"\"x\", W/\"v1-a\"", 304},
	    {"*", 304}, {"\"v1-ab\"", 200}, {"v1-a", 200}, {"\"av1-a\"", 200}, {"", 200}};
	char request[256];
	bool all = true;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		(void)snprintf(request, sizeof request,
		    "GET /long HTTP/1.1\r\n" LOCAL "If-None-Match: %s\r\n" END, values[i].value);
		const char *answer = ask(port, request);
		const bool is_so = status_of(answer) == values[i].status &&
				   has(answer, "\r\nETag: W/\"v1-a\"\r\n") &&
				   (values[i].status == 200 || body_of(answer)[0] == '\0');
		all = all && is_so;
		if (!is_so)
			printf("# %s: %.300s\n", values[i].value, answer);
	}
	OK(all, "what is there already is not sent");
}

int main(void)
{
	uint16_t port;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < LONG_BYTES; i++)
		long_text[i] = (char)('a' + i * i % 23 % 7);
	int fd = listen_somewhere(&port);
	pid_t server = start_server(fd, options, set_loop);
	test_rows(port);
	test_compression(port);
	test_kept(port);
	test_headers(port);
	test_etags(port);
	OK(end_server(server), "it ends well");
	return test_done();
}
