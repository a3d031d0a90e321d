#include "web/route.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static const struct route routes[] = {
    {.path = "/list", .method = ROUTE_GET},
    {.path = "/list", .method = ROUTE_POST},
    {.path = "/list/new", .method = ROUTE_GET},
    {.path = "/list/{id}", .method = ROUTE_GET},
    {.path = "/list/{id}", .method = ROUTE_PATCH},
    {.path = "/list/{id}", .method = ROUTE_DELETE},
    {.path = "/list/{id}/ack", .method = ROUTE_POST},
    {.path = "/{a}/x/{b}/{c}", .method = ROUTE_GET},
    {.path = "/page-{a}.html", .method = ROUTE_GET},
    {.path = "/rest/", .is_prefix = true, .method = ROUTE_GET},
};

enum {
	COUNT = sizeof routes / sizeof routes[0]
};

static const struct {
	const char *name;
	const char *method;
	const char *path;
	int found;
	const char *route; /* or NULL */
	const char *segments[ROUTE_SEGMENTS_MAX];
} rows[] = {
    {"a path", "GET", "/list", 200, "/list", {"", "", ""}},
    {"its head", "HEAD", "/list", 200, "/list", {"", "", ""}},
    {"an open segment", "GET", "/list/12", 200, "/list/{id}", {"12", "", ""}},
    {"by PATCH", "PATCH", "/list/12", 200, "/list/{id}", {"12", "", ""}},
    {"by DELETE", "DELETE", "/list/12", 200, "/list/{id}", {"12", "", ""}},
    {"what stands first", "GET", "/list/new", 200, "/list/new", {"", "", ""}},
    {"what is behind", "POST", "/list/12/ack", 200, "/list/{id}/ack", {"12", "", ""}},
    {"decoded", "GET", "/list/%E7%81%AB%2f%20", 200, "/list/{id}", {"火/ ", "", ""}},
    {"three", "GET", "/p/x/q/r", 200, "/{a}/x/{b}/{c}", {"p", "q", "r"}},
    {"the rest", "GET", "/rest/a", 200, "/rest/", {"a", "", ""}},

    {"an empty segment", "GET", "/list/", 404, NULL, {"", "", ""}},
    {"an empty one within", "POST", "/list//ack", 404, NULL, {"", "", ""}},
    {"one too many", "POST", "/list/1/2/ack", 404, NULL, {"", "", ""}},
    {"one too few", "GET", "/p/x/q", 404, NULL, {"", "", ""}},
    {"a slash behind", "GET", "/list/12/", 404, NULL, {"", "", ""}},
    {"the pattern itself has names as any other", "GET", "/list/{id}", 200, "/list/{id}",
	{"{id}", "", ""}},
    {"damaged", "GET", "/list/%4", 404, NULL, {"", "", ""}},
    {"damaged by the end of the segment", "POST", "/list/%4/ack", 404, NULL, {"", "", ""}},
    {"a NUL", "GET", "/list/a%00", 404, NULL, {"", "", ""}},
    {"no UTF-8", "GET", "/list/%c3", 404, NULL, {"", "", ""}},
    {"a control character", "GET", "/list/%1b", 404, NULL, {"", "", ""}},
    {"another spelling of what is not open", "POST", "/list/1/%61ck", 404, NULL, {"", "", ""}},
    {"another method", "DELETE", "/list", 405, NULL, {"", "", ""}},
    {"a method of nobody", "PUT", "/list/12", 405, NULL, {"", "", ""}},
    {"of another case", "get", "/list", 405, NULL, {"", "", ""}},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct route_match match;
		const int found = route_find(routes, COUNT, rows[i].method, rows[i].path, &match);
		bool is_so = found == rows[i].found &&
			     (match.route == NULL) == (rows[i].route == NULL) &&
			     (match.route == NULL || strcmp(match.route->path, rows[i].route) == 0);
		for (size_t j = 0; j < ROUTE_SEGMENTS_MAX; j++)
			is_so = is_so && strcmp(match.segments[j], rows[i].segments[j]) == 0;
		OK(is_so, rows[i].name);
	}
}

static void test_methods(void)
{
	struct route_match match;
	(void)route_find(routes, COUNT, "POST", "/list/12", &match);
	OK(match.methods == (ROUTE_GET | ROUTE_PATCH | ROUTE_DELETE), "what would do is told");
}

static void test_long(void)
{
	char path[ROUTE_REST_BYTES + 32];
	struct route_match match;
	(void)snprintf(path, sizeof path, "/list/%0*d", ROUTE_REST_BYTES - 1, 7);
	OK(route_find(routes, COUNT, "GET", path, &match) == ROUTE_FOUND &&
		strlen(match.segments[0]) == ROUTE_REST_BYTES - 1,
	    "the longest segment");
	(void)snprintf(path, sizeof path, "/list/%0*d", ROUTE_REST_BYTES, 7);
	OK(route_find(routes, COUNT, "GET", path, &match) == ROUTE_NOT_FOUND, "one byte more");
}

static void test_values(void)
{
	char out[4];
	OK(route_decode_value("", out, sizeof out) && out[0] == '\0', "a value may be nothing");
	OK(route_decode_value("a%2Fb", out, sizeof out) && strcmp(out, "a/b") == 0, "or a slash");
	OK(!route_decode_value("a%2Fbc", out, sizeof out) && out[0] == '\0', "but must fit");
	OK(!route_decode_value("%0a", out, sizeof out) && out[0] == '\0', "and be shown as it is");
}

int main(void)
{
	test_rows();
	test_methods();
	test_long();
	test_values();
	return test_done();
}
