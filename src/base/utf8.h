/*
 * utf8.h - stepping through text from outside that claims to be UTF-8 (RFC 3629).
 *
 * Bytes and length, never a terminator: the text may be cut anywhere and hold anything.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many bytes the well-formed character at `text` has (1 to 4), or 0 when the bytes there are
 * none: a stray or missing continuation byte, an overlong form, a surrogate, past U+10FFFF, or
 * `left` is 0.
 */
size_t utf8_step(const char *text, size_t left);

/*
 * True for a character (as found by utf8_step, of `length` bytes) that acts on a terminal rather
 * than being shown: C0, DEL, and C1 (U+0080 to U+009F).
 */
bool utf8_is_control(const char *text, size_t length);

#endif
