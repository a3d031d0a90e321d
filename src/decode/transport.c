/* transport.c - TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260). */
#include "decode/internal.h"

enum {
	AT_SOURCE_PORT = 0, /* the three have their ports in the same place */
	AT_TARGET_PORT = 2,

	TCP_HEADER_MIN = 20,
	TCP_AT_SEQ = 4,
	TCP_AT_ACK = 8,
	TCP_AT_OFFSET = 12,
	TCP_AT_FLAGS = 13,
	TCP_AT_WINDOW = 14,

	TCP_OPTION_END = 0,
	TCP_OPTION_NOP = 1,
	TCP_OPTION_TIMESTAMP = 8,
	TCP_OPTION_TIMESTAMP_BYTES = 10,

	UDP_HEADER_BYTES = 8,
	UDP_AT_LENGTH = 4,
	SCTP_HEADER_BYTES = 12,
};

enum {
	OPTION_WORDS_MAX = 6,
	NO_TIMESTAMP = OPTION_WORDS_MAX,
};

/* Whole option lists by which tools are known, as 32-bit words; bits outside `mask` may vary. */
static const struct option_style {
	uint32_t words[OPTION_WORDS_MAX];
	uint32_t mask[OPTION_WORDS_MAX];
	uint8_t word_count;
	uint8_t timestamp_word;
	uint8_t style; /* enum tcp_option_style */
} option_styles[] = {
    {
	.style = TCP_OPTIONS_MSS_ONLY,
	.word_count = 1,
	.words = {0x02040000},
	.mask = {0xffff0000},
	.timestamp_word = NO_TIMESTAMP,
    },
    {
	.style = TCP_OPTIONS_WINDOWS,
	.word_count = 3,
	.words = {0x020405b4, 0x01030308, 0x01010402},
	.mask = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
	.timestamp_word = NO_TIMESTAMP,
    },
    {
	.style = TCP_OPTIONS_LINUX,
	.word_count = 5,
	.words = {0x02040000, 0x0402080a, 0, 0, 0x01030307},
	.mask = {0xffff0000, UINT32_MAX, 0, UINT32_MAX, UINT32_MAX},
	.timestamp_word = 2,
    },
    {
	.style = TCP_OPTIONS_BSD,
	.word_count = 6,
	.words = {0x02040000, 0x01030306, 0x0101080a, 0, 0, 0x04020000},
	.mask = {0xffff0000, UINT32_MAX, UINT32_MAX, 0, 0, UINT32_MAX},
	.timestamp_word = 3,
    },
};

static bool has_style(const struct option_style *style, const uint8_t *options)
{
	for (size_t i = 0; i < style->word_count; i++) {
		if (((be32(options + 4 * i) ^ style->words[i]) & style->mask[i]) != 0)
			return false;
	}
	return true;
}

/* Options of no known style: looks for a timestamp, and whether the list holds together. */
static enum decode_verdict read_options(const uint8_t *options, size_t bytes, struct facts *facts)
{
	struct cursor cursor = cursor_over(options, bytes);
	while (cursor.left > 0) {
		uint8_t kind = cursor_u8(&cursor);
		if (kind == TCP_OPTION_END)
			return DECODE_OK;
		if (kind == TCP_OPTION_NOP)
			continue;
		size_t option_bytes = cursor_u8(&cursor); /* kind and length included */
		if (option_bytes < 2)
			return DECODE_MALFORMED;
		const uint8_t *value = cursor_take(&cursor, option_bytes - 2);
		if (value == NULL)
			return DECODE_MALFORMED;
		if (kind == TCP_OPTION_TIMESTAMP && option_bytes == TCP_OPTION_TIMESTAMP_BYTES)
			facts->tcp_tsval = be32(value);
	}
	return DECODE_OK;
}

static enum decode_verdict decode_syn_options(
    const uint8_t *options, size_t bytes, struct facts *facts)
{
	for (size_t i = 0; i < sizeof option_styles / sizeof option_styles[0]; i++) {
		const struct option_style *style = &option_styles[i];
		if (bytes != style->word_count * 4U || !has_style(style, options))
			continue;
		facts->tcp_options = style->style;
		if (style->timestamp_word != NO_TIMESTAMP)
			facts->tcp_tsval = be32(options + style->timestamp_word * 4U);
		return DECODE_OK;
	}
	return read_options(options, bytes, facts);
}

enum decode_verdict decode_tcp(struct walk *walk)
{
	size_t segment_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, TCP_HEADER_MIN);
	if (header == NULL)
		return walk_short(walk);

	size_t header_bytes = (header[TCP_AT_OFFSET] >> 4) * 4U;
	struct facts *facts = walk->facts;
	facts->flags |= FACTS_TRANSPORT;
	facts->source_port = be16(header + AT_SOURCE_PORT);
	facts->target_port = be16(header + AT_TARGET_PORT);
	facts->seq = be32(header + TCP_AT_SEQ);
	facts->ack = be32(header + TCP_AT_ACK);
	facts->tcp_flags = header[TCP_AT_FLAGS];
	facts->window = be16(header + TCP_AT_WINDOW);
	facts->payload_bytes = payload_after(header_bytes, segment_bytes);

	if (header_bytes == TCP_HEADER_MIN)
		return DECODE_OK;
	if (header_bytes < TCP_HEADER_MIN)
		return DECODE_MALFORMED;
	bool is_syn = (facts->tcp_flags & FACTS_SYN) != 0;
	if (is_syn)
		facts->tcp_options = TCP_OPTIONS_OTHER;
	size_t option_bytes = header_bytes - TCP_HEADER_MIN;
	const uint8_t *options = cursor_take(&walk->cursor, option_bytes);
	if (options == NULL)
		return walk_short(walk);
	return is_syn ? decode_syn_options(options, option_bytes, facts) : DECODE_OK;
}

/* Only a datagram too long for the field may leave its length out (RFC 2675 section 4). */
static bool is_udp_length_wrong(const struct walk *walk, size_t length, size_t datagram_bytes)
{
	if (length < UDP_HEADER_BYTES)
		return length != 0 || datagram_bytes <= UINT16_MAX;
	return length > datagram_bytes && !walk->is_open_ended;
}

enum decode_verdict decode_udp(struct walk *walk)
{
	size_t datagram_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, UDP_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);

	struct facts *facts = walk->facts;
	facts->flags |= FACTS_TRANSPORT;
	facts->source_port = be16(header + AT_SOURCE_PORT);
	facts->target_port = be16(header + AT_TARGET_PORT);
	facts->payload_bytes = payload_after(UDP_HEADER_BYTES, datagram_bytes);

	bool is_wrong = is_udp_length_wrong(walk, be16(header + UDP_AT_LENGTH), datagram_bytes);
	return is_wrong ? DECODE_MALFORMED : DECODE_OK;
}

enum decode_verdict decode_sctp(struct walk *walk)
{
	size_t packet_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, SCTP_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);

	struct facts *facts = walk->facts;
	facts->flags |= FACTS_TRANSPORT;
	facts->source_port = be16(header + AT_SOURCE_PORT);
	facts->target_port = be16(header + AT_TARGET_PORT);
	facts->payload_bytes = payload_after(SCTP_HEADER_BYTES, packet_bytes);
	return DECODE_OK;
}
