/* transport.c - TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260). */
#include "decode/internal.h"
#include "source/load.h"

enum {
	TCP_OPTION_END = 0,
	TCP_OPTION_NOP = 1,
	TCP_OPTION_TIMESTAMP = 8,
	TCP_OPTION_TIMESTAMP_BYTES = 10,
	TCP_OPTION_LENGTHS = 11, /* of a whole list, in words: 0 to 10 */

	STYLE_PARTS = TCP_OPTIONS_WINDOW / 8,
};

#define NO_STYLE                                                                                   \
	{                                                                                          \
		.parts = { 1 }                                                                     \
	}

/*
 * The option lists by which tools are known, one for each length in words, and for no list: as
 * three numbers of 64 bits that end where the list does. Bits outside `mask` may vary; a style
 * whose `parts` have such bits fits nothing, which stands for a length that no tool is known by.
 * Compared so, without a branch on what the list is, since that cannot be foreseen: half of a
 * plain frame's time was spent on wrong guesses.
 */
static const struct option_style {
	uint64_t parts[STYLE_PARTS];
	uint64_t mask[STYLE_PARTS];
	uint32_t timestamp_mask; /* over the second half of the middle part */
	uint8_t style;           /* enum tcp_option_style */
} option_styles[TCP_OPTION_LENGTHS] = {
    [0] =
	{
	    .style = TCP_OPTIONS_NONE,
	},
    [1] =
	{
	    .style = TCP_OPTIONS_MSS_ONLY,
	    .parts = {0, 0, 0x02040000},
	    .mask = {0, 0, 0xffff0000},
	},
    [2] = NO_STYLE,
    [3] =
	{
	    .style = TCP_OPTIONS_WINDOWS,
	    .parts = {0, 0x020405b4, 0x0103030801010402},
	    .mask = {0, UINT32_MAX, UINT64_MAX},
	},
    [4] = NO_STYLE,
    [5] =
	{
	    .style = TCP_OPTIONS_LINUX,
	    .parts = {0x02040000, 0x0402080a00000000, 0x0000000001030307},
	    .mask = {0xffff0000, 0xffffffff00000000, UINT64_MAX},
	    .timestamp_mask = UINT32_MAX,
	},
    [6] =
	{
	    .style = TCP_OPTIONS_BSD,
	    .parts = {0x0204000001030306, 0x0101080a00000000, 0x0000000004020000},
	    .mask = {0xffff0000ffffffff, 0xffffffff00000000, UINT64_MAX},
	    .timestamp_mask = UINT32_MAX,
	},
    [7] = NO_STYLE,
    [8] = NO_STYLE,
    [9] = NO_STYLE,
    [10] = NO_STYLE,
};

/* Options of no known style: looks for a timestamp, and whether the list holds together. */
static enum decode_verdict read_options(const uint8_t *options, size_t bytes, uint32_t *ret_tsval)
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
			*ret_tsval = be32(value);
	}
	return DECODE_OK;
}

struct syn_options syn_options_read(const uint8_t *end, size_t bytes)
{
	assert(bytes % 4 == 0 && bytes / 4 < TCP_OPTION_LENGTHS);

	const struct option_style *style = &option_styles[bytes / 4];
	uint64_t first = load_u64(end - 24, true);
	uint64_t middle = load_u64(end - 16, true);
	uint64_t last = load_u64(end - 8, true);
	uint64_t difference = ((first & style->mask[0]) ^ style->parts[0]) |
			      ((middle & style->mask[1]) ^ style->parts[1]) |
			      ((last & style->mask[2]) ^ style->parts[2]);
	struct syn_options options = {
	    .tsval = (uint32_t)middle & style->timestamp_mask,
	    .style = style->style,
	    .verdict = DECODE_OK,
	};
	if (difference == 0)
		return options;
	options.tsval = 0;
	options.style = TCP_OPTIONS_OTHER;
	options.verdict = (uint8_t)read_options(end - bytes, bytes, &options.tsval);
	return options;
}

static enum decode_verdict note_options(
    struct facts *facts, const uint8_t *end, size_t option_bytes)
{
	const struct syn_options options = syn_options_read(end, option_bytes);
	facts->tcp_options = options.style;
	facts->tcp_tsval = options.tsval;
	return (enum decode_verdict)options.verdict;
}

enum decode_verdict decode_tcp(struct walk *walk)
{
	size_t segment_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, TCP_HEADER_MIN);
	if (header == NULL)
		return walk_short(walk);

	struct facts *facts = walk->facts;
	note_tcp(facts, header, segment_bytes);
	size_t header_bytes = tcp_header_bytes(header);
	if (header_bytes == TCP_HEADER_MIN)
		return DECODE_OK;
	if (header_bytes < TCP_HEADER_MIN)
		return DECODE_MALFORMED;
	bool is_syn = (facts->tcp_flags & FACTS_SYN) != 0;
	if (is_syn)
		facts->tcp_options = TCP_OPTIONS_OTHER;
	size_t option_bytes = header_bytes - TCP_HEADER_MIN;
	if (cursor_take(&walk->cursor, option_bytes) == NULL)
		return walk_short(walk);
	return is_syn ? note_options(facts, header + header_bytes, option_bytes) : DECODE_OK;
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

	note_udp(walk->facts, header, datagram_bytes);
	bool is_wrong = is_udp_length_wrong(walk, be16(header + UDP_AT_LENGTH), datagram_bytes);
	return is_wrong ? DECODE_MALFORMED : DECODE_OK;
}

enum decode_verdict decode_sctp(struct walk *walk)
{
	size_t packet_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, SCTP_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);

	note_ports(walk->facts, header);
	walk->facts->payload_bytes = payload_after(SCTP_HEADER_BYTES, packet_bytes);
	return DECODE_OK;
}
