/*
 * address.h - one form for IPv4 and IPv6 addresses, and prefixes over them.
 *
 * IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so one table, one comparison and one
 * hash serve both families and every rule treats them alike. What a packet needs is inline.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	ADDRESS_BYTES = 16,
	ADDRESS_TEXT_BYTES = 46,
	PREFIX_TEXT_BYTES = 50
};
enum {
	ADDRESS_BITS = 128,
	ADDRESS_V4_BITS = 96
}; /* IPv4 begins at bit 96 */

struct address {
	uint8_t bytes[ADDRESS_BYTES];
};

/*
 * `bits` counts from the start of the 16 bytes: an IPv4 /24 has 96 + 24 = 120. Host bits are 0.
 * A prefix has one family: ::/0 is all of IPv6 and holds no IPv4 address, 0.0.0.0/0 is all of IPv4.
 */
struct prefix {
	struct address address;
	uint8_t bits;
};

/*
 * As two halves of 64 bits: a processor that stores an address in parts and loads it whole at once
 * waits for the parts.
 */
static inline struct address address_from_v4(const uint8_t v4[static 4])
{
	struct address address;
	uint64_t halves[2] = {0, 0};
	const uint8_t head[4] = {0, 0, 0xff, 0xff};
	uint32_t parts[2];
	memcpy(&parts[0], head, 4);
	memcpy(&parts[1], v4, 4);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	halves[1] = (uint64_t)parts[1] << 32 | parts[0];
#else
	halves[1] = (uint64_t)parts[0] << 32 | parts[1];
#endif
	memcpy(address.bytes, halves, sizeof halves);
	return address;
}

static inline struct address address_from_v4_u32(uint32_t v4_host_order)
{
	const uint32_t v4_network_order = htobe32(v4_host_order);
	uint8_t v4[4];
	memcpy(v4, &v4_network_order, sizeof v4);
	return address_from_v4(v4);
}

static inline bool address_is_v4(const struct address *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

/* The 32 bits of an IPv4 address in host order; for IPv6 the last 32 bits. */
static inline uint32_t address_low32(const struct address *address)
{
	const uint8_t *b = address->bytes + 12;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, ADDRESS_BYTES) == 0;
}

static inline int address_compare(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, ADDRESS_BYTES);
}

/* 0.0.0.0 or ::. */
bool address_is_unspecified(const struct address *address);
/* 224.0.0.0/4, 255.255.255.255, ff00::/8. */
bool address_is_multicast_or_broadcast(const struct address *address);
/* 127.0.0.0/8, ::1. */
bool address_is_loopback(const struct address *address);
/* 169.254.0.0/16, fe80::/10. */
bool address_is_link_local(const struct address *address);
/* 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 (RFC 6598), fc00::/7 (RFC 4193), link-local. */
bool address_is_private(const struct address *address);

/* The dotted or RFC 5952 form. */
void address_format(const struct address *address, char out[static ADDRESS_TEXT_BYTES]);
/* Accepts what inet_pton accepts, nothing after it. Returns 0, or -EINVAL. */
int address_parse(const char *text, struct address *ret_address);

bool prefix_is_v4(const struct prefix *prefix);
bool prefix_contains(const struct prefix *prefix, const struct address *address);
/* True when they share any address. */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);
/* "192.0.2.0/24". A host route is written with its /32 or /128. */
void prefix_format(const struct prefix *prefix, char out[static PREFIX_TEXT_BYTES]);
/*
 * Reads "ADDRESS/LENGTH" or "ADDRESS" (a single host). Returns 0, or -EINVAL with *ret_why set to a
 * static English phrase that says what was expected, such as "expected an IPv4 or IPv6 address".
 * Bits set past the length are refused (they are usually a typing error).
 */
int prefix_parse(const char *text, struct prefix *ret_prefix, const char **ret_why);
/* How many addresses a prefix has; 2^64 and more come as UINT64_MAX. */
uint64_t prefix_size(const struct prefix *prefix);

#endif
