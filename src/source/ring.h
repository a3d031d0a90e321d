/*
 * ring.h - live frames of an interface by AF_PACKET with TPACKET_V3 (packet(7)).
 *
 * ring:IFACE[?OPTIONS]. All that arrives at an interface and all that leaves it, in promiscuous
 * mode unless promiscuous=no, until it is stopped or the interface is removed; one that goes down
 * is waited for. Tags of VLANs that the card or the kernel took off are put back where they were.
 * Opening needs CAP_NET_RAW, reading nothing (source.h). Sockets that share an interface
 * (fanout=COUNT/NUMBER) are told apart by fanout.h.
 */
#ifndef SOURCE_RING_H
#define SOURCE_RING_H

#include "source/source.h"

/* For those of its folder: what both halves must agree on. */
enum {
	RING_BLOCK_BYTES = 1 << 20,
	RING_RETIRE_MS = 20, /* so long a lone frame waits for others */
};

int ring_prepare(const char *rest, struct source_grant *ret_grant, struct complaint *complaint);

#endif
