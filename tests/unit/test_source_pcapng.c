/* pcapng files, written as hex, a block to a line: type, length, body, length. */
#include "source_help.h"

#include "test.h"

#define SHB    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000 "
#define SHB_BE "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c "
#define SHB_VERSION(major_minor)                                                                   \
	"0a0d0d0a 1c000000 4d3c2b1a " major_minor " ffffffffffffffff 1c000000 "
/*                         link reserved snapshot */
#define IDB(link)          "01000000 14000000 " link " 0000 00000000 14000000 "
#define IDB_SNAP(snapshot) "01000000 14000000 0100 0000 " snapshot " 14000000 "
#define IDB_TICKS(value)                                                                           \
	"01000000 20000000 0100 0000 00000000 0900 0100 " value "000000 0000 0000 20000000 "
#define IDB_OFFSET(seconds)                                                                        \
	"01000000 24000000 0100 0000 00000000 0e00 0800 " seconds " 0000 0000 24000000 "
#define ETH    IDB("0100")
#define ETH_BE "00000001 00000014 0001 0000 00000000 00000014 "
/*                         interface high  low     captured wire   frame, padded */
#define EPB(interface, time)                                                                       \
	"06000000 24000000 " interface " " time " 03000000 04000000 aabbcc00 24000000 "
#define E1                     EPB("00000000", "00000000 42420f00")
#define E2                     EPB("00000000", "00000000 84841e00")
#define E1_BE                  "00000006 00000024 00000000 00000000 000f4242 00000003 00000004 aabbcc00 00000024 "
#define F1                     "1.000002 l1 3/4 aabbcc\n"
#define F2                     "2.000004 l1 3/4 aabbcc\n"
#define AT(seconds_and_micros) seconds_and_micros " l1 3/4 aabbcc\nend"
/*            wire    frame */
#define SPB "03000000 14000000 03000000 ddeeff00 14000000 "
#define OLD(interface_drops)                                                                       \
	"02000000 24000000 " interface_drops " 00000000 42420f00 03000000 04000000 aabbcc00 "      \
	"24000000 "
#define NAMES   "04000000 14000000 0100 0400 7f000001 14000000 "
#define UNKNOWN "ee0b0000 10000000 deadbeef 10000000 "
#define EMPTY   "ee0b0000 0c000000 0c000000 "

static const struct {
	const char *name;
	const char *file;
	const char *expected;
} cases[] = {
    {"little-endian", SHB ETH E1 E2, F1 F2 "end"},
    {"big-endian", SHB_BE ETH_BE E1_BE, F1 "end"},
    {"a section of each byte order", SHB ETH E1 SHB_BE ETH_BE E1_BE SHB ETH E2, F1 F1 F2 "end"},
    {"a section header alone", SHB, "end"},
    {"two interfaces with links of their own",
	SHB ETH IDB("7100") EPB("01000000", "00000000 42420f00") E2,
	"1.000002 l113 3/4 aabbcc\n" F2 "end"},
    {"an interface described after a packet of another", SHB ETH E1 IDB("6500") E2, F1 F2 "end"},
    {"a section forgets the interfaces of the one before", SHB ETH IDB("7100") SHB IDB("6500") E1,
	"1.000002 l101 3/4 aabbcc\nend"},
    {"all other blocks are stepped over", SHB NAMES ETH UNKNOWN E1 EMPTY E2 UNKNOWN, F1 F2 "end"},
    {"an option after the frame",
	SHB ETH "06000000 2c000000 00000000 00000000 42420f00 03000000 04000000 aabbcc00 "
		"0200 0400 00000000 2c000000",
	F1 "end"},
    {"a section header with options",
	"0a0d0d0a 24000000 4d3c2b1a 0100 0000 ffffffffffffffff 0400 0400 61626364 24000000" ETH E1,
	F1 "end"},
    {"version 1.2", SHB_VERSION("0100 0200") ETH E1, F1 "end"},
    {"the link type has 16 bits", SHB IDB("ffff") E1, "1.000002 l65535 3/4 aabbcc\nend"},

    {"ticks of seconds", SHB IDB_TICKS("00") EPB("00000000", "00000000 05000000"), AT("5.000000")},
    {"ticks of milliseconds", SHB IDB_TICKS("03") EPB("00000000", "00000000 dc050000"),
	AT("1.500000")},
    {"ticks of microseconds", SHB IDB_TICKS("06") E1, AT("1.000002")},
    {"ticks of nanoseconds", SHB IDB_TICKS("09") EPB("00000000", "00000000 ffd1496b"),
	AT("1.799999")},
    {"ticks of picoseconds", SHB IDB_TICKS("0c") EPB("00000000", "e8000000 ff0fa5d4"),
	AT("0.999999")},
    {"ticks of 10^-19 s", SHB IDB_TICKS("13") EPB("00000000", "ffffffff ffffffff"), AT("1.844674")},
    {"ticks of 10^-25 s: all is zero", SHB IDB_TICKS("19") EPB("00000000", "ffffffff ffffffff"),
	AT("0.000001")},
    {"ticks of 10^-127 s", SHB IDB_TICKS("7f") EPB("00000000", "ffffffff ffffffff"),
	AT("0.000001")},
    {"ticks of 2^0 s", SHB IDB_TICKS("80") EPB("00000000", "00000000 05000000"), AT("5.000000")},
    {"ticks of 2^-10 s", SHB IDB_TICKS("8a") EPB("00000000", "00000000 00060000"), AT("1.500000")},
    {"ticks of 2^-32 s", SHB IDB_TICKS("a0") EPB("00000000", "01000000 00000080"), AT("1.500000")},
    {"ticks of 2^-63 s", SHB IDB_TICKS("bf") EPB("00000000", "000000c0 00000000"), AT("1.500000")},
    {"ticks of 2^-64 s", SHB IDB_TICKS("c0") EPB("00000000", "00000080 00000000"), AT("0.500000")},
    {"ticks of 2^-127 s", SHB IDB_TICKS("ff") EPB("00000000", "ffffffff ffffffff"), AT("0.000000")},
    {"seconds that 64 bits of ticks can reach",
	SHB IDB_TICKS("00") EPB("00000000", "ffffffff ffffffff"), AT("253402300799.999999")},
    {"ticks of 2^0 s, as many as there are",
	SHB IDB_TICKS("80") EPB("00000000", "ffffffff ffffffff"), AT("253402300799.999999")},
    {"microseconds, as many as there are", SHB ETH EPB("00000000", "ffffffff ffffffff"),
	AT("253402300799.999999")},
    {"an offset of an hour", SHB IDB_OFFSET("100e0000 00000000") E1, AT("3601.000002")},
    {"the largest offset", SHB IDB_OFFSET("ffffffff ffffff7f") E1, AT("253402300799.999999")},
    {"an offset before the year 1",
	SHB IDB_OFFSET("00000000 00000080") EPB("00000000", "00000000 00000000"),
	AT("-62135596800.000000")},
    {"a resolution of the wrong size is no resolution",
	SHB "01000000 20000000 0100 0000 00000000 0900 0200 03000000 0000 0000 20000000" E1,
	AT("1.000002")},
    {"nothing after the end of options counts",
	SHB "01000000 20000000 0100 0000 00000000 0000 0000 0900 0100 00000000 20000000" E1,
	AT("1.000002")},

    {"a simple packet has the time of the one before", SHB ETH SPB E1 SPB,
	"0.000000 l1 3/3 ddeeff\n" F1 "1.000002 l1 3/3 ddeeff\nend"},
    {"a simple packet cut by the snapshot length",
	SHB IDB_SNAP("02000000") "03000000 14000000 09000000 ddee0000 14000000",
	"0.000000 l1 2/9 ddee\nend"},
    {"the old packet block, with drops", SHB ETH OLD("0000 ffff"), F1 "end"},
    {"the old packet block of the second interface", SHB ETH IDB("7100") OLD("0100 0000"),
	"1.000002 l113 3/4 aabbcc\nend"},
    {"an empty packet",
	SHB ETH "06000000 20000000 00000000 00000000 42420f00 00000000 3c000000 20000000",
	"1.000002 l1 0/60 \nend"},

    {"no mark of the byte order", "0a0d0d0a 1c000000 00000000 0100 0000 ffffffffffffffff 1c000000",
	"!FILE:byte 0: a section header without a mark of its byte order\nend"},
    {"version 2.0", SHB_VERSION("0200 0000") ETH E1,
	"!FILE:byte 0: pcapng version 2.0, expected 1.x\nend"},
    {"a later section of version 2.0", SHB ETH E1 SHB_VERSION("0200 0000") ETH E1,
	F1 "!FILE:byte 84: pcapng version 2.0, expected 1.x\nend"},
    {"a block of 8 bytes", SHB "ee0b0000 08000000",
	"!FILE:byte 28: the capture ends in the middle of a block: "
	"8 bytes are left, expected at least 12\nend"},
    {"a length below the smallest", SHB "ee0b0000 08000000 08000000",
	"!FILE:byte 28: a block of 8 bytes, expected a multiple of 4 from 12 on\nend"},
    {"a length that is no multiple of 4", SHB "ee0b0000 0d000000 00 0d000000",
	"!FILE:byte 28: a block of 13 bytes, expected a multiple of 4 from 12 on\nend"},
    {"another length at the end of a packet",
	SHB ETH "06000000 24000000 00000000 00000000 42420f00 03000000 04000000 aabbcc00 28000000",
	"!FILE:byte 48: a block of 36 bytes that ends with the length 40\nend"},
    {"another length at the end of an unknown block", SHB "ee0b0000 10000000 deadbeef 14000000" E1,
	"!FILE:byte 40: a block of 16 bytes that ends with the length 20\nend"},
    {"an unknown block of 4 GiB", SHB ETH E1 "ee0b0000 fcffffff 00000000 00000000",
	F1 "!FILE:byte 100: the capture ends in the middle of a block: "
	   "expected 4294967272 bytes more\nend"},
    {"custom blocks are records without bytes, at the time of the packet before",
	SHB ETH "ad0b0000 10000000 deadbeef 10000000 " E1 "ad0b0040 10000000 deadbeef 10000000",
	"0.000000 l2147483647 0/0 \n" F1 "1.000002 l2147483647 0/0 \nend"},
    {"a custom block too small for its fields", SHB ETH "ad0b0000 0c000000 0c000000",
	"!FILE:byte 48: a custom block of 12 bytes, expected 16 to 4294967295\nend"},
    {"a packet block too small for its fields", SHB ETH "06000000 10000000 00000000 10000000",
	"!FILE:byte 48: a packet block of 16 bytes, expected 32 to 17301504\nend"},
    {"a packet block one past the largest", SHB ETH "06000000 04000801 00000000 10000000",
	"!FILE:byte 48: a packet block of 17301508 bytes, expected 32 to 17301504\nend"},
    {"an interface block too small for its fields", SHB "01000000 10000000 01000000 10000000",
	"!FILE:byte 28: an interface block of 16 bytes, expected 20 to 524288\nend"},
    {"an interface block one past the largest", SHB "01000000 04000800 01000000 10000000",
	"!FILE:byte 28: an interface block of 524292 bytes, expected 20 to 524288\nend"},
    {"a section header too small for its fields", "0a0d0d0a 10000000 4d3c2b1a 10000000",
	"!FILE:byte 0: a section header of 16 bytes, expected 28 to 4294967295\nend"},
    {"a packet before any interface", SHB E1,
	"!FILE:byte 28: a packet of interface 0 where the section has described 0\nend"},
    {"a simple packet before any interface", SHB SPB,
	"!FILE:byte 28: a packet of interface 0 where the section has described 0\nend"},
    {"a packet of an interface one past the last", SHB ETH ETH EPB("02000000", "00000000 42420f00"),
	"!FILE:byte 68: a packet of interface 2 where the section has described 2\nend"},
    {"a frame one byte larger than its block",
	SHB ETH "06000000 24000000 00000000 00000000 42420f00 05000000 05000000 aabbcc00 24000000",
	"!FILE:byte 48: a packet of 5 bytes in a block that has room for 4\nend"},
    {"a frame of 4 GiB in a small block",
	SHB ETH "06000000 24000000 00000000 00000000 42420f00 ffffffff 05000000 aabbcc00 24000000",
	"!FILE:byte 48: a packet of 4294967295 bytes in a block that has room for 4\nend"},
    {"a simple frame one byte larger than its block",
	SHB ETH "03000000 14000000 05000000 ddeeff00 14000000",
	"!FILE:byte 48: a packet of 5 bytes in a block that has room for 4\nend"},
    {"an option that leaves its block",
	SHB "01000000 1c000000 0100 0000 00000000 0200 0500 61626364 1c000000" E1,
	"!FILE:byte 28: an interface option of 5 bytes where its block has 4 left\nend"},
    {"an option of the largest size",
	SHB "01000000 1c000000 0100 0000 00000000 0200 ffff 61626364 1c000000" E1,
	"!FILE:byte 28: an interface option of 65535 bytes where its block has 4 left\nend"},
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
	static const char *const little[] = {
	    SHB, NAMES, ETH, E1, UNKNOWN, SPB, OLD("0000 0000"), SHB, IDB_TICKS("09"), E2, NULL};
	static const char *const big[] = {SHB_BE, ETH_BE, E1_BE, E1_BE, SHB, ETH, E1, NULL};
	OK(help_survives_cuts(little), "little-endian, cut at every length");
	OK(help_survives_cuts(big), "big-endian, cut at every length");
}

static void append_block(struct bytes *file, uint32_t type, const uint8_t *body, uint32_t count)
{
	help_append_u32(file, type);
	help_append_u32(file, count + 12);
	help_append(file, body, count);
	help_append_u32(file, count + 12);
}

/* An enhanced packet block with room for options behind the frame. */
static void append_packet(
    struct bytes *file, uint32_t captured, uint32_t options_bytes, uint32_t micros)
{
	uint32_t fields[] = {0, 0, micros, captured, captured};
	struct bytes body = {0};
	for (size_t i = 0; i < 5; i++)
		help_append_u32(&body, fields[i]);
	uint8_t *rest = calloc(1, captured + 3 + options_bytes);
	assert(rest != NULL);
	memset(rest, (int)micros & 0xff, captured);
	help_append(&body, rest, (captured + 3) / 4 * 4 + options_bytes);
	append_block(file, 6, body.at, (uint32_t)body.count);
	free(rest);
	free(body.at);
}

static void test_straddling(void)
{
	struct bytes file = help_from_hex(SHB ETH);
	for (uint32_t i = 0; i < 500; i++) {
		append_packet(&file, i * 7 % 301, i % 3 * 8, i);
		if (i % 5 == 0)
			help_append_hex(&file, UNKNOWN);
	}
	char *expected = help_outcome_of(file.at, file.count, 1 << 20, FRAME_BATCH_MAX);
	OK(strstr(expected, "0.000499 l1 182/182 ") != NULL, "500 frames in one block");
	OK(help_gives(file.at, file.count, expected), "500 frames across blocks of every size");
	free(expected);
	free(file.at);
}

static void test_large(void)
{
	static const struct {
		const char *name;
		uint32_t captured;
		uint32_t options_bytes;
		const char *given;
	} sizes[] = {
	    {"a frame of 256 KiB is given whole", CAPTURE_FRAME_MAX_BYTES, 0,
		"0.000001 l1 262144/262144 "},
	    {"one byte more is cut off", CAPTURE_FRAME_MAX_BYTES + 1, 0,
		"0.000001 l1 262144/262145 "},
	    {"a frame of 1 MiB is cut", 1 << 20, 0, "0.000001 l1 262144/1048576 "},
	    {"a small frame with 1 MiB of options", 3, 1 << 20, "0.000001 l1 3/3 010101"},
	    {"a block that is just looked at whole", 3, (512 << 10) - 36, "0.000001 l1 3/3 010101"},
	    {"a block four bytes larger", 3, (512 << 10) - 32, "0.000001 l1 3/3 010101"},
	};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct bytes file = help_from_hex(SHB ETH);
		append_packet(&file, sizes[i].captured, sizes[i].options_bytes, 1);
		size_t tail_at = file.count - 4;
		append_packet(&file, 3, 0, 2);
		char *text = help_outcome_of(file.at, file.count, 0, 1);
		OK(strncmp(text, sizes[i].given, strlen(sizes[i].given)) == 0 &&
			strstr(text, "\n0.000002 l1 3/3 020202\nend") != NULL,
		    sizes[i].name);
		OK(help_gives(file.at, file.count, text), "in blocks of every size");
		free(text);

		text = help_outcome_of(file.at, tail_at, 0, FRAME_BATCH_MAX);
		OK(strstr(text, "!FILE:byte ") != NULL, "and its second length missing is damage");
		free(text);
		file.at[tail_at] ^= 4;
		text = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
		OK(strstr(text, " that ends with the length ") != NULL, "and so is a wrong one");
		free(text);
		free(file.at);
	}
}

static void test_many_interfaces(void)
{
	struct bytes file = help_from_hex(SHB);
	struct bytes interface = help_from_hex(ETH);
	for (size_t i = 0; i < 65536; i++)
		help_append(&file, interface.at, interface.count);
	help_append_hex(&file, EPB("ffff0000", "00000000 42420f00"));
	char *text = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
	OK(strcmp(text, F1 "end") == 0, "65536 interfaces in a section");
	free(text);
	help_append(&file, interface.at, interface.count);
	text = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
	OK(strcmp(text, F1 "!FILE:byte 1310784: more interfaces than the 65536 that one section "
			   "may have\nend") == 0,
	    "one more is damage");
	free(text);
	free(interface.at);
	free(file.at);
}

int main(void)
{
	test_cases();
	test_cuts();
	test_straddling();
	test_large();
	test_many_interfaces();
	return test_done();
}
