/* Packets inside packets: whose facts are given, and what happens when the inside is damaged. */
#include "decode_case.h"

#define MACS "020000000002 020000000001 "
/* The outer packet: 203.0.113.1 -> 203.0.113.2, or 2001:db8:f::1 -> 2001:db8:f::2; TTL 9. */
#define OUT4(total, protocol) "4500 " total " 0009 0000 09 " protocol " 0000 cb007101 cb007102 "
#define OUT6(payload, protocol)                                                                    \
	"60000000 " payload " " protocol " 09 20010db8000f00000000000000000001 "                   \
	"20010db8000f00000000000000000002 "
/* The inner one, of 32 or 52 bytes: UDP 53 -> 4660, four bytes of payload. */
#define UDP "0035 1234 000c 0000 61626364 "
#define IN4 "4500 0020 0001 0000 40 11 0000 c0000201 c6336402 " UDP
#define IN6                                                                                        \
	"60000000 000c 11 40 20010db8000000000000000000000001 "                                    \
	"20010db8000000000000000000000002 " UDP

#define UDP_FACTS .protocol = 17, .ttl = 64, .source_port = 53, .target_port = 4660
#define IS_IN4_WITH(and_flags, ...)                                                                \
	.source = "192.0.2.1", .target = "198.51.100.2",                                           \
	.facts = {.net = FACTS_V4,                                                                 \
	    .flags = FACTS_TUNNELLED | FACTS_TRANSPORT | (and_flags),                              \
	    .ip_id = 1,                                                                            \
	    UDP_FACTS,                                                                             \
	    __VA_ARGS__}
#define IS_IN6_WITH(and_flags, ...)                                                                \
	.source = "2001:db8::1", .target = "2001:db8::2",                                          \
	.facts = {.net = FACTS_V6,                                                                 \
	    .flags = FACTS_TUNNELLED | FACTS_TRANSPORT | (and_flags),                              \
	    UDP_FACTS,                                                                             \
	    __VA_ARGS__}
#define IS_IN4 IS_IN4_WITH(0, .payload_bytes = 4)
#define IS_IN6 IS_IN6_WITH(0, .payload_bytes = 4)
#define IS_OUT4(number)                                                                            \
	.source = "203.0.113.1", .target = "203.0.113.2",                                          \
	.facts = {                                                                                 \
	    .net = FACTS_V4,                                                                       \
	    .ttl = 9,                                                                              \
	    .ip_id = 9,                                                                            \
	    .protocol = (number),                                                                  \
	}
#define IS_OUT6(number)                                                                            \
	.source = "2001:db8:f::1", .target = "2001:db8:f::2",                                      \
	.facts = {                                                                                 \
	    .net = FACTS_V6,                                                                       \
	    .ttl = 9,                                                                              \
	    .protocol = (number),                                                                  \
	}

static const struct decode_case ip_cases[] = {
    {.name = "IPv4 in IPv4", .link = LINK_RAW, .frame = OUT4("0034", "04") IN4, IS_IN4},
    {.name = "IPv6 in IPv4", .link = LINK_RAW, .frame = OUT4("0048", "29") IN6, IS_IN6},
    {.name = "IPv4 in IPv6", .link = LINK_RAW, .frame = OUT6("0020", "04") IN4, IS_IN4},
    {.name = "IPv6 in IPv6", .link = LINK_RAW, .frame = OUT6("0034", "29") IN6, IS_IN6},
    {
	.name = "IPv6 in IPv6 with a tunnel limit (RFC 2473)",
	.link = LINK_RAW,
	.frame = OUT6("003c", "3c") "29 00 040104 010100 " IN6,
	IS_IN6,
    },
    {
	.name = "three deep",
	.link = LINK_RAW,
	.frame = OUT4("005c", "29") OUT6("0020", "04") IN4,
	IS_IN4,
    },
    {
	.name = "the MAC is the tunnel's, not the inner sender's",
	.link = LINK_ETHERNET,
	.frame = "ffffffffffff 020000000001 0800 " OUT4("0034", "04") IN4,
	IS_IN4,
    },
    {
	.name = "padding of the outer packet",
	.link = LINK_RAW,
	.frame = OUT4("0038", "04") IN4 "00000000",
	IS_IN4,
    },
    {
	.name = "the inside is there, its transport header is not",
	.link = LINK_RAW,
	.frame = OUT4("0034", "04") "4500 0020 0001 0000 40 06 0000 c0000201 c6336402 " UDP,
	.verdict = DECODE_MALFORMED,
	.source = "192.0.2.1",
	.target = "198.51.100.2",
	.facts =
	    {
		.net = FACTS_V4,
		.flags = FACTS_TUNNELLED,
		.protocol = 6,
		.ttl = 64,
		.ip_id = 1,
	    },
    },
    {
	.name = "an inside longer than the outside",
	.link = LINK_RAW,
	.frame = OUT4("0034", "04") "4500 0021 0001 0000 40 11 0000 c0000201 c6336402 " UDP,
	.verdict = DECODE_MALFORMED,
	IS_IN4_WITH(0, .payload_bytes = 5),
    },
    {
	.name = "the same in a first fragment is ordinary",
	.link = LINK_RAW,
	.frame = "4500 0034 0009 2000 09 04 0000 cb007101 cb007102 "
		 "4500 0320 0001 0000 40 11 0000 c0000201 c6336402 0035 1234 030c 0000 61626364",
	IS_IN4_WITH(0, .payload_bytes = 0x320 - 28),
    },
    {
	.name = "a later fragment of a tunnel",
	.link = LINK_RAW,
	.frame = "4500 0034 0009 0010 09 04 0000 cb007101 cb007102 " IN4,
	.source = "203.0.113.1",
	.target = "203.0.113.2",
	.facts =
	    {
		.net = FACTS_V4,
		.flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT,
		.ttl = 9,
		.ip_id = 9,
		.protocol = 4,
	    },
    },
    {
	.name = "IPv6 where IPv4 was announced",
	.link = LINK_RAW,
	.frame = OUT4("0048", "04") IN6,
	.verdict = DECODE_MALFORMED,
	IS_OUT4(4),
    },
    {
	.name = "IPv4 where IPv6 was announced",
	.link = LINK_RAW,
	.frame = OUT6("0034", "29") IN4 IN4,
	.verdict = DECODE_MALFORMED,
	IS_OUT6(41),
    },
    {
	.name = "nothing inside, as protocol scans send it: IPv4",
	.link = LINK_RAW,
	.frame = OUT4("0014", "04"),
	.verdict = DECODE_MALFORMED,
	IS_OUT4(4),
    },
    {
	.name = "nothing inside, as protocol scans send it: IPv6",
	.link = LINK_RAW,
	.frame = OUT6("0000", "29"),
	.verdict = DECODE_MALFORMED,
	IS_OUT6(41),
    },
    {
	.name = "an inside that the capture left out",
	.link = LINK_ETHERNET,
	.frame = MACS "0800 " OUT4("0034", "04") "4500 0020",
	.uncaptured = 28,
	.verdict = DECODE_TRUNCATED,
	.source = "203.0.113.1",
	.target = "203.0.113.2",
	.facts =
	    {
		.net = FACTS_V4,
		.flags = FACTS_HAS_MAC,
		.ttl = 9,
		.ip_id = 9,
		.protocol = 4,
		.source_mac = {2, 0, 0, 0, 0, 1},
	    },
    },
};

static const struct decode_case gre_cases[] = {
    {
	.name = "GRE, IPv4 in IPv4",
	.link = LINK_RAW,
	.frame = OUT4("0038", "2f") "0000 0800 " IN4,
	IS_IN4,
    },
    {
	.name = "GRE, IPv6 in IPv6",
	.link = LINK_RAW,
	.frame = OUT6("0038", "2f") "0000 86dd " IN6,
	IS_IN6,
    },
    {
	.name = "GRE with a checksum",
	.link = LINK_RAW,
	.frame = OUT4("003c", "2f") "8000 0800 1234 0000 " IN4,
	IS_IN4,
    },
    {
	.name = "GRE with a key",
	.link = LINK_RAW,
	.frame = OUT4("0050", "2f") "2000 86dd 00000001 " IN6,
	IS_IN6,
    },
    {
	.name = "GRE with a sequence number",
	.link = LINK_RAW,
	.frame = OUT6("0028", "2f") "1000 0800 00000001 " IN4,
	IS_IN4,
    },
    {
	.name = "GRE with all three",
	.link = LINK_RAW,
	.frame = OUT4("0044", "2f") "b000 0800 1234 0000 00000001 00000002 " IN4,
	IS_IN4,
    },
    {
	.name = "GRE, Ethernet: MAC and broadcast are those of the inner frame",
	.link = LINK_ETHERNET,
	.frame = "0200000000ff 0200000000fe 0800 " OUT4(
	    "0046", "2f") "0000 6558 ffffffffffff 020000000001 0800 " IN4,
	IS_IN4_WITH(FACTS_HAS_MAC | FACTS_LINK_BROADCAST, .payload_bytes = 4,
	    .source_mac = {2, 0, 0, 0, 0, 1}),
    },
    {
	.name = "GRE, Ethernet, IPv6 inside a tag",
	.link = LINK_RAW,
	.frame = OUT6("004a", "2f") "0000 6558 " MACS "8100 0007 86dd " IN6,
	IS_IN6_WITH(FACTS_HAS_MAC, .payload_bytes = 4, .source_mac = {2, 0, 0, 0, 0, 1}),
    },
    {
	.name = "GRE, Ethernet, ARP",
	.link = LINK_RAW,
	.frame = OUT4("0042", "2f") "0000 6558 ffffffffffff 020000000001 "
				    "0806 0001 0800 06 04 0001 "
				    "020000000001 c0000201 000000000000 c0000202",
	.source = "192.0.2.1",
	.target = "192.0.2.2",
	.facts =
	    {
		.net = FACTS_ARP,
		.flags = FACTS_TUNNELLED | FACTS_ARP_REQUEST | FACTS_LINK_BROADCAST | FACTS_HAS_MAC,
		.source_mac = {2, 0, 0, 0, 0, 1},
	    },
    },
    {
	.name = "GRE, MPLS",
	.link = LINK_RAW,
	.frame = OUT4("003c", "2f") "0000 8847 00010 1 40 " IN4,
	IS_IN4,
    },
    {
	.name = "GRE of version 1 (PPTP)",
	.link = LINK_RAW,
	.frame = OUT4("0044", "2f") "3001 880b 0024 0001 00000001 ff03 0021 " IN4,
	.verdict = DECODE_UNSUPPORTED,
	IS_OUT4(47),
    },
    {
	.name = "GRE with a routing list (RFC 1701)",
	.link = LINK_RAW,
	.frame = OUT4("003c", "2f") "4000 0800 00000000 " IN4,
	.verdict = DECODE_UNSUPPORTED,
	IS_OUT4(47),
    },
    {
	.name = "GRE keepalive: protocol 0",
	.link = LINK_RAW,
	.frame = OUT4("0018", "2f") "0000 0000",
	.verdict = DECODE_UNSUPPORTED,
	IS_OUT4(47),
    },
    {
	.name = "GRE, a protocol that we do not read, IPv6",
	.link = LINK_RAW,
	.frame = OUT6("0008", "2f") "0000 88be 00000000",
	.verdict = DECODE_UNSUPPORTED,
	IS_OUT6(47),
    },
    {
	.name = "GRE, Ethernet that carries no IP",
	.link = LINK_RAW,
	.frame = OUT4("002a", "2f") "0000 6558 " MACS "88cc 00000000",
	.verdict = DECODE_UNSUPPORTED,
	IS_OUT4(47),
    },
    {
	.name = "GRE that ends in its key",
	.link = LINK_RAW,
	.frame = OUT4("001a", "2f") "2000 0800 0000",
	.verdict = DECODE_MALFORMED,
	IS_OUT4(47),
    },
    {
	.name = "no GRE, as protocol scans send it",
	.link = LINK_RAW,
	.frame = OUT6("0000", "2f"),
	.verdict = DECODE_MALFORMED,
	IS_OUT6(47),
    },
};

/* `depth` IPv4 packets around one that carries UDP; each level has its depth as its TTL. */
static enum decode_verdict decode_nested(unsigned depth, struct facts *ret_facts)
{
	enum {
		HEADER = 20
	};
	uint8_t bytes[CASE_FRAME_MAX];
	size_t inner = bytes_from_hex(IN4, bytes + depth * HEADER, sizeof bytes - depth * HEADER);
	for (unsigned level = 0; level < depth; level++) {
		uint8_t *header = bytes + level * HEADER;
		size_t total = (depth - level) * HEADER + inner;
		(void)bytes_from_hex(OUT4("0000", "04"), header, HEADER);
		header[2] = (uint8_t)(total >> 8);
		header[3] = (uint8_t)total;
		header[8] = (uint8_t)(level + 1);
	}
	size_t size = depth * HEADER + inner;
	struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)size,
	    .wire_bytes = (uint32_t)size,
	    .link_type = LINK_RAW,
	};
	return decode_frame(&frame, ret_facts);
}

static void test_nesting(void)
{
	struct facts facts;
	OK(decode_nested(32, &facts) == DECODE_OK && facts.target_port == 4660,
	    "32 tunnels in one another are the limit");
	OK(decode_nested(33, &facts) == DECODE_MALFORMED && facts.ttl == 33 &&
		facts.protocol == 4 && (facts.flags & FACTS_TRANSPORT) == 0,
	    "33 are one too many: the facts are of the innermost that was read");
	OK(decode_nested(40, &facts) == DECODE_MALFORMED && facts.ttl == 33, "and so are 40");
}

int main(void)
{
	RUN_CASES(ip_cases);
	RUN_CASES(gre_cases);
	test_nesting();
	return test_done();
}
