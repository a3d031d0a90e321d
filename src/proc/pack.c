#include "proc/pack.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

struct pack pack_over(uint8_t *bytes, size_t room)
{
	assert(bytes != NULL || room == 0);
	return (struct pack){.bytes = bytes, .room = room};
}

bool pack_ok(const struct pack *pack)
{
	return !pack->failed;
}

/* Where the next `count` bytes go, or NULL once the writer has failed. */
static uint8_t *reserve(struct pack *pack, size_t count)
{
	if (pack->failed || count > pack->room - pack->used) {
		pack->failed = true;
		return NULL;
	}
	uint8_t *at = pack->bytes + pack->used;
	pack->used += count;
	return at;
}

static void put_number(struct pack *pack, uint64_t value, size_t bytes)
{
	uint8_t *at = reserve(pack, bytes);
	if (at == NULL)
		return;
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

void pack_u8(struct pack *pack, uint8_t value)
{
	put_number(pack, value, 1);
}

void pack_u16(struct pack *pack, uint16_t value)
{
	put_number(pack, value, 2);
}

void pack_u32(struct pack *pack, uint32_t value)
{
	put_number(pack, value, 4);
}

void pack_u64(struct pack *pack, uint64_t value)
{
	put_number(pack, value, 8);
}

void pack_i64(struct pack *pack, int64_t value)
{
	put_number(pack, (uint64_t)value, 8);
}

static void put_bytes(struct pack *pack, const void *bytes, size_t count)
{
	uint8_t *at = reserve(pack, count);
	if (at != NULL && count > 0)
		memcpy(at, bytes, count);
}

void pack_bytes(struct pack *pack, const void *bytes, size_t count)
{
	if (count > UINT32_MAX) {
		pack->failed = true;
		return;
	}
	pack_u32(pack, (uint32_t)count);
	put_bytes(pack, bytes, count);
}

/* UTF-8 without a zero. */
static bool is_text(const char *text, size_t bytes)
{
	size_t length;
	for (size_t at = 0; at < bytes; at += length) {
		length = utf8_step(text + at, bytes - at);
		if (length == 0 || text[at] == '\0')
			return false;
	}
	return true;
}

void pack_text(struct pack *pack, const char *text)
{
	size_t bytes = strnlen(text, PACK_TEXT_MAX_BYTES + 1);
	if (bytes > PACK_TEXT_MAX_BYTES || !is_text(text, bytes)) {
		pack->failed = true;
		return;
	}
	pack_u16(pack, (uint16_t)bytes);
	put_bytes(pack, text, bytes);
}

uint64_t unpack_u64(struct cursor *cursor)
{
	const uint8_t *b = cursor_take(cursor, 8);
	if (b == NULL)
		return 0;
	return (uint64_t)be32(b) << 32 | be32(b + 4);
}

int64_t unpack_i64(struct cursor *cursor)
{
	return (int64_t)unpack_u64(cursor);
}

const uint8_t *unpack_bytes(struct cursor *cursor, size_t *ret_count)
{
	size_t count = cursor_u32(cursor);
	const uint8_t *bytes = cursor_take(cursor, count);
	*ret_count = bytes == NULL ? 0 : count;
	return bytes;
}

void unpack_text(struct cursor *cursor, char *out, size_t room)
{
	assert(room > 0);
	out[0] = '\0';
	size_t bytes = cursor_u16(cursor);
	const uint8_t *text = cursor_take(cursor, bytes);
	if (text == NULL)
		return;
	if (bytes >= room || !is_text((const char *)text, bytes)) {
		cursor->failed = true;
		return;
	}
	memcpy(out, text, bytes);
	out[bytes] = '\0';
}

bool unpack_is_whole(const struct cursor *cursor)
{
	return cursor_ok(cursor) && cursor->left == 0;
}
