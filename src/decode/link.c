/* link.c - the first header of a frame, by the link type that the capture states. */
#include "decode/internal.h"

enum {
	SLL_ADDRESS_BYTES = 8, /* room for the sender's link address; shorter ones are padded */
};

/* Packet types of Linux SLL: how the frame was addressed. */
enum {
	SLL_BROADCAST = 1,
	SLL_MULTICAST = 2,
};

/* Numbers in the protocol field of Linux SLL that are no EtherTypes (if_ether.h of Linux). */
enum {
	SLL_PROTOCOL_LLC = 4,
};

/* AF_INET is 2 everywhere; AF_INET6 is the number of the system that wrote the file. */
enum {
	FAMILY_INET = 2,
	FAMILY_INET6_LINUX = 10,
	FAMILY_INET6_NETBSD = 24, /* OpenBSD as well */
	FAMILY_INET6_FREEBSD = 28,
	FAMILY_INET6_DARWIN = 30,
};

enum decode_verdict decode_ethernet(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, ETHERNET_HEADER_BYTES);
	if (header == NULL)
		return walk_short(walk);

	note_ethernet(walk->facts, header);
	return decode_ethertype(walk, be16(header + ETHERNET_AT_TYPE));
}

static void note_sll(struct facts *facts, unsigned packet_type, unsigned mac_bytes,
    const uint8_t mac[static SLL_ADDRESS_BYTES])
{
	if (packet_type == SLL_BROADCAST || packet_type == SLL_MULTICAST)
		facts->flags |= FACTS_LINK_BROADCAST;
	if (mac_bytes == MAC_BYTES) {
		facts->flags |= FACTS_HAS_MAC;
		memcpy(facts->source_mac, mac, MAC_BYTES);
	}
}

static enum decode_verdict decode_sll_protocol(struct walk *walk, uint16_t protocol)
{
	if (protocol == SLL_PROTOCOL_LLC)
		return decode_llc(walk);
	if (protocol < ETHERTYPE_MIN)
		return DECODE_UNSUPPORTED;
	return decode_ethertype(walk, protocol);
}

static enum decode_verdict decode_sll(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint16_t packet_type = cursor_u16(cursor);
	cursor_u16(cursor); /* ARPHRD_ type of the device */
	uint16_t mac_bytes = cursor_u16(cursor);
	const uint8_t *mac = cursor_take(cursor, SLL_ADDRESS_BYTES);
	uint16_t protocol = cursor_u16(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);

	note_sll(walk->facts, packet_type, mac_bytes, mac);
	return decode_sll_protocol(walk, protocol);
}

static enum decode_verdict decode_sll2(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint16_t protocol = cursor_u16(cursor);
	cursor_u16(cursor); /* reserved */
	cursor_u32(cursor); /* number of the interface */
	cursor_u16(cursor); /* ARPHRD_ type of the device */
	uint8_t packet_type = cursor_u8(cursor);
	uint8_t mac_bytes = cursor_u8(cursor);
	const uint8_t *mac = cursor_take(cursor, SLL_ADDRESS_BYTES);
	if (!cursor_ok(cursor))
		return walk_short(walk);

	note_sll(walk->facts, packet_type, mac_bytes, mac);
	return decode_sll_protocol(walk, protocol);
}

/* The family is in the byte order of whoever wrote the file (NULL), or of the network (LOOP). */
static enum decode_verdict decode_null(struct walk *walk)
{
	const uint8_t *header = cursor_take(&walk->cursor, 4);
	if (header == NULL)
		return walk_short(walk);

	uint32_t family = be32(header);
	if (family > UINT16_MAX) /* all families are small numbers: it was the other order */
		family = (uint32_t)header[1] << 8 | header[0];
	switch (family) {
	case FAMILY_INET:
		return decode_ipv4(walk);
	case FAMILY_INET6_LINUX:
	case FAMILY_INET6_NETBSD:
	case FAMILY_INET6_FREEBSD:
	case FAMILY_INET6_DARWIN:
		return decode_ipv6(walk);
	default:
		return DECODE_UNSUPPORTED;
	}
}

static enum decode_verdict decode_cisco_hdlc(struct walk *walk)
{
	cursor_u8(&walk->cursor); /* 0x0f unicast, 0x8f broadcast */
	cursor_u8(&walk->cursor); /* control: 0 */
	uint16_t type = cursor_u16(&walk->cursor);
	if (!cursor_ok(&walk->cursor))
		return walk_short(walk);
	return type < ETHERTYPE_MIN ? DECODE_UNSUPPORTED : decode_ethertype(walk, type);
}

/*
 * PPP with or without HDLC's address and control (RFC 1662), or Cisco's HDLC: writers of both link
 * types do all three. No PPP protocol begins with any of these pairs of bytes.
 */
static enum decode_verdict decode_ppp_hdlc(struct walk *walk)
{
	struct walk at_start = *walk;
	uint16_t address_and_control = cursor_u16(&walk->cursor);
	if (!cursor_ok(&walk->cursor))
		return walk_short(walk);

	if (address_and_control == 0xff03)
		return decode_ppp(walk);
	*walk = at_start;
	if (address_and_control == 0x0f00 || address_and_control == 0x8f00)
		return decode_cisco_hdlc(walk);
	return decode_ppp(walk);
}

static enum decode_verdict (*const links[])(struct walk *) = {
    [LINK_NULL] = decode_null,
    [LINK_ETHERNET] = decode_ethernet,
    [LINK_PPP] = decode_ppp_hdlc,
    [LINK_RAW_BSD] = decode_ip,
    [LINK_RAW_OPENBSD] = decode_ip,
    [LINK_PPP_HDLC] = decode_ppp_hdlc,
    [LINK_PPP_ETHER] = decode_pppoe,
    [LINK_RAW] = decode_ip,
    [LINK_CISCO_HDLC] = decode_cisco_hdlc,
    [LINK_LOOP] = decode_null,
    [LINK_LINUX_SLL] = decode_sll,
    [LINK_IPV4] = decode_ipv4,
    [LINK_IPV6] = decode_ipv6,
    [LINK_LINUX_SLL2] = decode_sll2,
};

bool decode_knows_link(uint32_t link_type)
{
	return link_type < sizeof links / sizeof links[0] && links[link_type] != NULL;
}

enum decode_verdict decode_link(struct walk *walk, uint32_t link_type)
{
	if (!decode_knows_link(link_type))
		return DECODE_UNSUPPORTED;
	return links[link_type](walk);
}
