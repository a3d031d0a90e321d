/*
 * http.h - what a station says by HTTP: a thin layer of our own over libmicrohttpd, which reads and
 * writes the protocol.
 *
 * It serves by a listening socket that was opened elsewhere (web/listen.h), in one thread, by the
 * loop, and works in a sandbox (may_serve of proc/sandbox.h) that is entered after http_new().
 * What there is to be asked for stands in a table of routes (web/route.h); everything else is
 * refused with a line of our own, and so is a body without a length or of more bytes than its
 * route takes. Every answer has headers that keep a browser from making more of it than it is.
 *
 * Crowds: past HTTP_CONNECTIONS_MAX, or HTTP_ADDRESS_MAX of one address (IPv6: of one /64), the
 * connection that has been there longest without asking anything whole makes room for the new one;
 * of the former the longest of whoever has the most. So who opens many and says nothing (slowloris)
 * disturbs himself alone. Nobody gets more than HTTP_PATIENCE_US for one request and its answer.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "proc/loop.h"
#include "web/route.h"

enum {
	HTTP_CONNECTIONS_MAX = 256, /* a quarter of the descriptors that a process usually has */
	HTTP_ADDRESS_MAX = 64,      /* browsers open some 6; programs on one machine few more */
	/* Request line and headers of one request, with what libmicrohttpd needs for them. */
	HTTP_MEMORY_BYTES = 16 << 10,
	HTTP_BODY_MAX_BYTES = 64 << 10, /* of any route */
	HTTP_WHY_BYTES = 256,           /* of the line in a refusal */
};

/* A request that a person waits for takes less; a scrape may have 10 s. */
#define HTTP_PATIENCE_US INT64_C(10000000)

struct http;
struct http_request;

struct http_options {
	struct loop *loop;          /* borrowed, as all */
	const struct route *routes; /* with a body_max_bytes up to HTTP_BODY_MAX_BYTES */
	size_t route_count;
	void *context; /* of all handlers */
	/* With TLS 1.2 or later: PEM, ended with NUL, borrowed for http_new(); NULL: without. */
	const char *certificate; /* and those that vouch for it, in order */
	const char *key;
};

/*
 * Takes the listening socket (non-blocking), also when it fails. 0, or a negative errno with a
 * complaint.
 */
int http_new(const struct http_options *options, int listen_fd, struct http **ret_http,
    struct complaint *complaint);
/* Closes everything; requests that wait for an answer are gone. NULL is allowed. */
void http_free(struct http *http);

/*
 * A handler answers its request once: before it returns, or at any later time. Until then the
 * request is there, whatever becomes of whoever asked, and what is read of it stays valid.
 */
const char *http_request_rest(const struct http_request *request); /* of the path; or "" */
const struct address *http_request_peer(const struct http_request *request);
/* NULL where there is none of this name, or several. */
const char *http_request_header(const struct http_request *request, const char *name);
/* As route_is_direct() of its Host; also where it has none, which browsers always send. */
bool http_request_is_direct(const struct http_request *request);
const uint8_t *http_request_body(const struct http_request *request, size_t *ret_count);
/* "en" of "?lang=en", undecoded. NULL where there is none of this name, or several. */
const char *http_request_query(const struct http_request *request, const char *name);

/* Copies the bytes. `type` is a static text such as "text/plain; charset=utf-8". */
void http_answer(struct http_request *request, unsigned status, const char *type, const void *bytes,
    size_t count);
/*
 * A page for people, which no search engine is to keep. `policy` is its Content-Security-Policy: a
 * static text.
 */
void http_show(struct http_request *request, unsigned status, const char *policy, const void *bytes,
    size_t count);
/* 303: what was posted is done, and the browser is to get that: a relative reference of ours. */
void http_redirect(struct http_request *request, const char *where);
/* Without content: 204. */
void http_accept(struct http_request *request);
/* With one line of plain text, our own words: a status of 4xx or 5xx. */
void http_refuse(struct http_request *request, unsigned status, const char *why);

struct http_counts {
	size_t connections;  /* now */
	uint64_t accepted;   /* connections */
	uint64_t displaced;  /* of them, to make room for others */
	uint64_t expired;    /* of them, out of patience */
	uint64_t answers[6]; /* by the first digit of their status */
};
void http_get_counts(const struct http *http, struct http_counts *ret_counts);

#endif
