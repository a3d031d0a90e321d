/* Link headers, tags, labels, PPP and ARP. What they carry is one small UDP packet of each family.
 */
#include "decode_case.h"

#define MAC_TARGET    "020000000002 "
#define MAC_SOURCE    "020000000001 "
#define MAC_BROADCAST "ffffffffffff "
#define MAC_MULTICAST "333300000001 "
#define MACS          MAC_TARGET MAC_SOURCE

/* UDP 53 -> 4660, four bytes of payload. Version, total, id, fragment, TTL, UDP, checksum. */
#define UDP       "0035 1234 000c 0000 61626364 "
#define PACKET_V4 "45 00 0020 0001 0000 40 11 0000 c0000201 c6336402 " UDP
/* Version and flow, payload, UDP, hop limit, addresses. */
#define PACKET_V6                                                                                  \
	"60000000 000c 11 40 20010db8000000000000000000000001 "                                    \
	"20010db8000000000000000000000002 " UDP

#define V4_ADDRESSES .source = "192.0.2.1", .target = "198.51.100.2"
#define V6_ADDRESSES .source = "2001:db8::1", .target = "2001:db8::2"
#define PORTS        .protocol = 17, .ttl = 64, .source_port = 53, .target_port = 4660, .payload_bytes = 4
#define MAC_IS_1     .source_mac = {2, 0, 0, 0, 0, 1}

#define IS_V4                                                                                      \
	V4_ADDRESSES, .facts = {                                                                   \
			  .net = FACTS_V4,                                                         \
			  .flags = FACTS_TRANSPORT,                                                \
			  .ip_id = 1,                                                              \
			  PORTS,                                                                   \
	}
#define IS_V6                                                                                      \
	V6_ADDRESSES, .facts = {                                                                   \
			  .net = FACTS_V6,                                                         \
			  .flags = FACTS_TRANSPORT,                                                \
			  PORTS,                                                                   \
	}
#define IS_V4_FROM_MAC(and_flags)                                                                  \
	V4_ADDRESSES, .facts = {                                                                   \
			  .net = FACTS_V4,                                                         \
			  .flags = FACTS_TRANSPORT | FACTS_HAS_MAC | (and_flags),                  \
			  .ip_id = 1,                                                              \
			  PORTS,                                                                   \
			  MAC_IS_1,                                                                \
	}
#define IS_V6_FROM_MAC(and_flags)                                                                  \
	V6_ADDRESSES, .facts = {                                                                   \
			  .net = FACTS_V6,                                                         \
			  .flags = FACTS_TRANSPORT | FACTS_HAS_MAC | (and_flags),                  \
			  PORTS,                                                                   \
			  MAC_IS_1,                                                                \
	}
#define IS_NOTHING_FROM_MAC                                                                        \
	.facts = {                                                                                 \
	    .flags = FACTS_HAS_MAC,                                                                \
	    MAC_IS_1,                                                                              \
	}

#define VLAN    "8100 0007 "
#define VLAN_4  VLAN VLAN VLAN VLAN
#define VLAN_16 VLAN_4 VLAN_4 VLAN_4 VLAN_4
#define SNAP    "aa aa 03 000000 "

#define LABEL        "00010 0 40 " /* label 16, not the last of the stack */
#define LABEL_LAST   "00011 1 40 "
#define LABEL_4      LABEL LABEL LABEL LABEL
#define LABEL_16     LABEL_4 LABEL_4 LABEL_4 LABEL_4
#define CONTROL_WORD "00000000 "

static const struct decode_case ethernet_cases[] = {
    {
	.name = "Ethernet, IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "Ethernet, IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "86dd " PACKET_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "padding is not payload, IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "0800 " PACKET_V4 "0000 0000 0000 0000",
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "padding is not payload, IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "86dd " PACKET_V6 "0000 0000 0000 0000",
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "the capture left out payload: no fault",
	.link = LINK_ETHERNET,
	.frame = MACS "0800 " PACKET_V4,
	.uncaptured = 4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "to the broadcast address",
	.link = LINK_ETHERNET,
	.frame = MAC_BROADCAST MAC_SOURCE "0800 " PACKET_V4,
	IS_V4_FROM_MAC(FACTS_LINK_BROADCAST),
    },
    {
	.name = "to a multicast address",
	.link = LINK_ETHERNET,
	.frame = MAC_MULTICAST MAC_SOURCE "86dd " PACKET_V6,
	IS_V6_FROM_MAC(FACTS_LINK_BROADCAST),
    },
    {
	.name = "an unknown EtherType",
	.link = LINK_ETHERNET,
	.frame = MACS "88cc 0207",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "nothing at all",
	.link = LINK_ETHERNET,
	.frame = "",
	.verdict = DECODE_TRUNCATED,
    },
    {
	.name = "IPv6 under the EtherType of IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "0800 " PACKET_V6,
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "IPv4 under the EtherType of IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "86dd " PACKET_V4 "00000000 00000000",
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "802.3 with LLC and SNAP, IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "0028 " SNAP "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "802.3 with LLC and SNAP, IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "003c " SNAP "86dd " PACKET_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "spanning tree is LLC without SNAP",
	.link = LINK_ETHERNET,
	.frame = MACS "0026 42 42 03 0000 00 00",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "only one access point says SNAP",
	.link = LINK_ETHERNET,
	.frame = MACS "0028 aa 42 03 000000 0800 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "SNAP of bridges (0000f8) is no IP",
	.link = LINK_ETHERNET,
	.frame = MACS "0028 aa aa 03 0000f8 0800 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "the longest length of 802.3",
	.link = LINK_ETHERNET,
	.frame = MACS "05dc " SNAP "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "SNAP of another organisation",
	.link = LINK_ETHERNET,
	.frame = MACS "0028 aa aa 03 00000c 2000 02",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "a length where SNAP has its EtherType",
	.link = LINK_ETHERNET,
	.frame = MACS "0028 " SNAP "0028 " SNAP "0800 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "between lengths and EtherTypes nothing is defined",
	.link = LINK_ETHERNET,
	.frame = MACS "05dd " SNAP "0800 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
};

static const struct decode_case tag_cases[] = {
    {
	.name = "802.1Q",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "802.1ad around 802.1Q",
	.link = LINK_ETHERNET,
	.frame = MACS "88a8 0064 " VLAN "86dd " PACKET_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "9100 around 802.1Q",
	.link = LINK_ETHERNET,
	.frame = MACS "9100 0064 " VLAN "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "20 tags",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN_16 VLAN_4 "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "32 tags are the limit",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN_16 VLAN_16 "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "33 tags are one too many",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN_16 VLAN_16 VLAN "0800 " PACKET_V4,
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "LLC and SNAP inside a tag",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN "0028 " SNAP "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "MPLS, IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "8847 " LABEL LABEL_LAST PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "MPLS, IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "8848 " LABEL_LAST PACKET_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "MPLS inside a tag",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN "8847 " LABEL_LAST PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "32 labels are the limit",
	.link = LINK_ETHERNET,
	.frame =
	    MACS "8847 " LABEL_16 LABEL_4 LABEL_4 LABEL_4 LABEL LABEL LABEL LABEL_LAST PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "33 labels are one too many",
	.link = LINK_ETHERNET,
	.frame = MACS "8847 " LABEL_16 LABEL_16 LABEL_LAST PACKET_V4,
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "MPLS, Ethernet with a control word",
	.link = LINK_ETHERNET,
	.frame = "020000000009 020000000008 8847 " LABEL_LAST CONTROL_WORD MACS "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "MPLS, Ethernet without a control word",
	.link = LINK_ETHERNET,
	.frame = "020000000009 020000000008 8847 " LABEL_LAST MACS "86dd " PACKET_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "MPLS, neither IP nor Ethernet",
	.link = LINK_ETHERNET,
	.frame = MACS "8847 " LABEL_LAST
		      "00000000 00000000 00000000 00000000 00000000 00000000 00000000",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "MPLS, an associated channel",
	.link = LINK_ETHERNET,
	.frame = MACS "8847 " LABEL_LAST "10000021 4500",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
};

#define PPPOE_V4 "11 00 002a 0022 0021 " PACKET_V4
#define PPPOE_V6 "11 00 002a 0036 0057 " PACKET_V6

static const struct decode_case ppp_cases[] = {
    {
	.name = "PPPoE, IPv4",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 " PPPOE_V4 "0000",
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "PPPoE, IPv6",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 " PPPOE_V6,
	IS_V6_FROM_MAC(0),
    },
    {
	.name = "PPPoE, LCP echo",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 11 00 002a 000a c021 09 00 0008 00000000",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "PPPoE discovery has an EtherType of its own",
	.link = LINK_ETHERNET,
	.frame = MACS "8863 11 09 0000 0004 0101 0000",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "PPPoE of version 2",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 21 00 002a 0022 0021 " PACKET_V4,
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "PPPoE whose length leaves no room for the packet in it",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 11 00 002a 0010 0021 " PACKET_V4,
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "PPPoE longer than its frame, the packet whole",
	.link = LINK_ETHERNET,
	.frame = MACS "8864 11 00 002a 0023 0021 " PACKET_V4,
	.verdict = DECODE_MALFORMED,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "PPPoE as link type",
	.link = LINK_PPP_ETHER,
	.frame = PPPOE_V4,
	IS_V4,
    },
    {
	.name = "PPP with address and control",
	.link = LINK_PPP,
	.frame = "ff03 0021 " PACKET_V4,
	IS_V4,
    },
    {
	.name = "PPP without them",
	.link = LINK_PPP,
	.frame = "0057 " PACKET_V6,
	IS_V6,
    },
    {
	.name = "PPP, the protocol in one byte",
	.link = LINK_PPP_HDLC,
	.frame = "ff03 21 " PACKET_V4,
	IS_V4,
    },
    {
	.name = "PPP in HDLC, IPv6",
	.link = LINK_PPP_HDLC,
	.frame = "ff03 0057 " PACKET_V6,
	IS_V6,
    },
    {
	.name = "PPP, MPLS",
	.link = LINK_PPP_HDLC,
	.frame = "ff03 0281 " LABEL_LAST PACKET_V4,
	IS_V4,
    },
    {
	.name = "PPP, compressed TCP headers",
	.link = LINK_PPP,
	.frame = "ff03 002d 0011 2233",
	.verdict = DECODE_UNSUPPORTED,
    },
    {
	.name = "Cisco HDLC under the link type of PPP",
	.link = LINK_PPP_HDLC,
	.frame = "0f 00 0800 " PACKET_V4,
	IS_V4,
    },
    {
	.name = "Cisco HDLC",
	.link = LINK_CISCO_HDLC,
	.frame = "8f 00 86dd " PACKET_V6,
	IS_V6,
    },
    {
	.name = "Cisco HDLC, a type that is none",
	.link = LINK_CISCO_HDLC,
	.frame = "0f 00 0028 " SNAP "0800 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
    },
};

/* Packet type, ARPHRD type, length of the address, address in eight bytes. */
#define SLL_TO_US     "0000 0001 0006 020000000001 0000 "
#define SLL_BROADCAST "0001 0001 0006 020000000001 0000 "
#define SLL_MULTICAST "0002 0001 0006 020000000001 0000 "
#define SLL_NO_MAC    "0000 fffe 0000 000000000000 0000 "
/* Protocol, reserved, interface; ARPHRD type, packet type, length of the address, address. */
#define SLL2_V4        "0800 0000 00000003 "
#define SLL2_V6        "86dd 0000 00000003 "
#define SLL2_TO_US     "0001 00 06 020000000001 0000 "
#define SLL2_BROADCAST "0001 01 06 020000000001 0000 "

static const struct decode_case other_cases[] = {
    {
	.name = "Linux SLL, IPv4",
	.link = LINK_LINUX_SLL,
	.frame = SLL_TO_US "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "Linux SLL, IPv6 to a multicast address",
	.link = LINK_LINUX_SLL,
	.frame = SLL_MULTICAST "86dd " PACKET_V6,
	IS_V6_FROM_MAC(FACTS_LINK_BROADCAST),
    },
    {
	.name = "Linux SLL, broadcast inside a tag",
	.link = LINK_LINUX_SLL,
	.frame = SLL_BROADCAST VLAN "0800 " PACKET_V4,
	IS_V4_FROM_MAC(FACTS_LINK_BROADCAST),
    },
    {
	.name = "Linux SLL of a device without addresses",
	.link = LINK_LINUX_SLL,
	.frame = SLL_NO_MAC "0800 " PACKET_V4,
	IS_V4,
    },
    {
	.name = "Linux SLL, LLC",
	.link = LINK_LINUX_SLL,
	.frame = SLL_TO_US "0004 " SNAP "0800 " PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "Linux SLL, a protocol that is no EtherType",
	.link = LINK_LINUX_SLL,
	.frame = SLL_TO_US "000c " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "Linux SLL2, IPv4",
	.link = LINK_LINUX_SLL2,
	.frame = SLL2_V4 SLL2_TO_US PACKET_V4,
	IS_V4_FROM_MAC(0),
    },
    {
	.name = "Linux SLL2, IPv6, broadcast",
	.link = LINK_LINUX_SLL2,
	.frame = SLL2_V6 SLL2_BROADCAST PACKET_V6,
	IS_V6_FROM_MAC(FACTS_LINK_BROADCAST),
    },
    {.name = "raw (12), IPv4", .link = 12, .frame = PACKET_V4, IS_V4},
    {.name = "raw (12), IPv6", .link = 12, .frame = PACKET_V6, IS_V6},
    {.name = "raw (14), IPv4", .link = 14, .frame = PACKET_V4, IS_V4},
    {.name = "raw (14), IPv6", .link = 14, .frame = PACKET_V6, IS_V6},
    {.name = "raw (101), IPv4", .link = 101, .frame = PACKET_V4, IS_V4},
    {.name = "raw (101), IPv6", .link = 101, .frame = PACKET_V6, IS_V6},
    {.name = "raw IPv4 (228)", .link = 228, .frame = PACKET_V4, IS_V4},
    {.name = "raw IPv6 (229)", .link = 229, .frame = PACKET_V6, IS_V6},
    {
	.name = "raw, version 7",
	.link = LINK_RAW,
	.frame = "75 00 0020 0001 0000 40 11 0000 c0000201 c6336402 " UDP,
	.verdict = DECODE_MALFORMED,
    },
    {
	.name = "raw IPv4, version 6",
	.link = LINK_IPV4,
	.frame = PACKET_V6,
	.verdict = DECODE_MALFORMED,
    },
    {.name = "NULL, little-endian, IPv4", .link = 0, .frame = "02000000" PACKET_V4, IS_V4},
    {.name = "NULL, big-endian, IPv4", .link = 0, .frame = "00000002" PACKET_V4, IS_V4},
    {.name = "NULL, IPv6 of NetBSD", .link = 0, .frame = "18000000" PACKET_V6, IS_V6},
    {.name = "NULL, IPv6 of FreeBSD", .link = 0, .frame = "1c000000" PACKET_V6, IS_V6},
    {.name = "NULL, IPv6 of macOS", .link = 0, .frame = "1e000000" PACKET_V6, IS_V6},
    {.name = "NULL, IPv6 of macOS, big-endian", .link = 0, .frame = "0000001e" PACKET_V6, IS_V6},
    {.name = "NULL, IPv6 of Linux", .link = 0, .frame = "0a000000" PACKET_V6, IS_V6},
    {.name = "LOOP, IPv4", .link = LINK_LOOP, .frame = "00000002" PACKET_V4, IS_V4},
    {.name = "LOOP, IPv6", .link = LINK_LOOP, .frame = "00000018" PACKET_V6, IS_V6},
    {
	.name = "NULL, a family that is not IP",
	.link = LINK_NULL,
	.frame = "01000000 " PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
    },
    {
	.name = "a link type that we do not read (802.11)",
	.link = 105,
	.frame = PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
    },
    {
	.name = "a link type within the table but without an entry",
	.link = 2,
	.frame = PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
    },
    {
	.name = "the largest link type",
	.link = UINT32_MAX,
	.frame = PACKET_V4,
	.verdict = DECODE_UNSUPPORTED,
    },
};

/* Ethernet and IPv4, with the lengths of their addresses. */
#define ARP_ETHERNET "0806 0001 0800 06 04 "

static const struct decode_case arp_cases[] = {
    {
	.name = "ARP request",
	.link = LINK_ETHERNET,
	.frame = MAC_BROADCAST MAC_SOURCE ARP_ETHERNET
	"0001 " MAC_SOURCE "c0000201 000000000000 c0000202 000000000000",
	.source = "192.0.2.1",
	.target = "192.0.2.2",
	.facts =
	    {
		.net = FACTS_ARP,
		.flags = FACTS_ARP_REQUEST | FACTS_LINK_BROADCAST | FACTS_HAS_MAC,
		MAC_IS_1,
	    },
    },
    {
	.name = "ARP reply inside a tag",
	.link = LINK_ETHERNET,
	.frame = MACS VLAN ARP_ETHERNET "0002 " MAC_SOURCE "c0000201 " MAC_TARGET "c0000202",
	.source = "192.0.2.1",
	.target = "192.0.2.2",
	.facts =
	    {
		.net = FACTS_ARP,
		.flags = FACTS_ARP_REPLY | FACTS_HAS_MAC,
		MAC_IS_1,
	    },
    },
    {
	.name = "ARP probe: nobody asks (RFC 5227)",
	.link = LINK_ETHERNET,
	.frame = MAC_BROADCAST MAC_SOURCE ARP_ETHERNET "0001 " MAC_SOURCE
						       "00000000 000000000000 c0000202",
	.source = "0.0.0.0",
	.target = "192.0.2.2",
	.facts =
	    {
		.net = FACTS_ARP,
		.flags = FACTS_ARP_REQUEST | FACTS_LINK_BROADCAST | FACTS_HAS_MAC,
		MAC_IS_1,
	    },
    },
    {
	.name = "inverse ARP is neither request nor reply",
	.link = LINK_ETHERNET,
	.frame = MACS ARP_ETHERNET "0008 " MAC_SOURCE "c0000201 " MAC_TARGET "00000000",
	.source = "192.0.2.1",
	.target = "0.0.0.0",
	.facts = {.net = FACTS_ARP, .flags = FACTS_HAS_MAC, MAC_IS_1},
    },
    {
	.name = "ARP with hardware addresses of 8 bytes",
	.link = LINK_LINUX_SLL,
	.frame = SLL_BROADCAST "0806 0018 0800 08 04 0001 "
			       "0102030405060708 c0000201 0000000000000000 c0000202",
	.source = "192.0.2.1",
	.target = "192.0.2.2",
	.facts =
	    {
		.net = FACTS_ARP,
		.flags = FACTS_ARP_REQUEST | FACTS_LINK_BROADCAST | FACTS_HAS_MAC,
		MAC_IS_1,
	    },
    },
    {
	.name = "ARP for another protocol",
	.link = LINK_ETHERNET,
	.frame = MACS "0806 0001 809b 06 04 0001 " MAC_SOURCE "00010203 " MAC_TARGET "00010204",
	.verdict = DECODE_UNSUPPORTED,
	IS_NOTHING_FROM_MAC,
    },
    {
	.name = "ARP with IPv4 addresses of 16 bytes",
	.link = LINK_ETHERNET,
	.frame = MACS "0806 0001 0800 06 10 0001 " MAC_SOURCE "c0000201 " MAC_TARGET "c0000202",
	.verdict = DECODE_MALFORMED,
	IS_NOTHING_FROM_MAC,
    },
};

static void test_frame_shorter_on_the_wire_than_captured(void)
{
	uint8_t bytes[CASE_FRAME_MAX];
	size_t size = bytes_from_hex(PACKET_V4, bytes, sizeof bytes);
	struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)size,
	    .wire_bytes = 1,
	    .link_type = LINK_RAW,
	};
	struct facts facts;
	OK(decode_frame(&frame, &facts) == DECODE_OK && facts.payload_bytes == 4,
	    "a wire length below the captured one is not believed");
}

static void test_frame_without_bytes(void)
{
	struct frame frame = {.bytes = NULL, .wire_bytes = 60, .link_type = LINK_ETHERNET};
	struct facts facts;
	OK(decode_frame(&frame, &facts) == DECODE_TRUNCATED && facts.net == FACTS_NONE,
	    "a frame of which nothing was captured");
}

/*
 * Each pseudo-wire is tried in two ways, and what is in it may be one again. The layer limit has to
 * hold over all attempts together, or this frame would take some 2^15 of them.
 */
static void test_nested_pseudowires(void)
{
	uint8_t bytes[CASE_FRAME_MAX];
	uint8_t one[64];
	size_t one_bytes = bytes_from_hex(MACS "8847 " LABEL_LAST CONTROL_WORD, one, sizeof one);
	size_t size = 0;
	for (; size + one_bytes <= sizeof bytes; size += one_bytes)
		memcpy(bytes + size, one, one_bytes);
	struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)size,
	    .wire_bytes = (uint32_t)size,
	    .link_type = LINK_ETHERNET,
	};
	struct facts facts;
	bool all_refused = true;
	for (int round = 0; round < 10000; round++)
		all_refused = all_refused && decode_frame(&frame, &facts) == DECODE_UNSUPPORTED;
	OK(all_refused && facts.net == FACTS_NONE, "pseudo-wires without end cost little");
}

/* What a frame's link says stays beside what each kind of packet adds. */
static void test_flags_add_up(void)
{
	static const struct {
		const char *name;
		const char *packet;
		unsigned flags;
	} rows[] = {
	    {"TCP beside broadcast",
		"4500 0028 0001 0000 4006 0000 c0000201 c6336402 "
		"0400 0050 00000001 00000000 5002 0400 0000 0000",
		FACTS_TRANSPORT},
	    {"SCTP beside broadcast",
		"4500 0020 0001 0000 4084 0000 c0000201 c6336402 0035 1234 00000000 00000000",
		FACTS_TRANSPORT},
	    {"ICMP beside broadcast",
		"4500 001c 0001 0000 4001 0000 c0000201 c6336402 0800 0000 0001 0001",
		FACTS_TRANSPORT},
	    {"a later fragment beside broadcast",
		"4500 0020 0001 0003 4011 0000 c0000201 c6336402 " UDP,
		FACTS_FRAGMENT | FACTS_LATER_FRAGMENT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t bytes[CASE_FRAME_MAX];
		size_t size = bytes_from_hex(MAC_BROADCAST MAC_SOURCE "0800 ", bytes, sizeof bytes);
		size += bytes_from_hex(rows[i].packet, bytes + size, sizeof bytes - size);
		struct frame frame = {
		    .bytes = bytes,
		    .captured_bytes = (uint32_t)size,
		    .wire_bytes = (uint32_t)size,
		    .link_type = LINK_ETHERNET,
		};
		struct facts facts;
		unsigned link = FACTS_HAS_MAC | FACTS_LINK_BROADCAST;
		OK(decode_frame(&frame, &facts) == DECODE_OK &&
			facts.flags == (rows[i].flags | link),
		    rows[i].name);
	}
}

static void test_known_links(void)
{
	OK(decode_knows_link(LINK_ETHERNET) && decode_knows_link(LINK_LINUX_SLL2) &&
		decode_knows_link(LINK_NULL),
	    "link types that are read");
	OK(!decode_knows_link(2) && !decode_knows_link(105) &&
		!decode_knows_link(LINK_LINUX_SLL2 + 1) && !decode_knows_link(UINT32_MAX),
	    "link types that are not");
}

static void test_verdict_names(void)
{
	OK(strcmp(decode_verdict_name(DECODE_OK), "ok") == 0 &&
		strcmp(decode_verdict_name(DECODE_TRUNCATED), "truncated") == 0 &&
		strcmp(decode_verdict_name(DECODE_MALFORMED), "malformed") == 0 &&
		strcmp(decode_verdict_name(DECODE_UNSUPPORTED), "unsupported") == 0,
	    "names of verdicts");
}

int main(void)
{
	RUN_CASES(ethernet_cases);
	RUN_CASES(tag_cases);
	RUN_CASES(ppp_cases);
	RUN_CASES(other_cases);
	RUN_CASES(arp_cases);
	test_frame_shorter_on_the_wire_than_captured();
	test_frame_without_bytes();
	test_nested_pseudowires();
	test_flags_add_up();
	test_known_links();
	test_verdict_names();
	return test_done();
}
