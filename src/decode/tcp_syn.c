#include "decode/tcp_syn.h"

#include "decode/plain.h"

enum {
	DECIDING = FACTS_SYN | FACTS_ACK | FACTS_RST | FACTS_FIN,
};

bool tcp_syn_read(const struct frame *frame, struct tcp_syn *restrict ret_syn)
{
	struct plain plain;
	if (!plain_find_v4(frame, &plain) || plain.protocol != PROTOCOL_TCP ||
	    plain.captured_bytes < TCP_HEADER_MIN || (frame->bytes[0] & 1) != 0)
		return false;
	const uint8_t *tcp = plain.payload;
	size_t header_bytes = tcp_header_bytes(tcp);
	if ((tcp[TCP_AT_FLAGS] & DECIDING) != FACTS_SYN || header_bytes < TCP_HEADER_MIN ||
	    header_bytes > plain.captured_bytes)
		return false;
	const struct syn_options options =
	    syn_options_read(tcp + header_bytes, header_bytes - TCP_HEADER_MIN);
	ret_syn->source = be32(plain.ip + V4_AT_SOURCE);
	ret_syn->target = be32(plain.ip + V4_AT_TARGET);
	ret_syn->seq = be32(tcp + TCP_AT_SEQ);
	ret_syn->tsval = options.tsval;
	ret_syn->source_port = be16(tcp + AT_SOURCE_PORT);
	ret_syn->target_port = be16(tcp + AT_TARGET_PORT);
	ret_syn->ip_id = be16(plain.ip + V4_AT_ID);
	ret_syn->window = be16(tcp + TCP_AT_WINDOW);
	ret_syn->ttl = plain.ip[V4_AT_TTL];
	ret_syn->options = options.style;
	ret_syn->verdict = options.verdict;
	return true;
}
