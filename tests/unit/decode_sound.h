/* decode_sound.h - what must hold between a verdict and facts for any bytes; for tests and fuzzing.
 */
#ifndef DECODE_SOUND_H
#define DECODE_SOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "decode/decode.h"

static inline bool has_flags(const struct facts *facts, unsigned flags)
{
	return (facts->flags & flags) != 0;
}

static inline bool is_unset(const struct address *address)
{
	static const struct address zero;
	return address_equal(address, &zero);
}

/* Without addresses there are no facts but those of the link; with them the frame has a family. */
static inline const char *unsound_net(enum decode_verdict verdict, const struct facts *facts)
{
	const unsigned link = FACTS_HAS_MAC | FACTS_LINK_BROADCAST;
	if (facts->net > FACTS_V6)
		return "an unknown net";
	if (facts->net == FACTS_NONE && verdict == DECODE_OK)
		return "ok, and nothing to say";
	if (facts->net == FACTS_NONE && has_flags(facts, ~link))
		return "flags without addresses";
	if (facts->net == FACTS_NONE && !(is_unset(&facts->source) && is_unset(&facts->target)))
		return "addresses without a net";
	if (facts->net != FACTS_ARP && has_flags(facts, FACTS_ARP_REQUEST | FACTS_ARP_REPLY))
		return "ARP flags outside ARP";
	if (facts->net != FACTS_V4 && facts->ip_id != 0)
		return "an IPv4 id outside IPv4";
	if (facts->net == FACTS_ARP && (facts->protocol != 0 || has_flags(facts, FACTS_TRANSPORT)))
		return "ARP with a protocol";
	bool is_v4 = facts->net == FACTS_V4 || facts->net == FACTS_ARP;
	if (facts->net != FACTS_NONE &&
	    (address_is_v4(&facts->source) != is_v4 || address_is_v4(&facts->target) != is_v4))
		return "an address of the wrong family";
	return NULL;
}

static inline const char *unsound_transport(const struct facts *facts)
{
	bool has_transport = has_flags(facts, FACTS_TRANSPORT);
	bool is_tcp = has_transport && facts->protocol == 6;
	bool is_icmp = has_transport && facts->protocol == (facts->net == FACTS_V4 ? 1 : 58);
	bool has_ports =
	    is_tcp || (has_transport && (facts->protocol == 17 || facts->protocol == 132));
	if (has_transport && !has_ports && !is_icmp)
		return "a transport header of no known protocol";
	if (has_transport && has_flags(facts, FACTS_LATER_FRAGMENT))
		return "a transport header in a later fragment";
	if (!has_transport && facts->payload_bytes != 0)
		return "payload without a transport header";
	if (!has_ports && (facts->source_port != 0 || facts->target_port != 0))
		return "ports without their header";
	if (!is_tcp && (facts->seq != 0 || facts->ack != 0 || facts->tcp_flags != 0 ||
			   facts->window != 0 || facts->tcp_options != 0 || facts->tcp_tsval != 0))
		return "TCP fields without TCP";
	if ((facts->tcp_flags & FACTS_SYN) == 0 &&
	    (facts->tcp_options != 0 || facts->tcp_tsval != 0))
		return "options of a packet that is no SYN";
	if (!is_icmp && (facts->icmp_type != 0 || facts->icmp_code != 0))
		return "an ICMP type without ICMP";
	return NULL;
}

static inline const char *unsound_icmp(const struct facts *facts)
{
	const unsigned discovery = FACTS_ND_SOLICIT | FACTS_ND_ADVERT | FACTS_ROUTER_ADVERT;
	bool has_transport = has_flags(facts, FACTS_TRANSPORT);
	if (has_flags(facts, discovery) && !(has_transport && facts->net == FACTS_V6 &&
					       facts->protocol == 58 && facts->ttl == 255))
		return "neighbour discovery outside ICMPv6";
	if (has_flags(facts, FACTS_ICMP_ERROR)) {
		if (!has_transport || has_flags(facts, discovery))
			return "an ICMP error without ICMP";
		if (!has_flags(facts, FACTS_INNER_PORTS) &&
		    (facts->inner_source_port != 0 || facts->inner_target_port != 0))
			return "inner ports that nobody quoted";
		bool is_v4 = facts->net == FACTS_V4;
		if (address_is_v4(&facts->inner_source) != is_v4 ||
		    address_is_v4(&facts->inner_target) != is_v4)
			return "an inner address of the wrong family";
		return NULL;
	}
	if (has_flags(facts, FACTS_INNER_PORTS))
		return "ports of a packet that nobody quoted";
	return NULL;
}

/* NULL when all holds, else what does not. */
static inline const char *decode_unsound(enum decode_verdict verdict, const struct facts *facts)
{
	if (verdict >= DECODE_VERDICT_COUNT)
		return "an unknown verdict";
	if (has_flags(facts, FACTS_LATER_FRAGMENT) && !has_flags(facts, FACTS_FRAGMENT))
		return "a later fragment that is none";
	const char *why = unsound_net(verdict, facts);
	if (why == NULL)
		why = unsound_transport(facts);
	if (why == NULL)
		why = unsound_icmp(facts);
	return why;
}

#endif
