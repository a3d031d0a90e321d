/*
 * mime.h - messages that come in, read: headers, parts, their encodings (RFC 5322, RFC 2045 to
 * 2047). Any bytes are read without harm, in bounded time: what is no message has no headers and no
 * parts. Nothing is copied but what is asked for.
 */
#ifndef NOTIFY_MIME_H
#define NOTIFY_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MIME_BYTES_MAX = 256 << 10, /* of a message that is read; what is longer is cut there */
	MIME_PARTS_MAX = 32,        /* of one part; more are not looked at */
	MIME_DEPTH_MAX = 4,         /* parts within parts; a reply that is forwarded has three */
	MIME_VALUE_BYTES = 1024,    /* of a header, unfolded; the rest of a longer one is cut */
	MIME_TYPE_BYTES = 64,
	MIME_BOUNDARY_BYTES = 72, /* RFC 2046 section 5.1.1: 70 */
};

enum mime_encoding {
	MIME_PLAIN, /* 7bit, 8bit, binary, or nobody knows */
	MIME_QUOTED,
	MIME_BASE64,
};

/* A message or a part of one. Points into what was read. */
struct mime {
	const char *headers;
	size_t headers_length;
	const char *body;
	size_t body_length;
	char type[MIME_TYPE_BYTES];         /* "text/plain", in small letters; of none that */
	char charset[MIME_TYPE_BYTES];      /* in small letters; "" where it does not say */
	char boundary[MIME_BOUNDARY_BYTES]; /* "" where it has no parts */
	enum mime_encoding encoding;
};

void mime_read(const char *bytes, size_t length, struct mime *ret_mime);

/* The first header of this name, unfolded, cut to fit; false, and "", where there is none. */
bool mime_header(const struct mime *mime, const char *name, char *out, size_t room);
/* The same in text that is no message: fields of a report on delivery (RFC 3464). */
bool mime_field(const char *text, size_t length, const char *name, char *out, size_t room);

/* Its parts, one after the other: `*position` starts at 0. False at the end. */
bool mime_next(const struct mime *mime, size_t *position, struct mime *ret_part);

/*
 * The body decoded, of at most `room` bytes; the rest is cut. Returns how many. What is no digit of
 * its encoding is left out.
 */
size_t mime_decode(const struct mime *mime, char *out, size_t room);

#endif
