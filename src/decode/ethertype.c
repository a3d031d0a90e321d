/* ethertype.c - what stands between a link header and IP: tags, labels, LLC, PPP. */
#include "decode/internal.h"

enum {
	LLC_SNAP = 0xaa, /* both access points of a SNAP header (RFC 1042) */
	LLC_UNNUMBERED_INFORMATION = 0x03,
	LLC_LENGTH_MAX =
	    1500, /* the 802.3 lengths; from there to ETHERTYPE_MIN nothing is defined */

	MPLS_BOTTOM_OF_STACK = 0x100,
	PSEUDOWIRE_CONTROL_WORD_BYTES = 4,

	PPPOE_VERSION_AND_TYPE = 0x11,
	PPPOE_CODE_SESSION = 0,

	PPP_V4 = 0x0021,
	PPP_V6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_UPSTREAM = 0x0283,
};

enum decode_verdict decode_llc(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint8_t target_point = cursor_u8(cursor);
	uint8_t source_point = cursor_u8(cursor);
	uint8_t control = cursor_u8(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	if (target_point != LLC_SNAP || source_point != LLC_SNAP ||
	    control != LLC_UNNUMBERED_INFORMATION)
		return DECODE_UNSUPPORTED;

	uint16_t organisation = cursor_u16(cursor);
	uint8_t organisation_low = cursor_u8(cursor);
	uint16_t type = cursor_u16(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	/* Other organisations number their own protocols. */
	if (organisation != 0 || organisation_low != 0 || type < ETHERTYPE_MIN)
		return DECODE_UNSUPPORTED;
	return decode_ethertype(walk, type);
}

/*
 * What a pseudo-wire carries is agreed outside the packet. We try Ethernet with a control word
 * (RFC 4448), then without, and believe what leads to addresses. The second attempt has only the
 * layers that the first left over: otherwise nesting would double the work at each level.
 */
static enum decode_verdict decode_pseudowire(struct walk *walk)
{
	if (!walk_enter(walk))
		return DECODE_MALFORMED;

	struct facts facts_before = *walk->facts;
	struct walk without_word = *walk;
	(void)cursor_take(&walk->cursor, PSEUDOWIRE_CONTROL_WORD_BYTES);
	enum decode_verdict verdict = decode_ethernet(walk);
	if (walk->facts->net != FACTS_NONE || verdict == DECODE_TRUNCATED)
		return verdict;

	*walk->facts = facts_before;
	without_word.layers_left = walk->layers_left;
	verdict = decode_ethernet(&without_word);
	if (walk->facts->net != FACTS_NONE || verdict == DECODE_TRUNCATED)
		return verdict;

	*walk->facts = facts_before;
	return DECODE_UNSUPPORTED;
}

/* Labels say nothing about what they carry; the version of IP does (RFC 4928 section 3). */
static enum decode_verdict decode_mpls(struct walk *walk)
{
	uint32_t label;
	do {
		if (!walk_enter(walk))
			return DECODE_MALFORMED;
		label = cursor_u32(&walk->cursor);
		if (!cursor_ok(&walk->cursor))
			return walk_short(walk);
	} while ((label & MPLS_BOTTOM_OF_STACK) == 0);

	if (walk->cursor.left == 0)
		return walk_short(walk);
	switch (cursor_peek_u8(&walk->cursor) >> 4) {
	case 4:
		return decode_ipv4(walk);
	case 6:
		return decode_ipv6(walk);
	case 0:
		return decode_pseudowire(walk);
	default:
		return DECODE_UNSUPPORTED;
	}
}

enum decode_verdict decode_ppp(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint16_t protocol = cursor_u8(cursor);
	bool is_compressed =
	    (protocol & 1) != 0; /* RFC 1661 section 6.5: one byte instead of two */
	if (!is_compressed)
		protocol = (uint16_t)(protocol << 8 | cursor_u8(cursor));
	if (!cursor_ok(cursor))
		return walk_short(walk);

	switch (protocol) {
	case PPP_V4:
		return decode_ipv4(walk);
	case PPP_V6:
		return decode_ipv6(walk);
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return decode_mpls(walk);
	default:
		return DECODE_UNSUPPORTED;
	}
}

enum decode_verdict decode_pppoe(struct walk *walk)
{
	struct cursor *cursor = &walk->cursor;
	uint8_t version_and_type = cursor_u8(cursor);
	uint8_t code = cursor_u8(cursor);
	cursor_u16(cursor); /* session */
	uint16_t bytes = cursor_u16(cursor);
	if (!cursor_ok(cursor))
		return walk_short(walk);
	if (version_and_type != PPPOE_VERSION_AND_TYPE)
		return DECODE_MALFORMED;
	if (code != PPPOE_CODE_SESSION)
		return DECODE_UNSUPPORTED;

	enum decode_verdict length = walk_narrow(walk, bytes);
	return verdict_join(decode_ppp(walk), length);
}

/* What stands after a tag is an EtherType again, so tags are taken in a loop. */
static enum decode_verdict decode_tags(struct walk *walk, uint16_t type)
{
	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_SERVICE_VLAN ||
	       type == ETHERTYPE_OLD_VLAN) {
		if (!walk_enter(walk))
			return DECODE_MALFORMED;
		cursor_u16(&walk->cursor); /* tag control information */
		type = cursor_u16(&walk->cursor);
		if (!cursor_ok(&walk->cursor))
			return walk_short(walk);
	}
	return decode_ethertype(walk, type);
}

enum decode_verdict decode_ethertype(struct walk *walk, uint16_t type)
{
	switch (type) {
	case ETHERTYPE_V4:
		return decode_ipv4(walk);
	case ETHERTYPE_V6:
		return decode_ipv6(walk);
	case ETHERTYPE_ARP:
		return decode_arp(walk);
	case ETHERTYPE_VLAN:
	case ETHERTYPE_SERVICE_VLAN:
	case ETHERTYPE_OLD_VLAN:
		return decode_tags(walk, type);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
		return decode_mpls(walk);
	case ETHERTYPE_PPPOE_SESSION:
		return decode_pppoe(walk);
	case ETHERTYPE_TRANSPARENT_BRIDGING:
		return walk_enter(walk) ? decode_ethernet(walk) : DECODE_MALFORMED;
	default:
		return type <= LLC_LENGTH_MAX ? decode_llc(walk) : DECODE_UNSUPPORTED;
	}
}
