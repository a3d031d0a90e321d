/*
 * classify.h - what a packet may mean by itself, before anything is known of what
 * went before it.
 */
#ifndef OBSERVE_CLASSIFY_H
#define OBSERVE_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/sighting.h"

enum packet_class {
	PACKET_NOTHING, /* says nothing that a rule uses */
	PACKET_REQUEST, /* TCP SYN, ICMP or ICMPv6 echo (and timestamp, mask) request */
	PACKET_REPLY, /* SYN+ACK, RST, echo reply: an answer if somebody asked, else backscatter */
	PACKET_ERROR, /* an ICMP error quoting a packet */
	PACKET_SEGMENT,  /* TCP with ACK, or data, of a connection that may have begun earlier */
	PACKET_PROBE,    /* TCP flags that no connection shows, or a bare IP protocol */
	PACKET_DATAGRAM, /* UDP: request, answer or unasked reply, by what went before */
	PACKET_ASK,      /* ARP request, neighbour solicitation */
	PACKET_TELL,     /* ARP reply, neighbour or router advertisement */
};

enum packet_class classify(const struct facts *facts);

/* For PACKET_PROBE, and for a PACKET_SEGMENT that turns out to belong to nothing. */
enum sighting_variant classify_variant(const struct facts *facts);

/* UDP by its ports alone: from a service port to one that is none, so a reply rather than a
 * request. */
bool classify_is_udp_reply(const struct facts *facts);

/*
 * UDP by its ports alone: what protocols that ask a whole network by broadcast or multicast (DHCP,
 * NetBIOS, mDNS, SSDP, WS-Discovery) send back to the one who asked. That question went to a group,
 * so no contact with the answering machine stands for it.
 */
bool classify_is_group_answer(const struct facts *facts);

/* UDP ports to which traceroute(8) sends: errors from there say nothing about the target. */
bool classify_is_traceroute_port(uint8_t protocol, uint16_t port);

#endif
