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
	HTTP_MEMORY_BYTES = 32 << 10,
	HTTP_BODY_MAX_BYTES = 64 << 10,   /* of any route */
	HTTP_WHY_BYTES = 256,             /* of the line in a refusal */
	HTTP_COMPRESSED_MIN_BYTES = 1024, /* less fits into a packet anyway */
	HTTP_STREAMS_MAX = 64,            /* beside HTTP_CONNECTIONS_MAX */
	HTTP_ADDRESS_STREAMS_MAX = 32,    /* of one address, as above: windows of its browsers */
	HTTP_STREAM_BYTES = 256 << 10,    /* that wait for one reader */
};

/* A request that a person waits for takes less; a scrape may have 10 s. */
#define HTTP_PATIENCE_US INT64_C(10000000)
/* A stream that says nothing says that it is there; proxies wait for a minute. */
#define HTTP_STREAM_QUIET_US INT64_C(15000000)
/* Of a stream: whoever takes nothing of what there is for so long is gone. */
#define HTTP_STREAM_STALL_US INT64_C(30000000)

struct http;
struct http_request;
struct http_stream;

struct http_options {
	struct loop *loop;          /* borrowed, as all */
	const struct route *routes; /* with a body_max_bytes up to HTTP_BODY_MAX_BYTES */
	size_t route_count;
	void *context; /* of all handlers whose route has none of its own */
	/* Where paths begin that are refused with http_problem() ("/api/"); NULL: none. */
	const char *problems_under;
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

/* ---- Reading ---- */

const char *http_request_rest(const struct http_request *request); /* of the path; or "" */
/* The open segment of its route, from 0, decoded; "" where there is none. */
const char *http_request_segment(const struct http_request *request, size_t i);
/* The row of the table that it was found by. */
const struct route *http_request_route(const struct http_request *request);
/* As it stands in the request, without the query. */
const char *http_request_path(const struct http_request *request);
const struct address *http_request_peer(const struct http_request *request);
/* NULL where there is none of this name, or several. */
const char *http_request_header(const struct http_request *request, const char *name);
/* As route_is_direct() of its Host; also where it has none, which browsers always send. */
bool http_request_is_direct(const struct http_request *request);
/*
 * Whether its Host is direct, or that of `origin`, such as "https://town.example:8443"; "" is none.
 */
bool http_request_is_for(const struct http_request *request, const char *origin);
/*
 * What a browser says of where it comes from (Fetch Metadata; RFC 6454): whether that is a page of
 * somebody else. "null" alone says nothing, and neither does what is no browser.
 */
bool http_request_is_from_elsewhere(const struct http_request *request, const char *origin);
const uint8_t *http_request_body(const struct http_request *request, size_t *ret_count);
/* Whether Content-Type is application/json, whatever its parameters are. */
bool http_request_is_json(const struct http_request *request);
/* "en" of "?lang=en", undecoded. NULL where there is none of this name, or several. */
const char *http_request_query(const struct http_request *request, const char *name);
/*
 * Decoded: UTF-8 without control characters. False, and "", when there is none of this name or
 * several, or it is damaged or does not fit.
 */
bool http_request_query_text(
    const struct http_request *request, const char *name, char *out, size_t room);
/* How many there are of this name: tells a damaged one from none. */
size_t http_request_query_count(const struct http_request *request, const char *name);
/* The first name in the query, undecoded, that is none of these; NULL: there is none. */
const char *http_request_query_other(
    const struct http_request *request, const char *const *names, size_t count);
/* The value of a cookie (RFC 6265). False, and "": none, several, damaged, or does not fit. */
bool http_request_cookie(
    const struct http_request *request, const char *name, char *out, size_t room);

/* ---- Answering ---- */

enum http_caching {
	HTTP_NO_STORE,   /* nothing keeps it */
	HTTP_REVALIDATE, /* the browser keeps it, and asks whether it still holds */
	HTTP_IMMUTABLE,  /* its name changes when it does */
};

struct http_reply {
	unsigned status;
	const char *type;
	const void *bytes; /* copied */
	size_t count;
	/*
	 * Without quotes: letters and digits. A digest of these very bytes, since what was
	 * compressed under one is given again under it. NULL: none.
	 */
	const char *etag;
	enum http_caching caching;
	const char *policy;     /* Content-Security-Policy; NULL: nothing is allowed */
	const char *set_cookie; /* NULL: none */
	const char *filename;   /* it is to be saved under this name: UTF-8; NULL: shown */
	bool is_gzip;           /* the bytes are */
	bool is_plain;          /* not compressed: that would hold up others */
};
/*
 * Text and JSON of HTTP_COMPRESSED_MIN_BYTES or more are compressed for whoever takes that; what is
 * already is given plain to whoever does not. Whoever has what the etag stands for gets 304.
 */
void http_reply(struct http_request *request, const struct http_reply *reply);
/*
 * application/problem+json (RFC 9457) for programs: type, title, status, detail; `field` names what
 * is wrong (a key of the body, a parameter; NULL: none); and where the detail says "expected ...",
 * that is `expected` as well.
 */
void http_problem(
    struct http_request *request, unsigned status, const char *field, const char *detail);
/* The same, for who tells it in words of his own as well: `code` and `values`. */
struct http_trouble {
	unsigned status;
	const char *field; /* NULL: of none */
	const char *detail;
	const char *code; /* NULL or "": it is known by its status alone */
	const char *const *values;
	size_t value_count;
	unsigned after_s; /* when it is worth trying again (Retry-After); 0: not told */
};
void http_tell(struct http_request *request, const struct http_trouble *trouble);

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

/* ---- Streams ---- */

/*
 * Answers with a stream of events (server-sent events, WHATWG HTML section 9.2) that goes on. What
 * is sent waits for its reader in memory, up to HTTP_STREAM_BYTES; streams do not count among the
 * connections, are not displaced by them, and outlast HTTP_PATIENCE_US.
 *
 * `on_gone` is called once, when the reader is gone or the station stops, and not after
 * http_stream_end(); in it, and from then on, the stream is not there. 0; -EUSERS when there are
 * HTTP_STREAMS_MAX, or HTTP_ADDRESS_STREAMS_MAX of this address; -ENOMEM: then the request is
 * still to be answered.
 */
int http_stream_begin(struct http_request *request, void (*on_gone)(void *context), void *context,
    struct http_stream **ret_stream);
/*
 * `event` is a name of ours; each line of the data becomes one of the event. 0; -ENOBUFS when the
 * reader is too slow for it now, -ENOMEM: nothing of it is sent.
 */
int http_stream_send(
    struct http_stream *stream, const char *event, const char *data, size_t length);
/* Bytes that its reader has not taken yet. */
size_t http_stream_waiting(const struct http_stream *stream);
/* What waits is still sent. The stream is not there any more. */
void http_stream_end(struct http_stream *stream);

struct http_counts {
	size_t connections;  /* now, without streams */
	size_t streams;      /* now */
	uint64_t accepted;   /* connections */
	uint64_t displaced;  /* of them, to make room for others */
	uint64_t expired;    /* of them, out of patience */
	uint64_t answers[6]; /* by the first digit of their status */
};
void http_get_counts(const struct http *http, struct http_counts *ret_counts);

#endif
