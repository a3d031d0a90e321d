/* The page as it is embedded, and as it is served. */
#include "web/asset.h"

#include <zlib.h>

#include "http_help.h"
#include "test.h"

static void set_loop(struct loop *loop)
{
	(void)loop;
}

static const struct route routes[] = {
    {.path = "/", .method = ROUTE_GET, .run = asset_answer},
    {.path = "/favicon.svg", .method = ROUTE_GET, .run = asset_answer},
    {.path = "/assets/", .is_prefix = true, .method = ROUTE_GET, .run = asset_answer},
};

static const struct http_options options = {
    .routes = routes, .route_count = sizeof routes / sizeof routes[0]};

static bool has(const char *answer, const char *header)
{
	const char *at = strstr(answer, header);
	const char *end = strstr(answer, "\r\n\r\n");
	return at != NULL && end != NULL && at < end;
}

static const char *get(uint16_t port, const char *path, const char *headers)
{
	static char request[1024];
	(void)snprintf(request, sizeof request,
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s\r\n", path, headers);
	return ask(port, request);
}

/* The name in the page of what has this beginning and end: "/assets/main-" and ".js". */
static const char *name_in(const char *page, const char *begin, const char *end)
{
	static char name[128];
	const char *at = strstr(page, begin);
	const size_t length = at != NULL ? strcspn(at, "\"") : 0;
	while (at != NULL && (length < strlen(end) || memcmp(at + strcspn(at, "\"") - strlen(end),
							  end, strlen(end)) != 0))
		at = strstr(at + 1, begin);
	name[0] = '\0';
	if (at != NULL)
		(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\""), at);
	return name;
}

static void test_table(void)
{
	bool all = true;
	for (size_t i = 0; i < asset_count; i++) {
		all = all && asset_find(assets[i].path) == &assets[i] && assets[i].count > 0 &&
		      assets[i].is_immutable == (strncmp(assets[i].path, "/assets/", 8) == 0);
		for (size_t j = 0; j < i; j++)
			all = all && strcmp(assets[i].etag, assets[j].etag) != 0;
	}
	OK(all && asset_count >= 4, "each file has one name, and those that never change say so");
	OK(asset_find("/assets/") == NULL && asset_find("") == NULL,
	    "what is not there is not found");
}

static void test_page(uint16_t port)
{
	static char page[64 << 10];
	char headers[256];
	(void)snprintf(page, sizeof page, "%s", get(port, "/", ""));
	OK(status_of(page) == 200 && strstr(body_of(page), "<!DOCTYPE html>") != NULL &&
		has(page, "\r\nContent-Type: text/html; charset=utf-8\r\n"),
	    "the page is there");
	OK(has(page, "\r\nContent-Security-Policy: " ASSET_POLICY "\r\n") &&
		strstr(ASSET_POLICY, "unsafe") == NULL &&
		has(page, "\r\nCache-Control: private, no-cache\r\n"),
	    "with its policy");
	OK(strstr(body_of(page), "\"/assets/main.js\"") == NULL, "what it asks for has its name");
	const char *at = strstr(page, "\r\nETag: ");
	(void)snprintf(headers, sizeof headers, "If-None-Match: %.*s\r\n",
	    at != NULL ? (int)strcspn(at + 8, "\r") : 0, at != NULL ? at + 8 : "");
	OK(status_of(get(port, "/", headers)) == 304, "who has it already is not sent it");
}

static void test_parts(uint16_t port)
{
	static char page[64 << 10];
	char name[128];
	(void)snprintf(page, sizeof page, "%s", get(port, "/", ""));
	(void)snprintf(name, sizeof name, "%s", name_in(body_of(page), "/assets/main-", ".js"));
	const char *answer = get(port, name, "Accept-Encoding: gzip\r\n");
	OK(status_of(answer) == 200 && has(answer, "\r\nContent-Encoding: gzip\r\n") &&
		has(answer, "\r\nCache-Control: public, max-age=31536000, immutable\r\n") &&
		has(answer, "\r\nContent-Type: text/javascript; charset=utf-8\r\n"),
	    "the program it asks for is there, compressed, to keep");
	OK(status_of(get(port, name, "")) == 200, "and plain for whoever asks so");
	(void)snprintf(name, sizeof name, "%s", name_in(body_of(page), "/assets/main-", ".css"));
	OK(has(get(port, name, ""), "\r\nContent-Type: text/css; charset=utf-8\r\n"),
	    "and its style");
	OK(status_of(get(port, "/favicon.svg", "")) == 200, "and its sign");
	OK(status_of(get(port, "/assets/main.js", "")) == 404, "by no other name");
	OK(status_of(get(port, "/assets/..%2f", "")) == 404 &&
		status_of(get(port, "/assets/%2e%2e/main.js", "")) == 404 &&
		status_of(get(port, "/assets/../", "")) == 404 &&
		status_of(get(port, "/assets//etc/passwd", "")) == 404,
	    "and nothing else");
}

int main(void)
{
	uint16_t port;
	(void)signal(SIGPIPE, SIG_IGN);
	test_table();
	int fd = listen_somewhere(&port);
	pid_t server = start_server(fd, options, set_loop);
	test_page(port);
	test_parts(port);
	OK(end_server(server), "it ends well");
	return test_done();
}
