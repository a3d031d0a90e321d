/*
 * icmp.c - ICMP (RFC 792) and ICMPv6 (RFC 4443): errors with the packet they quote, and neighbour
 * discovery (RFC 4861).
 */
#include "decode/internal.h"

enum {
	/* A router lowers it, so a packet that has it comes from this very link (RFC 4861 3.1). */
	ND_HOP_LIMIT = 255,
};

/* Routers choose how much they quote: a short quote is damage only if the capture cut it. */
static enum decode_verdict quote_short(const struct walk *walk)
{
	return walk->ends_by_length ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_verdict decode_quoted_ports(struct walk *walk, uint8_t protocol)
{
	struct facts *facts = walk->facts;
	facts->inner_protocol = protocol;
	if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP && protocol != PROTOCOL_SCTP)
		return DECODE_OK;

	uint16_t source_port = cursor_u16(&walk->cursor);
	uint16_t target_port = cursor_u16(&walk->cursor);
	if (!cursor_ok(&walk->cursor))
		return quote_short(walk);
	facts->flags |= FACTS_INNER_PORTS;
	facts->inner_source_port = source_port;
	facts->inner_target_port = target_port;
	return DECODE_OK;
}

/* The caller sets protocol and addresses. */
static struct facts *begin_quote(struct facts *facts)
{
	facts->flags |= FACTS_ICMP_ERROR;
	facts->inner_source_port = 0;
	facts->inner_target_port = 0;
	return facts;
}

static enum decode_verdict decode_quoted_v4(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, V4_HEADER_MIN);
	if (header == NULL)
		return walk_short(walk);
	size_t header_bytes = (header[0] & 0x0fU) * 4U;
	if (header[0] >> 4 != 4 || header_bytes < V4_HEADER_MIN)
		return DECODE_MALFORMED;

	struct facts *facts = begin_quote(walk->facts);
	facts->inner_protocol = header[V4_AT_PROTOCOL];
	address_set_v4(&facts->inner_source, header + V4_AT_SOURCE);
	address_set_v4(&facts->inner_target, header + V4_AT_TARGET);

	if (cursor_take(&walk->cursor, header_bytes - V4_HEADER_MIN) == NULL)
		return quote_short(walk);
	if ((be16(header + V4_AT_FRAGMENT) & V4_FRAGMENT_OFFSET) != 0)
		return DECODE_OK;
	struct extensions extensions = {.protocol = facts->inner_protocol};
	if (decode_extensions_v4(walk, &extensions) != DECODE_OK)
		return quote_short(walk);
	return decode_quoted_ports(walk, extensions.protocol);
}

static enum decode_verdict decode_quoted_v6(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, V6_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);
	if (!is_v6_header(header))
		return DECODE_MALFORMED;

	struct facts *facts = begin_quote(walk->facts);
	address_set_v6(&facts->inner_source, header + V6_AT_SOURCE);
	address_set_v6(&facts->inner_target, header + V6_AT_TARGET);

	struct extensions extensions = {.protocol = header[V6_AT_NEXT_HEADER]};
	enum decode_verdict verdict = decode_extensions_v6(walk, &extensions);
	facts->inner_protocol = extensions.protocol;
	if (verdict != DECODE_OK)
		return quote_short(walk);
	if (extensions.is_later_fragment)
		return DECODE_OK;
	return decode_quoted_ports(walk, extensions.protocol);
}

/* What both have in front. Returns NULL when it is not there. */
static const uint8_t *take_header(struct walk *walk)
{
	size_t message_bytes = walk_bytes(walk);
	const uint8_t *header = cursor_take(&walk->cursor, ICMP_HEADER_BYTES);
	if (header == NULL)
		return NULL;

	note_icmp(walk->facts, header, message_bytes);
	return header;
}

enum decode_verdict decode_icmp(struct walk *walk)
{
	const uint8_t *header = take_header(walk);
	if (header == NULL)
		return walk_short(walk);
	return is_icmp_error(header[ICMP_AT_TYPE]) ? decode_quoted_v4(walk) : DECODE_OK;
}

/* Solicitation and advertisement both go on with the address that they are about. */
static enum decode_verdict decode_neighbour(struct walk *walk, uint8_t type)
{
	const uint8_t *about = cursor_take(&walk->cursor, ADDRESS_BYTES);
	if (about == NULL)
		return walk_short(walk);
	/* No machine has a multicast address: to be ignored (7.1.1, 7.1.2). */
	if (about[0] == 0xff || is_v4_mapped(about))
		return DECODE_OK;

	struct facts *facts = walk->facts;
	if (type == ICMP6_NEIGHBOUR_SOLICIT) {
		facts->flags |= FACTS_ND_SOLICIT;
		address_set_v6(&facts->target, about);
	} else {
		facts->flags |= FACTS_ND_ADVERT;
		address_set_v6(&facts->source, about);
	}
	return DECODE_OK;
}

/* What came from beyond a router is an ordinary packet that nobody believes (RFC 4861 6.1, 7.1). */
static enum decode_verdict decode_discovery(struct walk *walk, uint8_t type, uint8_t code)
{
	if (walk->facts->ttl != ND_HOP_LIMIT || code != 0)
		return DECODE_OK;
	if (type != ICMP6_ROUTER_ADVERT)
		return decode_neighbour(walk, type);
	walk->facts->flags |= FACTS_ROUTER_ADVERT;
	return DECODE_OK;
}

enum decode_verdict decode_icmp6(struct walk *walk)
{
	const uint8_t *header = take_header(walk);
	if (header == NULL)
		return walk_short(walk);

	uint8_t type = header[ICMP_AT_TYPE];
	if (is_icmp6_error(type))
		return decode_quoted_v6(walk);
	if (is_icmp6_discovery(type))
		return decode_discovery(walk, type, header[ICMP_AT_CODE]);
	return DECODE_OK;
}
