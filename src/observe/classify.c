#include "observe/classify.h"

#include <assert.h>
#include <stddef.h>

#include "observe/udp_services.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_IGMP = 2,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO = 8,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMP_REPLY = 14,
	ICMP_INFORMATION = 15,
	ICMP_INFORMATION_REPLY = 16,
	ICMP_MASK = 17,
	ICMP_MASK_REPLY = 18,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,
	PORT_WELL_KNOWN_END = 1024,
	TRACEROUTE_FIRST =
	    33434, /* traceroute(8): one port more for each of at most 30 * 3 probes */
	TRACEROUTE_END = 33434 + 255,
};

/* The flags that decide what a segment is; ECE, CWR, PSH and URG say nothing about that. */
enum {
	DECIDING = FACTS_SYN | FACTS_ACK | FACTS_RST | FACTS_FIN
};

/* A table, since which flags come next cannot be foretold. */
static enum packet_class classify_tcp(const struct facts *facts)
{
	static const uint8_t classes[DECIDING + 1] = {
	    [0] = PACKET_PROBE,
	    [FACTS_FIN] = PACKET_PROBE,
	    [FACTS_SYN] = PACKET_REQUEST,
	    [FACTS_SYN | FACTS_FIN] = PACKET_PROBE,
	    [FACTS_SYN | FACTS_ACK] = PACKET_REPLY,
	    [FACTS_SYN | FACTS_ACK | FACTS_FIN] = PACKET_PROBE,
	    [FACTS_RST] = PACKET_REPLY,
	    [FACTS_RST | FACTS_ACK] = PACKET_REPLY,
	    [FACTS_ACK] = PACKET_SEGMENT,
	    [FACTS_ACK | FACTS_FIN] = PACKET_SEGMENT,
	    /* RST with SYN or FIN: PACKET_NOTHING */
	};
	static_assert(PACKET_NOTHING == 0, "what the table does not name");
	return (enum packet_class)classes[facts->tcp_flags & DECIDING];
}

static enum packet_class classify_icmp(const struct facts *facts)
{
	switch (facts->icmp_type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
	case ICMP_INFORMATION:
	case ICMP_MASK:
		return PACKET_REQUEST;
	case ICMP_ECHO_REPLY:
	case ICMP_TIMESTAMP_REPLY:
	case ICMP_INFORMATION_REPLY:
	case ICMP_MASK_REPLY:
		return PACKET_REPLY;
	default:
		return PACKET_NOTHING;
	}
}

static enum packet_class classify_icmp6(const struct facts *facts)
{
	if ((facts->flags & FACTS_ND_SOLICIT) != 0)
		return PACKET_ASK;
	if ((facts->flags & (FACTS_ND_ADVERT | FACTS_ROUTER_ADVERT)) != 0)
		return PACKET_TELL;
	if (facts->icmp_type == ICMP6_ECHO)
		return PACKET_REQUEST;
	return facts->icmp_type == ICMP6_ECHO_REPLY ? PACKET_REPLY : PACKET_NOTHING;
}

enum packet_class classify(const struct facts *facts)
{
	const unsigned special = FACTS_LATER_FRAGMENT | FACTS_ICMP_ERROR | FACTS_TRANSPORT;
	if (facts->net >= FACTS_V4 && facts->protocol == PROTOCOL_TCP &&
	    (facts->flags & special) == FACTS_TRANSPORT)
		return classify_tcp(facts); /* nearly always */
	if (facts->net == FACTS_NONE)
		return PACKET_NOTHING;
	if (facts->net == FACTS_ARP)
		return (facts->flags & FACTS_ARP_REQUEST) != 0 ? PACKET_ASK : PACKET_TELL;
	if ((facts->flags & FACTS_LATER_FRAGMENT) != 0)
		return PACKET_NOTHING;
	if ((facts->flags & FACTS_ICMP_ERROR) != 0)
		return PACKET_ERROR;
	bool whole = (facts->flags & FACTS_TRANSPORT) != 0;
	switch (facts->protocol) {
	case PROTOCOL_TCP:
		return whole ? classify_tcp(facts) : PACKET_NOTHING;
	case PROTOCOL_UDP:
		return whole ? PACKET_DATAGRAM : PACKET_NOTHING;
	case PROTOCOL_ICMP:
		return whole ? classify_icmp(facts) : PACKET_NOTHING;
	case PROTOCOL_ICMP6:
		return whole ? classify_icmp6(facts) : PACKET_NOTHING;
	case PROTOCOL_IGMP:
		return PACKET_NOTHING;
	default:
		return PACKET_PROBE;
	}
}

enum sighting_variant classify_variant(const struct facts *facts)
{
	if (facts->protocol != PROTOCOL_TCP)
		return VARIANT_PROTOCOL;
	switch (facts->tcp_flags & (DECIDING | FACTS_PSH | FACTS_URG)) {
	case 0:
		return VARIANT_NULL;
	case FACTS_FIN:
		return VARIANT_FIN;
	case FACTS_FIN | FACTS_PSH | FACTS_URG:
		return VARIANT_XMAS;
	case FACTS_ACK:
	case FACTS_ACK | FACTS_PSH:
	case FACTS_ACK | FACTS_FIN:
	case FACTS_ACK | FACTS_FIN | FACTS_PSH:
		return VARIANT_ACK; /* as connections that began before the capture send them, too
				     */
	default:
		return VARIANT_FLAGS;
	}
}

/*
 * An amplifier's port answers whoever is asked for in its name, even on another service's port
 * (attackers forge those as well); but not on an amplifier's: a resolver asks another from port 53.
 * Any other well-known port answers clients, whose ports are higher.
 */
bool classify_is_udp_reply(const struct facts *facts)
{
	if (udp_service_is_amplifier(facts->target_port))
		return false;
	if (udp_service_is_amplifier(facts->source_port))
		return true;
	return facts->source_port != 0 && facts->source_port < PORT_WELL_KNOWN_END &&
	       facts->target_port >= PORT_WELL_KNOWN_END;
}

bool classify_is_group_answer(const struct facts *facts)
{
	static const struct {
		uint16_t source;
		uint16_t target;
	} answers[] = {
	    {67, 68},     /* DHCP, RFC 2131 */
	    {547, 546},   /* DHCPv6, RFC 8415 */
	    {137, 137},   /* NetBIOS names, RFC 1002 */
	    {138, 138},   /* NetBIOS datagrams */
	    {1900, 1900}, /* SSDP */
	    {3702, 3702}, /* WS-Discovery */
	    {5353, 5353}, /* mDNS, RFC 6762 */
	    {5355, 5355}, /* LLMNR, RFC 4795 */
	};
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (facts->source_port == answers[i].source &&
		    facts->target_port == answers[i].target)
			return true;
	return false;
}

bool classify_is_traceroute_port(uint8_t protocol, uint16_t port)
{
	return protocol == PROTOCOL_UDP && port >= TRACEROUTE_FIRST && port <= TRACEROUTE_END;
}
