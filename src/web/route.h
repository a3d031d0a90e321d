/*
 * route.h - which handler a request is for, by a table that is compiled in.
 *
 * The path is looked up as it stands in the request, byte for byte: nothing is decoded, joined or
 * simplified before, so that everything has one spelling and no path leads out of the table. No
 * path is ever that of a file.
 */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ROUTE_REST_BYTES = 256, /* names of ours have at most 127 bytes, each up to %XX */
	ROUTE_SEGMENTS_MAX = 3, /* open ones of one path */
};

/* Bits. What answers GET answers HEAD as well. */
enum route_method {
	ROUTE_GET = 1 << 0,
	ROUTE_POST = 1 << 1,
	ROUTE_PATCH = 1 << 2,
	ROUTE_DELETE = 1 << 3,
};

struct http_request;

struct route {
	/*
	 * "/metrics"; with is_prefix "/heartbeat/": one segment more, not empty, is the rest. Or
	 * with open segments, each as "{name}": "/incidents/{id}/ack" takes any one segment that is
	 * not empty there. Of paths that both take a request the one that stands first has it.
	 */
	const char *path;
	bool is_prefix;
	enum route_method method;
	size_t body_max_bytes; /* of all but ROUTE_GET; more is refused unread */
	/* Answers now, or later (web/http.h). */
	void (*run)(void *context, struct http_request *request);
	void *context; /* of `run`; NULL: that of all (http_options) */
};

/* HTTP's statuses that looking up can give. */
enum {
	ROUTE_FOUND = 200,
	ROUTE_NOT_FOUND = 404,
	ROUTE_WRONG_METHOD = 405,
};

struct route_match {
	const struct route *route; /* ROUTE_FOUND */
	unsigned methods;          /* ROUTE_WRONG_METHOD: those that would do (ROUTE_...) */
	/* What was open, or the rest: decoded, UTF-8 without control characters; others are "". */
	char segments[ROUTE_SEGMENTS_MAX][ROUTE_REST_BYTES];
};

/* `method` and `path` as they stand in the request, the latter without a query. */
int route_find(const struct route *routes, size_t count, const char *method, const char *path,
    struct route_match *ret_match);

/*
 * Decodes %XX of one segment. False when it is empty, has a slash, is not whole, or holds what a
 * name of ours cannot: control characters, no UTF-8, more than fits.
 */
bool route_decode(const char *segment, char out[static ROUTE_REST_BYTES]);

/*
 * Decodes %XX of a value of a query, of whatever may stand in one: UTF-8 without control
 * characters, perhaps nothing. False, and "", when it is damaged or does not fit.
 */
bool route_decode_value(const char *value, char *out, size_t room);

/*
 * Whether a Host header is an address, or localhost, with a port or without. Where a name leads is
 * chosen by whoever owns it: a page of his would read, by the browser of somebody here, what only
 * this machine may (DNS rebinding).
 */
bool route_is_direct(const char *host);

#endif
