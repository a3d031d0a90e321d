#include "observe/classify.h"

#include "test.h"

enum {
	ICMP = 1,
	IGMP = 2,
	TCP = 6,
	UDP = 17,
	ESP = 50,
	ICMP6 = 58,
	SCTP = 132,
	ECE = 0x40,
	CWR = 0x80,
};

#define S FACTS_SYN
#define A FACTS_ACK
#define R FACTS_RST
#define F FACTS_FIN
#define P FACTS_PSH
#define U FACTS_URG

static struct facts packet(uint8_t net, uint8_t protocol, uint16_t flags)
{
	return (struct facts){.net = net, .protocol = protocol, .flags = flags};
}

static const struct {
	const char *name;
	uint8_t flags;
	enum packet_class class;
	enum sighting_variant variant; /* of probes, and of segments that belong to nothing */
} segments[] = {
    {"SYN", S, PACKET_REQUEST, VARIANT_FLAGS},
    {"SYN ECE CWR", S | ECE | CWR, PACKET_REQUEST, VARIANT_FLAGS},
    {"SYN PSH", S | P, PACKET_REQUEST, VARIANT_FLAGS},
    {"SYN URG", S | U, PACKET_REQUEST, VARIANT_FLAGS},
    {"SYN ACK", S | A, PACKET_REPLY, VARIANT_FLAGS},
    {"SYN ACK ECE", S | A | ECE, PACKET_REPLY, VARIANT_FLAGS},
    {"RST", R, PACKET_REPLY, VARIANT_FLAGS},
    {"RST ACK, which published code files under other", R | A, PACKET_REPLY, VARIANT_FLAGS},
    {"RST ACK PSH", R | A | P, PACKET_REPLY, VARIANT_FLAGS},
    {"ACK", A, PACKET_SEGMENT, VARIANT_ACK},
    {"ACK PSH", A | P, PACKET_SEGMENT, VARIANT_ACK},
    {"FIN ACK", F | A, PACKET_SEGMENT, VARIANT_ACK},
    {"NULL", 0, PACKET_PROBE, VARIANT_NULL},
    {"NULL with ECE", ECE, PACKET_PROBE, VARIANT_NULL},
    {"FIN", F, PACKET_PROBE, VARIANT_FIN},
    {"XMAS", F | P | U, PACKET_PROBE, VARIANT_XMAS},
    {"half an XMAS", F | P, PACKET_PROBE, VARIANT_FLAGS},
    {"SYN FIN", S | F, PACKET_PROBE, VARIANT_FLAGS},
    {"SYN FIN ACK", S | F | A, PACKET_PROBE, VARIANT_FLAGS},
    {"PSH", P, PACKET_PROBE, VARIANT_FLAGS},
    {"SYN RST", S | R, PACKET_NOTHING, VARIANT_FLAGS},
    {"FIN RST", F | R, PACKET_NOTHING, VARIANT_FLAGS},
    {"all of them", S | A | R | F | P | U, PACKET_NOTHING, VARIANT_FLAGS},
};

static void test_segments(void)
{
	static const uint8_t nets[] = {FACTS_V4, FACTS_V6};
	for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
		bool right = true;
		for (size_t n = 0; n < sizeof nets; n++) {
			struct facts facts = packet(nets[n], TCP, FACTS_TRANSPORT);
			facts.tcp_flags = segments[i].flags;
			right = right && classify(&facts) == segments[i].class &&
				classify_variant(&facts) == segments[i].variant;
		}
		OK(right, segments[i].name);
	}
}

static const struct {
	const char *name;
	uint8_t protocol;
	uint8_t type;
	enum packet_class class;
} messages[] = {
    {"echo reply", ICMP, 0, PACKET_REPLY},
    {"echo", ICMP, 8, PACKET_REQUEST},
    {"router advertisement of ICMP", ICMP, 9, PACKET_NOTHING},
    {"timestamp", ICMP, 13, PACKET_REQUEST},
    {"timestamp reply", ICMP, 14, PACKET_REPLY},
    {"information request", ICMP, 15, PACKET_REQUEST},
    {"information reply", ICMP, 16, PACKET_REPLY},
    {"address mask request", ICMP, 17, PACKET_REQUEST},
    {"address mask reply", ICMP, 18, PACKET_REPLY},
    {"type 128 of ICMP", ICMP, 128, PACKET_NOTHING},
    {"ICMPv6 echo", ICMP6, 128, PACKET_REQUEST},
    {"ICMPv6 echo reply", ICMP6, 129, PACKET_REPLY},
    {"multicast listener report", ICMP6, 143, PACKET_NOTHING},
    {"type 8 of ICMPv6", ICMP6, 8, PACKET_NOTHING},
};

static void test_messages(void)
{
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		struct facts facts = packet(messages[i].protocol == ICMP ? FACTS_V4 : FACTS_V6,
		    messages[i].protocol, FACTS_TRANSPORT);
		facts.icmp_type = messages[i].type;
		OK(classify(&facts) == messages[i].class, messages[i].name);
	}
}

static const struct {
	const char *name;
	uint8_t net;
	uint8_t protocol;
	uint16_t flags;
	enum packet_class class;
} others[] = {
    {"nothing decoded", FACTS_NONE, 0, 0, PACKET_NOTHING},
    {"ARP who-has", FACTS_ARP, 0, FACTS_ARP_REQUEST, PACKET_ASK},
    {"ARP reply", FACTS_ARP, 0, FACTS_ARP_REPLY, PACKET_TELL},
    {"neighbour solicitation", FACTS_V6, ICMP6, FACTS_TRANSPORT | FACTS_ND_SOLICIT, PACKET_ASK},
    {"neighbour advertisement", FACTS_V6, ICMP6, FACTS_TRANSPORT | FACTS_ND_ADVERT, PACKET_TELL},
    {"router advertisement", FACTS_V6, ICMP6, FACTS_TRANSPORT | FACTS_ROUTER_ADVERT, PACKET_TELL},
    {"an ICMP error", FACTS_V4, ICMP, FACTS_TRANSPORT | FACTS_ICMP_ERROR, PACKET_ERROR},
    {"an ICMPv6 error", FACTS_V6, ICMP6, FACTS_TRANSPORT | FACTS_ICMP_ERROR, PACKET_ERROR},
    {"a datagram", FACTS_V4, UDP, FACTS_TRANSPORT, PACKET_DATAGRAM},
    {"a datagram of IPv6", FACTS_V6, UDP, FACTS_TRANSPORT, PACKET_DATAGRAM},
    {"TCP cut before its flags", FACTS_V4, TCP, 0, PACKET_NOTHING},
    {"UDP cut before its ports", FACTS_V4, UDP, 0, PACKET_NOTHING},
    {"ICMP cut before its type", FACTS_V4, ICMP, 0, PACKET_NOTHING},
    {"ICMPv6 cut before its type", FACTS_V6, ICMP6, 0, PACKET_NOTHING},
    {"a first fragment", FACTS_V4, UDP, FACTS_TRANSPORT | FACTS_FRAGMENT, PACKET_DATAGRAM},
    {"a later fragment", FACTS_V4, UDP, FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, PACKET_NOTHING},
    {"a later fragment of an unknown protocol", FACTS_V6, ESP,
	FACTS_FRAGMENT | FACTS_LATER_FRAGMENT, PACKET_NOTHING},
    {"IGMP, which every network speaks", FACTS_V4, IGMP, 0, PACKET_NOTHING},
    {"a bare protocol", FACTS_V4, ESP, 0, PACKET_PROBE},
    {"a bare protocol of IPv6", FACTS_V6, ESP, 0, PACKET_PROBE},
    {"SCTP", FACTS_V4, SCTP, FACTS_TRANSPORT, PACKET_PROBE},
    {"protocol 255", FACTS_V4, 255, 0, PACKET_PROBE},
};

static void test_others(void)
{
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct facts facts = packet(others[i].net, others[i].protocol, others[i].flags);
		OK(classify(&facts) == others[i].class, others[i].name);
	}
	struct facts bare = packet(FACTS_V4, ESP, 0);
	OK(classify_variant(&bare) == VARIANT_PROTOCOL, "a bare protocol's variant");
}

static const struct {
	const char *name;
	uint16_t from;
	uint16_t to;
	bool is_reply;
} datagrams[] = {
    {"an answer of DNS", 53, 40000, true},
    {"a question of DNS", 40000, 53, false},
    {"between two name servers", 53, 53, false},
    {"an answer of NTP", 123, 40000, true},
    {"an answer of SNMP", 161, 40000, true},
    {"an answer of CLDAP", 389, 40000, true},
    {"an answer of SSDP", 1900, 40000, true},
    {"an answer of memcached", 11211, 40000, true},
    {"an answer of BACnet", 47808, 40000, true},
    {"an answer of SIP", 5060, 40000, true},
    {"between two high ports", 40000, 50000, false},
    {"the last well-known port", 1023, 40000, true},
    {"one past it", 1024, 40000, false},
    {"port 0", 0, 40000, false},
    {"to the first port that is no service", 53, 1024, true},
};

static void test_datagrams(void)
{
	for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
		struct facts facts = packet(FACTS_V4, UDP, FACTS_TRANSPORT);
		facts.source_port = datagrams[i].from;
		facts.target_port = datagrams[i].to;
		OK(classify_is_udp_reply(&facts) == datagrams[i].is_reply, datagrams[i].name);
	}
}

static const struct {
	const char *name;
	uint16_t from;
	uint16_t to;
	bool is_group_answer;
} group_answers[] = {
    {"DHCP to its client", 67, 68, true},
    {"DHCP's client to it", 68, 67, false},
    {"DHCPv6 to its client", 547, 546, true},
    {"NetBIOS names", 137, 137, true},
    {"NetBIOS names to a high port", 137, 40000, false},
    {"mDNS among machines", 5353, 5353, true},
    {"mDNS from a high port", 40000, 5353, false},
    {"WS-Discovery", 3702, 3702, true},
    {"DNS among servers", 53, 53, false},
};

static void test_group_answers(void)
{
	for (size_t i = 0; i < sizeof group_answers / sizeof group_answers[0]; i++) {
		struct facts facts = packet(FACTS_V4, UDP, FACTS_TRANSPORT);
		facts.source_port = group_answers[i].from;
		facts.target_port = group_answers[i].to;
		OK(classify_is_group_answer(&facts) == group_answers[i].is_group_answer,
		    group_answers[i].name);
	}
}

static const struct {
	const char *name;
	uint8_t protocol;
	uint16_t port;
	bool is_traceroute;
} traced[] = {
    {"one below traceroute's ports", UDP, 33433, false},
    {"the first of them", UDP, 33434, true},
    {"the last of them", UDP, 33689, true},
    {"one past them", UDP, 33690, false},
    {"the same port by TCP", TCP, 33434, false},
};

static void test_traced(void)
{
	for (size_t i = 0; i < sizeof traced / sizeof traced[0]; i++)
		OK(classify_is_traceroute_port(traced[i].protocol, traced[i].port) ==
			traced[i].is_traceroute,
		    traced[i].name);
}

int main(void)
{
	test_segments();
	test_messages();
	test_others();
	test_datagrams();
	test_group_answers();
	test_traced();
	return test_done();
}
