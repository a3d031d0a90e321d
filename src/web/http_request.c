/* http_request.c - one request, from its first header to its end. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/http_internal.h"

enum {
	METHODS_BYTES = 64, /* all of them, and what is between */
	STATUS_BAD_REQUEST = 400,
	STATUS_LENGTH_REQUIRED = 411,
	STATUS_TOO_LARGE = 413,
	STATUS_NO_MEMORY = 503,
};

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
	if (request->is_problem)
		http_problem(request, status, NULL, why);
	else
		http_refuse(request, status, why);
	return give(request);
}

/* "GET, HEAD, POST" */
static void list_methods(unsigned methods, char out[static METHODS_BYTES])
{
	static const struct {
		enum route_method method;
		const char *text;
	} names[] = {{ROUTE_GET, "GET, HEAD"}, {ROUTE_POST, "POST"}, {ROUTE_PATCH, "PATCH"},
	    {ROUTE_DELETE, "DELETE"}};
	size_t used = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((methods & names[i].method) != 0)
			used += (size_t)snprintf(out + used, METHODS_BYTES - used, "%s%s",
			    used > 0 ? ", " : "", names[i].text); /* it fits */
}

static enum MHD_Result refuse_method(struct http_request *request, unsigned methods)
{
	static const char why[] = "this is asked for in another way: see Allow";
	char allowed[METHODS_BYTES];
	list_methods(methods, allowed);
	if (request->is_problem)
		http_problem(request, ROUTE_WRONG_METHOD, NULL, why);
	else
		http_refuse(request, ROUTE_WRONG_METHOD, why);
	if (request->response != NULL &&
	    MHD_add_response_header(request->response, "Allow", allowed) != MHD_YES) {
		MHD_destroy_response(request->response);
		request->response = NULL;
	}
	return give(request);
}

/* ---- Its beginning ---- */

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
	const struct http_search length = http_find(request, MHD_HEADER_KIND, "Content-Length");
	const size_t max = request->route->body_max_bytes;
	*ret_why = "expected a body of a length that is told before it";
	if (http_find(request, MHD_HEADER_KIND, "Transfer-Encoding").count > 0)
		return STATUS_LENGTH_REQUIRED;
	if (length.count == 0)
		return (request->route->method & (ROUTE_POST | ROUTE_PATCH)) != 0
			   ? STATUS_LENGTH_REQUIRED
			   : 0;
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
	const char *why;
	const int found =
	    route_find(options->routes, options->route_count, method, path, &request->match);
	request->path = path;
	request->is_problem =
	    options->problems_under != NULL &&
	    strncmp(path, options->problems_under, strlen(options->problems_under)) == 0;
	if (found == ROUTE_WRONG_METHOD)
		return refuse_method(request, request->match.methods);
	if (found != ROUTE_FOUND)
		return refuse(request, ROUTE_NOT_FOUND, "there is nothing of this name here");
	request->route = request->match.route;
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
		request->route->run(request->route->context != NULL
					? request->route->context
					: request->http->options.context,
		    request);
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
	http_stream_gone(request->stream);
	request->slot->request = NULL;
	request->slot->is_stream = false;
	request->slot->since_us = loop_monotonic_us(http->options.loop);
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	/* perhaps a password */
	if (request->body != NULL)
		explicit_bzero(request->body, request->body_bytes);
	free(request->body);
	free(request);
}

void http_give_up(struct http *http)
{
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		struct http_request *request = http->slots[i].request;
		if (request != NULL && request->is_waiting)
			http_refuse(request, STATUS_NO_MEMORY, "the station is being stopped");
		else if (request != NULL && request->stream != NULL)
			http_stream_stop(request->stream);
	}
}
