#include "drill/frame_builder.h"

#include <assert.h>
#include <string.h>

#include "decode/decode.h"

enum {
	ETHERTYPE_V4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_V6 = 0x86dd,
	ETHERNET_BYTES = 14,
	V4_BYTES = 20,
	V6_BYTES = 40,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
	ICMP_BYTES = 8,
	TCP_OPTIONS_MAX = 24,
	V4_DONT_FRAGMENT = 0x4000,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO_REQUEST = 8,
	ICMP6_ECHO_REQUEST = 128,
	ND_ROUTER_ADVERT = 134,
	ND_SOLICIT = 135,
	ND_ADVERT = 136,
	ND_HOP_LIMIT = 255,          /* RFC 4861: proves that no router forwarded it */
	ND_ADVERT_FLAGS = 0x60,      /* solicited, override */
	ROUTER_LIFETIME_S = 1800,    /* RFC 4861's default */
	PREFIX_FLAGS = 0xc0,         /* on-link, autonomous */
	PREFIX_LIFETIME_S = 2592000, /* RFC 4861's default of 30 days */
	QUOTED_V4_BYTES = 8,
	MSS = 1460,
	LETTERS = 26,
	LARGE_BYTES = 128, /* of payload: from here on it pays to sum it up otherwise */
};

static_assert(
    FRAME_BYTES_MAX - ETHERNET_BYTES - V6_BYTES - TCP_BYTES - TCP_OPTIONS_MAX == PACKET_PAYLOAD_MAX,
    "the payload that always fits");

static uint8_t *put_u8(uint8_t *out, unsigned value)
{
	*out = (uint8_t)value;
	return out + 1;
}

static uint8_t *put_u16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return out + 2;
}

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
	put_u16(out, value >> 16);
	return put_u16(out + 2, value & 0xffffU);
}

static uint8_t *put_bytes(uint8_t *out, const void *bytes, size_t count)
{
	memcpy(out, bytes, count);
	return out + count;
}

static uint8_t *put_address(uint8_t *out, const struct address *address, bool is_v4)
{
	return is_v4 ? put_bytes(out, address->bytes + 12, 4)
		     : put_bytes(out, address->bytes, ADDRESS_BYTES);
}

/* Sixteen bytes at once, in four sums: large payloads are mostly this. */
static uint64_t sum_large(const uint8_t *bytes, size_t count)
{
	uint64_t sums[4] = {0};
	for (; count >= 16; bytes += 16, count -= 16) {
		uint32_t words[4];
		memcpy(words, bytes, sizeof words);
		for (int i = 0; i < 4; i++)
			sums[i] += words[i];
	}
	return sums[0] + sums[1] + sums[2] + sums[3];
}

/* RFC 1071: the sum may be taken in the machine's own byte order, if it is stored in it too. */
static inline uint64_t sum_bytes(const uint8_t *bytes, size_t count, uint64_t sum)
{
	if (count >= LARGE_BYTES) {
		sum += sum_large(bytes, count);
		bytes += count / 16 * 16;
		count %= 16;
	}
	for (; count >= 4; bytes += 4, count -= 4) {
		uint32_t word;
		memcpy(&word, bytes, 4);
		sum += word;
	}
	uint8_t rest[4] = {0};
	memcpy(rest, bytes, count);
	uint32_t word;
	memcpy(&word, rest, 4);
	return sum + word;
}

static void store_sum(uint8_t *at, uint64_t sum, bool is_udp)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffffU) + (sum >> 16);
	uint16_t folded = (uint16_t)~sum;
	if (is_udp && folded == 0)
		folded = UINT16_MAX; /* RFC 768: 0 says that there is none */
	memcpy(at, &folded, 2);
}

/* The pseudo header's part of a checksum. */
static uint64_t sum_pseudo(
    const struct address *source, const struct address *target, unsigned protocol, size_t length)
{
	uint8_t rest[4];
	put_u16(put_u16(rest, (unsigned)length), protocol);
	uint64_t sum = sum_bytes(rest, sizeof rest, 0);
	if (address_is_v4(source)) {
		sum = sum_bytes(source->bytes + 12, 4, sum);
		return sum_bytes(target->bytes + 12, 4, sum);
	}
	sum = sum_bytes(source->bytes, ADDRESS_BYTES, sum);
	return sum_bytes(target->bytes, ADDRESS_BYTES, sum);
}

void packet_clear(struct packet *packet)
{
	memset(packet, 0, offsetof(struct packet, head));
}

bool mac_of_group(const struct address *address, uint8_t ret_mac[static MAC_BYTES])
{
	if (!address_is_multicast_or_broadcast(address))
		return false;
	if (!address_is_v4(address)) {
		ret_mac[0] = ret_mac[1] = 0x33;
		memcpy(ret_mac + 2, address->bytes + 12, 4);
	} else if (address_low32(address) == UINT32_MAX) {
		memset(ret_mac, 0xff, MAC_BYTES);
	} else {
		memcpy(ret_mac, (const uint8_t[]){0x01, 0x00, 0x5e}, 3);
		memcpy(ret_mac + 3, address->bytes + 13, 3);
		ret_mac[3] &= 0x7f;
	}
	return true;
}

static uint8_t *put_timestamp(uint8_t *out, const struct packet *packet)
{
	out = put_bytes(out, (const uint8_t[]){0x08, 0x0a}, 2);
	return put_u32(put_u32(out, packet->tsval), packet->tsecr);
}

static uint8_t *put_options(uint8_t *out, const struct packet *packet)
{
	static const uint8_t windows[] = {0x01, 0x03, 0x03, 0x08, 0x01, 0x01, 0x04, 0x02};
	static const uint8_t bsd_scale[] = {0x01, 0x03, 0x03, 0x06, 0x01, 0x01};
	static const uint8_t bsd_end[] = {0x04, 0x02, 0x00, 0x00};
	static const uint8_t linux_scale[] = {0x01, 0x03, 0x03, 0x07};
	static const uint8_t mss[] = {0x02, 0x04, MSS >> 8, MSS & 0xff};

	if (packet->options == PACKET_OPTIONS_NONE)
		return out;
	if (packet->options == PACKET_OPTIONS_TIMESTAMP)
		return put_timestamp(put_bytes(out, (const uint8_t[]){1, 1}, 2), packet);

	out = put_bytes(out, mss, sizeof mss);
	if (packet->options == PACKET_OPTIONS_WINDOWS) {
		out = put_bytes(out, windows, sizeof windows);
	} else if (packet->options == PACKET_OPTIONS_LINUX) {
		out = put_bytes(out, (const uint8_t[]){0x04, 0x02}, 2);
		out = put_timestamp(out, packet);
		out = put_bytes(out, linux_scale, sizeof linux_scale);
	} else if (packet->options == PACKET_OPTIONS_BSD) {
		out = put_bytes(out, bsd_scale, sizeof bsd_scale);
		out = put_timestamp(out, packet);
		out = put_bytes(out, bsd_end, sizeof bsd_end);
	}
	return out;
}

/* Letters in their order, for bytes that nobody chose: `at` says where in the payload they are. */
static void put_pattern(uint8_t *out, size_t at, size_t count)
{
	size_t done = count < LETTERS ? count : LETTERS;
	for (size_t i = 0; i < done; i++)
		out[i] = (uint8_t)('a' + (at + i) % LETTERS);
	while (done < count) {
		size_t more = count - done < done ? count - done : done;
		memcpy(out + done, out, more); /* `done` is a multiple of the alphabet */
		done += more;
	}
}

/* A payload that fits: `room` is what the frame has left. */
static uint8_t *put_payload(uint8_t *out, const struct packet *packet, size_t room)
{
	size_t bytes = packet->payload_bytes < room ? packet->payload_bytes : room;
	size_t head = packet->head_bytes < bytes ? packet->head_bytes : bytes;
	assert(packet->head_bytes <= PACKET_HEAD_MAX);
	memcpy(out, packet->head, head);
	put_pattern(out + head, head, bytes - head);
	return out + bytes;
}

static uint8_t *put_tcp(uint8_t *start, const struct packet *packet, size_t room)
{
	uint8_t *out = put_u16(start, packet->source_port);
	out = put_u16(out, packet->target_port);
	out = put_u32(out, packet->seq);
	out = put_u32(out, packet->ack);
	uint8_t *header_words = out;
	out = put_u8(out, 0);
	out = put_u8(out, packet->tcp_flags);
	out = put_u16(out, packet->window);
	out = put_u32(out, 0); /* checksum, urgent pointer */
	out = put_options(out, packet);
	size_t header_bytes = (size_t)(out - start);
	put_u8(header_words, (unsigned)(header_bytes / 4) << 4);
	return put_payload(out, packet, room - header_bytes);
}

static uint8_t *put_udp(uint8_t *start, const struct packet *packet, size_t room)
{
	uint8_t *out = put_payload(start + UDP_BYTES, packet, room - UDP_BYTES);
	put_u16(start, packet->source_port);
	put_u16(start + 2, packet->target_port);
	put_u16(start + 4, (unsigned)(out - start));
	put_u16(start + 6, 0);
	return out;
}

static uint8_t *put_icmp(uint8_t *out, const struct packet *packet)
{
	out = put_u8(out, packet->icmp_type);
	out = put_u8(out, packet->icmp_code);
	out = put_u16(out, 0);
	out = put_u16(out, packet->icmp_id);
	return put_u16(out, packet->icmp_seq);
}

static uint8_t *put_v4_header(
    uint8_t *start, const struct packet *packet, unsigned protocol, size_t length)
{
	uint8_t *out = put_u16(start, 0x4500);
	out = put_u16(out, (unsigned)(V4_BYTES + length));
	out = put_u16(out, packet->ip_id);
	out = put_u16(out, packet->dont_fragment ? V4_DONT_FRAGMENT : 0);
	out = put_u8(out, packet->ttl);
	out = put_u8(out, protocol);
	out = put_u16(out, 0);
	out = put_address(out, &packet->source, true);
	out = put_address(out, &packet->target, true);
	store_sum(start + 10, sum_bytes(start, V4_BYTES, 0), false);
	return out;
}

static uint8_t *put_v6_header(
    uint8_t *start, const struct packet *packet, unsigned protocol, size_t length)
{
	uint8_t *out = put_u32(start, 0x60000000);
	out = put_u16(out, (unsigned)length);
	out = put_u8(out, protocol);
	out = put_u8(out, packet->ttl);
	out = put_address(out, &packet->source, false);
	return put_address(out, &packet->target, false);
}

static uint8_t *put_ip_header(
    uint8_t *start, const struct packet *packet, unsigned protocol, size_t length)
{
	return address_is_v4(&packet->source) ? put_v4_header(start, packet, protocol, length)
					      : put_v6_header(start, packet, protocol, length);
}

/* Fills in the checksum that `protocol` has, over `count` bytes whose checksum field is 0. */
static void store_transport_sum(
    uint8_t *start, size_t count, const struct packet *packet, unsigned protocol)
{
	size_t at = 2; /* ICMP, ICMPv6 */
	uint64_t sum = 0;
	if (protocol == PROTOCOL_TCP)
		at = 16;
	else if (protocol == PROTOCOL_UDP)
		at = 6;
	else if (protocol != PROTOCOL_ICMP && protocol != PROTOCOL_ICMP6)
		return;
	if (protocol != PROTOCOL_ICMP)
		sum = sum_pseudo(&packet->source, &packet->target, protocol, count);
	store_sum(start + at, sum_bytes(start, count, sum), protocol == PROTOCOL_UDP);
}

/* The transport header of a quoted packet, without payload. */
static uint8_t *put_quoted_transport(uint8_t *out, const struct packet_quote *quote)
{
	struct packet inner;
	packet_clear(&inner);
	inner.source_port = quote->source_port;
	inner.target_port = quote->target_port;
	inner.seq = quote->seq;
	inner.tcp_flags = FACTS_SYN;
	inner.window = UINT16_MAX;
	inner.icmp_id = quote->source_port;
	inner.icmp_seq = quote->target_port;
	inner.icmp_type = quote->protocol == PROTOCOL_ICMP ? ICMP_ECHO_REQUEST : ICMP6_ECHO_REQUEST;
	if (quote->protocol == PROTOCOL_TCP)
		return put_tcp(out, &inner, TCP_BYTES);
	if (quote->protocol == PROTOCOL_UDP)
		return put_udp(out, &inner, UDP_BYTES);
	return put_icmp(out, &inner);
}

static uint8_t *put_quote(uint8_t *start, const struct packet_quote *quote)
{
	struct packet inner;
	packet_clear(&inner);
	inner.source = quote->source;
	inner.target = quote->target;
	inner.ip_id = quote->ip_id;
	inner.ttl = quote->ttl;

	bool is_v4 = address_is_v4(&quote->source);
	uint8_t *transport = start + (is_v4 ? V4_BYTES : V6_BYTES);
	uint8_t *end = put_quoted_transport(transport, quote);
	size_t length = (size_t)(end - transport);
	store_transport_sum(transport, length, &inner, quote->protocol);
	put_ip_header(start, &inner, quote->protocol, length);
	return is_v4 ? transport + QUOTED_V4_BYTES : end;
}

static uint8_t *put_link_option(uint8_t *out, unsigned type, const uint8_t *mac)
{
	out = put_u8(out, type);
	out = put_u8(out, 1); /* in units of 8 bytes */
	return put_bytes(out, mac, MAC_BYTES);
}

static uint8_t *put_solicit(uint8_t *out, const struct packet *packet)
{
	out = put_u16(out, ND_SOLICIT << 8);
	out = put_u16(out, 0);
	out = put_u32(out, 0);
	out = put_address(out, &packet->target, false);
	/* RFC 4862: who asks whether its own address is free gives none. */
	bool is_probe = address_is_unspecified(&packet->source);
	return is_probe ? out : put_link_option(out, 1, packet->source_mac);
}

static uint8_t *put_advert(uint8_t *out, const struct packet *packet)
{
	out = put_u16(out, ND_ADVERT << 8);
	out = put_u16(out, 0);
	out = put_u32(out, (uint32_t)ND_ADVERT_FLAGS << 24);
	out = put_address(out, &packet->source, false);
	return put_link_option(out, 2, packet->source_mac);
}

/* quote.source names the prefix that the router announces. */
static uint8_t *put_router_advert(uint8_t *out, const struct packet *packet)
{
	out = put_u16(out, ND_ROUTER_ADVERT << 8);
	out = put_u16(out, 0);
	out = put_u8(out, 64); /* the hop limit that hosts shall use */
	out = put_u8(out, 0);
	out = put_u16(out, ROUTER_LIFETIME_S);
	out = put_u32(out, 0);
	out = put_u32(out, 0);
	out = put_link_option(out, 1, packet->source_mac);
	out = put_bytes(out, (const uint8_t[]){3, 4, 64, PREFIX_FLAGS}, 4);
	out = put_u32(out, PREFIX_LIFETIME_S);
	out = put_u32(out, PREFIX_LIFETIME_S);
	out = put_u32(out, 0);
	return put_address(out, &packet->quote.source, false);
}

static unsigned protocol_of(const struct packet *packet, bool is_v4)
{
	switch (packet->kind) {
	case PACKET_TCP:
		return PROTOCOL_TCP;
	case PACKET_UDP:
		return PROTOCOL_UDP;
	case PACKET_OTHER:
		return packet->protocol;
	default:
		return is_v4 ? PROTOCOL_ICMP : PROTOCOL_ICMP6;
	}
}

static uint8_t *put_transport(uint8_t *start, const struct packet *packet, size_t room)
{
	switch (packet->kind) {
	case PACKET_TCP:
		return put_tcp(start, packet, room);
	case PACKET_UDP:
		return put_udp(start, packet, room);
	case PACKET_ICMP:
		return put_payload(put_icmp(start, packet), packet, room - ICMP_BYTES);
	case PACKET_ICMP_ERROR:
		return put_quote(put_icmp(start, packet), &packet->quote);
	case PACKET_ND_SOLICIT:
		return put_solicit(start, packet);
	case PACKET_ND_ADVERT:
		return put_advert(start, packet);
	case PACKET_ROUTER_ADVERT:
		return put_router_advert(start, packet);
	default:
		return put_payload(start, packet, room);
	}
}

/* RFC 4291 section 2.7.1: ff02::1:ff and the last 24 bits of the address asked for. */
static struct address solicited_node(const struct address *asked)
{
	struct address group = {.bytes = {0xff, 0x02, [11] = 0x01, 0xff}};
	memcpy(group.bytes + 13, asked->bytes + 13, 3);
	return group;
}

static bool is_neighbour_discovery(const struct packet *packet)
{
	return packet->kind == PACKET_ND_SOLICIT || packet->kind == PACKET_ND_ADVERT ||
	       packet->kind == PACKET_ROUTER_ADVERT;
}

/* A copy whose network header is what neighbour discovery sends, not what the caller says. */
static size_t build_neighbour_discovery(const struct packet *packet, uint8_t *out)
{
	struct packet outer;
	memcpy(&outer, packet, offsetof(struct packet, head));
	outer.ttl = ND_HOP_LIMIT;
	if (packet->kind == PACKET_ND_SOLICIT && packet->multicast)
		outer.target = solicited_node(&packet->target);

	uint8_t *start = out + ETHERNET_BYTES + V6_BYTES;
	size_t length = (size_t)(put_transport(start, packet, 0) - start);
	put_v6_header(out + ETHERNET_BYTES, &outer, PROTOCOL_ICMP6, length);
	store_transport_sum(start, length, &outer, PROTOCOL_ICMP6);
	(void)mac_of_group(&outer.target, out); /* to one host it stays as it is */
	return ETHERNET_BYTES + V6_BYTES + length;
}

static size_t build_ip(const struct packet *packet, bool is_v4, uint8_t *out)
{
	size_t header_bytes = is_v4 ? V4_BYTES : V6_BYTES;
	uint8_t *network = out + ETHERNET_BYTES;
	uint8_t *start = network + header_bytes;
	size_t room = FRAME_BYTES_MAX - ETHERNET_BYTES - header_bytes;
	size_t length = (size_t)(put_transport(start, packet, room) - start);
	unsigned protocol = protocol_of(packet, is_v4);
	if (packet->kind != PACKET_OTHER)
		store_transport_sum(start, length, packet, protocol);
	put_ip_header(network, packet, protocol, length);
	return ETHERNET_BYTES + header_bytes + length;
}

static size_t build_arp(const struct packet *packet, uint8_t *out)
{
	static const uint8_t ethernet_and_v4[] = {0x00, 0x01, 0x08, 0x00, 0x06, 0x04};
	static const uint8_t nobody[MAC_BYTES];
	bool is_request = packet->kind == PACKET_ARP_REQUEST;
	uint8_t *at = put_bytes(out + ETHERNET_BYTES, ethernet_and_v4, sizeof ethernet_and_v4);
	at = put_u16(at, is_request ? 1 : 2);
	at = put_bytes(at, packet->source_mac, MAC_BYTES);
	at = put_address(at, &packet->source, true);
	at = put_bytes(at, is_request ? nobody : packet->target_mac, MAC_BYTES);
	at = put_address(at, &packet->target, true);
	return (size_t)(at - out);
}

size_t frame_build(const struct packet *packet, uint8_t out[static FRAME_BYTES_MAX])
{
	if (packet->kind == PACKET_RAW) {
		memcpy(out, packet->head, packet->head_bytes);
		return packet->head_bytes;
	}
	bool is_v4 = address_is_v4(&packet->source);
	bool is_arp = packet->kind == PACKET_ARP_REQUEST || packet->kind == PACKET_ARP_REPLY;
	unsigned type = is_v4 ? ETHERTYPE_V4 : ETHERTYPE_V6;
	uint8_t *at = put_bytes(out, packet->target_mac, MAC_BYTES);
	at = put_bytes(at, packet->source_mac, MAC_BYTES);
	put_u16(at, is_arp ? ETHERTYPE_ARP : type);

	size_t length;
	if (is_arp)
		length = build_arp(packet, out);
	else if (is_neighbour_discovery(packet))
		length = build_neighbour_discovery(packet, out);
	else
		length = build_ip(packet, is_v4, out);

	if (length < FRAME_BYTES_MIN) {
		memset(out + length, 0, FRAME_BYTES_MIN - length);
		length = FRAME_BYTES_MIN;
	}
	return length;
}
