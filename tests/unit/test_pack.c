#include "proc/pack.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const uint8_t packed[] = {
    0xff,                                           /* u8 */
    0x01, 0x02,                                     /* u16 */
    0xde, 0xad, 0xbe, 0xef,                         /* u32 */
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, /* u64 */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, /* i64: -2 */
    0x00, 0x00, 0x00, 0x03, 'a', 0x00, 'b',         /* bytes */
    0x00, 0x03, 0xe7, 0x81, 0xab,                   /* text: one character of UTF-8 */
    0x00, 0x00,                                     /* text: none */
};

static void write_all(struct pack *pack)
{
	pack_u8(pack, 0xff);
	pack_u16(pack, 0x0102);
	pack_u32(pack, 0xdeadbeef);
	pack_u64(pack, UINT64_C(0x0123456789abcdef));
	pack_i64(pack, -2);
	pack_bytes(pack, "a\0b", 3);
	pack_text(pack, "\xe7\x81\xab");
	pack_text(pack, "");
}

/* Whether the cursor holds what write_all wrote. */
static bool read_all(struct cursor *cursor)
{
	char text[4];
	char none[1];
	size_t count;
	bool same = cursor_u8(cursor) == 0xff && cursor_u16(cursor) == 0x0102 &&
		    cursor_u32(cursor) == 0xdeadbeef &&
		    unpack_u64(cursor) == UINT64_C(0x0123456789abcdef) && unpack_i64(cursor) == -2;
	const uint8_t *bytes = unpack_bytes(cursor, &count);
	same = same && count == 3 && bytes != NULL && memcmp(bytes, "a\0b", 3) == 0;
	unpack_text(cursor, text, sizeof text);
	unpack_text(cursor, none, sizeof none);
	return same && strcmp(text, "\xe7\x81\xab") == 0 && none[0] == '\0';
}

static void test_fields(void)
{
	uint8_t bytes[sizeof packed];
	struct pack pack = pack_over(bytes, sizeof bytes);
	write_all(&pack);
	OK(pack_ok(&pack) && pack.used == sizeof packed &&
		memcmp(bytes, packed, sizeof packed) == 0,
	    "each field has its form");
	pack_u8(&pack, 1);
	pack_bytes(&pack, NULL, 0);
	OK(!pack_ok(&pack) && pack.used == sizeof packed, "one more finds no room");
	struct cursor cursor = cursor_over(bytes, sizeof bytes);
	OK(read_all(&cursor) && unpack_is_whole(&cursor), "and is read again");
	cursor = cursor_over(bytes, sizeof bytes);
	(void)cursor_u8(&cursor);
	OK(!unpack_is_whole(&cursor), "what is left over is told");
}

/* In an allocation of just this size, so that AddressSanitizer sees a step past it. */
static bool is_cut_well(size_t room)
{
	uint8_t *bytes = malloc(room > 0 ? room : 1);
	if (bytes == NULL)
		return false;
	struct pack pack = pack_over(bytes, room);
	write_all(&pack);
	bool refused = !pack_ok(&pack) && pack.used <= room;
	memcpy(bytes, packed, room);
	struct cursor cursor = cursor_over(bytes, room);
	bool same = read_all(&cursor);
	free(bytes);
	return refused && !same && !unpack_is_whole(&cursor);
}

static void test_cuts(void)
{
	bool all = true;
	for (size_t room = 0; room + 2 < sizeof packed; room++)
		all = all && is_cut_well(room);
	OK(all, "cut at any length, writing and reading fail and stay inside");
}

static const struct {
	const char *name;
	size_t count;
	uint8_t bytes[8];
} bad_texts[] = {
    {"longer than what there is", 4, {0, 3, 'a', 'b'}},
    {"longer than its room", 6, {0, 4, 'a', 'b', 'c', 'd'}},
    {"with a zero", 5, {0, 3, 'a', 0, 'b'}},
    {"no UTF-8", 4, {0, 2, 0xc3, 0x28}},
    {"cut within a character", 4, {0, 2, 0xe7, 0x81}},
    {"a surrogate", 5, {0, 3, 0xed, 0xa0, 0x80}},
    {"without a whole length", 1, {0}},
};

static void test_texts(void)
{
	static char longest[PACK_TEXT_MAX_BYTES + 2];
	static uint8_t bytes[PACK_TEXT_MAX_BYTES + 3];
	for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
		char out[4] = "xyz";
		struct cursor cursor = cursor_over(bad_texts[i].bytes, bad_texts[i].count);
		unpack_text(&cursor, out, sizeof out);
		OK(!cursor_ok(&cursor) && out[0] == '\0', bad_texts[i].name);
	}
	memset(longest, 'a', PACK_TEXT_MAX_BYTES);
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_text(&pack, longest);
	OK(pack_ok(&pack) && pack.used == PACK_TEXT_MAX_BYTES + 2, "the longest text is written");
	longest[PACK_TEXT_MAX_BYTES] = 'a';
	pack = pack_over(bytes, sizeof bytes);
	pack_text(&pack, longest);
	OK(!pack_ok(&pack) && pack.used == 0, "one byte more is refused");
	pack = pack_over(bytes, sizeof bytes);
	pack_text(&pack, "\xff");
	OK(!pack_ok(&pack), "what nobody could read is not written");
	pack = pack_over(bytes, sizeof bytes);
	pack_bytes(&pack, bytes, (size_t)UINT32_MAX + 1);
	OK(!pack_ok(&pack), "nor bytes past what their count can say");

	static const uint8_t lying[] = {0xff, 0xff, 0xff, 0xff, 1, 2};
	size_t count = 42;
	struct cursor cursor = cursor_over(lying, sizeof lying);
	OK(unpack_bytes(&cursor, &count) == NULL && count == 0 && cursor_u8(&cursor) == 0,
	    "after a lying count everything is nothing");
}

int main(void)
{
	test_fields();
	test_cuts();
	test_texts();
	return test_done();
}
