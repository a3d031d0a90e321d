/* Captures packed with gzip and zstd: told by content, undone on the way, bounded in memory. */
#include "source_help.h"

#include <sys/resource.h>

#include <zlib.h>
#include <zstd.h>

#include "test.h"

#define HEADER "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define R1     "01000000 02000000 03000000 04000000 aabbcc "
#define R2     "02000000 3f420f00 02000000 02000000 ddee "
#define FRAMES "1.000002 l1 3/4 aabbcc\n2.999999 l1 2/2 ddee\n"

typedef void pack_function(struct bytes *packed, const uint8_t *bytes, size_t count);

static void pack_gzip(struct bytes *packed, const uint8_t *bytes, size_t count)
{
	z_stream stream = {0};
	int result = deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	assert(result == Z_OK);
	size_t room = deflateBound(&stream, (uLong)count);
	uint8_t *to = malloc(room);
	uint8_t *from = malloc(count + 1);
	assert(to != NULL && from != NULL);
	if (count > 0)
		memcpy(from, bytes, count);
	stream.next_in = from;
	stream.avail_in = (uInt)count;
	stream.next_out = to;
	stream.avail_out = (uInt)room;
	result = deflate(&stream, Z_FINISH);
	assert(result == Z_STREAM_END);
	help_append(packed, to, room - stream.avail_out);
	(void)deflateEnd(&stream);
	free(from);
	free(to);
}

static void pack_zstd(struct bytes *packed, const uint8_t *bytes, size_t count)
{
	size_t room = ZSTD_compressBound(count);
	uint8_t *to = malloc(room);
	assert(to != NULL);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	assert(context != NULL);
	size_t set = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size_t size = ZSTD_compress2(context, to, room, bytes, count);
	assert(!ZSTD_isError(set) && !ZSTD_isError(size));
	ZSTD_freeCCtx(context);
	help_append(packed, to, size);
	free(to);
}

static void free_bytes(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){0};
}

/* A capture of many frames, none like the other, so that packing leaves something to cut. */
static struct bytes make_capture(uint32_t frame_count)
{
	struct bytes file = help_from_hex(HEADER);
	uint32_t state = 1;
	for (uint32_t i = 0; i < frame_count; i++) {
		uint32_t captured = i % 90;
		uint32_t fields[] = {i, 0, captured, captured};
		for (size_t j = 0; j < 4; j++)
			help_append_u32(&file, fields[j]);
		for (uint32_t j = 0; j < captured; j++) {
			state = state * 1103515245 + 12345;
			uint8_t byte = (uint8_t)(state >> 24);
			help_append(&file, &byte, 1);
		}
	}
	return file;
}

static bool is_start_of(const char *text, const char *whole)
{
	return strncmp(text, whole, strlen(text)) == 0;
}

/* Splits the text at its complaint, which it returns, or NULL. */
static char *split(char *text)
{
	char *damage = strchr(text, '!');
	if (damage == NULL) {
		text[strlen(text) - strlen("end")] = '\0';
		return NULL;
	}
	*damage = '\0';
	return damage + 1;
}

/* One member, several, and members that end anywhere in the capture. */
static void test_members(pack_function *pack, const char *name)
{
	struct bytes file = make_capture(300);
	char *expected = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
	struct bytes packed = {0};
	pack(&packed, file.at, file.count);
	printf("# %s: %zu bytes in %zu\n", name, file.count, packed.count);
	OK(help_gives(packed.at, packed.count, expected),
	    "one member gives what the plain file gives");

	bool is_same = true;
	for (size_t at = 0; at <= file.count; at += 397) {
		free_bytes(&packed);
		pack(&packed, file.at, at);
		pack(&packed, file.at + at, 0);
		pack(&packed, file.at + at, file.count - at);
		char *text = help_outcome_of(packed.at, packed.count, at % 2 == 0 ? 0 : 50, 7);
		is_same = is_same && strcmp(text, expected) == 0;
		free(text);
	}
	OK(is_same, "three members, one of them empty, split anywhere");
	free_bytes(&packed);
	free_bytes(&file);
	free(expected);
}

/* The frames before the cut are given; only a cut between members can pass as whole. */
static void test_cuts(pack_function *pack)
{
	struct bytes file = make_capture(25);
	char *expected = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
	struct bytes packed = {0};
	pack(&packed, file.at, 24);
	size_t member_end = packed.count;
	pack(&packed, file.at + 24, file.count - 24);

	bool is_good = true;
	for (size_t count = 0; count < packed.count; count++) {
		char *text = help_outcome_of(packed.at, count, count % 2 == 0 ? 0 : 9, 7);
		char *damage = split(text);
		bool is_right =
		    is_start_of(text, expected) && (damage == NULL) == (count == member_end);
		if (!is_right)
			printf("# cut at %zu: %s!%s\n", count, text, damage != NULL ? damage : "");
		is_good = is_good && is_right;
		free(text);
	}
	OK(is_good, "cut at every length: what came before the cut is given, the cut is named");

	bool is_same = true;
	for (size_t at = 0; at < packed.count; at++) {
		packed.at[at] ^= 0x10;
		char *text = help_outcome_of(packed.at, packed.count, 0, FRAME_BATCH_MAX);
		char *again = help_outcome_of(packed.at, packed.count, 9, 7);
		if (strcmp(text, again) != 0)
			printf("# bit at %zu: %s\n# in small blocks: %s\n", at, text, again);
		is_same = is_same && strcmp(text, again) == 0 && strstr(text, "broken") == NULL;
		packed.at[at] ^= 0x10;
		free(text);
		free(again);
	}
	OK(is_same, "one bit wrong anywhere: the same frames and words in blocks of any size");
	free_bytes(&packed);
	free_bytes(&file);
	free(expected);
}

static bool says(const struct bytes *packed, const char *expected)
{
	return help_gives(packed->at, packed->count, expected);
}

static void test_after_gzip(void)
{
	struct bytes file = help_from_hex(HEADER R1 R2);
	struct bytes packed = {0};
	pack_gzip(&packed, file.at, file.count);
	size_t count = packed.count;

	uint8_t zeros[1000] = {0};
	help_append(&packed, zeros, sizeof zeros);
	OK(says(&packed, FRAMES "end"), "zeros after the last gzip member are padding");

	packed.count = count;
	help_append(&packed, "rubbish", 7);
	OK(says(&packed, FRAMES "!FILE:byte 61 after unpacking: gzip: incorrect header check\nend"),
	    "anything else after it is damage");

	packed.count = count;
	packed.at[count - 1] ^= 1;
	OK(says(&packed, FRAMES "!FILE:byte 61 after unpacking: gzip: incorrect length check\nend"),
	    "a wrong length at the end of a member is damage, after its frames");
	packed.at[count - 1] ^= 1;
	packed.at[count - 5] ^= 1;
	OK(says(&packed, FRAMES "!FILE:byte 61 after unpacking: gzip: incorrect data check\nend"),
	    "and so is a wrong checksum");

	free_bytes(&packed);
	free_bytes(&file);
}

/* A zstd frame by hand: window of 2^(10 + exponent) bytes, one raw block. */
static struct bytes make_zstd(uint8_t exponent, const struct bytes *file)
{
	struct bytes packed = help_from_hex("28b52ffd 00");
	uint8_t window = (uint8_t)(exponent << 3);
	help_append(&packed, &window, 1);
	uint32_t block = (uint32_t)file->count << 3 | 1;
	uint8_t head[] = {(uint8_t)block, (uint8_t)(block >> 8), (uint8_t)(block >> 16)};
	help_append(&packed, head, sizeof head);
	help_append(&packed, file->at, file->count);
	return packed;
}

static void test_zstd_window(void)
{
	struct bytes file = help_from_hex(HEADER R1 R2);
	struct bytes packed = make_zstd(17, &file);
	OK(says(&packed, FRAMES "end"), "a zstd window of 128 MiB");
	free_bytes(&packed);

	packed = make_zstd(18, &file);
	OK(says(&packed,
	       "!FILE:byte 0 after unpacking: zstd: the window is larger than 128 MiB; unpack it "
	       "first (zstd -dc --long=31 FILE | hinomi read -)\nend"),
	    "one of 256 MiB is refused with what to do");
	free_bytes(&packed);

	packed = help_from_hex("502a4d18 04000000 01020304");
	pack_zstd(&packed, file.at, file.count);
	OK(says(&packed, FRAMES "end"), "a zstd frame to be skipped before the first");

	packed.at[packed.count - 1] ^= 1;
	OK(says(&packed, FRAMES "!FILE:byte 61 after unpacking: zstd: Restored data doesn't match "
				"checksum\nend"),
	    "a wrong checksum of a zstd frame is damage, after its frames");
	packed.at[packed.count - 1] ^= 1;

	help_append(&packed, "rubbish", 7);
	OK(says(&packed,
	       FRAMES "!FILE:byte 61 after unpacking: zstd: Unknown frame descriptor\nend"),
	    "what is not zstd after the last frame is damage");
	free_bytes(&packed);
	free_bytes(&file);
}

static void test_inside(void)
{
	struct bytes packed = {0};
	pack_gzip(&packed, (const uint8_t *)"hello, world\n", 13);
	OK(says(&packed, "!FILE: after unpacking gzip it is text, not a capture; "
			 "expected a pcap or pcapng capture\nend"),
	    "text inside gzip");
	struct bytes twice = {0};
	pack_zstd(&twice, packed.at, packed.count);
	OK(says(&twice, "!FILE: after unpacking zstd it is compressed with gzip once more; "
			"unpack it first (gzip -dc FILE | hinomi read -)\nend"),
	    "gzip inside zstd");
	free_bytes(&packed);
	pack_gzip(&packed, NULL, 0);
	OK(says(&packed, "!FILE: after unpacking gzip it is empty; "
			 "expected a pcap or pcapng capture\nend"),
	    "nothing inside gzip");
	free_bytes(&packed);
	free_bytes(&twice);
	packed = help_from_hex("1f8b");
	OK(says(&packed, "!FILE: is too short to be a capture; "
			 "expected a pcap or pcapng capture\nend"),
	    "two bytes of gzip");
	free_bytes(&packed);
}

/* Lets the peak of memory begin again with what is in use now (proc(5), clear_refs). */
static void forget_peak(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");
	assert(file != NULL);
	int written = fputs("5", file);
	int closed = fclose(file);
	assert(written >= 0 && closed == 0);
}

/* 64 MiB of zeros in a block that is stepped over: the memory may not follow. */
static void test_bomb(pack_function *pack, const char *name)
{
	enum {
		BOMB_BYTES = 64 << 20,
		GROWTH_MAX_KIB = 24 << 10
	};
	struct bytes file = help_from_hex("0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff "
					  "1c000000 ee0b0000");
	help_append_u32(&file, BOMB_BYTES + 12);
	size_t head_bytes = file.count;
	uint8_t *zeros = calloc(1, BOMB_BYTES);
	assert(zeros != NULL);
	help_append(&file, zeros, BOMB_BYTES);
	free(zeros);
	help_append_u32(&file, BOMB_BYTES + 12);
	struct bytes packed = {0};
	pack(&packed, file.at, file.count);
	free_bytes(&file);
	printf("# %s: %d bytes in %zu\n", name, BOMB_BYTES + (int)head_bytes + 4, packed.count);

	forget_peak();
	struct rusage before;
	struct rusage after;
	(void)getrusage(RUSAGE_SELF, &before);
	char *text = help_outcome_of(packed.at, packed.count, 0, 1);
	(void)getrusage(RUSAGE_SELF, &after);
	printf("# memory grew by %ld KiB\n", after.ru_maxrss - before.ru_maxrss);
	OK(strcmp(text, "end") == 0, name);
	OK(after.ru_maxrss - before.ru_maxrss < GROWTH_MAX_KIB, "in little memory");
	free(text);
	free_bytes(&packed);
}

int main(void)
{
	test_members(pack_gzip, "gzip");
	test_members(pack_zstd, "zstd");
	test_cuts(pack_gzip);
	test_cuts(pack_zstd);
	test_after_gzip();
	test_zstd_window();
	test_inside();
	test_bomb(pack_gzip, "64 MiB of zeros in gzip");
	test_bomb(pack_zstd, "64 MiB of zeros in zstd");
	return test_done();
}
