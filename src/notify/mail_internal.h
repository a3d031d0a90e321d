/* mail_internal.h - the encodings of mail.c. Of src/notify/ and its tests only. */
#ifndef NOTIFY_MAIL_INTERNAL_H
#define NOTIFY_MAIL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "notify/mail.h"

enum {
	MAIL_LINE_MAX = 76, /* RFC 2045 section 6.7, RFC 2047 section 2 */
	MAIL_WORD_MAX = 75, /* an encoded word, RFC 2047 section 2 */
};

/*
 * A header of free text, "Subject: ...". Words stay plain up to the first that cannot; the rest is
 * in encoded words, each of whole characters. No text of these functions holds control characters
 * or what is not UTF-8 (glyph_copy_visible).
 */
void mail_put_text_header(FILE *out, const char *name, const char *text);
/* "From: "Kita Watch" <noc@example.jp>"; the name may be NULL. */
void mail_put_address_header(FILE *out, const char *name, const char *display, const char *address);
/* "; filename=finding.json", in the form of RFC 2231 where the name is not a plain one. */
void mail_put_filename(FILE *out, const char *filename);

/* Bytes that grow while they are written. */
struct mail_part {
	char *bytes; /* of malloc(); NULL: none */
	size_t length;
};

enum {
	MAIL_BOUNDARY_BYTES = 40,
};

/*
 * "=_" stands in no base64, and in quoted-printable an "=" is followed by a digit or the end of
 * the line: so this can begin no line of a part (RFC 2045 section 6.7). Each level has its own.
 */
void mail_make_boundary(const char *id, unsigned level, char out[static MAIL_BOUNDARY_BYTES]);

/*
 * Signs and encrypts an entity as the seal says (mail_seal.c); what it becomes takes its place. 0,
 * or -ENOMEM.
 */
int mail_close(const struct mail *mail, struct mail_part *entity, struct mail_sealed *ret_sealed);

enum mail_encoding {
	MAIL_BASE64,
	MAIL_QUOTED, /* quoted-printable: for text that is nearly all ASCII */
};

enum mail_encoding mail_encoding_for(const char *text);
const char *mail_encoding_name(enum mail_encoding encoding); /* for Content-Transfer-Encoding */
/* A text whose lines end with \n, as a body whose lines end with CRLF. */
void mail_put_text(FILE *out, enum mail_encoding encoding, const char *text);
/* The bytes as they are, without line breaks or in lines. */
void mail_put_base64(FILE *out, const char *bytes, size_t length);
void mail_put_base64_lines(FILE *out, const char *bytes, size_t length);

#endif
