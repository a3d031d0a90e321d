/* Classic pcap files, written as hex, a record to a line. */
#include "source_help.h"

#include "test.h"

/*            magic    version   zone     accuracy snapshot link type */
#define LE     "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define BE     "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001 "
#define LE_NS  "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define BE_NS  "a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001 "
#define LE_MOD "34cdb2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define BE_MOD "a1b2cd34 0002 0004 00000000 00000000 0000ffff 00000001 "
/*          seconds  fraction captured wire     frame */
#define R1     "01000000 02000000 03000000 04000000 aabbcc "
#define R2     "02000000 3f420f00 02000000 02000000 ddee "
#define B1     "00000001 00000002 00000003 00000004 aabbcc "
#define B2     "00000002 000f423f 00000002 00000002 ddee "
#define FRAMES "1.000002 l1 3/4 aabbcc\n2.999999 l1 2/2 ddee\n"
/* The fields that old kernels put before the frame. */
#define NOKIA "00000000 "
#define KUZN  "07000000 0800 04 00 "
#define SUSE  KUZN "11223344 "
#define M1(extra)                                                                                  \
	"01000000 02000000 03000000 04000000 " extra "aabbcc "                                     \
	"02000000 3f420f00 02000000 02000000 " extra "ddee "
#define VERSION(major_minor) "d4c3b2a1 " major_minor " 00000000 00000000 ffff0000 01000000 "
#define LINK(type)           "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 " type " "

static const struct {
	const char *name;
	const char *file;
	const char *expected;
} cases[] = {
    {"little-endian, microseconds", LE R1 R2, FRAMES "end"},
    {"big-endian, microseconds", BE B1 B2, FRAMES "end"},
    {"little-endian, nanoseconds", LE_NS "01000000 ffc99a3b 01000000 01000000 aa",
	"1.999999 l1 1/1 aa\nend"},
    {"big-endian, nanoseconds", BE_NS "00000001 000003e8 00000001 00000001 aa",
	"1.000001 l1 1/1 aa\nend"},
    {"modified, little-endian", LE_MOD M1(KUZN), FRAMES "end"},
    {"modified, big-endian",
	BE_MOD "00000001 00000002 00000003 00000004 00000007 0008 04 00 aabbcc",
	"1.000002 l1 3/4 aabbcc\nend"},
    {"modified once more (28 bytes a header)", LE_MOD M1(SUSE), FRAMES "end"},
    {"modified under the ordinary magic", LE M1(KUZN), FRAMES "end"},
    {"20 bytes a header under the ordinary magic", LE M1(NOKIA), FRAMES "end"},
    {"a header and no packet", LE, "end"},
    {"a frame of no bytes", LE "01000000 00000000 00000000 3c000000", "1.000000 l1 0/60 \nend"},
    {"more captured than was on the wire", LE "01000000 00000000 02000000 01000000 aabb",
	"1.000000 l1 2/1 aabb\nend"},
    {"a fraction of more than a second is carried",
	LE "01000000 40420f00 01000000 01000000 aa 01000000 ffffffff 01000000 01000000 bb",
	"2.000000 l1 1/1 aa\n4295.967295 l1 1/1 bb\nend"},
    {"the last second of 2106", LE "ffffffff 3f420f00 01000000 01000000 aa",
	"4294967295.999999 l1 1/1 aa\nend"},
    {"times that go backwards and stand still", LE R2 R1 R1,
	"2.999999 l1 2/2 ddee\n1.000002 l1 3/4 aabbcc\n1.000002 l1 3/4 aabbcc\nend"},
    {"a link type that nobody knows", LINK("e8fd0000") R1, "1.000002 l65000 3/4 aabbcc\nend"},
    {"a checksum length above the link type", LINK("01000050") R1, "1.000002 l1 3/4 aabbcc\nend"},
    {"reserved bits above the link type", LINK("6500ff03") R1, "1.000002 l101 3/4 aabbcc\nend"},
    {"version 2.0: lengths the other way round",
	VERSION("0200 0000") "01000000 00000000 04000000 03000000 aabbcc",
	"1.000000 l1 3/4 aabbcc\nend"},
    {"version 2.3: the smaller length is captured",
	VERSION("0200 0300") R1 "01000000 00000000 04000000 03000000 aabbcc",
	"1.000002 l1 3/4 aabbcc\n1.000000 l1 3/4 aabbcc\nend"},
    {"version 2.8224", VERSION("0200 2020") R1, "1.000002 l1 3/4 aabbcc\nend"},
    {"version 9.9", VERSION("0900 0900") R1, "1.000002 l1 3/4 aabbcc\nend"},
    {"version 1.4", VERSION("0100 0400") R1, "!FILE:byte 0: pcap version 1.4, expected 2.x\nend"},
    {"zeros after the last packet are empty packets", LE R1 "00000000 00000000 00000000 00000000",
	"1.000002 l1 3/4 aabbcc\n0.000000 l1 0/0 \nend"},
    {"two captures joined", LE R1 LE R2, FRAMES "end"},
    {"two captures of different links joined", LE R1 LINK("65000000") R2,
	"1.000002 l1 3/4 aabbcc\n2.999999 l101 2/2 ddee\nend"},
    {"two big-endian captures joined", BE B1 BE B2, FRAMES "end"},
    {"joined, and the second without packets", LE R1 LE, "1.000002 l1 3/4 aabbcc\nend"},
    {"joined, and the second cut in its header", LE R1 "d4c3b2a1 0200 0400 00000000 00000000",
	"1.000002 l1 3/4 aabbcc\n"
	"!FILE:byte 43: the capture ends in the middle of the file header: "
	"16 bytes are left, expected at least 24\nend"},
    {"cut in the file header", "d4c3b2a1 0200 0400 0000",
	"!FILE:byte 0: the capture ends in the middle of the file header: "
	"10 bytes are left, expected at least 24\nend"},
    {"cut in a record header", LE R1 "02000000 3f42",
	"1.000002 l1 3/4 aabbcc\n!FILE:byte 43: the capture ends in the middle of a packet record: "
	"6 bytes are left, expected at least 16\nend"},
    {"cut in a frame", LE R1 "02000000 3f420f00 02000000 02000000 dd",
	"1.000002 l1 3/4 aabbcc\n!FILE:byte 43: the capture ends in the middle of a packet record: "
	"17 bytes are left, expected at least 18\nend"},
    {"a length of 4 GiB", LE R1 "02000000 00000000 ffffffff ffffffff dd",
	"1.000002 l1 3/4 aabbcc\n!FILE:byte 43: a record claims 4294967295 captured bytes, "
	"expected at most 16777216\nend"},
    {"a length one past the largest", LE "02000000 00000000 01000001 01000001 dd",
	"!FILE:byte 24: a record claims 16777217 captured bytes, expected at most 16777216\nend"},
    {"the largest length, and the file ends", LE "02000000 00000000 00000001 00000001 dd",
	"!FILE:byte 24: the capture ends in the middle of a packet record: "
	"17 bytes are left, expected at least 262160\nend"},
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes file = help_from_hex(cases[i].file);
		OK(help_gives(file.at, file.count, cases[i].expected), cases[i].name);
		free(file.at);
	}
}

static void test_cuts(void)
{
	static const char *const little[] = {LE, R1, R2, R1, NULL};
	static const char *const big[] = {BE, B1, B2, B1, NULL};
	static const char *const nano[] = {LE_NS, R1, R2, R1, NULL};
	static const char *const modified[] = {LE_MOD,
	    "01000000 02000000 03000000 04000000" KUZN "aabbcc",
	    "02000000 3f420f00 02000000 02000000" KUZN "ddee", NULL};
	static const char *const joined[] = {LE, R1, R2, LE, R1, R2, NULL};
	OK(help_survives_cuts(little), "little-endian, cut at every length");
	OK(help_survives_cuts(big), "big-endian, cut at every length");
	OK(help_survives_cuts(nano), "nanoseconds, cut at every length");
	OK(help_survives_cuts(modified), "modified, cut at every length");
	OK(help_survives_cuts(joined), "joined, cut at every length");
}

static void append_record(struct bytes *file, uint32_t seconds, uint32_t captured)
{
	help_append_u32(file, seconds);
	help_append_u32(file, 0);
	help_append_u32(file, captured);
	help_append_u32(file, captured);
	uint8_t *frame = malloc(captured + 1);
	assert(frame != NULL);
	for (uint32_t i = 0; i < captured; i++)
		frame[i] = (uint8_t)(seconds + i);
	help_append(file, frame, captured);
	free(frame);
}

/* Frames of every size across every block boundary: all sizes of blocks must give the same. */
static void test_straddling(void)
{
	struct bytes file = help_from_hex(LE);
	for (uint32_t i = 0; i < 600; i++)
		append_record(&file, i, i * 7 % 301);
	char *expected = help_outcome_of(file.at, file.count, 1 << 20, FRAME_BATCH_MAX);
	OK(strstr(expected, "599.000000 l1 280/280 ") != NULL, "600 frames in one block");
	OK(help_gives(file.at, file.count, expected), "frames across blocks of every size");
	free(expected);
	free(file.at);
}

/* Of frames beyond the limit the start is given and the rest stepped over. */
static void test_large(void)
{
	static const struct {
		const char *name;
		uint32_t captured;
		const char *given;
	} sizes[] = {
	    {"a frame of 256 KiB is given whole", CAPTURE_FRAME_MAX_BYTES,
		"1.000000 l1 262144/262144 "},
	    {"one byte more is cut off", CAPTURE_FRAME_MAX_BYTES + 1, "1.000000 l1 262144/262145 "},
	    {"a frame of 1 MiB is cut", 1 << 20, "1.000000 l1 262144/1048576 "},
	};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct bytes file = help_from_hex(LE);
		append_record(&file, 1, sizes[i].captured);
		append_record(&file, 2, 3);
		char *text = help_outcome_of(file.at, file.count, 0, 1);
		OK(strncmp(text, sizes[i].given, strlen(sizes[i].given)) == 0 &&
			strstr(text, "\n2.000000 l1 3/3 020304\nend") != NULL,
		    sizes[i].name);
		OK(help_gives(file.at, file.count, text), "in blocks of every size");
		free(text);

		text = help_outcome_of(file.at, file.count - 20, 0, FRAME_BATCH_MAX);
		OK(strstr(text, "!FILE:byte ") != NULL, "and its end missing is damage");
		free(text);
		free(file.at);
	}
}

int main(void)
{
	test_cases();
	test_cuts();
	test_straddling();
	test_large();
	return test_done();
}
