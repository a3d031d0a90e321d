/* extension.c - IPv6 extension headers (RFC 8200 section 4), and AH (RFC 4302) in both families. */
#include "decode/internal.h"

enum {
	EXTENSION_MIN = 8, /* every extension header has at least these */
	EXTENSION_AT_NEXT = 0,
	EXTENSION_AT_LENGTH = 1,
	AH_HEADER_MIN = 12,
	FRAGMENT_AT_OFFSET = 2,
	FRAGMENT_OFFSET = 0xfff8,
	FRAGMENT_MORE = 1,
};

/* Transport headers, ESP (nothing after it can be read) and all unknown ones end the chain. */
static bool is_extension_v6(uint8_t protocol)
{
	return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING ||
	       protocol == PROTOCOL_FRAGMENT || protocol == PROTOCOL_AH ||
	       protocol == PROTOCOL_DESTINATION_OPTIONS;
}

/* The length field counts units of 8 bytes; in AH, for historical reasons, of 4 (RFC 4302 2.2). */
static size_t extension_bytes(uint8_t protocol, uint8_t length)
{
	if (protocol == PROTOCOL_FRAGMENT)
		return EXTENSION_MIN;
	if (protocol == PROTOCOL_AH)
		return (length + 2U) * 4U;
	return (length + 1U) * 8U;
}

/* An atomic fragment (RFC 6946) is a whole packet that says so. */
static void note_fragment(struct extensions *extensions, const uint8_t header[static EXTENSION_MIN])
{
	uint16_t offset_and_more = be16(header + FRAGMENT_AT_OFFSET);
	if ((offset_and_more & (FRAGMENT_OFFSET | FRAGMENT_MORE)) == 0)
		return;
	extensions->is_fragment = true;
	extensions->is_later_fragment = (offset_and_more & FRAGMENT_OFFSET) != 0;
}

static enum decode_verdict step_over(struct walk *walk, struct extensions *extensions)
{
	if (!walk_enter(walk))
		return DECODE_MALFORMED;
	const uint8_t *header = cursor_take(&walk->cursor, EXTENSION_MIN);
	if (header == NULL)
		return walk_short(walk);
	size_t bytes = extension_bytes(extensions->protocol, header[EXTENSION_AT_LENGTH]);
	if (extensions->protocol == PROTOCOL_AH && bytes < AH_HEADER_MIN)
		return DECODE_MALFORMED;
	if (cursor_take(&walk->cursor, bytes - EXTENSION_MIN) == NULL)
		return walk_short(walk);

	if (extensions->protocol == PROTOCOL_FRAGMENT)
		note_fragment(extensions, header);
	extensions->protocol = header[EXTENSION_AT_NEXT];
	return DECODE_OK;
}

enum decode_verdict decode_extensions_v6(struct walk *walk, struct extensions *extensions)
{
	enum decode_verdict verdict = DECODE_OK;
	while (verdict == DECODE_OK && !extensions->is_later_fragment &&
	       is_extension_v6(extensions->protocol))
		verdict = step_over(walk, extensions);
	return verdict;
}

enum decode_verdict decode_extensions_v4(struct walk *walk, struct extensions *extensions)
{
	enum decode_verdict verdict = DECODE_OK;
	while (verdict == DECODE_OK && extensions->protocol == PROTOCOL_AH)
		verdict = step_over(walk, extensions);
	return verdict;
}
