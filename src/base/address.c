#include "base/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

static_assert(ADDRESS_TEXT_BYTES == INET6_ADDRSTRLEN, "what inet_ntop may write");
static_assert(PREFIX_TEXT_BYTES == ADDRESS_TEXT_BYTES + 4, "room for /128");

/* Whether an IPv4 address, in host order, lies in a.b.0.0/length. */
static bool v4_within(uint32_t v4, uint32_t network, unsigned length)
{
	return (v4 ^ network) >> (32U - length) == 0;
}

bool address_is_unspecified(const struct address *address)
{
	static const struct address zero;
	return address_equal(address, &zero) ||
	       (address_is_v4(address) && address_low32(address) == 0);
}

bool address_is_multicast_or_broadcast(const struct address *address)
{
	if (!address_is_v4(address))
		return address->bytes[0] == 0xff;
	uint32_t v4 = address_low32(address);
	return v4_within(v4, 0xe0000000, 4) || v4 == UINT32_MAX;
}

bool address_is_loopback(const struct address *address)
{
	static const struct address one = {.bytes = {[15] = 1}};
	if (address_is_v4(address))
		return v4_within(address_low32(address), 0x7f000000, 8);
	return address_equal(address, &one);
}

bool address_is_link_local(const struct address *address)
{
	if (address_is_v4(address))
		return v4_within(address_low32(address), 0xa9fe0000, 16);
	return address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0U) == 0x80;
}

bool address_is_private(const struct address *address)
{
	if (address_is_link_local(address))
		return true;
	if (!address_is_v4(address))
		return (address->bytes[0] & 0xfeU) == 0xfc;
	uint32_t v4 = address_low32(address);
	return v4_within(v4, 0x0a000000, 8) || v4_within(v4, 0xac100000, 12) ||
	       v4_within(v4, 0xc0a80000, 16) || v4_within(v4, 0x64400000, 10);
}

void address_format(const struct address *address, char out[static ADDRESS_TEXT_BYTES])
{
	const char *text = address_is_v4(address)
			       ? inet_ntop(AF_INET, address->bytes + 12, out, ADDRESS_TEXT_BYTES)
			       : inet_ntop(AF_INET6, address->bytes, out, ADDRESS_TEXT_BYTES);
	assert(text != NULL); /* the family is known and the room is enough */
	(void)text;
}

int address_parse(const char *text, struct address *ret_address)
{
	struct address address;
	uint8_t v4[4];
	if (inet_pton(AF_INET, text, v4) == 1)
		address = address_from_v4(v4);
	else if (inet_pton(AF_INET6, text, address.bytes) != 1)
		return -EINVAL;
	*ret_address = address;
	return 0;
}

bool prefix_is_v4(const struct prefix *prefix)
{
	return prefix->bits >= ADDRESS_V4_BITS && address_is_v4(&prefix->address);
}

/* Whether the first `bits` bits agree. */
static bool same_start(const struct address *a, const struct address *b, unsigned bits)
{
	uint64_t left[2];
	uint64_t right[2];
	memcpy(left, a->bytes, sizeof left);
	memcpy(right, b->bytes, sizeof right);
	uint64_t high = be64toh(left[0] ^ right[0]);
	if (bits <= 64)
		return bits == 0 || high >> (64 - bits) == 0;
	return high == 0 && be64toh(left[1] ^ right[1]) >> (ADDRESS_BITS - bits) == 0;
}

bool prefix_contains(const struct prefix *prefix, const struct address *address)
{
	return same_start(&prefix->address, address, prefix->bits) &&
	       prefix_is_v4(prefix) == address_is_v4(address);
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return same_start(&a->address, &b->address, a->bits < b->bits ? a->bits : b->bits) &&
	       prefix_is_v4(a) == prefix_is_v4(b);
}

void prefix_format(const struct prefix *prefix, char out[static PREFIX_TEXT_BYTES])
{
	char address[ADDRESS_TEXT_BYTES];
	address_format(&prefix->address, address);
	unsigned length =
	    prefix_is_v4(prefix) ? prefix->bits - (unsigned)ADDRESS_V4_BITS : prefix->bits;
	int bytes = snprintf(out, PREFIX_TEXT_BYTES, "%s/%u", address, length);
	assert(bytes > 0 && bytes < PREFIX_TEXT_BYTES);
	(void)bytes;
}

/* Reads 1 to 3 digits without sign, blank or leading zero. Returns -EINVAL otherwise. */
static int parse_length(const char *text, unsigned max, unsigned *ret_length)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 3 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
		return -EINVAL;
	unsigned length = 0;
	for (size_t i = 0; i < digits; i++)
		length = length * 10 + (unsigned)(text[i] - '0');
	if (length > max)
		return -EINVAL;
	*ret_length = length;
	return 0;
}

static bool has_host_bits(const struct prefix *prefix)
{
	for (unsigned bit = prefix->bits; bit < ADDRESS_BITS; bit++) {
		if ((prefix->address.bytes[bit / 8] & 0x80U >> bit % 8) != 0)
			return true;
	}
	return false;
}

int prefix_parse(const char *text, struct prefix *ret_prefix, const char **ret_why)
{
	const char *slash = strchr(text, '/');
	size_t bytes = slash == NULL ? strlen(text) : (size_t)(slash - text);
	char host[ADDRESS_TEXT_BYTES] = "";
	struct prefix prefix = {.bits = ADDRESS_BITS};

	if (bytes < sizeof host)
		memcpy(host, text, bytes);
	if (address_parse(host, &prefix.address) != 0) {
		*ret_why = "expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32";
		return -EINVAL;
	}
	if (slash != NULL) {
		bool dotted = strchr(host, ':') == NULL;
		unsigned length;
		if (parse_length(slash + 1, dotted ? 32 : ADDRESS_BITS, &length) != 0) {
			*ret_why = dotted ? "expected a length from 0 to 32 after the slash"
					  : "expected a length from 0 to 128 after the slash";
			return -EINVAL;
		}
		prefix.bits = (uint8_t)(length + (dotted ? (unsigned)ADDRESS_V4_BITS : 0U));
	}
	if (has_host_bits(&prefix)) {
		*ret_why = "bits are set past the length, expected the range's first address "
			   "such as 192.0.2.0/24";
		return -EINVAL;
	}
	*ret_prefix = prefix;
	return 0;
}

uint64_t prefix_size(const struct prefix *prefix)
{
	unsigned host_bits = (unsigned)ADDRESS_BITS - prefix->bits;
	return host_bits >= 64 ? UINT64_MAX : UINT64_C(1) << host_bits;
}
