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
#include "decode/plain.h"

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
	const struct syn_options options =
	    syn_options_read(plain->payload + header_bytes, option_bytes);
	facts->tcp_options = options.style;
	facts->tcp_tsval = options.tsval;
	*ret_verdict = (enum decode_verdict)options.verdict;
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

bool decode_straight(
    const struct frame *frame, struct facts *restrict ret_facts, enum decode_verdict *ret_verdict)
{
	struct plain plain;
	if (plain_find_v4(frame, &plain))
		return take_payload(&plain, ret_facts, ret_verdict);
	return plain_find_v6(frame, &plain) && take_payload(&plain, ret_facts, ret_verdict);
}
