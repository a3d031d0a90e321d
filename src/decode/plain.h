/*
 * plain.h - frames that are Ethernet without tags and IP without options, fragments and extension
 * headers, as nearly all are: where their parts lie, with all lengths checked. Included by the two
 * short ways of decoding only (straight.c, tcp_syn.c).
 */
#ifndef DECODE_PLAIN_H
#define DECODE_PLAIN_H

#include "decode/internal.h"

enum {
	V4_WITHOUT_OPTIONS = 0x45, /* version and length in one byte */
};

/* A packet that is worth a look: where its headers are, and how much follows that of IP. */
struct plain {
	const struct frame *frame;
	const uint8_t *ip;
	const uint8_t *payload;
	size_t payload_bytes;  /* by the length that IP states */
	size_t captured_bytes; /* of those */
	uint8_t net;           /* FACTS_V4 or FACTS_V6 */
	uint8_t protocol;
};

/* Goes behind an IP header of that size. False when the frame cannot have held the packet. */
ALWAYS_INLINE bool plain_step_in(struct plain *plain, size_t header_bytes, size_t total_bytes)
{
	size_t captured_bytes = plain->frame->captured_bytes - ETHERNET_HEADER_BYTES;
	size_t held = total_bytes < captured_bytes ? total_bytes : captured_bytes;
	bool is_possible = total_bytes <= captured_bytes ||
			   ETHERNET_HEADER_BYTES + total_bytes <= plain->frame->wire_bytes;
	if (held < header_bytes || !is_possible)
		return false;
	plain->payload = plain->ip + header_bytes;
	plain->payload_bytes = total_bytes - header_bytes;
	plain->captured_bytes = held - header_bytes;
	return true;
}

/* False for all other frames. */
ALWAYS_INLINE bool plain_find_v4(const struct frame *frame, struct plain *ret_plain)
{
	if (frame->link_type != LINK_ETHERNET ||
	    frame->captured_bytes < ETHERNET_HEADER_BYTES + V4_HEADER_MIN)
		return false;
	const uint8_t *ip = frame->bytes + ETHERNET_HEADER_BYTES;
	if (be16(frame->bytes + ETHERNET_AT_TYPE) != ETHERTYPE_V4 || ip[0] != V4_WITHOUT_OPTIONS ||
	    is_v4_fragment(ip))
		return false;
	*ret_plain = (struct plain){
	    .frame = frame, .ip = ip, .net = FACTS_V4, .protocol = ip[V4_AT_PROTOCOL]};
	return plain_step_in(ret_plain, V4_HEADER_MIN, be16(ip + V4_AT_TOTAL_BYTES));
}

ALWAYS_INLINE bool plain_find_v6(const struct frame *frame, struct plain *ret_plain)
{
	if (frame->link_type != LINK_ETHERNET ||
	    frame->captured_bytes < ETHERNET_HEADER_BYTES + V6_HEADER_BYTES)
		return false;
	const uint8_t *ip = frame->bytes + ETHERNET_HEADER_BYTES;
	if (be16(frame->bytes + ETHERNET_AT_TYPE) != ETHERTYPE_V6 || !is_v6_header(ip))
		return false;
	*ret_plain = (struct plain){
	    .frame = frame, .ip = ip, .net = FACTS_V6, .protocol = ip[V6_AT_NEXT_HEADER]};
	return plain_step_in(
	    ret_plain, V6_HEADER_BYTES, V6_HEADER_BYTES + (size_t)be16(ip + V6_AT_PAYLOAD_BYTES));
}

#endif
