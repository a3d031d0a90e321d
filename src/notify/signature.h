/*
 * signature.h - whose a web hook's request is: a header over its body and when it was sent, with a
 * secret that the two ends share.
 *
 *     Hinomi-Signature: t=1769903999,v1=HEX
 *
 * HEX is HMAC-SHA256 (RFC 2104), in small hexadecimal digits, of the digits of t, a point, and the
 * body byte for byte. Whoever gets it makes the same, compares both in constant time, and refuses
 * what is older than some minutes. Each try is signed anew.
 */
#ifndef NOTIFY_SIGNATURE_H
#define NOTIFY_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIGNATURE_TEXT_BYTES = 96, /* "t=", 20 digits, ",v1=", 64, NUL */
	SIGNATURE_SECRET_MIN = 16, /* fewer bytes can be guessed */
	SIGNATURE_SECRET_MAX = 128,
};

/* The header's value. `secret` is a text. Returns 0, -ENOMEM, or -ENOSYS when
 * OpenSSL has no HMAC. */
int signature_make(const char *secret, int64_t wall_us, const void *body, size_t length,
    char out[static SIGNATURE_TEXT_BYTES]);

#endif
