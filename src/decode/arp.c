/* arp.c - Address Resolution Protocol (RFC 826) for IPv4, over any hardware. */
#include "decode/internal.h"

enum {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	V4_ADDRESS_BYTES = 4,
};

enum decode_verdict decode_arp(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	cursor_u16(cursor); /* hardware type: the address lengths say all that is needed */
	uint16_t protocol = cursor_u16(cursor);
	uint8_t hardware_bytes = cursor_u8(cursor);
	uint8_t protocol_bytes = cursor_u8(cursor);
	uint16_t operation = cursor_u16(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	if (protocol != ETHERTYPE_V4)
		return DECODE_UNSUPPORTED;
	if (protocol_bytes != V4_ADDRESS_BYTES)
		return DECODE_MALFORMED;

	(void)cursor_take(cursor, hardware_bytes);
	const uint8_t *sender = cursor_take(cursor, V4_ADDRESS_BYTES);
	(void)cursor_take(cursor, hardware_bytes);
	const uint8_t *target = cursor_take(cursor, V4_ADDRESS_BYTES);
	if (!cursor_ok(cursor))
		return walk_short(walk);

	struct facts *facts = walk->facts;
	facts->net = FACTS_ARP;
	address_set_v4(&facts->source, sender);
	address_set_v4(&facts->target, target);
	if (operation == ARP_REQUEST)
		facts->flags |= FACTS_ARP_REQUEST;
	else if (operation == ARP_REPLY)
		facts->flags |= FACTS_ARP_REPLY;
	return DECODE_OK;
}
