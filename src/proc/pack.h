/*
 * pack.h - the fields of a message, written and read.
 *
 * Numbers are big-endian. Bytes stand behind their count (4 bytes), text behind its length (2
 * bytes, no terminator). Both sides know the order of the fields; where that changes the type of
 * the message changes.
 *
 * A writer that runs out of room, as a reader that runs out of bytes (base/cursor.h), has failed
 * for good and does nothing more: write or read straight through and ask once. Small numbers are
 * read by cursor_u8, cursor_u16 and cursor_u32.
 */
#ifndef PROC_PACK_H
#define PROC_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

enum {
	PACK_TEXT_MAX_BYTES = UINT16_MAX,
};

struct pack {
	uint8_t *bytes; /* borrowed */
	size_t room;
	size_t used;
	bool failed;
};

struct pack pack_over(uint8_t *bytes, size_t room);
bool pack_ok(const struct pack *pack);

void pack_u8(struct pack *pack, uint8_t value);
void pack_u16(struct pack *pack, uint16_t value);
void pack_u32(struct pack *pack, uint32_t value);
void pack_u64(struct pack *pack, uint64_t value);
void pack_i64(struct pack *pack, int64_t value);
void pack_bytes(struct pack *pack, const void *bytes, size_t count);
/* Terminated, UTF-8, at most PACK_TEXT_MAX_BYTES; anything else is a failure. */
void pack_text(struct pack *pack, const char *text);

uint64_t unpack_u64(struct cursor *cursor);
int64_t unpack_i64(struct cursor *cursor);
/* Their start, borrowed from what is read, and their count; NULL and 0 after a failure. */
const uint8_t *unpack_bytes(struct cursor *cursor, size_t *ret_count);
/*
 * Copies a text, terminated; "" after a failure, which is also a text that does not fit `room` (at
 * least 1), is not UTF-8 or has a zero in it. It may have any other character.
 */
void unpack_text(struct cursor *cursor, char *out, size_t room);
/* Whether all was well and nothing is left. */
bool unpack_is_whole(const struct cursor *cursor);

#endif
