/* http_request.c - one request, from its first header to its answer. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/http_internal.h"

enum {
	STATUS_NO_CONTENT = 204,
	STATUS_SEE_OTHER = 303,
	STATUS_BAD_REQUEST = 400,
	STATUS_LENGTH_REQUIRED = 411,
	STATUS_TOO_LARGE = 413,
	STATUS_NO_MEMORY = 503,
};

struct http_request {
	struct http *http;
	struct http_slot *slot;
	struct MHD_Connection *connection;
	const struct route *route; /* NULL: refused already */
	char rest[ROUTE_REST_BYTES];
	uint8_t *body;
	size_t body_room; /* what Content-Length says */
	size_t body_bytes;
	bool is_running; /* its handler was called */
	bool is_waiting; /* for an answer that comes later */
	unsigned status;
	struct MHD_Response *response; /* NULL: not answered yet */
};

/* A browser makes nothing of an answer but what it is, keeps none, and shows none inside others. */
static const char *const header_rows[][2] = {
    {"Cache-Control", "no-store"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

static const char no_policy[] = "default-src 'none'; frame-ancestors 'none'";

/* ---- Answers ---- */

/* What an answer is, beside its bytes. */
struct kind {
	unsigned status;
	const char *type;   /* NULL: it has no content */
	const char *policy; /* NULL: nothing is allowed */
	const char *header; /* one more; NULL: none */
	const char *value;
};

/* NULL is a header that is not there. */
static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
	return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

static struct MHD_Response *make_response(const struct kind *kind, const void *bytes, size_t count)
{
	/* libmicrohttpd takes what is not const, and copies it */
	union {
		const void *bytes;
		void *copied;
	} source = {.bytes = count > 0 ? bytes : ""};
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(count, source.copied, MHD_RESPMEM_MUST_COPY);
	bool is_whole = response != NULL && add_header(response, "Content-Type", kind->type) &&
			add_header(response, "Content-Security-Policy",
			    kind->policy != NULL ? kind->policy : no_policy) &&
			(kind->header == NULL || add_header(response, kind->header, kind->value));
	for (size_t i = 0; is_whole && i < sizeof header_rows / sizeof header_rows[0]; i++)
		is_whole = add_header(response, header_rows[i][0], header_rows[i][1]);
	if (is_whole)
		return response;
	if (response != NULL)
		MHD_destroy_response(response);
	return NULL;
}

static void answer(
    struct http_request *request, const struct kind *kind, const void *bytes, size_t count)
{
	assert(request->response == NULL && request->status == 0); /* once */
	request->status = kind->status;
	request->response = make_response(kind, bytes, count);
	if (!request->is_waiting)
		return;
	request->is_waiting = false;
	MHD_resume_connection(request->connection);
	http_run_soon(request->http);
}

void http_answer(struct http_request *request, unsigned status, const char *type, const void *bytes,
    size_t count)
{
	const struct kind kind = {.status = status, .type = type};
	answer(request, &kind, bytes, count);
}

void http_show(struct http_request *request, unsigned status, const char *policy, const void *bytes,
    size_t count)
{
	const struct kind kind = {.status = status,
	    .type = "text/html; charset=utf-8",
	    .policy = policy,
	    .header = "X-Robots-Tag",
	    .value = "noindex, nofollow"};
	answer(request, &kind, bytes, count);
}

void http_redirect(struct http_request *request, const char *where)
{
	const struct kind kind = {.status = STATUS_SEE_OTHER, .header = "Location", .value = where};
	answer(request, &kind, NULL, 0);
}

void http_accept(struct http_request *request)
{
	http_answer(request, STATUS_NO_CONTENT, NULL, NULL, 0);
}

void http_refuse(struct http_request *request, unsigned status, const char *why)
{
	char line[HTTP_WHY_BYTES];
	int length = snprintf(line, sizeof line, "%s\n", why);
	assert(length > 0 && (size_t)length < sizeof line); /* our own words */
	http_answer(request, status, "text/plain; charset=utf-8", line, (size_t)length);
}

/* Gives the answer that is there to libmicrohttpd. Without memory for one the connection ends. */
static enum MHD_Result give(struct http_request *request)
{
	struct http *http = request->http;
	if (request->response == NULL)
		return MHD_NO;
	enum MHD_Result result =
	    MHD_queue_response(request->connection, request->status, request->response);
	MHD_destroy_response(request->response); /* our share of it */
	request->response = NULL;
	if (result == MHD_YES && request->status / 100 < 6)
		http->counts.answers[request->status / 100]++;
	return result;
}

static enum MHD_Result refuse(struct http_request *request, unsigned status, const char *why)
{
	http_refuse(request, status, why);
	return give(request);
}

static enum MHD_Result refuse_method(struct http_request *request, unsigned methods)
{
	const bool is_page = (methods & ROUTE_GET) != 0;
	const bool is_taker = (methods & ROUTE_POST) != 0;
	const char *allowed = is_page && is_taker ? "GET, HEAD, POST"
			      : is_page           ? "GET, HEAD"
						  : "POST";
	http_refuse(request, ROUTE_WRONG_METHOD, "this is asked for in another way: see Allow");
	if (request->response != NULL &&
	    MHD_add_response_header(request->response, "Allow", allowed) != MHD_YES) {
		MHD_destroy_response(request->response);
		request->response = NULL;
	}
	return give(request);
}

/* ---- Reading ---- */

struct header_search {
	const char *name;
	const char *value;
	size_t count;
};

static enum MHD_Result visit_header(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_search *search = context;
	(void)kind;
	if (strcasecmp(name, search->name) != 0)
		return MHD_YES;
	search->value = value;
	search->count++;
	return MHD_YES;
}

static struct header_search find_value(
    const struct http_request *request, enum MHD_ValueKind kind, const char *name)
{
	struct header_search search = {.name = name};
	(void)MHD_get_connection_values(
	    request->connection, kind, visit_header, &search); /* how many: not needed */
	return search;
}

static struct header_search find_header(const struct http_request *request, const char *name)
{
	return find_value(request, MHD_HEADER_KIND, name);
}

/* The number of a Content-Length; false when it is none, or of more digits than any body has. */
static bool read_length(const char *text, size_t *ret_length)
{
	enum {
		DIGITS_MAX = 9
	};
	size_t length = 0;
	size_t digits = 0;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits <= DIGITS_MAX; digits++)
		length = length * 10 + (size_t)(text[digits] - '0');
	*ret_length = digits > DIGITS_MAX ? SIZE_MAX : length;
	return digits > 0 && (digits > DIGITS_MAX || text[digits] == '\0');
}

/* What must be known of a body before any of it is read. 0, or the status of a refusal. */
static unsigned measure_body(struct http_request *request, const char **ret_why)
{
	const struct header_search length = find_header(request, "Content-Length");
	const size_t max = request->route->body_max_bytes;
	*ret_why = "expected a body of a length that is told before it";
	if (find_header(request, "Transfer-Encoding").count > 0)
		return STATUS_LENGTH_REQUIRED;
	if (length.count == 0)
		return request->route->method == ROUTE_POST ? STATUS_LENGTH_REQUIRED : 0;
	*ret_why = "Content-Length: expected one whole number";
	if (length.count > 1 || length.value == NULL ||
	    !read_length(length.value, &request->body_room))
		return STATUS_BAD_REQUEST;
	*ret_why = "the body is larger than anything that is taken here";
	if (request->body_room > max)
		return STATUS_TOO_LARGE;
	*ret_why = "there is no memory now";
	request->body = request->body_room > 0 ? malloc(request->body_room) : NULL;
	return request->body_room > 0 && request->body == NULL ? STATUS_NO_MEMORY : 0;
}

/* Its headers are there: what it is for, and whether it is taken. */
static enum MHD_Result begin(struct http_request *request, const char *method, const char *path)
{
	const struct http_options *options = &request->http->options;
	struct route_match match;
	const char *why;
	const int found = route_find(options->routes, options->route_count, method, path, &match);
	if (found == ROUTE_WRONG_METHOD)
		return refuse_method(request, match.methods);
	if (found != ROUTE_FOUND)
		return refuse(request, ROUTE_NOT_FOUND, "there is nothing of this name here");
	request->route = match.route;
	memcpy(request->rest, match.rest, sizeof request->rest);
	const unsigned status = measure_body(request, &why);
	return status != 0 ? refuse(request, status, why) : MHD_YES;
}

/* More of the body. More than was told cannot come, and is not taken. */
static enum MHD_Result take(struct http_request *request, const char *bytes, size_t *count)
{
	if (request->body == NULL || *count > request->body_room - request->body_bytes)
		return MHD_NO;
	memcpy(request->body + request->body_bytes, bytes, *count);
	request->body_bytes += *count;
	*count = 0;
	return MHD_YES;
}

/* All of it is there, or its answer is. */
static enum MHD_Result run(struct http_request *request)
{
	if (!request->is_running) {
		request->is_running = true;
		request->route->run(request->http->options.context, request);
	}
	if (request->status != 0)
		return give(request);
	request->is_waiting = true;
	MHD_suspend_connection(request->connection);
	return MHD_YES;
}

static struct http_request *new_request(struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_slot *slot = info != NULL ? info->socket_context : NULL;
	struct http_request *request = slot != NULL ? calloc(1, sizeof *request) : NULL;
	if (request == NULL)
		return NULL;
	request->http = http;
	request->slot = slot;
	request->connection = connection;
	slot->request = request;
	return request;
}

enum MHD_Result http_on_request(HTTP_REQUEST_CALL)
{
	struct http_request *request = *request_context;
	(void)version;
	if (request == NULL) {
		request = new_request(context, connection);
		*request_context = request;
		return request != NULL ? begin(request, method, url) : MHD_NO;
	}
	if (request->route == NULL)
		return MHD_NO; /* it was refused, and sends more */
	return *upload_bytes > 0 ? take(request, upload, upload_bytes) : run(request);
}

void http_on_completed(void *context, struct MHD_Connection *connection, void **request_context,
    enum MHD_RequestTerminationCode how)
{
	struct http_request *request = *request_context;
	const struct http *http = context;
	(void)connection;
	(void)how;
	if (request == NULL)
		return;
	*request_context = NULL;
	request->slot->request = NULL;
	request->slot->since_us = loop_monotonic_us(http->options.loop);
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	free(request->body);
	free(request);
}

void http_give_up(struct http *http)
{
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		struct http_request *request = http->slots[i].request;
		if (request != NULL && request->is_waiting)
			http_refuse(request, STATUS_NO_MEMORY, "the station is being stopped");
	}
}

/* ---- For handlers ---- */

const char *http_request_rest(const struct http_request *request)
{
	return request->rest;
}

const struct address *http_request_peer(const struct http_request *request)
{
	return &request->slot->peer;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	const struct header_search search = find_header(request, name);
	return search.count == 1 ? search.value : NULL;
}

const char *http_request_query(const struct http_request *request, const char *name)
{
	const struct header_search search = find_value(request, MHD_GET_ARGUMENT_KIND, name);
	return search.count == 1 ? search.value : NULL;
}

bool http_request_is_direct(const struct http_request *request)
{
	const struct header_search host = find_header(request, "Host");
	return host.count == 0 || (host.count == 1 && route_is_direct(host.value));
}

const uint8_t *http_request_body(const struct http_request *request, size_t *ret_count)
{
	*ret_count = request->body_bytes;
	return request->body;
}
