/*
 * frame_builder.h - from a description of a packet to the bytes of an Ethernet frame.
 *
 * Lengths and checksums are always right: IPv4 header (RFC 791), TCP, UDP, ICMP and ICMPv6 over
 * their pseudo headers (RFC 1071, 8200 section 8.1), also inside the packet that an ICMP error
 * quotes. Short frames are padded with zeros to Ethernet's least size, as a receiver sees them.
 * Nothing is allocated and no state is kept.
 */
#ifndef DRILL_FRAME_BUILDER_H
#define DRILL_FRAME_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum {
	MAC_BYTES = 6,
	FRAME_BYTES_MIN = 60,   /* IEEE 802.3 without the check sequence */
	FRAME_BYTES_MAX = 1514, /* no jumbo frames: the MTU of the internet */
	/* What always fits besides headers, whatever the protocol, family and options: 1514 less
	 * 14 Ethernet, 40 IPv6, 44 TCP. Longer payloads are cut to what the frame holds. */
	PACKET_PAYLOAD_MAX = 1416,
	/* The longest meaningful beginning of a payload: a DHCP message up to its first options. */
	PACKET_HEAD_MAX = 288,
};

enum packet_kind {
	PACKET_ARP_REQUEST, /* source asks who has target; from 0.0.0.0 it is a probe */
	PACKET_ARP_REPLY,   /* source is at source_mac, told to target at target_mac */
	PACKET_TCP,
	PACKET_UDP,
	PACKET_ICMP,       /* ICMP or, between IPv6 addresses, ICMPv6; with icmp_id and icmp_seq */
	PACKET_ICMP_ERROR, /* the same with `quote` instead of a payload */
	PACKET_ND_SOLICIT, /* source asks for target; `multicast` to its solicited-node group */
	PACKET_ND_ADVERT,  /* source (the address advertised) tells target */
	PACKET_ROUTER_ADVERT,
	PACKET_OTHER, /* any IP protocol: `protocol` and the payload */
	PACKET_RAW,   /* the frame is `head`, as it stands, without padding */
	PACKET_KIND_COUNT,
};

/* TCP options, as tcp_option_style of decode.h names them, and that of an open connection. */
enum packet_options {
	PACKET_OPTIONS_NONE,
	PACKET_OPTIONS_MSS,
	PACKET_OPTIONS_WINDOWS,
	PACKET_OPTIONS_LINUX,
	PACKET_OPTIONS_BSD,
	PACKET_OPTIONS_TIMESTAMP, /* NOP, NOP, timestamp */
	PACKET_OPTIONS_COUNT,
};

/* The packet that an ICMP error answers. IPv4 errors quote its header and 8 bytes (RFC 792). */
struct packet_quote {
	struct address source;
	struct address target;
	uint32_t seq;
	uint16_t source_port; /* ICMP: identifier */
	uint16_t target_port; /* ICMP: sequence number */
	uint16_t ip_id;
	uint8_t protocol; /* 6, 17, or that of an echo request (1, 58) */
	uint8_t ttl;
};

struct packet {
	struct address source; /* of one family with `target` */
	struct address target;
	uint8_t source_mac[MAC_BYTES];
	uint8_t target_mac[MAC_BYTES];
	uint8_t kind;      /* enum packet_kind */
	uint8_t protocol;  /* of PACKET_OTHER */
	uint8_t ttl;       /* or hop limit; neighbour discovery always has 255 */
	uint8_t tcp_flags; /* FACTS_SYN, ... of decode.h */
	uint8_t options;   /* enum packet_options */
	uint8_t icmp_type;
	uint8_t icmp_code;
	bool dont_fragment;
	bool multicast;
	uint16_t ip_id;
	uint16_t source_port;
	uint16_t target_port;
	uint16_t window;
	uint16_t icmp_id;
	uint16_t icmp_seq;
	uint16_t payload_bytes;
	uint16_t head_bytes; /* how many of them are in `head`; the rest is a fixed pattern */
	uint32_t seq;
	uint32_t ack;
	uint32_t tsval;
	uint32_t tsecr;
	struct packet_quote quote;
	uint8_t head[PACKET_HEAD_MAX]; /* last: what is not used is never touched */
};

/* Everything 0 but `head`, which keeps what it has. */
void packet_clear(struct packet *packet);

/* Writes the frame, whatever the description says. Returns its length. */
size_t frame_build(const struct packet *packet, uint8_t out[static FRAME_BYTES_MAX]);

/* The group address of a multicast or broadcast IP address (RFC 1112, 2464); else false. */
bool mac_of_group(const struct address *address, uint8_t ret_mac[static MAC_BYTES]);

#endif
