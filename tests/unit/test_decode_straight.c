/* The straight way of decoding: which frames it takes, and that it says what the general one says.
 */
#include <stdlib.h>

#include "base/random.h"
#include "decode_case.h"
#include "decode_ways.h"

#define MACS               "020000000002 020000000001 "
#define ADDRESSES          "c0000201 c6336402 "
#define SIXES              "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP(offset, flags) "0400 0050 00000001 00000002 " offset flags " 0400 0000 0000 "

static const struct row {
	const char *name;
	const char *frame;
	uint32_t link;
	enum decode_ways way;
} rows[] = {
    {"IPv4 TCP SYN", MACS "0800 4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_SAME},
    {"with padding", MACS "0800 4500 0028 0001 4000 4006 0000 " ADDRESSES TCP("50", "12") "0000",
	LINK_ETHERNET, WAYS_SAME},
    {"an MSS", MACS "0800 4500 002c 0001 0000 4006 0000 " ADDRESSES TCP("60", "02") "020405b4",
	LINK_ETHERNET, WAYS_SAME},
    {"Windows' options",
	MACS "0800 4500 0034 0001 0000 4006 0000 " ADDRESSES TCP(
	    "80", "02") "020405b4 01030308 01010402",
	LINK_ETHERNET, WAYS_SAME},
    {"Linux' options",
	MACS "0800 4500 003c 0001 0000 4006 0000 " ADDRESSES TCP(
	    "a0", "02") "020405b4 0402080a 00000063 00000000 01030307",
	LINK_ETHERNET, WAYS_SAME},
    {"BSD's options",
	MACS "0800 4500 0040 0001 0000 4006 0000 " ADDRESSES TCP(
	    "b0", "02") "020405b4 01030306 0101080a 00000063 00000000 04020000",
	LINK_ETHERNET, WAYS_SAME},
    {"nobody's options",
	MACS "0800 4500 003c 0001 0000 4006 0000 " ADDRESSES TCP(
	    "a0", "02") "020405b4 0402080a 00000063 00000001 01030307",
	LINK_ETHERNET, WAYS_SAME},
    {"damaged options",
	MACS "0800 4500 002c 0001 0000 4006 0000 " ADDRESSES TCP("60", "02") "02ff05b4",
	LINK_ETHERNET, WAYS_SAME},
    {"the most options",
	MACS "0800 4500 0050 0001 0000 4006 0000 " ADDRESSES TCP(
	    "f0", "02") "01010101 01010101 01010101 01010101 01010101 01010101 01010101 0101080a "
			"00000063 00000000",
	LINK_ETHERNET, WAYS_SAME},
    {"options of an answer",
	MACS "0800 4500 0034 0001 0000 4006 0000 " ADDRESSES TCP(
	    "80", "10") "0101080a 00000063 00000064",
	LINK_ETHERNET, WAYS_SAME},
    {"IPv4 UDP",
	MACS "0800 4500 0020 0001 0000 4011 0000 " ADDRESSES "0035 1234 000c 0000 61626364",
	LINK_ETHERNET, WAYS_SAME},
    {"a ping",
	"ffffffffffff 020000000001 0800 4500 0020 0001 0000 4001 0000 " ADDRESSES
	"0800 0000 00010001 61626364",
	LINK_ETHERNET, WAYS_SAME},
    {"IPv6 TCP SYN", MACS "86dd 60000000 0014 06 40 " SIXES TCP("50", "02"), LINK_ETHERNET,
	WAYS_SAME},
    {"IPv6 UDP", MACS "86dd 60000000 000c 11 40 " SIXES "0035 1234 000c 0000 61626364",
	LINK_ETHERNET, WAYS_SAME},
    {"an IPv6 ping", MACS "86dd 60000000 0008 3a 40 " SIXES "8000 0000 00010001", LINK_ETHERNET,
	WAYS_SAME},

    {"another link type", "4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"), LINK_RAW,
	WAYS_GENERAL},
    {"a VLAN tag", MACS "8100 0007 0800 4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"ARP", MACS "0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202",
	LINK_ETHERNET, WAYS_GENERAL},
    {"IPv4 options",
	MACS "0800 4600 002c 0001 0000 4006 0000 " ADDRESSES "01010101 " TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"IPv5", MACS "0800 5500 0028 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"), LINK_ETHERNET,
	WAYS_GENERAL},
    {"a first fragment", MACS "0800 4500 0028 0001 2000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"a later fragment", MACS "0800 4500 0028 0001 0001 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"no total length", MACS "0800 4500 0000 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"longer than its frame", MACS "0800 4500 0029 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"a TCP header cut by IP", MACS "0800 4500 0027 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"a TCP header too short", MACS "0800 4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("40", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"a TCP header too long", MACS "0800 4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("60", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"a UDP length too long",
	MACS "0800 4500 0020 0001 0000 4011 0000 " ADDRESSES "0035 1234 000d 0000 61626364",
	LINK_ETHERNET, WAYS_GENERAL},
    {"a UDP length too short",
	MACS "0800 4500 0020 0001 0000 4011 0000 " ADDRESSES "0035 1234 0007 0000 61626364",
	LINK_ETHERNET, WAYS_GENERAL},
    {"an ICMP error",
	MACS
	"0800 4500 0038 0001 0000 4001 0000 " ADDRESSES
	"0303 0000 00000000 4500 001c 0002 0000 0111 0000 c6336402 cb007109 0400 0050 0008 0000",
	LINK_ETHERNET, WAYS_GENERAL},
    {"ICMPv6 in IPv4", MACS "0800 4500 001c 0001 0000 403a 0000 " ADDRESSES "8000 0000 00010001",
	LINK_ETHERNET, WAYS_GENERAL},
    {"ICMP in IPv6", MACS "86dd 60000000 0008 01 40 " SIXES "0800 0000 00010001", LINK_ETHERNET,
	WAYS_GENERAL},
    {"a neighbour solicitation",
	MACS "86dd 60000000 0018 3a ff " SIXES
	     "8700 0000 00000000 20010db8000000000000000000000003",
	LINK_ETHERNET, WAYS_GENERAL},
    {"an ICMPv6 error", MACS "86dd 60000000 0008 3a 40 " SIXES "0100 0000 00000000", LINK_ETHERNET,
	WAYS_GENERAL},
    {"an IPv6 extension header",
	MACS "86dd 60000000 001c 00 40 " SIXES "0600 0104 00000000 " TCP("50", "02"), LINK_ETHERNET,
	WAYS_GENERAL},
    {"no IPv6 payload length", MACS "86dd 60000000 0000 06 40 " SIXES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"an IPv4 address in IPv6",
	MACS "86dd 60000000 0014 06 40 "
	     "00000000000000000000ffffc0000201 20010db8000000000000000000000002 " TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
    {"IPv4 in IPv4",
	MACS "0800 4500 003c 0001 0000 4004 0000 " ADDRESSES
	     "4500 0028 0001 0000 4006 0000 " ADDRESSES TCP("50", "02"),
	LINK_ETHERNET, WAYS_GENERAL},
};

enum {
	ROWS = sizeof rows / sizeof rows[0],
	MUTATIONS_PER_ROW = 4000,
};

/* Compares on a block of just the captured size, so that AddressSanitizer sees reading past it. */
static enum decode_ways compare(
    const struct row *row, const uint8_t *bytes, size_t captured, uint32_t wire)
{
	uint8_t *copy = malloc(captured > 0 ? captured : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, bytes, captured);
	struct frame frame = {
	    .bytes = copy,
	    .captured_bytes = (uint32_t)captured,
	    .wire_bytes = wire,
	    .time_us = 1700000000000000,
	    .link_type = row->link,
	    .drill = 7,
	};
	enum decode_ways way = decode_ways_compare(&frame);
	free(copy);
	if (way == WAYS_DIFFER)
		printf("# %s, %zu of %u bytes: the two ways differ\n", row->name, captured, wire);
	return way;
}

/* Whole, and cut at every length, with a wire length that tells of the cut and one that hides it.
 */
static void test_row(const struct row *row)
{
	uint8_t bytes[CASE_FRAME_MAX] = {0};
	size_t size = bytes_from_hex(row->frame, bytes, sizeof bytes);
	bool is_right = compare(row, bytes, size, (uint32_t)size) == row->way;
	for (size_t captured = 0; captured < size; captured++) {
		is_right &= compare(row, bytes, captured, (uint32_t)size) != WAYS_DIFFER;
		is_right &= compare(row, bytes, captured, (uint32_t)captured) != WAYS_DIFFER;
		is_right &= compare(row, bytes, size, (uint32_t)captured) != WAYS_DIFFER;
	}
	OK(is_right, row->name);
}

/* Which of the rows the shortest way takes: that of a SYN. */
static void test_syns(void)
{
	size_t taken = 0;
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t bytes[CASE_FRAME_MAX] = {0};
		const uint32_t size = (uint32_t)bytes_from_hex(rows[i].frame, bytes, sizeof bytes);
		const struct frame frame = {.bytes = bytes,
		    .captured_bytes = size,
		    .wire_bytes = size,
		    .link_type = rows[i].link};
		taken += decode_ways_compare_syn(&frame) == WAYS_SAME;
		bytes[0] |= 1;
		taken += decode_ways_compare_syn(&frame) != WAYS_GENERAL;
	}
	OK(taken == 8, "SYNs over IPv4 go the shortest way, unless sent to a group");
}

/* A capture that keeps only the headers goes the straight way too. */
static void test_cut_payload(void)
{
	uint8_t bytes[CASE_FRAME_MAX] = {0};
	static const struct row udp = {"a cut payload",
	    MACS "0800 4500 0400 0001 0000 4011 0000 " ADDRESSES "0035 1234 03ec 0000",
	    LINK_ETHERNET, WAYS_SAME};
	size_t size = bytes_from_hex(udp.frame, bytes, sizeof bytes);
	OK(compare(&udp, bytes, size, 14 + 1024) == WAYS_SAME, "a payload that was not captured");
	OK(compare(&udp, bytes, size, 14 + 1023) == WAYS_GENERAL,
	    "a packet longer than the wire had, by one byte");
}

/* A few bytes changed anywhere in the frame, mostly where the headers are; perhaps a cut. */
static void test_mutations(void)
{
	struct random random;
	random_init(&random, 1);
	size_t ways[WAYS_DIFFER + 1] = {0};
	for (size_t i = 0; i < (size_t)ROWS * MUTATIONS_PER_ROW; i++) {
		const struct row *row = &rows[i % ROWS];
		uint8_t bytes[CASE_FRAME_MAX] = {0};
		size_t size = bytes_from_hex(row->frame, bytes, sizeof bytes);
		for (uint64_t n = 1 + random_below(&random, 3); n > 0; n--)
			bytes[random_below(&random, size)] = (uint8_t)random_below(&random, 256);
		uint64_t cut = random_below(&random, 4) == 0 ? random_below(&random, size) : 0;
		uint64_t wire = size + random_below(&random, 3) - 1;
		ways[compare(row, bytes, size - cut, (uint32_t)wire)]++;
	}
	printf(
	    "# %zu the general way, %zu the straight one\n", ways[WAYS_GENERAL], ways[WAYS_SAME]);
	OK(ways[WAYS_DIFFER] == 0, "frames with random faults: both ways say the same");
	OK(ways[WAYS_SAME] > ways[WAYS_GENERAL] / 10, "and many of them go the straight way");
}

int main(void)
{
	for (size_t i = 0; i < ROWS; i++)
		test_row(&rows[i]);
	test_syns();
	test_cut_payload();
	test_mutations();
	return test_done();
}
