/* ip.c - IPv4 (RFC 791), IPv6 (RFC 8200), and the way to what they carry. */
#include "decode/internal.h"

enum {
	/* Most that may follow an empty IPv6 packet in an Ethernet frame: padding and checksum. */
	V6_TRAILER_MAX = 6 + 4,
};

static enum decode_verdict decode_payload(struct walk *walk, uint8_t protocol);

static enum decode_verdict decode_authenticated(struct walk *walk)
{
	struct extensions extensions = {.protocol = PROTOCOL_AH};
	enum decode_verdict verdict = decode_extensions_v4(walk, &extensions);
	if (verdict != DECODE_OK)
		return verdict;
	return decode_payload(walk, extensions.protocol);
}

static enum decode_verdict decode_payload(struct walk *walk, uint8_t protocol)
{
	struct facts *facts = walk->facts;
	facts->protocol = protocol;
	switch (protocol) {
	case PROTOCOL_TCP:
		return decode_tcp(walk);
	case PROTOCOL_UDP:
		return decode_udp(walk);
	case PROTOCOL_ICMP: /* each of the two means something in its own family only */
		return facts->net == FACTS_V4 ? decode_icmp(walk) : DECODE_OK;
	case PROTOCOL_ICMP6:
		return facts->net == FACTS_V6 ? decode_icmp6(walk) : DECODE_OK;
	case PROTOCOL_SCTP:
		return decode_sctp(walk);
	case PROTOCOL_V4:
	case PROTOCOL_V6:
	case PROTOCOL_GRE:
		return decode_tunnel(walk, protocol);
	case PROTOCOL_AH: /* in IPv6 it has been stepped over */
		return facts->net == FACTS_V4 ? decode_authenticated(walk) : DECODE_OK;
	default: /* addresses and protocol are all there is to say: ESP, OSPF, ... */
		return DECODE_OK;
	}
}

/* Returns whether a transport header can follow. */
static bool note_fragment(struct walk *walk, bool is_later)
{
	walk->facts->flags |= FACTS_FRAGMENT;
	if (is_later)
		walk->facts->flags |= FACTS_LATER_FRAGMENT;
	walk->is_open_ended = true;
	return !is_later;
}

enum decode_verdict decode_ipv4(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, V4_HEADER_MIN);
	if (header == NULL)
		return walk_short(walk);
	size_t header_bytes = (header[0] & 0x0fU) * 4U;
	if (header[0] >> 4 != 4 || header_bytes < V4_HEADER_MIN)
		return DECODE_MALFORMED;

	note_v4(walk->facts, header);

	/* No total length: left to the card to fill in when it cuts the segment up (TSO). */
	size_t total_bytes = be16(header + V4_AT_TOTAL_BYTES);
	enum decode_verdict length = DECODE_OK;
	if (total_bytes != 0 && total_bytes < header_bytes)
		return DECODE_MALFORMED;
	if (total_bytes != 0)
		length = walk_narrow(walk, total_bytes - V4_HEADER_MIN);

	if (cursor_take(&walk->cursor, header_bytes - V4_HEADER_MIN) == NULL)
		return walk_short(walk);
	bool is_later = (be16(header + V4_AT_FRAGMENT) & V4_FRAGMENT_OFFSET) != 0;
	if (is_v4_fragment(header) && !note_fragment(walk, is_later))
		return length;
	return verdict_join(decode_payload(walk, header[V4_AT_PROTOCOL]), length);
}

/*
 * A payload length of 0 is right for an empty packet, and stands as well in jumbograms (RFC 2675)
 * and in what a card will cut up: those have more after the header than a frame's trailer.
 */
static bool is_length_left_out(const struct walk *walk, uint8_t protocol)
{
	return protocol != PROTOCOL_NO_NEXT_HEADER && walk_bytes(walk) > V6_TRAILER_MAX;
}

static enum decode_verdict decode_extended(struct walk *walk, uint8_t protocol)
{
	struct extensions extensions = {.protocol = protocol};
	enum decode_verdict verdict = decode_extensions_v6(walk, &extensions);
	walk->facts->protocol = extensions.protocol;
	if (extensions.is_fragment && !note_fragment(walk, extensions.is_later_fragment))
		return verdict;
	if (verdict != DECODE_OK)
		return verdict;
	return decode_payload(walk, extensions.protocol);
}

enum decode_verdict decode_ipv6(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, V6_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);
	if (!is_v6_header(header))
		return DECODE_MALFORMED;

	note_v6(walk->facts, header);

	uint8_t protocol = header[V6_AT_NEXT_HEADER];
	size_t payload_bytes = be16(header + V6_AT_PAYLOAD_BYTES);
	enum decode_verdict length = DECODE_OK;
	if (payload_bytes != 0 || !is_length_left_out(walk, protocol))
		length = walk_narrow(walk, payload_bytes);

	if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP)
		return verdict_join(decode_payload(walk, protocol), length);
	return verdict_join(decode_extended(walk, protocol), length);
}

enum decode_verdict decode_ip(struct walk *walk)
{
	if (walk->cursor.left == 0)
		return walk_short(walk);
	switch (cursor_peek_u8(&walk->cursor) >> 4) {
	case 4:
		return decode_ipv4(walk);
	case 6:
		return decode_ipv6(walk);
	default:
		return DECODE_MALFORMED;
	}
}
