/*
 * straight.c - the short way for the frames that nearly all are.
 *
 * A walk (internal.h) can read anything, since each layer leaves its place in memory for the next;
 * that is also what it costs. Here all lengths are checked first, then all facts are written once.
 * What is not as plain as expected is left to the walk, from its first byte on: so this file needs
 * no verdicts but those of TCP options. That both agree is tested over all frames there are
 * (tests/unit/test_decode_straight.c, tests/fuzz/fuzz_decode.c).
 */
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

/* All but what stands behind the header of IP. */
ALWAYS_INLINE void begin(const struct plain *plain, struct facts *facts)
{
	note_frame(facts, plain->frame);
	note_ethernet(facts, plain->frame->bytes);
	if (plain->net == FACTS_V4)
		note_v4(facts, plain->ip);
	else
		note_v6(facts, plain->ip);
	facts->protocol = plain->protocol;
}

ALWAYS_INLINE bool take_tcp(
    const struct plain *plain, struct facts *facts, enum decode_verdict *ret_verdict)
{
	if (plain->captured_bytes < TCP_HEADER_MIN)
		return false;
	size_t header_bytes = tcp_header_bytes(plain->payload);
	if (header_bytes < TCP_HEADER_MIN || header_bytes > plain->captured_bytes)
		return false;
	begin(plain, facts);
	note_no_icmp(facts);
	note_tcp(facts, plain->payload, plain->payload_bytes);
	bool is_syn = (facts->tcp_flags & FACTS_SYN) != 0;
	size_t option_bytes = is_syn ? header_bytes - TCP_HEADER_MIN : 0;
	*ret_verdict = note_syn_options(facts, plain->payload + header_bytes, option_bytes);
	return true;
}

ALWAYS_INLINE bool take_udp(const struct plain *plain, struct facts *facts)
{
	if (plain->captured_bytes < UDP_HEADER_BYTES)
		return false;
	size_t length = be16(plain->payload + UDP_AT_LENGTH);
	if (length < UDP_HEADER_BYTES || length > plain->payload_bytes)
		return false;
	begin(plain, facts);
	note_no_tcp(facts);
	note_no_icmp(facts);
	note_udp(facts, plain->payload, plain->payload_bytes);
	return true;
}

/* Only messages of which nothing but type and code is read. */
ALWAYS_INLINE bool take_icmp(const struct plain *plain, struct facts *facts)
{
	if (plain->captured_bytes < ICMP_HEADER_BYTES)
		return false;
	uint8_t type = plain->payload[ICMP_AT_TYPE];
	if (plain->net == FACTS_V4 ? is_icmp_error(type)
				   : is_icmp6_error(type) || is_icmp6_discovery(type))
		return false;
	begin(plain, facts);
	note_no_ports(facts);
	note_no_tcp(facts);
	note_icmp(facts, plain->payload, plain->payload_bytes);
	return true;
}

ALWAYS_INLINE bool take_payload(
    const struct plain *plain, struct facts *facts, enum decode_verdict *ret_verdict)
{
	*ret_verdict = DECODE_OK;
	switch (plain->protocol) {
	case PROTOCOL_TCP:
		return take_tcp(plain, facts, ret_verdict);
	case PROTOCOL_UDP:
		return take_udp(plain, facts);
	case PROTOCOL_ICMP:
		return plain->net == FACTS_V4 && take_icmp(plain, facts);
	case PROTOCOL_ICMP6:
		return plain->net == FACTS_V6 && take_icmp(plain, facts);
	default:
		return false;
	}
}

/* Goes behind an IP header of that size. False when the frame cannot have held the packet. */
ALWAYS_INLINE bool step_in(
    struct plain *plain, size_t header_bytes, size_t total_bytes, size_t captured_bytes)
{
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

bool decode_straight(
    const struct frame *frame, struct facts *restrict ret_facts, enum decode_verdict *ret_verdict)
{
	if (frame->link_type != LINK_ETHERNET ||
	    frame->captured_bytes < ETHERNET_HEADER_BYTES + V4_HEADER_MIN)
		return false;
	size_t captured = frame->captured_bytes - ETHERNET_HEADER_BYTES;
	const uint8_t *ip = frame->bytes + ETHERNET_HEADER_BYTES;
	uint16_t type = be16(frame->bytes + ETHERNET_AT_TYPE);
	struct plain plain = {.frame = frame, .ip = ip};
	if (type == ETHERTYPE_V4 && ip[0] == V4_WITHOUT_OPTIONS && !is_v4_fragment(ip)) {
		plain.net = FACTS_V4;
		plain.protocol = ip[V4_AT_PROTOCOL];
		if (!step_in(&plain, V4_HEADER_MIN, be16(ip + V4_AT_TOTAL_BYTES), captured))
			return false;
		return take_payload(&plain, ret_facts, ret_verdict);
	}
	if (type == ETHERTYPE_V6 && captured >= V6_HEADER_BYTES && is_v6_header(ip)) {
		plain.net = FACTS_V6;
		plain.protocol = ip[V6_AT_NEXT_HEADER];
		size_t total_bytes = V6_HEADER_BYTES + be16(ip + V6_AT_PAYLOAD_BYTES);
		if (!step_in(&plain, V6_HEADER_BYTES, total_bytes, captured))
			return false;
		return take_payload(&plain, ret_facts, ret_verdict);
	}
	return false;
}
