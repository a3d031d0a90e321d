/* http_internal.h - shared by http.c and http_request.c; not for others. */
#ifndef WEB_HTTP_INTERNAL_H
#define WEB_HTTP_INTERNAL_H

#include <microhttpd.h>

#include "web/http.h"

enum {
	/* Beside those that are there: connections that were told to end, and have not yet. */
	HTTP_SLOTS = HTTP_CONNECTIONS_MAX + HTTP_STREAMS_MAX + 64,
	HTTP_PACKED_MAX =
	    16, /* lists that several look at; the next takes the place of the oldest */
	HTTP_ETAG_BYTES = 80,
};

/* A connection. */
struct http_slot {
	struct http *http;
	int fd; /* negative: nobody's. libmicrohttpd's own: only to be shut down */
	struct address peer;
	int64_t since_us; /* when it came, or was answered last; monotonic */
	bool is_ending;
	bool is_stream;
	struct http_request *request; /* that is being read or answered */
};

struct http_request {
	struct http *http;
	struct http_slot *slot;
	struct MHD_Connection *connection;
	const struct route *route; /* NULL: refused already */
	const char *path;          /* libmicrohttpd's */
	struct route_match match;
	bool is_problem; /* its refusals are JSON */
	uint8_t *body;
	size_t body_room; /* what Content-Length says */
	size_t body_bytes;
	bool is_running; /* its handler was called */
	bool is_waiting; /* for an answer that comes later */
	unsigned status;
	struct MHD_Response *response; /* NULL: not answered yet */
	struct http_stream *stream;    /* NULL: its answer has an end */
};

/* Bytes that were compressed. */
struct http_packed {
	char etag[HTTP_ETAG_BYTES];
	size_t plain; /* how many they were */
	void *bytes;  /* NULL: free */
	size_t count;
};

struct http {
	struct http_options options;
	struct MHD_Daemon *daemon;
	int listen_fd;
	uint64_t listen_watch;
	uint64_t daemon_watch;
	uint64_t tick_timer;
	uint64_t run_timer;
	uint64_t accept_timer; /* while no descriptors are left */
	struct http_counts counts;
	struct http_packed packed[HTTP_PACKED_MAX];
	size_t packed_next;
	struct http_slot slots[HTTP_SLOTS];
};

/*
 * What libmicrohttpd tells of a request; called several times for each. So many things at once are
 * its own shape.
 */
#define HTTP_REQUEST_CALL                                                                          \
	void *context, struct MHD_Connection *connection, const char *url, const char *method,     \
	    const char *version, const char *upload, size_t *upload_bytes, void **request_context

/* A header that is named once, or several times, or not. */
struct http_search {
	const char *name;
	const char *value; /* of the last of them; NULL: it has none */
	size_t count;
};
struct http_search http_find(
    const struct http_request *request, enum MHD_ValueKind kind, const char *name);

/* What an answer is, beside its bytes: the headers that it has of its own. */
enum {
	HTTP_HEADERS_MAX = 6
};
struct http_head {
	unsigned status;
	const char *type;    /* NULL: it has no content */
	const char *policy;  /* NULL: nothing is allowed */
	const char *caching; /* NULL: it is kept nowhere */
	struct {
		const char *name; /* NULL: no more of them */
		const char *value;
	} headers[HTTP_HEADERS_MAX];
};
/* With these bytes, which are copied. */
void http_head_answer(
    struct http_request *request, const struct http_head *head, const void *bytes, size_t count);
/*
 * Takes the response, which may be NULL (then the connection ends), and gives it the headers.
 */
void http_head_give(
    struct http_request *request, const struct http_head *head, struct MHD_Response *response);

/* NULL: nothing is kept under this etag, of so many bytes. Valid until something is kept. */
const void *http_packed_find(
    const struct http *http, const char *etag, size_t plain, size_t *ret_count);
/* Takes the bytes where it returns true. */
bool http_packed_keep(struct http *http, const char *etag, size_t plain, void *bytes, size_t count);
void http_packed_release(struct http *http);

/* Of a stream whose request is over; NULL is allowed. */
void http_stream_gone(struct http_stream *stream);
/* Every now and then. False when it must end: nobody reads it. */
bool http_stream_tick(struct http_stream *stream, int64_t now_us);
/* It ends when what waits is sent, or its connection has ended. */
void http_stream_stop(struct http_stream *stream);
/* Whether there may be one more, of this address as well. */
bool http_may_stream(const struct http_request *request);

/* `context` is the http. */
enum MHD_Result http_on_request(HTTP_REQUEST_CALL);
void http_on_completed(void *context, struct MHD_Connection *connection, void **request_context,
    enum MHD_RequestTerminationCode how);
/* Libmicrohttpd has something to do: an answer that came later does not wake it by itself. */
void http_run_soon(struct http *http);
/* Requests that wait for an answer get one: there will be no other. */
void http_give_up(struct http *http);

#endif
