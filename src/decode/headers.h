/*
 * headers.h - where the fields of the headers are, and what each header says, for both ways of
 * decoding. The caller has made sure that the header is there. Included by src/decode/ only.
 */
#ifndef DECODE_HEADERS_H
#define DECODE_HEADERS_H

#include <string.h>

#include "base/cursor.h"
#include "decode/decode.h"

/*
 * Inline also where the compiler would think it too much: nearly every frame goes through it, and
 * only so does each field get written once.
 */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum {
	MAC_BYTES = 6,
	ETHERNET_HEADER_BYTES = 14,
	ETHERNET_AT_SOURCE = 6,
	ETHERNET_AT_TYPE = 12,
};

/* Fixed headers of IP, as packets have them and as ICMP errors quote them. */
enum {
	V4_HEADER_MIN = 20,
	V4_AT_TOTAL_BYTES = 2,
	V4_AT_ID = 4,
	V4_AT_FRAGMENT = 6,
	V4_AT_TTL = 8,
	V4_AT_PROTOCOL = 9,
	V4_AT_SOURCE = 12,
	V4_AT_TARGET = 16,
	V4_FRAGMENT_OFFSET = 0x1fff,
	V4_FRAGMENT_MORE = 0x2000,

	V6_HEADER_BYTES = 40,
	V6_AT_PAYLOAD_BYTES = 4,
	V6_AT_NEXT_HEADER = 6,
	V6_AT_HOP_LIMIT = 7,
	V6_AT_SOURCE = 8,
	V6_AT_TARGET = 24,
};

enum {
	AT_SOURCE_PORT = 0, /* TCP, UDP and SCTP have their ports in the same place */
	AT_TARGET_PORT = 2,

	TCP_HEADER_MIN = 20,
	TCP_AT_SEQ = 4,
	TCP_AT_ACK = 8,
	TCP_AT_OFFSET = 12,
	TCP_AT_FLAGS = 13,
	TCP_AT_WINDOW = 14,

	UDP_HEADER_BYTES = 8,
	UDP_AT_LENGTH = 4,
	SCTP_HEADER_BYTES = 12,

	ICMP_HEADER_BYTES = 8, /* all defined types of ICMP and ICMPv6 have these at least */
	ICMP_AT_TYPE = 0,
	ICMP_AT_CODE = 1,
};

enum {
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,

	ICMP6_UNREACHABLE = 1, /* then 2 packet too big, 3 time exceeded */
	ICMP6_PARAMETER_PROBLEM = 4,
	ICMP6_ROUTER_ADVERT = 134,
	ICMP6_NEIGHBOUR_SOLICIT = 135,
	ICMP6_NEIGHBOUR_ADVERT = 136,
};

enum {
	V4_MAPPED_BYTES = 12
};
static const uint8_t v4_mapped[V4_MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

/*
 * Whether an IPv6 address is an IPv4 one in the form that we keep those in. No machine sends that,
 * and believing it would let an IPv6 packet speak for an IPv4 host.
 */
ALWAYS_INLINE bool is_v4_mapped(const uint8_t v6[static 16])
{
	return memcmp(v6, v4_mapped, V4_MAPPED_BYTES) == 0;
}

ALWAYS_INLINE bool is_v6_header(const uint8_t header[static V6_HEADER_BYTES])
{
	return header[0] >> 4 == 6 && !is_v4_mapped(header + V6_AT_SOURCE) &&
	       !is_v4_mapped(header + V6_AT_TARGET);
}

/* As address_from_v4, but inline: two of these are written for nearly every frame. */
ALWAYS_INLINE void address_set_v4(struct address *address, const uint8_t v4[static 4])
{
	memcpy(address->bytes, v4_mapped, V4_MAPPED_BYTES);
	memcpy(address->bytes + V4_MAPPED_BYTES, v4, 4);
}

ALWAYS_INLINE void address_set_v6(struct address *address, const uint8_t v6[static 16])
{
	memcpy(address->bytes, v6, ADDRESS_BYTES);
}

/*
 * The note_* functions write what a header says, or with "no" in their name that it is not there.
 * Together they write all fields but inner_*. Field by field, since gcc 12 clears a whole with a
 * string instruction whose start alone costs a third of a plain frame's time.
 */

/* Before all others, since they add to the flags. */
ALWAYS_INLINE void note_frame(struct facts *facts, const struct frame *frame)
{
	facts->time_us = frame->time_us;
	facts->wire_bytes = frame->wire_bytes;
	facts->drill = frame->drill;
	facts->flags = 0;
}

ALWAYS_INLINE void note_no_ethernet(struct facts *facts)
{
	memset(facts->source_mac, 0, MAC_BYTES);
}

ALWAYS_INLINE void note_ethernet(
    struct facts *facts, const uint8_t header[static ETHERNET_HEADER_BYTES])
{
	bool is_group = (header[0] & 1) != 0;
	facts->flags |= is_group ? FACTS_HAS_MAC | FACTS_LINK_BROADCAST : FACTS_HAS_MAC;
	memcpy(facts->source_mac, header + ETHERNET_AT_SOURCE, MAC_BYTES);
}

ALWAYS_INLINE void note_no_ip(struct facts *facts)
{
	static const struct address zero;
	facts->net = FACTS_NONE;
	facts->protocol = 0;
	facts->ttl = 0;
	facts->ip_id = 0;
	facts->source = zero;
	facts->target = zero;
}

ALWAYS_INLINE void note_v4(struct facts *facts, const uint8_t header[static V4_HEADER_MIN])
{
	facts->net = FACTS_V4;
	facts->protocol = header[V4_AT_PROTOCOL];
	facts->ttl = header[V4_AT_TTL];
	facts->ip_id = be16(header + V4_AT_ID);
	address_set_v4(&facts->source, header + V4_AT_SOURCE);
	address_set_v4(&facts->target, header + V4_AT_TARGET);
}

ALWAYS_INLINE bool is_v4_fragment(const uint8_t header[static V4_HEADER_MIN])
{
	return (be16(header + V4_AT_FRAGMENT) & (V4_FRAGMENT_OFFSET | V4_FRAGMENT_MORE)) != 0;
}

/* All but the protocol, which may stand in an extension header. */
ALWAYS_INLINE void note_v6(struct facts *facts, const uint8_t header[static V6_HEADER_BYTES])
{
	facts->net = FACTS_V6;
	facts->ip_id = 0;
	facts->ttl = header[V6_AT_HOP_LIMIT];
	address_set_v6(&facts->source, header + V6_AT_SOURCE);
	address_set_v6(&facts->target, header + V6_AT_TARGET);
}

/* How many bytes follow a header in a layer of `layer_bytes`. */
ALWAYS_INLINE uint16_t payload_after(size_t header_bytes, size_t layer_bytes)
{
	size_t payload = layer_bytes > header_bytes ? layer_bytes - header_bytes : 0;
	return (uint16_t)(payload < UINT16_MAX ? payload : UINT16_MAX);
}

ALWAYS_INLINE void note_no_ports(struct facts *facts)
{
	facts->source_port = 0;
	facts->target_port = 0;
}

ALWAYS_INLINE void note_ports(struct facts *facts, const uint8_t header[static 4])
{
	facts->flags |= FACTS_TRANSPORT;
	facts->source_port = be16(header + AT_SOURCE_PORT);
	facts->target_port = be16(header + AT_TARGET_PORT);
}

ALWAYS_INLINE void note_no_tcp(struct facts *facts)
{
	facts->seq = 0;
	facts->ack = 0;
	facts->tcp_flags = 0;
	facts->window = 0;
	facts->tcp_options = TCP_OPTIONS_NONE;
	facts->tcp_tsval = 0;
}

ALWAYS_INLINE size_t tcp_header_bytes(const uint8_t header[static TCP_HEADER_MIN])
{
	return (header[TCP_AT_OFFSET] >> 4) * 4U;
}

/* The fixed part, of a segment of so many bytes. */
ALWAYS_INLINE void note_tcp(
    struct facts *facts, const uint8_t header[static TCP_HEADER_MIN], size_t segment_bytes)
{
	note_ports(facts, header);
	facts->seq = be32(header + TCP_AT_SEQ);
	facts->ack = be32(header + TCP_AT_ACK);
	facts->tcp_flags = header[TCP_AT_FLAGS];
	facts->window = be16(header + TCP_AT_WINDOW);
	facts->payload_bytes = payload_after(tcp_header_bytes(header), segment_bytes);
}

ALWAYS_INLINE void note_udp(
    struct facts *facts, const uint8_t header[static UDP_HEADER_BYTES], size_t datagram_bytes)
{
	note_ports(facts, header);
	facts->payload_bytes = payload_after(UDP_HEADER_BYTES, datagram_bytes);
}

ALWAYS_INLINE void note_no_icmp(struct facts *facts)
{
	facts->icmp_type = 0;
	facts->icmp_code = 0;
}

/* What ICMP and ICMPv6 have in front. */
ALWAYS_INLINE void note_icmp(
    struct facts *facts, const uint8_t header[static ICMP_HEADER_BYTES], size_t message_bytes)
{
	facts->flags |= FACTS_TRANSPORT;
	facts->icmp_type = header[ICMP_AT_TYPE];
	facts->icmp_code = header[ICMP_AT_CODE];
	facts->payload_bytes = payload_after(ICMP_HEADER_BYTES, message_bytes);
}

/* Whether an ICMP message quotes the packet that it is about. */
ALWAYS_INLINE bool is_icmp_error(uint8_t type)
{
	return (type >= ICMP_UNREACHABLE && type <= ICMP_REDIRECT) || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETER_PROBLEM;
}

ALWAYS_INLINE bool is_icmp6_error(uint8_t type)
{
	return type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER_PROBLEM;
}

/* Neighbour discovery, as far as we read it. */
ALWAYS_INLINE bool is_icmp6_discovery(uint8_t type)
{
	return type >= ICMP6_ROUTER_ADVERT && type <= ICMP6_NEIGHBOUR_ADVERT;
}

#endif
