/*
 * fanout.h - several packet sockets that share the traffic of one interface (packet(7),
 * PACKET_FANOUT_CBPF), each pair of addresses whole.
 */
#ifndef SOURCE_FANOUT_H
#define SOURCE_FANOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"

struct fanout {
	uint32_t count; /* so many may join */
	uint32_t group; /* 1 to 65535: those of one group share */
	bool has_ethernet;
};

/*
 * Adds a socket that is bound to its interface to a group. From then on it gets its share of what
 * the kernel calls a hash: a number made of the two addresses of IPv4 or IPv6, the same for both
 * directions, behind at most two VLAN tags besides one that was taken off; ICMP errors go by the
 * addresses that they quote, as observe/observer.c does. All else (ARP, neighbour and router
 * discovery, what is cut short or hidden deeper) has the number 0: one socket gets all of it.
 *
 * While fewer than `count` have joined, these share everything; whoever leaves, or whose interface
 * goes down, leaves its share to the others. Returns 0 or a negative errno: -ENOSPC when the group
 * is full, -EINVAL when its name is taken by another kind of sharing.
 */
int fanout_join(int fd, const struct fanout *fanout);

#endif
