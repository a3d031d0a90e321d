/* tunnel.c - a packet inside a packet: IP in IP (RFC 2003, 2473, 4213) and GRE (RFC 2784, 2890). */
#include "decode/internal.h"

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000, /* RFC 1701 only: a list that RFC 2784 abolished */
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007, /* 1 is PPTP's, which carries compressed PPP (RFC 2637) */
	GRE_FIELD_BYTES = 4,
};

static enum decode_verdict decode_gre(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint16_t flags = cursor_u16(cursor);
	uint16_t type = cursor_u16(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0)
		return DECODE_UNSUPPORTED;

	if ((flags & GRE_CHECKSUM) != 0)
		(void)cursor_take(cursor, GRE_FIELD_BYTES);
	if ((flags & GRE_KEY) != 0)
		(void)cursor_take(cursor, GRE_FIELD_BYTES);
	if ((flags & GRE_SEQUENCE) != 0)
		(void)cursor_take(cursor, GRE_FIELD_BYTES);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	return type < ETHERTYPE_MIN ? DECODE_UNSUPPORTED : decode_ethertype(walk, type);
}

static enum decode_verdict decode_inside(struct walk *walk, uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_V4:
		return decode_ipv4(walk);
	case PROTOCOL_V6:
		return decode_ipv6(walk);
	default:
		return decode_gre(walk);
	}
}

/* When nothing can be said about the inside, the facts of the outer packet stand. */
enum decode_verdict decode_tunnel(struct walk *walk, uint8_t protocol)
{
	if (!walk_enter(walk))
		return DECODE_MALFORMED;

	struct facts *facts = walk->facts;
	struct facts outer = *facts;
	*facts = (struct facts){
	    .time_us = outer.time_us,
	    .wire_bytes = outer.wire_bytes,
	    .drill = outer.drill,
	    .flags = FACTS_TUNNELLED,
	};
	enum decode_verdict verdict = decode_inside(walk, protocol);
	if (facts->net == FACTS_NONE)
		*facts = outer;
	return verdict;
}
