/*
 * carrier.h - a link-layer address through which answers came, and the places they came from.
 *
 * A machine answers from its own addresses, a router carries the answers of others. Both may be
 * many; what tells them apart is that a machine holds its addresses on the wire (ARP, neighbour
 * discovery) and a router does not hold those that it carries for. So a carrier keeps some of the
 * places, of several networks, and the ledger leaves out networks in which the same link-layer
 * address holds an address of its own (detect/ledger.h).
 *
 * A place is an IPv4 address, or the /64 of an IPv6 one, since one machine has many in its /64. A
 * network is a /24 or a /64. Link-local addresses are never carried.
 */
#ifndef OBSERVE_CARRIER_H
#define OBSERVE_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum {
	CARRIER_PLACES_MAX = 8,
	CARRIER_NETWORK_MAX = 3, /* places of one network: as many as make a router */
};

struct carrier {
	uint8_t mac[6];   /* the key */
	uint16_t changes; /* places that came since it was last handed on */
	uint8_t place_count;
	struct address places[CARRIER_PLACES_MAX];
};

/* An answer from this address came through it. */
void carrier_note(struct carrier *carrier, const struct address *source);
/* Adds the places of another of the same link-layer address. */
void carrier_merge(struct carrier *into, const struct carrier *from);
/* Both are of one /24 or one /64. */
bool carrier_same_network(const struct address *a, const struct address *b);

#endif
