/* http_internal.h - shared by http.c and http_request.c; not for others. */
#ifndef WEB_HTTP_INTERNAL_H
#define WEB_HTTP_INTERNAL_H

#include <microhttpd.h>

#include "web/http.h"

enum {
	/* Beside those that are there: connections that were told to end, and have not yet. */
	HTTP_SLOTS = HTTP_CONNECTIONS_MAX + 64,
};

/* A connection. */
struct http_slot {
	struct http *http;
	int fd; /* negative: nobody's. libmicrohttpd's own: only to be shut down */
	struct address peer;
	int64_t since_us; /* when it came, or was answered last; monotonic */
	bool is_ending;
	struct http_request *request; /* that is being read or answered */
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
	struct http_slot slots[HTTP_SLOTS];
};

/*
 * What libmicrohttpd tells of a request; called several times for each. So many things at once are
 * its own shape.
 */
#define HTTP_REQUEST_CALL                                                                          \
	void *context, struct MHD_Connection *connection, const char *url, const char *method,     \
	    const char *version, const char *upload, size_t *upload_bytes, void **request_context

/* `context` is the http. */
enum MHD_Result http_on_request(HTTP_REQUEST_CALL);
void http_on_completed(void *context, struct MHD_Connection *connection, void **request_context,
    enum MHD_RequestTerminationCode how);
/* Libmicrohttpd has something to do: an answer that came later does not wake it by itself. */
void http_run_soon(struct http *http);
/* Requests that wait for an answer get one: there will be no other. */
void http_give_up(struct http *http);

#endif
