/* IPv4 and IPv6: options, extension headers, fragments, wrong lengths. All raw, without a link. */
#include "decode_case.h"

#define UDP "0035 1234 000c 0000 61626364 " /* 53 -> 4660, four bytes of payload */
/* SYN from 1024 to 80, seq 1, window 1024, no options. */
#define SYN "0400 0050 00000001 00000000 5002 0400 0000 0000 "

#define ADDRESSES_V4  "c0000201 c6336402 "
#define ADDRESSES_V6  "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define V4_ADDRESSES  .source = "192.0.2.1", .target = "198.51.100.2"
#define V6_ADDRESSES  .source = "2001:db8::1", .target = "2001:db8::2"
#define UDP_FACTS     .protocol = 17, .source_port = 53, .target_port = 4660, .payload_bytes = 4
#define V4_FACTS(...) .facts = {.net = FACTS_V4, .ttl = 64, .ip_id = 1, __VA_ARGS__}
#define V6_FACTS(...) .facts = {.net = FACTS_V6, .ttl = 64, __VA_ARGS__}
#define IS_V4_UDP     V4_ADDRESSES, V4_FACTS(.flags = FACTS_TRANSPORT, UDP_FACTS)
#define IS_V6_UDP     V6_ADDRESSES, V6_FACTS(.flags = FACTS_TRANSPORT, UDP_FACTS)
/* Addresses and the number of what they carry, nothing of it. */
#define IS_V4_BARE(number) V4_ADDRESSES, V4_FACTS(.protocol = (number))
#define IS_V6_BARE(number) V6_ADDRESSES, V6_FACTS(.protocol = (number))

/* Version and header length, total, id, fragment, TTL, protocol, checksum, addresses. */
#define V4_UDP(total) "4500 " total " 0001 0000 4011 0000 " ADDRESSES_V4
/* Forty bytes of NOP. */
#define NOPS_40                                                                                    \
	"0101010101010101 0101010101010101 0101010101010101 0101010101010101 0101010101010101 "

static const struct decode_case v4_cases[] = {
    {.name = "IPv4", .link = LINK_RAW, .frame = V4_UDP("0020") UDP, IS_V4_UDP},
    {
	.name = "record route in the options",
	.link = LINK_RAW,
	.frame = "4700 0028 0001 0000 4011 0000 " ADDRESSES_V4 "07 07 04 00000000 00 " UDP,
	IS_V4_UDP,
    },
    {
	.name = "the longest header there can be",
	.link = LINK_RAW,
	.frame = "4f00 0048 0001 0000 4011 0000 " ADDRESSES_V4 NOPS_40 UDP,
	IS_V4_UDP,
    },
    {
	.name = "a header of 15 words in a packet of 7",
	.link = LINK_RAW,
	.frame = "4f00 0020 0001 0000 4011 0000 " ADDRESSES_V4 UDP,
	.verdict = DECODE_MALFORMED,
	IS_V4_BARE(17),
    },
    {
	.name = "a header of 15 words, of which the capture has 8",
	.link = LINK_RAW,
	.frame = "4f00 0048 0001 0000 4011 0000 " ADDRESSES_V4 "0101010101010101",
	.uncaptured = 40,
	.verdict = DECODE_TRUNCATED,
	IS_V4_BARE(17),
    },
    {
	.name = "a header of no length",
	.link = LINK_RAW,
	.frame = "4000 0020 0001 0000 4011 0000 " ADDRESSES_V4 UDP,
	.verdict = DECODE_MALFORMED,
    },
    {
	.name = "a header of four words",
	.link = LINK_RAW,
	.frame = "4400 0020 0001 0000 4011 0000 " ADDRESSES_V4 UDP,
	.verdict = DECODE_MALFORMED,
    },
    {
	.name = "damage in the options is not ours to judge",
	.link = LINK_RAW,
	.frame = "4600 0024 0001 0000 4011 0000 " ADDRESSES_V4 "07ff0000 " UDP,
	IS_V4_UDP,
    },
    {
	.name = "no total length: left to the card",
	.link = LINK_RAW,
	.frame = V4_UDP("0000") UDP,
	IS_V4_UDP,
    },
    {
	.name = "a total length below the header's",
	.link = LINK_RAW,
	.frame = V4_UDP("0013") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V4_BARE(17),
    },
    {
	.name = "a total length beyond the frame: facts with the payload that it claims",
	.link = LINK_RAW,
	.frame = V4_UDP("0021") UDP,
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, .protocol = 17, .source_port = 53, .target_port = 4660,
	    .payload_bytes = 5),
    },
    {
	.name = "a total length beyond the capture is none of the packet's faults",
	.link = LINK_RAW,
	.frame = V4_UDP("0021") UDP,
	.uncaptured = 1,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, .protocol = 17, .source_port = 53, .target_port = 4660,
	    .payload_bytes = 5),
    },
    {
	.name = "a packet that ends before its transport header does",
	.link = LINK_RAW,
	.frame = V4_UDP("001a") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V4_BARE(17),
    },
    {
	.name = "a protocol that we only count (OSPF)",
	.link = LINK_RAW,
	.frame = "4500 0018 0001 0000 4059 0000 " ADDRESSES_V4 "02010030",
	IS_V4_BARE(89),
    },
    {
	.name = "a bare header, as protocol scans send it",
	.link = LINK_RAW,
	.frame = "4500 0014 0001 0000 40fd 0000 " ADDRESSES_V4,
	IS_V4_BARE(253),
    },
    {
	.name = "IPv6 extension headers mean nothing in IPv4",
	.link = LINK_RAW,
	.frame = "4500 0028 0001 0000 403c 0000 " ADDRESSES_V4 "1100 010400000000 " UDP,
	IS_V4_BARE(60),
    },
    {
	.name = "ICMPv6 means nothing in IPv4",
	.link = LINK_RAW,
	.frame = "4500 001c 0001 0000 403a 0000 " ADDRESSES_V4 "8000 0000 0000 0000",
	IS_V4_BARE(58),
    },
    {
	.name = "an authentication header before UDP",
	.link = LINK_RAW,
	.frame = "4500 0038 0001 0000 4033 0000 " ADDRESSES_V4
		 "1104 0000 00000100 00000001 000000000000000000000000 " UDP,
	IS_V4_UDP,
    },
    {
	.name = "an authentication header that is not there",
	.link = LINK_RAW,
	.frame = "4500 0014 0001 0000 4033 0000 " ADDRESSES_V4,
	.verdict = DECODE_MALFORMED,
	IS_V4_BARE(51),
    },
    {
	.name = "an authentication header of two words",
	.link = LINK_RAW,
	.frame = "4500 0028 0001 0000 4033 0000 " ADDRESSES_V4 "1100 0000 00000100 " UDP,
	.verdict = DECODE_MALFORMED,
	IS_V4_BARE(51),
    },
    {
	.name = "ESP is the end of what can be read",
	.link = LINK_RAW,
	.frame = "4500 0020 0001 0000 4032 0000 " ADDRESSES_V4 "00000100 00000001 00000000",
	IS_V4_BARE(50),
    },
};

static const struct decode_case v4_fragment_cases[] = {
    {
	.name = "do not fragment",
	.link = LINK_RAW,
	.frame = "4500 0020 0001 4000 4011 0000 " ADDRESSES_V4 UDP,
	IS_V4_UDP,
    },
    {
	.name = "a first fragment: UDP's length is of the whole datagram",
	.link = LINK_RAW,
	.frame =
	    "4500 0024 0001 2000 4011 0000 " ADDRESSES_V4 "0035 1234 0800 0000 6162636465666768",
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT | FACTS_FRAGMENT, .protocol = 17, .source_port = 53,
	    .target_port = 4660, .payload_bytes = 8),
    },
    {
	.name = "a later fragment has addresses and protocol",
	.link = LINK_RAW,
	.frame = "4500 0020 0001 2003 4011 0000 " ADDRESSES_V4 UDP,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 17),
    },
    {
	.name = "the last fragment",
	.link = LINK_RAW,
	.frame = "4500 0015 0001 00b9 4006 0000 " ADDRESSES_V4 "61",
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 6),
    },
    {
	.name = "a fragment at offset 8 that overlaps a TCP header (RFC 3128): no flags from it",
	.link = LINK_RAW,
	.frame = "4500 0028 0001 0001 4006 0000 " ADDRESSES_V4 SYN,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 6),
    },
    {
	.name = "a first fragment too small for TCP (RFC 1858): no facts but addresses",
	.link = LINK_RAW,
	.frame = "4500 001c 0001 2000 4006 0000 " ADDRESSES_V4 "0400 0050 00000001",
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_FRAGMENT, .protocol = 6),
    },
    {
	.name = "a later fragment longer than its frame",
	.link = LINK_RAW,
	.frame = "4500 0030 0001 2003 4011 0000 " ADDRESSES_V4 UDP,
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 17),
    },
};

/* Version and flow, payload, next header, hop limit, addresses. */
#define V6(payload, next) "60000000 " payload " " next " 40 " ADDRESSES_V6
/* Next header, length, PadN. */
#define HOP_BY_HOP(next)                next " 00 010400000000 "
#define DESTINATION(next)               next " 01 010c000000000000000000000000 "
#define ROUTING(next)                   next " 02 0400 00000000 20010db8000000000000000000000003 "
#define FRAGMENT(next, offset_and_more) next " 00 " offset_and_more " 00000001 "
#define AH(next)                        next " 04 0000 00000100 00000001 000000000000000000000000 "
#define PADS_4                          HOP_BY_HOP("3c") HOP_BY_HOP("3c") HOP_BY_HOP("3c") HOP_BY_HOP("3c")
#define PADS_16                         PADS_4 PADS_4 PADS_4 PADS_4
#define PADS_32                         PADS_16 PADS_16
#define HOPS_4                          HOP_BY_HOP("00") HOP_BY_HOP("00") HOP_BY_HOP("00") HOP_BY_HOP("00")
#define HOPS_20                         HOPS_4 HOPS_4 HOPS_4 HOPS_4 HOPS_4

static const struct decode_case v6_cases[] = {
    {.name = "IPv6", .link = LINK_RAW, .frame = V6("000c", "11") UDP, IS_V6_UDP},
    {
	.name = "hop-by-hop options",
	.link = LINK_RAW,
	.frame = V6("0014", "00") HOP_BY_HOP("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "a routing header: the target stays that of the fixed header",
	.link = LINK_RAW,
	.frame = V6("0024", "2b") ROUTING("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "destination options",
	.link = LINK_RAW,
	.frame = V6("001c", "3c") DESTINATION("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "an authentication header: its length counts words of four bytes",
	.link = LINK_RAW,
	.frame = V6("0024", "33") AH("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "all of them, in the order of RFC 8200",
	.link = LINK_RAW,
	.frame = V6("006c", "00") HOP_BY_HOP("3c") DESTINATION("2b") ROUTING("2c")
	    FRAGMENT("33", "0000") AH("3c") DESTINATION("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "ESP is the end of what can be read",
	.link = LINK_RAW,
	.frame = V6("0014", "00") HOP_BY_HOP("32") "00000100 00000001 00000000",
	IS_V6_BARE(50),
    },
    {
	.name = "no next header",
	.link = LINK_RAW,
	.frame = V6("0000", "3b"),
	IS_V6_BARE(59),
    },
    {
	.name = "no next header, and more than padding after it",
	.link = LINK_RAW,
	.frame = V6("0000", "3b") UDP,
	IS_V6_BARE(59),
    },
    {
	.name = "a protocol that we only count (OSPF)",
	.link = LINK_RAW,
	.frame = V6("0004", "59") "03010024",
	IS_V6_BARE(89),
    },
    {
	.name = "a bare header, as protocol scans send it",
	.link = LINK_RAW,
	.frame = V6("0000", "fd"),
	IS_V6_BARE(253),
    },
    {
	.name = "a bare header and Ethernet's padding: no transport in it",
	.link = LINK_RAW,
	.frame = V6("0000", "11") "0035 1234 000a 0000 0000",
	.verdict = DECODE_MALFORMED,
	IS_V6_BARE(17),
    },
    {
	.name = "no payload length: left to the card",
	.link = LINK_RAW,
	.frame = V6("0000", "11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "a payload length beyond the frame: facts with the payload that it claims",
	.link = LINK_RAW,
	.frame = V6("000d", "11") UDP,
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, .protocol = 17, .source_port = 53, .target_port = 4660,
	    .payload_bytes = 5),
    },
    {
	.name = "a packet that ends before its transport header does",
	.link = LINK_RAW,
	.frame = V6("0006", "11") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V6_BARE(17),
    },
    {
	.name = "a packet that ends inside an extension header: the protocol is that header's",
	.link = LINK_RAW,
	.frame = V6("000c", "3c") DESTINATION("11") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V6_BARE(60),
    },
    {
	.name = "ICMP of IPv4 means nothing in IPv6",
	.link = LINK_RAW,
	.frame = V6("0008", "01") "0800 0000 0000 0000",
	IS_V6_BARE(1),
    },
    {
	.name = "an IPv4-mapped source speaks for no IPv4 host",
	.link = LINK_RAW,
	.frame = "60000000 000c 11 40 00000000000000000000ffffc0000201 "
		 "20010db8000000000000000000000002 " UDP,
	.verdict = DECODE_MALFORMED,
    },
    {
	.name = "an IPv4-mapped target is none",
	.link = LINK_RAW,
	.frame = "60000000 000c 11 40 20010db8000000000000000000000001 "
		 "00000000000000000000ffffc0000201 " UDP,
	.verdict = DECODE_MALFORMED,
    },
    {
	.name = "an IPv4-compatible source (RFC 4291 2.5.5.1) is an IPv6 address",
	.link = LINK_RAW,
	.frame = "60000000 000c 11 40 000000000000000000000000c0000201 "
		 "20010db8000000000000000000000002 " UDP,
	.source = "::c000:201",
	.target = "2001:db8::2",
	V6_FACTS(.flags = FACTS_TRANSPORT, UDP_FACTS),
    },
    {
	.name = "32 extension headers are the limit",
	.link = LINK_RAW,
	.frame = V6("010c", "3c") PADS_16 PADS_4 PADS_4 PADS_4 HOP_BY_HOP("3c") HOP_BY_HOP("3c")
	    HOP_BY_HOP("3c") HOP_BY_HOP("11") UDP,
	IS_V6_UDP,
    },
    {
	.name = "33 extension headers are one too many",
	.link = LINK_RAW,
	.frame = V6("0114", "3c") PADS_32 HOP_BY_HOP("11") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V6_BARE(60),
    },
    {
	.name = "100 hop-by-hop headers",
	.link = LINK_RAW,
	.frame = V6("0334", "00") HOPS_20 HOPS_20 HOPS_20 HOPS_20 HOPS_20 HOP_BY_HOP("11") UDP,
	.verdict = DECODE_MALFORMED,
	IS_V6_BARE(0),
    },
};

static const struct decode_case v6_fragment_cases[] = {
    {
	.name = "an atomic fragment is none (RFC 6946)",
	.link = LINK_RAW,
	.frame = V6("0014", "2c") FRAGMENT("11", "0000") UDP,
	IS_V6_UDP,
    },
    {
	.name = "a first fragment: UDP's length is of the whole datagram",
	.link = LINK_RAW,
	.frame = V6("0018", "2c") FRAGMENT("11", "0001") "0035 1234 0800 0000 6162636465666768",
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT | FACTS_FRAGMENT, .protocol = 17, .source_port = 53,
	    .target_port = 4660, .payload_bytes = 8),
    },
    {
	.name = "a later fragment has addresses and protocol",
	.link = LINK_RAW,
	.frame = V6("0014", "2c") FRAGMENT("11", "0019") UDP,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 17),
    },
    {
	.name = "the last fragment, after hop-by-hop options",
	.link = LINK_RAW,
	.frame = V6("0011", "00") HOP_BY_HOP("2c") FRAGMENT("06", "05c8") "61",
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 6),
    },
    {
	.name = "extension headers in a later fragment cannot be read",
	.link = LINK_RAW,
	.frame = V6("001c", "2c") FRAGMENT("3c", "0019") HOP_BY_HOP("11") UDP,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 60),
    },
    {
	.name = "extension headers in a first fragment can",
	.link = LINK_RAW,
	.frame = V6("001c", "2c") FRAGMENT("3c", "0001") HOP_BY_HOP("11") UDP,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT | FACTS_FRAGMENT, UDP_FACTS),
    },
    {
	.name = "a fragment at offset 8 that overlaps a TCP header: no flags from it",
	.link = LINK_RAW,
	.frame = V6("001c", "2c") FRAGMENT("06", "0008") SYN,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, .protocol = 6),
    },
    {
	.name = "a first fragment too small for TCP: no facts but addresses",
	.link = LINK_RAW,
	.frame = V6("0010", "2c") FRAGMENT("06", "0001") "0400 0050 00000001",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT, .protocol = 6),
    },
    {
	.name = "a first fragment whose chain of headers goes on in the next (RFC 7112)",
	.link = LINK_RAW,
	.frame = V6("0010", "2c") FRAGMENT("3c", "0001") "06 05 010400000000",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_FRAGMENT, .protocol = 60),
    },
};

/* More than 65,535 bytes, and a UDP header without a length as jumbograms have it. */
static void test_jumbogram(void)
{
	enum {
		PAYLOAD = 70000
	};
	static const char headers[] =
	    V6("0000", "00") "11 00 c204 00011178 " /* jumbo payload: 70,008 and these eight */
			     "0035 1234 0000 0000 ";
	uint8_t bytes[CASE_FRAME_MAX];
	size_t size = bytes_from_hex(headers, bytes, sizeof bytes);
	struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)size,
	    .wire_bytes = (uint32_t)size + PAYLOAD,
	    .link_type = LINK_RAW,
	};
	struct facts facts;
	OK(decode_frame(&frame, &facts) == DECODE_OK && facts.target_port == 4660 &&
		facts.payload_bytes == UINT16_MAX,
	    "a jumbogram: its payload is more than can be said");
}

int main(void)
{
	RUN_CASES(v4_cases);
	RUN_CASES(v4_fragment_cases);
	RUN_CASES(v6_cases);
	RUN_CASES(v6_fragment_cases);
	test_jumbogram();
	return test_done();
}
