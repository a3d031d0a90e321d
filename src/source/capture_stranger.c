/* capture_stranger.c - what a file is that holds no capture of ours, so that its owner can act. */
#include "source/capture.h"

#include <string.h>

#define CONVERT "pcap and pcapng are read: convert it first (editcap -F pcapng FILE NEW-FILE)"

struct mark {
	size_t at;
	const char *bytes;
	size_t count;
	struct capture_stranger stranger;
};

#define MARK(offset, literal, is, do_what)                                                         \
	{                                                                                          \
		.at = (offset), .bytes = (literal), .count = sizeof(literal) - 1, .stranger = {    \
			.what = (is),                                                              \
			.advice = (do_what)                                                        \
		}                                                                                  \
	}

static const struct mark marks[] = {
    MARK(0, "BZh", "is compressed with bzip2", "unpack it first (bzip2 -dc FILE | hinomi read -)"),
    MARK(0,
	"\xfd"
	"7zXZ\0",
	"is compressed with xz", "unpack it first (xz -dc FILE | hinomi read -)"),
    MARK(0, "\x04\x22\x4d\x18", "is compressed with lz4",
	"unpack it first (lz4 -dc FILE | hinomi read -)"),
    MARK(0, "\x02\x21\x4c\x18", "is compressed with lz4",
	"unpack it first (lz4 -dc FILE | hinomi read -)"),
    MARK(0, "LZIP", "is compressed with lzip", "unpack it first (lzip -dc FILE | hinomi read -)"),
    MARK(0, "\x1f\x9d", "is compressed with compress",
	"unpack it first (gzip -dc FILE | hinomi read -)"),
    MARK(0, "\x1f\x8b", "is compressed with gzip once more",
	"unpack it first (gzip -dc FILE | hinomi read -)"),
    MARK(0, "\x28\xb5\x2f\xfd", "is compressed with zstd once more",
	"unpack it first (zstd -dc FILE | hinomi read -)"),
    MARK(0, "PK\x03\x04", "is a zip archive", "unpack it first (unzip FILE)"),
    MARK(0, "7z\xbc\xaf\x27\x1c", "is a 7-Zip archive", "unpack it first (7z x FILE)"),
    MARK(0, "Rar!\x1a\x07", "is a RAR archive", "unpack it first (unrar x FILE)"),
    MARK(257, "ustar", "is a tar archive", "unpack it first (tar xf FILE)"),
    MARK(0, "snoop\0\0\0", "is a snoop capture", CONVERT),
    MARK(0, "btsnoop\0", "is a Bluetooth btsnoop capture", "it holds no network packets"),
    MARK(0, "RTSS", "is a Network Monitor 1 capture", CONVERT),
    MARK(0, "GMBU", "is a Network Monitor 2 capture", CONVERT),
    MARK(0, "TRSNIFF data    \x1a", "is a Sniffer capture", CONVERT),
    MARK(0, "XCP\0", "is a NetXRay capture", CONVERT),
    MARK(0, "VL\0\0", "is a NetXRay capture", CONVERT),
    MARK(0, "\x05VNF", "is a Visual Networks capture", CONVERT),
    MARK(0, "\xaa\xaa\xaa\xaa", "is a 5Views capture", CONVERT),
    MARK(0, "\x01\x10\x4c\x00\x01\x05Trace Display", "is a LANalyzer capture", CONVERT),
    MARK(0, "TR\0d\0", "is an HP-UX nettl trace", CONVERT),
    MARK(0, "ObserverPktBuffe", "is an Observer capture", CONVERT),
    MARK(0, "iptrace ", "is an AIX iptrace", CONVERT),
    MARK(0, "\x0c\xa5", "is an nfdump file of flows", "flows carry no packets to read"),
    MARK(0, "\xa5\x0c", "is an nfdump file of flows", "flows carry no packets to read"),
};

static bool has_mark(const struct mark *mark, const uint8_t *bytes, size_t count)
{
	return count >= mark->at + mark->count &&
	       memcmp(bytes + mark->at, mark->bytes, mark->count) == 0;
}

/* Text has no control characters but those of lines; bytes from 0x80 on are letters abroad. */
static bool is_text(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool is_control = bytes[i] < 0x20 || bytes[i] == 0x7f;
		if (is_control && strchr("\t\n\v\f\r", bytes[i]) == NULL)
			return false;
		if (bytes[i] == 0)
			return false;
	}
	return true;
}

struct capture_stranger capture_describe(const uint8_t *bytes, size_t count)
{
	if (count == 0)
		return (struct capture_stranger){.what = "is empty"};
	if (count < CAPTURE_MAGIC_BYTES)
		return (struct capture_stranger){.what = "is too short to be a capture"};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (has_mark(&marks[i], bytes, count))
			return marks[i].stranger;
	if (is_text(bytes, count))
		return (struct capture_stranger){.what = "is text, not a capture"};
	return (struct capture_stranger){.what = "is not a capture"};
}
