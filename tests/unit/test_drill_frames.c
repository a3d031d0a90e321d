/* Every kind of packet in both families: sound by an independent check, and read by the decoder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "drill/frame_builder.h"
#include "frame_sound.h"
#include "test.h"

static const uint8_t mac_a[MAC_BYTES] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[MAC_BYTES] = {2, 0, 0, 0, 0, 0xb};

static struct packet packet_between(const char *source, const char *target)
{
	struct packet packet = {.ttl = 61, .ip_id = 0x1234, .window = 1024};
	bool parsed = address_parse(source, &packet.source) == 0 &&
		      address_parse(target, &packet.target) == 0;
	OK(parsed, source);
	memcpy(packet.source_mac, mac_a, MAC_BYTES);
	memcpy(packet.target_mac, mac_b, MAC_BYTES);
	return packet;
}

static enum decode_verdict decode(const uint8_t *bytes, size_t count, struct facts *facts)
{
	struct frame frame = {
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)count,
	    .wire_bytes = (uint32_t)count,
	    .link_type = LINK_ETHERNET,
	};
	return decode_frame(&frame, facts);
}

static bool is_hex(const uint8_t *bytes, size_t count, const char *hex)
{
	char text[3] = "";
	for (size_t i = 0; i < count; i++) {
		while (*hex == ' ')
			hex++;
		(void)snprintf(text, sizeof text, "%02x", (unsigned)bytes[i]);
		if (strncmp(text, hex, 2) != 0)
			return false;
		hex += 2;
	}
	return *hex == '\0';
}

/* Written out once, so that a reader sees what a frame is. */
static void test_bytes(void)
{
	uint8_t out[FRAME_BYTES_MAX];
	struct packet packet = packet_between("192.0.2.5", "198.18.0.1");
	packet.kind = PACKET_TCP;
	packet.tcp_flags = FACTS_SYN;
	packet.source_port = 40000;
	packet.target_port = 23;
	packet.seq = 0xc6120001;
	size_t bytes = frame_build(&packet, out);
	OK(is_hex(out, bytes,
	       "02000000000b 02000000000a 0800"
	       "4500 0028 1234 0000 3d06 e383 c0000205 c6120001"
	       "9c40 0017 c6120001 00000000 5002 0400 c15e 0000"
	       "000000000000"),
	    "a SYN");

	packet = packet_between("10.0.0.5", "10.0.0.7");
	packet.kind = PACKET_ARP_REQUEST;
	memset(packet.target_mac, 0xff, MAC_BYTES);
	bytes = frame_build(&packet, out);
	OK(is_hex(out, bytes,
	       "ffffffffffff 02000000000a 0806"
	       "0001 0800 06 04 0001 02000000000a 0a000005 000000000000 0a000007"
	       "000000000000000000000000000000000000"),
	    "an ARP request");
}

static const struct {
	const char *name;
	uint8_t kind;
	uint8_t options;
	uint8_t icmp_type;
	uint16_t payload_bytes;
	uint8_t protocol; /* that the decoder shall see; 0: IPv4 1, IPv6 58 */
} kinds[] = {
    {"TCP without options", PACKET_TCP, PACKET_OPTIONS_NONE, 0, 0, 6},
    {"TCP with MSS", PACKET_TCP, PACKET_OPTIONS_MSS, 0, 0, 6},
    {"TCP as Windows", PACKET_TCP, PACKET_OPTIONS_WINDOWS, 0, 0, 6},
    {"TCP as Linux", PACKET_TCP, PACKET_OPTIONS_LINUX, 0, 0, 6},
    {"TCP as BSD", PACKET_TCP, PACKET_OPTIONS_BSD, 0, 0, 6},
    {"TCP with data", PACKET_TCP, PACKET_OPTIONS_TIMESTAMP, 0, 999, 6},
    {"TCP with too much data", PACKET_TCP, PACKET_OPTIONS_BSD, 0, 60000, 6},
    {"UDP without payload", PACKET_UDP, 0, 0, 0, 17},
    {"UDP of odd length", PACKET_UDP, 0, 0, 301, 17},
    {"UDP with too much data", PACKET_UDP, 0, 0, 60000, 17},
    {"ICMP echo", PACKET_ICMP, 0, 8, 56, 0},
    {"ICMP error", PACKET_ICMP_ERROR, 0, 3, 0, 0},
    {"another protocol", PACKET_OTHER, 0, 0, 40, 200},
};

static void test_kind(size_t i, bool is_v4)
{
	uint8_t out[FRAME_BYTES_MAX];
	struct facts facts;
	struct packet packet = is_v4 ? packet_between("192.0.2.5", "198.18.255.1")
				     : packet_between("2001:db8::5", "2001:db8:dead::ffff:1");
	packet.kind = kinds[i].kind;
	packet.options = kinds[i].options;
	packet.icmp_type = is_v4 ? kinds[i].icmp_type : kinds[i].icmp_type == 8 ? 128 : 1;
	packet.payload_bytes = kinds[i].payload_bytes;
	packet.protocol = 200;
	packet.tcp_flags = FACTS_SYN;
	packet.source_port = 4096;
	packet.target_port = 443;
	packet.quote = (struct packet_quote){packet.target, packet.source, 7, 80, 9, 3, 17, 1};
	size_t bytes = frame_build(&packet, out);
	const char *fault = frame_fault(out, bytes);
	OK(fault == NULL, kinds[i].name);
	if (fault != NULL)
		printf("# %s\n", fault);

	unsigned protocol = kinds[i].protocol != 0 ? kinds[i].protocol : is_v4 ? 1 : 58;
	bool is_same = decode(out, bytes, &facts) == DECODE_OK && facts.protocol == protocol &&
		       address_equal(&facts.source, &packet.source) &&
		       address_equal(&facts.target, &packet.target) && facts.ttl == 61;
	if (packet.kind == PACKET_TCP)
		is_same = is_same && facts.tcp_flags == FACTS_SYN && facts.target_port == 443 &&
			  facts.source_port == 4096 && facts.window == 1024;
	if (packet.kind == PACKET_ICMP_ERROR)
		is_same = is_same && (facts.flags & FACTS_INNER_PORTS) != 0 &&
			  facts.inner_source_port == 80 && facts.inner_target_port == 9 &&
			  address_equal(&facts.inner_target, &packet.source);
	OK(is_same, "and the decoder reads it so");
}

/* The decoder knows these styles by their bytes. */
static void test_option_styles(void)
{
	static const uint8_t seen[] = {
	    [PACKET_OPTIONS_NONE] = TCP_OPTIONS_NONE,
	    [PACKET_OPTIONS_MSS] = TCP_OPTIONS_MSS_ONLY,
	    [PACKET_OPTIONS_WINDOWS] = TCP_OPTIONS_WINDOWS,
	    [PACKET_OPTIONS_LINUX] = TCP_OPTIONS_LINUX,
	    [PACKET_OPTIONS_BSD] = TCP_OPTIONS_BSD,
	    [PACKET_OPTIONS_TIMESTAMP] = TCP_OPTIONS_OTHER,
	};
	for (uint8_t options = 0; options < PACKET_OPTIONS_COUNT; options++) {
		uint8_t out[FRAME_BYTES_MAX];
		struct facts facts;
		struct packet packet = packet_between("192.0.2.5", "198.18.0.1");
		packet.kind = PACKET_TCP;
		packet.tcp_flags = FACTS_SYN;
		packet.options = options;
		packet.tsval = 77;
		size_t bytes = frame_build(&packet, out);
		OK(decode(out, bytes, &facts) == DECODE_OK && facts.tcp_options == seen[options],
		    "the decoder knows the style of the options");
	}
}

static void test_discovery(void)
{
	static const struct {
		const char *name;
		const char *source;
		const char *target;
		uint8_t kind;
		bool multicast;
		uint16_t flag;
	} rows[] = {
	    {"a solicitation to the group", "fe80::5", "fe80::a:b7", PACKET_ND_SOLICIT, true,
		FACTS_ND_SOLICIT},
	    {"a solicitation to one host", "fe80::5", "fe80::a:b7", PACKET_ND_SOLICIT, false,
		FACTS_ND_SOLICIT},
	    {"a check for duplicates", "::", "fe80::a:b7", PACKET_ND_SOLICIT, true,
		FACTS_ND_SOLICIT},
	    {"an advertisement", "fe80::5", "fe80::7", PACKET_ND_ADVERT, false, FACTS_ND_ADVERT},
	    {"a router's", "fe80::1", "ff02::1", PACKET_ROUTER_ADVERT, false, FACTS_ROUTER_ADVERT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t out[FRAME_BYTES_MAX];
		struct facts facts;
		struct packet packet = packet_between(rows[i].source, rows[i].target);
		packet.kind = rows[i].kind;
		packet.multicast = rows[i].multicast;
		size_t bytes = frame_build(&packet, out);
		OK(frame_fault(out, bytes) == NULL, rows[i].name);
		OK(decode(out, bytes, &facts) == DECODE_OK && (facts.flags & rows[i].flag) != 0,
		    "is known as such");
		if (rows[i].kind == PACKET_ND_SOLICIT)
			OK(address_equal(&facts.target, &packet.target) &&
				(memcmp(out, "\x33\x33\xff\x0a\x00\xb7", MAC_BYTES) == 0) ==
				    rows[i].multicast,
			    "asks for the address, at the right MAC");
	}
}

/* What no caller should describe still gives a frame, and never writes past the buffer. */
static void test_nonsense(void)
{
	uint8_t *out = malloc(FRAME_BYTES_MAX); /* AddressSanitizer watches its ends */
	bool is_bounded = out != NULL;
	uint64_t chance = 88172645463325252U;
	for (int round = 0; round < 20000 && is_bounded; round++) {
		struct packet packet = {0};
		uint8_t *bytes = (uint8_t *)&packet;
		for (size_t i = 0; i < sizeof packet; i++) {
			chance ^= chance << 13;
			chance ^= chance >> 7;
			chance ^= chance << 17;
			bytes[i] = (uint8_t)chance;
		}
		packet.dont_fragment = false;
		packet.multicast = (chance & 1) != 0;
		packet.head_bytes %= PACKET_HEAD_MAX + 1;
		packet.kind %= PACKET_KIND_COUNT;
		if ((chance & 2) != 0)
			packet.source = address_from_v4_u32((uint32_t)chance);
		is_bounded = frame_build(&packet, out) <= FRAME_BYTES_MAX;
	}
	free(out);
	OK(is_bounded, "20,000 descriptions without sense give frames of bounded length");
}

static void test_groups(void)
{
	static const struct {
		const char *address;
		const char *mac; /* "" where it is no group */
	} rows[] = {
	    {"255.255.255.255", "ffffffffffff"},
	    {"224.0.0.251", "01005e0000fb"},
	    {"239.255.255.250", "01005e7ffffa"},
	    {"ff02::fb", "3333000000fb"},
	    {"192.168.1.255", ""},
	    {"fe80::1", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address address;
		uint8_t mac[MAC_BYTES];
		bool is_group =
		    address_parse(rows[i].address, &address) == 0 && mac_of_group(&address, mac);
		OK(is_group == (rows[i].mac[0] != '\0') &&
			(!is_group || is_hex(mac, MAC_BYTES, rows[i].mac)),
		    rows[i].address);
	}
}

int main(void)
{
	test_bytes();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		test_kind(i, true);
		test_kind(i, false);
	}
	test_option_styles();
	test_discovery();
	test_groups();
	test_nonsense();
	return test_done();
}
