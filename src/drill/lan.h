/*
 * lan.h - what is heard only on the wire itself: arrivals, leases, announcements, routers.
 */
#ifndef DRILL_LAN_H
#define DRILL_LAN_H

#include "drill/talk.h"

/*
 * A host comes up: it asks whether its address is free (RFC 5227), announces it, does the same for
 * its IPv6 addresses (RFC 4862). Returns the time of the last packet.
 */
int64_t lan_arrive(struct stage *stage, int64_t when_us, const struct host *host);

/* One gratuitous ARP request, as after a change of link. */
void lan_announce(struct stage *stage, int64_t when_us, const struct host *host);

/*
 * Discover, offer, request, acknowledgement (RFC 2131). The server asks by ARP whether the address
 * is free before it offers it. Returns the time of the last packet.
 */
int64_t lan_lease(
    struct stage *stage, int64_t when_us, const struct host *client, struct host *server);

/* A router advertisement of the /64 of the router's global address. */
void lan_advertise(struct stage *stage, int64_t when_us, const struct host *router);

/* An ARP request to a neighbour that is already known, as caches are refreshed, and its answer. */
void lan_refresh(
    struct stage *stage, int64_t when_us, const struct host *asker, const struct host *owner);

/*
 * traceroute: three probes for each hop, by UDP to rising ports or by ICMP echo, to a target `hops`
 * routers behind `router`.
 */
struct lan_trace {
	struct host *host;
	const struct host *router;
	uint64_t key; /* the target, and the routers on the way */
	unsigned hops;
	bool by_echo;
};
void lan_trace(struct stage *stage, int64_t when_us, const struct lan_trace *trace);

#endif
