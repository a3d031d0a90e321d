/*
 * decode.h - from one captured frame to the facts that rules use.
 *
 * Decoding is total: any bytes at all give a verdict, and the caller counts each. It allocates
 * nothing, logs nothing and keeps no state. Tunnels (IP-in-IP, 6in4, GRE) are followed to the
 * innermost packet that can be read, whose facts these are; a fixed limit of layers ends in
 * DECODE_MALFORMED.
 *
 * A packet whose fixed headers are intact gives its facts even when options or payload are damaged
 * or cut: so facts and verdict are separate, and `facts->net` says how far the facts reach.
 *
 * The verdict is about headers. A capture that keeps only the first bytes of each frame is
 * ordinary: what it left out of the payload is no fault. A length field is believed against the
 * capture but not against the frame: an IP packet longer than its frame was on the wire is
 * malformed (its facts are given, with the payload that it claims). Checksums are not looked at,
 * since cards fill them in after the capture.
 *
 * Addresses that are IPv4 by their form (base/address.h) come from IPv4 or ARP only: an IPv6 packet
 * that has such an address is malformed and gives none.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "source/frame.h"

enum decode_verdict {
	DECODE_OK,
	DECODE_TRUNCATED,   /* the capture ends before the headers do, options included */
	DECODE_MALFORMED,   /* a version or length contradicts the frame, or a packet that is all
			     * there ends, by its own length, before its headers do */
	DECODE_UNSUPPORTED, /* a link type or network protocol that we do not read */
	DECODE_VERDICT_COUNT,
};

enum facts_net {
	FACTS_NONE, /* no addresses: nothing below `source` is meaningful */
	FACTS_ARP,
	FACTS_V4,
	FACTS_V6,
};

/* Bits of facts.flags. */
enum {
	FACTS_TRANSPORT = 1 << 0,      /* ports, TCP or ICMP fields are there */
	FACTS_LATER_FRAGMENT = 1 << 1, /* offset > 0: no transport header by nature */
	FACTS_FRAGMENT = 1 << 2,       /* any fragment but an atomic one (RFC 6946) */
	FACTS_LINK_BROADCAST = 1 << 3, /* the frame was sent to a link-layer group address */
	FACTS_TUNNELLED = 1 << 4,      /* these facts come from inside another IP packet; MAC and
					* link broadcast then belong to a frame in there, if any */
	FACTS_ARP_REQUEST = 1 << 5,
	FACTS_ARP_REPLY = 1 << 6,
	/* The next three only with hop limit 255: others came through a router (RFC 4861). */
	FACTS_ND_SOLICIT = 1 << 7,    /* ICMPv6 135; target = the address asked for */
	FACTS_ND_ADVERT = 1 << 8,     /* ICMPv6 136; source = the address advertised */
	FACTS_ROUTER_ADVERT = 1 << 9, /* ICMPv6 134 */
	FACTS_ICMP_ERROR = 1 << 10,   /* inner_* below are set from the quoted packet */
	FACTS_HAS_MAC = 1 << 11,
	FACTS_INNER_PORTS = 1 << 12, /* the quoted packet was long enough for ports */
};

enum {
	FACTS_FIN = 1,
	FACTS_SYN = 2,
	FACTS_RST = 4,
	FACTS_PSH = 8,
	FACTS_ACK = 16,
	FACTS_URG = 32
};

/* TCP options of a SYN, in order, as far as tools are known by them (ZMap from 4.1). */
enum tcp_option_style {
	TCP_OPTIONS_NONE,
	TCP_OPTIONS_MSS_ONLY,
	TCP_OPTIONS_WINDOWS, /* 02 04 05 b4 01 03 03 08 01 01 04 02 */
	TCP_OPTIONS_LINUX,   /* MSS, SACK permitted, timestamp with ecr 0, NOP, window scale 7 */
	TCP_OPTIONS_BSD, /* MSS, NOP, window scale 6, NOP, NOP, timestamp, SACK permitted, EOL */
	TCP_OPTIONS_OTHER,
};

/*
 * What every packet has comes first and fits two cache lines with what it quotes, which comes last:
 * the inner_* fields have no value, not even 0, unless FACTS_ICMP_ERROR is set.
 */
struct facts {
	int64_t time_us;
	struct address source; /* ARP: sender protocol address */
	struct address target; /* ARP: target protocol address */
	uint32_t wire_bytes;
	uint16_t flags;       /* FACTS_... */
	uint16_t source_port; /* TCP, UDP, SCTP; else 0 */
	uint16_t target_port;
	uint16_t payload_bytes; /* after the transport header, by the lengths that IP states;
				 * 0 where there is no transport header */
	uint8_t net;            /* enum facts_net */
	uint8_t protocol;       /* IP protocol number after extension headers; 0 for ARP */
	uint8_t ttl;            /* or hop limit */
	uint8_t tcp_flags;      /* the low eight bits: CWR and ECE are 0x80 and 0x40 */
	uint8_t tcp_options;    /* enum tcp_option_style; of a SYN, else none */
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t inner_protocol; /* see below */
	uint16_t ip_id;         /* IPv4 only */
	uint16_t window;
	uint32_t seq;
	uint32_t ack;
	uint32_t tcp_tsval; /* of a SYN; 0 where there is none */
	uint32_t drill;     /* as in struct frame */
	uint8_t source_mac[6];

	/* Of the packet that an ICMP error quotes. */
	struct address inner_source;
	struct address inner_target;
	uint16_t inner_source_port;
	uint16_t inner_target_port;
};

/*
 * Decodes one frame. Always writes *ret_facts (but not inner_*, see there): with net FACTS_NONE
 * when there is nothing to say. The frame is borrowed for the call.
 */
enum decode_verdict decode_frame(const struct frame *frame, struct facts *ret_facts);

/* Whether frames of this link type are read at all. */
bool decode_knows_link(uint32_t link_type);

/* A word for logs and metrics ("ok", "truncated", "malformed", "unsupported"); never NULL. */
const char *decode_verdict_name(enum decode_verdict verdict);

#endif
