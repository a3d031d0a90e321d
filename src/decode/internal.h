/*
 * internal.h - what the files of decode/ share: the walk over one frame, and a function per layer.
 *
 * Each decode_* function reads the header at the walk's cursor, writes what it learns to the facts
 * and goes on to the next layer. It returns what is wrong with the frame, and never takes facts
 * back: what was written stays true whatever follows.
 *
 * Beside that general way there is a straight one for the frames that nearly all are
 * (straight.c). What both say about a header is said in one place: the inline functions here.
 * Included by src/decode/ and its tests only.
 */
#ifndef DECODE_INTERNAL_H
#define DECODE_INTERNAL_H

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/cursor.h"
#include "decode/decode.h"
#include "decode/headers.h"

enum {
	/*
	 * Tags, labels, tunnels and IPv6 extension headers of one frame, together. Real networks
	 * stack half a dozen; a capture with 20 VLAN tags is known. It bounds the time that one
	 * frame can take and, since each layer may call the next, the depth of the stack.
	 */
	DECODE_LAYERS_MAX = 32,
};

enum {
	ETHERTYPE_MIN = 0x0600, /* below, the field is a length (IEEE 802.3 clause 3.2.6) */
	ETHERTYPE_V4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_TRANSPARENT_BRIDGING = 0x6558, /* a whole Ethernet frame (RFC 1701) */
	ETHERTYPE_VLAN = 0x8100,                 /* 802.1Q */
	ETHERTYPE_V6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848, /* RFC 5332 */
	ETHERTYPE_PPPOE_SESSION = 0x8864,
	ETHERTYPE_SERVICE_VLAN = 0x88a8, /* 802.1ad */
	ETHERTYPE_OLD_VLAN = 0x9100,     /* stacked tags before 802.1ad */
};

enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_V4 = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_V6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_AH = 51,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_NO_NEXT_HEADER = 59,
	PROTOCOL_DESTINATION_OPTIONS = 60,
	PROTOCOL_SCTP = 132,
};

struct walk {
	struct cursor cursor; /* what the capture holds of the layer that is read now */
	struct facts *facts;
	size_t beyond; /* bytes of that layer after the cursor's end, which were not captured */
	uint8_t layers_left;
	bool ends_by_length; /* a length field, not the capture, says where the cursor ends */
	bool is_open_ended;  /* inside a first fragment: the rest comes in other packets */
};

/* Bytes from here to the end of the layer, captured or not. */
static inline size_t walk_bytes(const struct walk *walk)
{
	return walk->cursor.left + walk->beyond;
}

/* What to return when the cursor ends inside a header: the capture's fault, or the packet's own. */
static inline enum decode_verdict walk_short(const struct walk *walk)
{
	return walk->ends_by_length ? DECODE_MALFORMED : DECODE_TRUNCATED;
}

/*
 * Sets the layer's end to `bytes` from here, as a length field says, so that padding is left out.
 * Returns DECODE_MALFORMED when the frame cannot have held so many, else DECODE_OK.
 */
static inline enum decode_verdict walk_narrow(struct walk *walk, size_t bytes)
{
	if (bytes <= walk->cursor.left) {
		cursor_narrow(&walk->cursor, bytes);
		walk->beyond = 0;
		walk->ends_by_length = true;
		walk->is_open_ended = false;
		return DECODE_OK;
	}
	size_t uncaptured = bytes - walk->cursor.left;
	bool is_possible = uncaptured <= walk->beyond || walk->is_open_ended;
	walk->beyond = uncaptured;
	return is_possible ? DECODE_OK : DECODE_MALFORMED;
}

/* Counts a layer that can be stacked; false when there are too many. */
static inline bool walk_enter(struct walk *walk)
{
	if (walk->layers_left == 0)
		return false;
	walk->layers_left--;
	return true;
}

/* What came first, or else what came later. */
static inline enum decode_verdict verdict_join(enum decode_verdict first, enum decode_verdict later)
{
	return first != DECODE_OK ? first : later;
}

/* decode.c: any frame. */
enum decode_verdict decode_general(const struct frame *frame, struct facts *ret_facts);

/*
 * straight.c: the same verdict and facts, several times as fast, for a frame that is Ethernet
 * without tags, IP without options, fragments and extension headers, and a whole header of TCP or
 * UDP or an ICMP message that needs no further reading. False, with anything in *ret_facts, for all
 * others.
 */
bool decode_straight(
    const struct frame *frame, struct facts *ret_facts, enum decode_verdict *ret_verdict);

/* link.c: by LINKTYPE number. */
enum decode_verdict decode_link(struct walk *walk, uint32_t link_type);
enum decode_verdict decode_ethernet(struct walk *walk);

/* ethertype.c */
enum decode_verdict decode_ethertype(struct walk *walk, uint16_t type);
/* An 802.2 header as it follows an 802.3 length. */
enum decode_verdict decode_llc(struct walk *walk);
/* PPP from its protocol field on, without HDLC framing. */
enum decode_verdict decode_ppp(struct walk *walk);
enum decode_verdict decode_pppoe(struct walk *walk);

/* arp.c */
enum decode_verdict decode_arp(struct walk *walk);

/* ip.c: IPv4 or IPv6, as the version says. */
enum decode_verdict decode_ip(struct walk *walk);
enum decode_verdict decode_ipv4(struct walk *walk);
enum decode_verdict decode_ipv6(struct walk *walk);

/* extension.c: what stands before the payload of an IP packet, beyond its fixed header. */
struct extensions {
	uint8_t protocol; /* of the next header; the caller gives that of the first */
	bool is_fragment;
	bool is_later_fragment; /* nothing after it can be read */
};
/*
 * Steps over IPv6 extension headers, or over the authentication headers of IPv4, up to the first
 * header that is none. When one is damaged, `protocol` is its own number.
 */
enum decode_verdict decode_extensions_v6(struct walk *walk, struct extensions *extensions);
enum decode_verdict decode_extensions_v4(struct walk *walk, struct extensions *extensions);

/* tunnel.c: what is inside an IP packet of protocol 4, 41 or 47. */
enum decode_verdict decode_tunnel(struct walk *walk, uint8_t protocol);

/* transport.c */
enum {
	TCP_OPTIONS_WINDOW = 24, /* as many bytes as the longest list by which tools are known */
};
struct syn_options {
	uint32_t tsval; /* 0 where there is none */
	uint8_t style;  /* enum tcp_option_style */
	uint8_t verdict;
};

/*
 * What the options of a SYN say, which end at `end` and take `bytes`, a multiple of 4 up to 40.
 * TCP_OPTIONS_WINDOW bytes in front of `end` are read: where the list is shorter, they belong to
 * the fixed header and to IP's.
 */
struct syn_options syn_options_read(const uint8_t *end, size_t bytes);
enum decode_verdict decode_tcp(struct walk *walk);
enum decode_verdict decode_udp(struct walk *walk);
enum decode_verdict decode_sctp(struct walk *walk);

/* icmp.c */
enum decode_verdict decode_icmp(struct walk *walk);
enum decode_verdict decode_icmp6(struct walk *walk);

#endif
