/* TCP with its options, UDP, SCTP, ICMP and ICMPv6 with the packets that they quote, discovery. */
#include "decode_case.h"

#define A4            "c0000201 c6336402 " /* 192.0.2.1 -> 198.51.100.2 */
#define A6            "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define V4_ADDRESSES  .source = "192.0.2.1", .target = "198.51.100.2"
#define V6_ADDRESSES  .source = "2001:db8::1", .target = "2001:db8::2"
#define V4_FACTS(...) .facts = {.net = FACTS_V4, .ttl = 64, .ip_id = 1, __VA_ARGS__}
#define V6_FACTS(...) .facts = {.net = FACTS_V6, .ttl = 64, __VA_ARGS__}

/* Version and header length, total, id, fragment, TTL, protocol, checksum, addresses. */
#define V4(total, protocol) "4500 " total " 0001 0000 40 " protocol " 0000 " A4
/* Version and flow, payload, next header, hop limit, addresses. */
#define V6(payload, protocol) "60000000 " payload " " protocol " 40 " A6

/* Ports 1024 -> 445, seq, ack; then header length and flags, window, checksum, urgent pointer. */
#define TCP(length_and_flags) "0400 01bd 01020304 0a0b0c0d " length_and_flags " 2000 0000 0000 "
#define TCP_FACTS                                                                                  \
	.flags = FACTS_TRANSPORT, .protocol = 6, .source_port = 1024, .target_port = 445,          \
	.seq = 0x01020304, .ack = 0x0a0b0c0d, .window = 8192
#define IS_V4_TCP(...) V4_ADDRESSES, V4_FACTS(TCP_FACTS, __VA_ARGS__)
#define IS_V6_TCP(...) V6_ADDRESSES, V6_FACTS(TCP_FACTS, __VA_ARGS__)

static const struct decode_case tcp_cases[] = {
    {
	.name = "SYN, IPv4",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("5002"),
	IS_V4_TCP(.tcp_flags = FACTS_SYN),
    },
    {
	.name = "SYN, IPv6",
	.link = LINK_RAW,
	.frame = V6("0014", "06") TCP("5002"),
	IS_V6_TCP(.tcp_flags = FACTS_SYN),
    },
    {
	.name = "RST and ACK",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("5014"),
	IS_V4_TCP(.tcp_flags = FACTS_RST | FACTS_ACK),
    },
    {
	.name = "SYN with ECE and CWR",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("50c2"),
	IS_V4_TCP(.tcp_flags = FACTS_SYN | 0xc0),
    },
    {
	.name = "the reserved bit beside the flags is not one of them",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("5102"),
	IS_V4_TCP(.tcp_flags = FACTS_SYN),
    },
    {
	.name = "no flags",
	.link = LINK_RAW,
	.frame = V6("0014", "06") TCP("5000"),
	IS_V6_TCP(.tcp_flags = 0),
    },
    {
	.name = "data with options that are not looked into, IPv4",
	.link = LINK_RAW,
	.frame = V4("0036", "06") TCP("8018") "0101 080a 00000063 00000000 6162",
	IS_V4_TCP(.tcp_flags = FACTS_PSH | FACTS_ACK, .payload_bytes = 2),
    },
    {
	.name = "data with options that are not looked into, IPv6",
	.link = LINK_RAW,
	.frame = V6("0022", "06") TCP("8018") "0101 080a 00000063 00000000 6162",
	IS_V6_TCP(.tcp_flags = FACTS_PSH | FACTS_ACK, .payload_bytes = 2),
    },
    {
	.name = "payload that the capture left out counts all the same",
	.link = LINK_RAW,
	.frame = V4("0428", "06") TCP("5010"),
	.uncaptured = 1024,
	IS_V4_TCP(.tcp_flags = FACTS_ACK, .payload_bytes = 1024),
    },
    {
	.name = "a header of four words",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("4002"),
	.verdict = DECODE_MALFORMED,
	IS_V4_TCP(.tcp_flags = FACTS_SYN, .payload_bytes = 4),
    },
    {
	.name = "a header of 15 words in a packet of five: the fixed part stands",
	.link = LINK_RAW,
	.frame = V4("0028", "06") TCP("f002"),
	.verdict = DECODE_MALFORMED,
	IS_V4_TCP(.tcp_flags = FACTS_SYN, .tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "the same in IPv6",
	.link = LINK_RAW,
	.frame = V6("0014", "06") TCP("f002"),
	.verdict = DECODE_MALFORMED,
	IS_V6_TCP(.tcp_flags = FACTS_SYN, .tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "options that the capture left out",
	.link = LINK_RAW,
	.frame = V4("003c", "06") TCP("a002") "0204 05b4",
	.uncaptured = 16,
	.verdict = DECODE_TRUNCATED,
	IS_V4_TCP(.tcp_flags = FACTS_SYN, .tcp_options = TCP_OPTIONS_OTHER),
    },
};

#define IS_SYN_WITH(...) IS_V4_TCP(.tcp_flags = FACTS_SYN, __VA_ARGS__)

static const struct decode_case option_cases[] = {
    {
	.name = "MSS alone (Masscan, ZMap 3)",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "0204 05b4",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_MSS_ONLY),
    },
    {
	.name = "Windows",
	.link = LINK_RAW,
	.frame = V4("0034", "06") TCP("8002") "0204 05b4 01 0303 08 01 01 0402",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_WINDOWS),
    },
    {
	.name = "Windows, in a SYN and ACK over IPv6",
	.link = LINK_RAW,
	.frame = V6("0020", "06") TCP("8012") "0204 05b4 01 0303 08 01 01 0402",
	IS_V6_TCP(.tcp_flags = FACTS_SYN | FACTS_ACK, .tcp_options = TCP_OPTIONS_WINDOWS),
    },
    {
	.name = "Windows with another MSS is not what ZMap sends",
	.link = LINK_RAW,
	.frame = V4("0034", "06") TCP("8002") "0204 0550 01 0303 08 01 01 0402",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "Linux",
	.link = LINK_RAW,
	.frame = V4("003c", "06") TCP("a002") "0204 05b4 0402 080a 65536500 00000000 01 0303 07",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_LINUX, .tcp_tsval = 0x65536500),
    },
    {
	.name = "Linux, IPv6",
	.link = LINK_RAW,
	.frame = V6("0028", "06") TCP("a002") "0204 05a0 0402 080a 65536500 00000000 01 0303 07",
	IS_V6_TCP(.tcp_flags = FACTS_SYN, .tcp_options = TCP_OPTIONS_LINUX,
	    .tcp_tsval = 0x65536500),
    },
    {
	.name = "Linux with an echo is an answer, another style; the timestamp is read",
	.link = LINK_RAW,
	.frame = V4("003c", "06") TCP("a002") "0204 05b4 0402 080a 65536500 00000001 01 0303 07",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER, .tcp_tsval = 0x65536500),
    },
    {
	.name = "Linux with another window scale",
	.link = LINK_RAW,
	.frame = V4("003c", "06") TCP("a002") "0204 05b4 0402 080a 65536500 00000000 01 0303 0a",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER, .tcp_tsval = 0x65536500),
    },
    {
	.name = "BSD",
	.link = LINK_RAW,
	.frame = V4("0040", "06") TCP("b002") "0204 05b4 01 0303 06 01 01 080a 00000063 00000000 "
					      "0402 00 00",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_BSD, .tcp_tsval = 0x63),
    },
    {
	.name = "the order matters",
	.link = LINK_RAW,
	.frame = V4("0034", "06") TCP("8002") "01 01 0402 0204 05b4 01 0303 08",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "nothing but the end",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "00000000",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "after the end nothing counts",
	.link = LINK_RAW,
	.frame = V4("0038", "06") TCP("9002") "0000 080a 00000063 00000000 0800 0000",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "an option of length 0",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "0200 05b4",
	.verdict = DECODE_MALFORMED,
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "an option of length 1",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "0201 05b4",
	.verdict = DECODE_MALFORMED,
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "an option longer than the header: the facts stand",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "080a 0000",
	.verdict = DECODE_MALFORMED,
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "an option of which only the kind is there",
	.link = LINK_RAW,
	.frame = V4("002c", "06") TCP("6002") "010101 08",
	.verdict = DECODE_MALFORMED,
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
    {
	.name = "a timestamp of the wrong length is none",
	.link = LINK_RAW,
	.frame = V4("0030", "06") TCP("7002") "0806 00000063 0101",
	IS_SYN_WITH(.tcp_options = TCP_OPTIONS_OTHER),
    },
};

#define PORTS      .source_port = 53, .target_port = 4660
#define UDP_FACTS  .flags = FACTS_TRANSPORT, .protocol = 17, PORTS
#define SCTP_FACTS .flags = FACTS_TRANSPORT, .protocol = 132, PORTS

static const struct decode_case udp_cases[] = {
    {
	.name = "UDP without payload, IPv4",
	.link = LINK_RAW,
	.frame = V4("001c", "11") "0035 1234 0008 0000",
	V4_ADDRESSES,
	V4_FACTS(UDP_FACTS),
    },
    {
	.name = "UDP without payload, IPv6",
	.link = LINK_RAW,
	.frame = V6("0008", "11") "0035 1234 0008 0000",
	V6_ADDRESSES,
	V6_FACTS(UDP_FACTS),
    },
    {
	.name = "payload by IP's length: UDP's is shorter (options, RFC 9868)",
	.link = LINK_RAW,
	.frame = V4("0020", "11") "0035 1234 0008 0000 01010101",
	V4_ADDRESSES,
	V4_FACTS(UDP_FACTS, .payload_bytes = 4),
    },
    {
	.name = "UDP's length beyond IP's",
	.link = LINK_RAW,
	.frame = V4("0020", "11") "0035 1234 000d 0000 61626364 65",
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(UDP_FACTS, .payload_bytes = 4),
    },
    {
	.name = "UDP's length below its header's",
	.link = LINK_RAW,
	.frame = V6("000c", "11") "0035 1234 0007 0000 61626364",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(UDP_FACTS, .payload_bytes = 4),
    },
    {
	.name = "no UDP length, and no jumbogram",
	.link = LINK_RAW,
	.frame = V6("000c", "11") "0035 1234 0000 0000 61626364",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(UDP_FACTS, .payload_bytes = 4),
    },
    {
	.name = "SCTP INIT, IPv4",
	.link = LINK_RAW,
	.frame = V4("0024", "84") "0035 1234 00000000 00000000 01000004",
	V4_ADDRESSES,
	V4_FACTS(SCTP_FACTS, .payload_bytes = 4),
    },
    {
	.name = "SCTP, IPv6",
	.link = LINK_RAW,
	.frame = V6("000c", "84") "0035 1234 00000000 00000000",
	V6_ADDRESSES,
	V6_FACTS(SCTP_FACTS),
    },
};

#define ICMP_FACTS(type, code)  .protocol = 1, .icmp_type = (type), .icmp_code = (code)
#define ICMP6_FACTS(type, code) .protocol = 58, .icmp_type = (type), .icmp_code = (code)
/* The victim's packet as the router saw it: from the forged sender to the victim. */
#define QUOTED_V4(protocol) "4500 0400 0002 0000 01 " protocol " 0000 c6336402 cb007109 "
#define QUOTED_V4_ADDRESSES .inner_source = "198.51.100.2", .inner_target = "203.0.113.9"
#define QUOTED_V6(payload, protocol)                                                               \
	"60000000 " payload " " protocol " 01 20010db8000000000000000000000002 "                   \
	"20010db8000000000000000000000009 "
#define QUOTED_V6_ADDRESSES .inner_source = "2001:db8::2", .inner_target = "2001:db8::9"
#define IS_ERROR            FACTS_TRANSPORT | FACTS_ICMP_ERROR
#define IS_ERROR_WITH_PORTS FACTS_TRANSPORT | FACTS_ICMP_ERROR | FACTS_INNER_PORTS
#define INNER_PORTS         .inner_source_port = 1024, .inner_target_port = 80

static const struct decode_case icmp_cases[] = {
    {
	.name = "echo request",
	.link = LINK_RAW,
	.frame = V4("0020", "01") "08 00 0000 0001 0001 61626364",
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, ICMP_FACTS(8, 0), .payload_bytes = 4),
    },
    {
	.name = "port unreachable: the victim is the quoted packet's target",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 " QUOTED_V4("11") "0400 0050 03ec 0000",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(3, 3), .payload_bytes = 28,
	    .inner_protocol = 17, INNER_PORTS),
    },
    {
	.name = "time exceeded, quoting TCP",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "0b 00 0000 00000000 " QUOTED_V4("06") "0400 0050 00000001",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(11, 0), .payload_bytes = 28,
	    .inner_protocol = 6, INNER_PORTS),
    },
    {
	.name = "source quench, quoting SCTP",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "04 00 0000 00000000 " QUOTED_V4("84") "0400 0050 00000001",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(4, 0), .payload_bytes = 28,
	    .inner_protocol = 132, INNER_PORTS),
    },
    {
	.name = "redirect, quoting an echo request: no ports",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "05 01 0000 c0000203 " QUOTED_V4("01") "0800 0000 0001 0001",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR, ICMP_FACTS(5, 1), .payload_bytes = 28, .inner_protocol = 1),
    },
    {
	.name = "parameter problem, quoting a packet with options",
	.link = LINK_RAW,
	.frame = V4("003c", "01") "0c 00 0000 14000000 "
				  "4600 0400 0002 0000 01 11 0000 c6336402 cb007109 07ff0000 "
				  "0400 0050 03ec 0000",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(12, 0), .payload_bytes = 32,
	    .inner_protocol = 17, INNER_PORTS),
    },
    {
	.name = "a quote without ports: routers choose how much they quote",
	.link = LINK_RAW,
	.frame = V4("0032", "01") "03 03 0000 00000000 " QUOTED_V4("11") "0400",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR, ICMP_FACTS(3, 3), .payload_bytes = 22, .inner_protocol = 17),
    },
    {
	.name = "a quoted later fragment has no ports",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 01 0000 00000000 "
				  "4500 0400 0002 00b9 01 11 0000 c6336402 cb007109 "
				  "0400 0050 03ec 0000",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR, ICMP_FACTS(3, 1), .payload_bytes = 28, .inner_protocol = 17),
    },
    {
	.name = "a quoted packet behind an authentication header",
	.link = LINK_RAW,
	.frame = V4("0044", "01") "03 01 0000 00000000 " QUOTED_V4(
	    "33") "1101 0000 00000100 00000001 0400 0050 03ec 0000",
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(3, 1), .payload_bytes = 40,
	    .inner_protocol = 17, INNER_PORTS),
    },
    {
	.name = "an error that quotes nothing",
	.link = LINK_RAW,
	.frame = V4("001c", "01") "03 03 0000 00000000",
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, ICMP_FACTS(3, 3)),
    },
    {
	.name = "an error that quotes what its receiver never sent",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 "
				  "4500 0400 0002 0000 01 11 0000 cb007105 cb007109 "
				  "0400 0050 03ec 0000",
	V4_ADDRESSES,
	.inner_source = "203.0.113.5",
	.inner_target = "203.0.113.9",
	V4_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP_FACTS(3, 3), .payload_bytes = 28,
	    .inner_protocol = 17, INNER_PORTS),
    },
    {
	.name = "an error that quotes version 6 with a header length of IPv4",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 "
				  "6500 0400 0002 0000 01 11 0000 c6336402 cb007109 "
				  "0400 0050 03ec 0000",
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, ICMP_FACTS(3, 3), .payload_bytes = 28),
    },
    {
	.name = "an error that quotes a header of four words",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 "
				  "4400 0400 0002 0000 01 11 0000 c6336402 cb007109 "
				  "0400 0050 03ec 0000",
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, ICMP_FACTS(3, 3), .payload_bytes = 28),
    },
    {
	.name = "an error that quotes no IPv4",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 " QUOTED_V6("0000", "11"),
	.verdict = DECODE_MALFORMED,
	V4_ADDRESSES,
	V4_FACTS(.flags = FACTS_TRANSPORT, ICMP_FACTS(3, 3), .payload_bytes = 28),
    },
    {
	.name = "a quote that the capture cut before the ports",
	.link = LINK_RAW,
	.frame = V4("0038", "01") "03 03 0000 00000000 " QUOTED_V4("11") "0400",
	.uncaptured = 6,
	.verdict = DECODE_TRUNCATED,
	V4_ADDRESSES,
	QUOTED_V4_ADDRESSES,
	V4_FACTS(.flags = IS_ERROR, ICMP_FACTS(3, 3), .payload_bytes = 28, .inner_protocol = 17),
    },
};

#define FRAGMENT(next, offset_and_more) next " 00 " offset_and_more " 00000001 "

static const struct decode_case icmp6_cases[] = {
    {
	.name = "echo request",
	.link = LINK_RAW,
	.frame = V6("000c", "3a") "80 00 0000 0001 0001 61626364",
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(128, 0), .payload_bytes = 4),
    },
    {
	.name = "port unreachable: the victim is the quoted packet's target",
	.link = LINK_RAW,
	.frame =
	    V6("0038", "3a") "01 04 0000 00000000 " QUOTED_V6("03ec", "11") "0400 0050 03ec 0000",
	V6_ADDRESSES,
	QUOTED_V6_ADDRESSES,
	V6_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP6_FACTS(1, 4), .payload_bytes = 48,
	    .inner_protocol = 17, INNER_PORTS),
    },
    {
	.name = "packet too big, quoting TCP behind a fragment header",
	.link = LINK_RAW,
	.frame = V6("0040", "3a") "02 00 0000 00000500 " QUOTED_V6("03ec", "2c")
	    FRAGMENT("06", "0001") "0400 0050 00000001",
	V6_ADDRESSES,
	QUOTED_V6_ADDRESSES,
	V6_FACTS(.flags = IS_ERROR_WITH_PORTS, ICMP6_FACTS(2, 0), .payload_bytes = 56,
	    .inner_protocol = 6, INNER_PORTS),
    },
    {
	.name = "time exceeded, quoting an echo request",
	.link = LINK_RAW,
	.frame =
	    V6("0038", "3a") "03 00 0000 00000000 " QUOTED_V6("0008", "3a") "8000 0000 0001 0001",
	V6_ADDRESSES,
	QUOTED_V6_ADDRESSES,
	V6_FACTS(.flags = IS_ERROR, ICMP6_FACTS(3, 0), .payload_bytes = 48, .inner_protocol = 58),
    },
    {
	.name = "parameter problem, quoting a later fragment",
	.link = LINK_RAW,
	.frame = V6("0040", "3a") "04 01 0000 00000028 " QUOTED_V6("03ec", "2c")
	    FRAGMENT("11", "0019") "0400 0050 00000001",
	V6_ADDRESSES,
	QUOTED_V6_ADDRESSES,
	V6_FACTS(.flags = IS_ERROR, ICMP6_FACTS(4, 1), .payload_bytes = 56, .inner_protocol = 17),
    },
    {
	.name = "a quote that ends in an extension header",
	.link = LINK_RAW,
	.frame = V6("0034", "3a") "04 01 0000 00000028 " QUOTED_V6("03ec", "3c") "11000104",
	V6_ADDRESSES,
	QUOTED_V6_ADDRESSES,
	V6_FACTS(.flags = IS_ERROR, ICMP6_FACTS(4, 1), .payload_bytes = 44, .inner_protocol = 60),
    },
    {
	.name = "an error that quotes no IPv6",
	.link = LINK_RAW,
	.frame = V6("0030", "3a") "01 04 0000 00000000 " QUOTED_V4(
	    "11") "0400 0050 03ec 0000 00000000 00000000 00000000",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(1, 4), .payload_bytes = 40),
    },
    {
	.name = "an error that quotes an IPv4-mapped address",
	.link = LINK_RAW,
	.frame = V6("0030", "3a") "01 04 0000 00000000 60000000 0008 11 01 "
				  "00000000000000000000ffffc0000201 "
				  "20010db8000000000000000000000009 ",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(1, 4), .payload_bytes = 40),
    },
    {
	.name = "an error that quotes too little",
	.link = LINK_RAW,
	.frame = V6("000c", "3a") "01 04 0000 00000000 60000000",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(1, 4), .payload_bytes = 4),
    },
    {
	.name = "a message of four bytes",
	.link = LINK_RAW,
	.frame = V6("0004", "3a") "01 04 0000",
	.verdict = DECODE_MALFORMED,
	V6_ADDRESSES,
	V6_FACTS(.protocol = 58),
    },
};

/* fe80::1 asks all nodes, with hop limit 255. */
#define ND(payload, source)                                                                        \
	"60000000 " payload " 3a ff " source " ff0200000000000000000001ff000009 "
#define FE80_1        "fe800000000000000000000000000001"
#define NOBODY        "00000000000000000000000000000000"
#define FE80_9        "fe800000000000000000000000000009"
#define ALL_SOLICITED "ff02::1:ff00:9"
#define ND_FACTS(type, flag)                                                                       \
	.facts = {                                                                                 \
	    .net = FACTS_V6,                                                                       \
	    .ttl = 255,                                                                            \
	    .flags = FACTS_TRANSPORT | (flag),                                                     \
	    .protocol = 58,                                                                        \
	    .icmp_type = (type),                                                                   \
	    .payload_bytes = 16,                                                                   \
	}

static const struct decode_case discovery_cases[] = {
    {
	.name = "neighbour solicitation: the target is the address asked for",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "87 00 0000 00000000 " FE80_9,
	.source = "fe80::1",
	.target = "fe80::9",
	ND_FACTS(135, FACTS_ND_SOLICIT),
    },
    {
	.name = "duplicate address detection: nobody asks",
	.link = LINK_RAW,
	.frame = ND("0018", NOBODY) "87 00 0000 00000000 " FE80_9,
	.target = "fe80::9",
	ND_FACTS(135, FACTS_ND_SOLICIT),
    },
    {
	.name = "neighbour advertisement: the source is the address advertised",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "88 00 0000 60000000 " FE80_9,
	.source = "fe80::9",
	.target = ALL_SOLICITED,
	ND_FACTS(136, FACTS_ND_ADVERT),
    },
    {
	.name = "router advertisement",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "86 00 0000 40000708 00000000 00000000 0101020000000001",
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	ND_FACTS(134, FACTS_ROUTER_ADVERT),
    },
    {
	.name = "a listener report on the link is no discovery",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "83 00 0000 00000000 " FE80_9,
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	ND_FACTS(131, 0),
    },
    {
	.name = "a redirect on the link is none either",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "89 00 0000 00000000 " FE80_9,
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	ND_FACTS(137, 0),
    },
    {
	.name = "a solicitation with a code is not believed",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "87 01 0000 00000000 " FE80_9,
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	.facts =
	    {
		.net = FACTS_V6,
		.ttl = 255,
		.flags = FACTS_TRANSPORT,
		.protocol = 58,
		.icmp_type = 135,
		.icmp_code = 1,
		.payload_bytes = 16,
	    },
    },
    {
	.name = "a solicitation for a multicast address asks for nobody",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "87 00 0000 00000000 ff020000000000000000000000000001",
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	ND_FACTS(135, 0),
    },
    {
	.name = "an advertisement of an IPv4-mapped address is not believed",
	.link = LINK_RAW,
	.frame = ND("0018", FE80_1) "88 00 0000 60000000 00000000000000000000ffffc0000201",
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	ND_FACTS(136, 0),
    },
    {
	.name = "a solicitation that came through a router is not believed",
	.link = LINK_RAW,
	.frame = V6("0018", "3a") "87 00 0000 00000000 " FE80_9,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(135, 0), .payload_bytes = 16),
    },
    {
	.name = "an advertisement that came through a router is not believed",
	.link = LINK_RAW,
	.frame = V6("0018", "3a") "88 00 0000 60000000 " FE80_9,
	V6_ADDRESSES,
	V6_FACTS(.flags = FACTS_TRANSPORT, ICMP6_FACTS(136, 0), .payload_bytes = 16),
    },
    {
	.name = "a solicitation without the address",
	.link = LINK_RAW,
	.frame = ND("0008", FE80_1) "87 00 0000 00000000 ",
	.verdict = DECODE_MALFORMED,
	.source = "fe80::1",
	.target = ALL_SOLICITED,
	.facts =
	    {
		.net = FACTS_V6,
		.ttl = 255,
		.flags = FACTS_TRANSPORT,
		.protocol = 58,
		.icmp_type = 135,
	    },
    },
};

int main(void)
{
	RUN_CASES(tcp_cases);
	RUN_CASES(option_cases);
	RUN_CASES(udp_cases);
	RUN_CASES(icmp_cases);
	RUN_CASES(icmp6_cases);
	RUN_CASES(discovery_cases);
	return test_done();
}
